//! Write fngraph functions in Rust.
//!
//! This crate turns plain functions into the exports of a WebAssembly component that the host runs: handlers, which
//! answer events, and the two hooks of an instance's life. It is for guests only; the host shares nothing with it but
//! the contract in `wit/function.wit`.
//!
//! ```
//! use fngraph_guest::{Context, Error};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize)]
//! struct Order {
//!     item: String,
//!     count: u32,
//! }
//!
//! #[derive(Debug, PartialEq, Serialize)]
//! struct Receipt {
//!     total: u32,
//! }
//!
//! /// Exported as `price-order`.
//! #[fngraph_guest::handler]
//! fn price_order(order: Order, ctx: &Context) -> Result<Receipt, Error> {
//!     let price = ctx
//!         .user_data(&order.item)
//!         .ok_or_else(|| Error::new("UnknownItem", format!("{} is not for sale", order.item)))?;
//!     ctx.logger().info(format_args!("{} x {}", order.count, order.item));
//!     Ok(Receipt { total: price.parse::<u32>()? * order.count })
//! }
//!
//! // The function stays an ordinary one: this is a native unit test, and there is no WebAssembly in it.
//! let ctx = Context::builder().user_data("tea", "3").build();
//! let order = |item: &str| Order { item: item.to_owned(), count: 2 };
//! assert_eq!(price_order(order("tea"), &ctx), Ok(Receipt { total: 6 }));
//! assert_eq!(price_order(order("gold"), &ctx).unwrap_err().kind(), "UnknownItem");
//! assert_eq!(ctx.logged()[0].message, "2 x tea");
//! ```
//!
//! To read on: [`handler`](macro@handler) says what events and answers may be, [`Context`] what a function can ask,
//! [`Error`] how it fails, [`event`] what the triggers send, and [`initializer`](macro@initializer) and
//! [`pre_stop`](macro@pre_stop) what else an instance runs.
//!
//! What holds for every guest:
//!
//! - A component imports the context and the logger only if its code uses them.
//! - Nothing runs before the host calls an export, and nothing is asked of the host before a function asks for it.
//! - A panic ends the instance. What is wrong with an event is an [`Error`] instead.

mod codec;
mod context;
mod error;
pub mod event;

#[doc(hidden)]
pub mod __private;

pub use fngraph_guest_macros::{handler, initializer, pre_stop};

pub use crate::context::{Context, Credentials, Level, Logger, Workflow};
#[cfg(not(target_family = "wasm"))]
pub use crate::context::{ContextBuilder, LogLine};
pub use crate::error::{Error, Result};

/// The README's examples are tested like those of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
