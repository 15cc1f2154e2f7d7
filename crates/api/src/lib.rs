//! The wire of the FunctionGraph v2 API: operations with their paths and models, headers, error codes, signatures.
//!
//! Each operation is one type that says all about it ([`Operation`]): the server routes by it, the client calls by it,
//! and the OpenAPI document describes it. Nothing here knows what the operations do.
//!
//! ```
//! use fngraph_api::{Empty, FunctionPath, Operation, events::ListEvents};
//!
//! let path = FunctionPath { project_id: "p1".to_owned(), function_urn: "hello".to_owned() };
//! assert_eq!(ListEvents::target(&path, &Empty {}), "/v2/p1/fgs/functions/hello/events");
//! ```

pub mod aliases;
pub mod applications;
pub mod archive;
pub mod async_invocations;
pub mod bridge;
pub mod code;
pub mod codes;
pub mod collect;
pub mod config;
mod content;
pub mod dependencies;
mod error;
pub mod events;
pub mod functions;
pub mod headers;
pub mod invocations;
pub mod logs;
pub mod metadata;
pub mod metrics;
mod openapi;
mod operation;
mod page;
pub mod quotas;
pub mod reserved;
pub mod signature;
pub mod snapshots;
pub mod tags;
pub mod templates;
pub mod time;
pub mod tokens;
pub mod topics;
pub mod tracing;
pub mod triggers;
pub mod versions;

pub use content::{Content, ContentError, Empty, Json, Named, Raw};
pub use error::ErrorBody;
pub use openapi::{Description, openapi};
pub use operation::{FunctionPath, Method, Operation, ProjectPath};
pub use page::PageInfo;

/// All operations.
pub fn operations() -> impl Iterator<Item = &'static Description> {
    [
        aliases::OPERATIONS,
        applications::OPERATIONS,
        archive::OPERATIONS,
        async_invocations::OPERATIONS,
        bridge::OPERATIONS,
        code::OPERATIONS,
        collect::OPERATIONS,
        config::OPERATIONS,
        dependencies::OPERATIONS,
        events::OPERATIONS,
        functions::OPERATIONS,
        invocations::OPERATIONS,
        logs::OPERATIONS,
        metrics::OPERATIONS,
        quotas::OPERATIONS,
        reserved::OPERATIONS,
        snapshots::OPERATIONS,
        tags::OPERATIONS,
        templates::OPERATIONS,
        tokens::OPERATIONS,
        topics::OPERATIONS,
        tracing::OPERATIONS,
        triggers::OPERATIONS,
        versions::OPERATIONS,
    ]
    .into_iter()
    .flatten()
}
