//! The function model's rules over a store: functions, their versions, aliases, asynchronous configurations,
//! reserved instances, tags, test events, triggers, and the dependencies that functions share.
//!
//! A [`Registry`] holds every [`Function`] in memory, so reading one takes no lock and no I/O, and writes each change
//! to the store before anybody sees it. It knows neither how functions run nor how the cloud's API spells them.
//!
//! ```
//! use fngraph_registry::{Limits, NewFunction, Publish, Registry, Settings};
//! use fngraph_store::Sqlite;
//! use fngraph_types::{FunctionId, Timestamp};
//! use std::sync::Arc;
//!
//! # tokio::runtime::Builder::new_current_thread().build()?.block_on(async {
//! let store = Arc::new(Sqlite::in_memory()?);
//! let registry = Registry::open(store.clone(), store.clone(), store, Limits::default()).await?;
//!
//! let id = FunctionId::local("greeter");
//! let at = Timestamp::EPOCH;
//! registry.create(NewFunction::new(id.clone(), Settings::new("index.handler".parse()?), "code".into(), at)).await?;
//! registry.publish(&id, Publish { version: Some("v1".parse()?), ..Publish::default() }, at).await?;
//!
//! let function = registry.function(&id).expect("it was created");
//! assert_eq!(function.versions().map(|version| version.name.as_str()).collect::<Vec<_>>(), ["latest", "v1"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//! - What a reader sees was committed; a write that failed changed nothing.
//! - Changes of one function happen one after the other, and observers hear of them in that order.
//! - A write that has begun is finished, even when its caller stops waiting.
//! - A stored function that cannot be read is kept as it is, and disturbs no other.
//! - The code and settings of a published version never change.
//! - Secret user data are encrypted wherever they are written, and shown nowhere.
//! - Moments come in as arguments; nothing here reads a clock.

mod alias;
mod async_config;
mod cipher;
mod dependency;
mod document;
mod encoding;
mod error;
mod function;
mod invalid;
mod ledger;
mod limits;
mod listing;
mod name;
mod observer;
mod package;
mod registry;
mod reservation;
mod scaling;
mod settings;
mod snapshot;
mod tags;
mod test_event;
mod trace;
mod trigger;
mod turns;
mod version;

pub use alias::{Additional, Alias, Combine, HeaderRule, Matches, Routing};
pub use async_config::{AsyncConfig, Destination};
pub use dependency::{Dependency, DependencyVersion, NewDependency};
pub use error::RegistryError;
pub use function::Function;
pub use invalid::Invalid;
pub use ledger::Usage;
pub use limits::Limits;
pub use listing::FunctionQuery;
pub use observer::Observer;
pub use package::{CodeType, Delivery, Package};
pub use registry::{NewFunction, NewVersion, Publish, Registry, WholeFunction};
pub use reservation::{CronTactic, MetricTactic, Reservation};
pub use scaling::{MaxInstances, Scaling};
pub use settings::{Isolation, Network, Runtime, Settings};
pub use snapshot::{SnapshotState, SnapshotSwitch};
pub use test_event::TestEvent;
pub use trace::Tracing;
pub use trigger::{
    Bucket, BucketFeed, Creation, Elsewhere, Gateway, GatewayAuth, GatewayMethod, GatewayProtocol, ObjectEvent,
    PathMatch, Removal, Source, Timer, Timing, Trigger, TriggerKind,
};
pub use version::Version;
