//! The FunctionGraph v2 API over HTTP: what `fngraph serve` answers.
//!
//! [`App`] puts a [`fngraph::Runtime`] behind the API; [`Api`] answers requests; [`Listener`] serves it. It is
//! not for running functions, which the runtime does, nor for the models of the API, which are `fngraph-api`'s.
//!
//! # What holds
//! - Every failure becomes an answer in one place, with the status of its code and never with the
//!   platform's own troubles in its text.
//! - A request sees the functions of one project: that of its path, which its caller must be allowed to use.
//! - Every answer carries the id of its request.
//! - No body is read beyond its limit.

mod admit;
mod app;
mod applications;
mod auth;
mod call;
mod extensions;
mod failure;
mod fetch;
mod gateway;
mod handlers;
mod listen;
mod page;
mod query;
mod respond;
mod routes;
mod traces;

pub use app::{App, Options};
pub use auth::{Auth, AuthOptions, AuthOptionsError, Credentials, ExposedError, User, may_listen};
pub use extensions::{ExtensionFiles, ExtensionOptions, ExtensionPorts, ExtensionSource, Extensions};
pub use fetch::{CodeSourceError, CodeSources};
pub use gateway::{AppKey, AppKeys, AppKeysError, Gateway};
pub use listen::{BindError, Bounds, Drained, Listener, Tls, TlsError};
pub use respond::{Api, RequestBody, Responder};
pub use routes::router;
pub use traces::InvocationTraces;
