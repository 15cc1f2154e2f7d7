//! What calls functions by itself: timers, buckets, topics, and which trigger answers a request to the HTTP gateway.
//!
//! [`Triggers`] follows the triggers of a runtime's registry and turns what happens outside (a moment comes, an object
//! is put into a bucket, a message is published) into one documented event for one function. Those are invoked
//! asynchronously, so that what was seen is not lost. It knows no HTTP server: requests to the gateway are answered by
//! whoever serves it, by [`gateway::Routes`].
//!
//! # What holds
//! - No trigger has a task of its own. All timers stand in one ordered set, and all buckets share one watch.
//! - What waits is bounded: a flood of files or messages ends in refusals or in fewer events, never in more memory.
//! - A firing of a timer happens once, even when the process dies meanwhile.
//! - Time comes from the runtime's clock.
//!
//! Key types in reading order: [`Triggers`], [`Options`], [`Message`], [`Notices`], [`gateway::Routes`].

mod buckets;
mod caller;
mod error;
mod followers;
pub mod gateway;
pub mod metrics;
mod moment;
mod notices;
mod options;
mod timers;
mod topics;
mod triggers;

pub use error::{PublishError, StartError, TriggerError};
pub use notices::Notices;
pub use options::Options;
pub use timers::{Ring, Timetable};
pub use topics::{Message, Published, project as topic_project};
pub use triggers::Triggers;
