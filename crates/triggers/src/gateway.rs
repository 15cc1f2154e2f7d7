//! The HTTP gateway, as far as it is no server: which trigger answers a request, the event that a request becomes, and
//! the answer that a function's result becomes.
//!
//! [`Routes`] finds the [`Endpoint`] of a request, [`event`] describes the request to an event function, and
//! [`Answer::read`] reads what that returned. HTTP functions get requests as they are.

mod answer;
mod endpoint;
mod event;
mod path;
mod routes;
mod tree;

pub use answer::{Answer, AnswerError};
pub use endpoint::Endpoint;
pub use event::{Described, event};
pub use routes::Routes;
