//! What can be wrong with an order.

use std::fmt;

/// What can be wrong with an order, or with the shop.
///
/// It does not implement [`std::error::Error`] on purpose: the SDK converts those into an error whose kind is the
/// name of the type, and here each variant is a kind of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderError {
    /// Nothing is ordered.
    EmptyOrder,
    /// This is not for sale.
    UnknownItem(String),
    /// There is less than was ordered.
    OutOfStock {
        /// What was ordered.
        item: String,
        /// How much was ordered.
        wanted: u64,
        /// How much there is.
        left: u64,
    },
    /// A quote says another price than the price list.
    PriceChanged {
        /// What was quoted.
        item: String,
        /// What was quoted for one, in cents.
        quoted: u64,
        /// What one costs, in cents.
        now: u64,
    },
    /// A quote does not add up, or is in another currency: it did not come from here.
    InvalidQuote(String),
    /// The user data have no price list that can be read.
    InvalidPriceList(String),
    /// The function has no initializer set.
    NotPrepared,
}

impl OrderError {
    /// What callers match on.
    fn kind(&self) -> &'static str {
        match self {
            Self::EmptyOrder => "EmptyOrder",
            Self::UnknownItem(_) => "UnknownItem",
            Self::OutOfStock { .. } => "OutOfStock",
            Self::PriceChanged { .. } => "PriceChanged",
            Self::InvalidQuote(_) => "InvalidQuote",
            Self::InvalidPriceList(_) => "InvalidPriceList",
            Self::NotPrepared => "NotPrepared",
        }
    }
}

impl fmt::Display for OrderError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyOrder => formatter.write_str("nothing is ordered"),
            Self::UnknownItem(item) => write!(formatter, "`{item}` is not for sale"),
            Self::OutOfStock { item, wanted, left } => write!(formatter, "{wanted} x `{item}` wanted, {left} left"),
            Self::PriceChanged { item, quoted, now } => {
                write!(formatter, "`{item}` was quoted at {quoted} cents and costs {now}")
            }
            Self::InvalidQuote(reason) | Self::InvalidPriceList(reason) => formatter.write_str(reason),
            Self::NotPrepared => formatter.write_str("set the function's initializer to order_pipeline.prepare"),
        }
    }
}

impl From<OrderError> for fngraph_guest::Error {
    fn from(error: OrderError) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}
