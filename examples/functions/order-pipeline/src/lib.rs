//! Two steps of a shop's order, as two handlers of one component: [`price`] answers an order with a quote, [`confirm`]
//! takes the quote and confirms it. A flow calls one after the other, the answer of the first being the event of the
//! second.
//!
//! [`prepare`] reads the price list from the user data once in every instance, and [`close_shop`] says what an instance
//! did before it goes.

mod error;
mod price_list;
mod shop;

use std::sync::OnceLock;

use fngraph_guest::{Context, Error};

pub use crate::error::OrderError;
pub use crate::price_list::{Offer, PriceList};
pub use crate::shop::{Confirmation, Line, Order, OrderItem, Quote, Shop};

/// What the initializer made of the user data. It lives as long as the instance.
static SHOP: OnceLock<Shop> = OnceLock::new();

/// Reads the price list: the user data `PRICE_LIST` and `CURRENCY`, which is `EUR` unless it is set.
///
/// # Errors
/// `InvalidPriceList` when there is none or it cannot be read. The instance is thrown away then, so no order ever
/// meets half a price list.
#[fngraph_guest::initializer]
pub fn prepare(ctx: &Context) -> Result<(), OrderError> {
    let text = ctx
        .user_data("PRICE_LIST")
        .ok_or_else(|| OrderError::InvalidPriceList("the user data have no PRICE_LIST".to_owned()))?;
    let prices = PriceList::parse(&text)?;
    let currency = ctx.user_data("CURRENCY").unwrap_or_else(|| "EUR".to_owned());
    ctx.logger().info(format_args!("{} items for sale, in {currency}", prices.len()));
    SHOP.get_or_init(|| Shop::new(prices, currency));
    Ok(())
}

/// Answers an order with a quote.
///
/// # Errors
/// `EmptyOrder`, `UnknownItem`, `OutOfStock`.
#[fngraph_guest::handler]
pub fn price(order: Order, ctx: &Context) -> Result<Quote, Error> {
    let quote = shop()?.price(&order)?;
    ctx.logger().info(format_args!("{} lines, {} cents", quote.lines.len(), quote.total_cents));
    Ok(quote)
}

/// Confirms a quote: nothing changes hands before this.
///
/// # Errors
/// `PriceChanged` when the quote is of another price list, and what `price` fails with.
#[fngraph_guest::handler]
pub fn confirm(quote: Quote, ctx: &Context) -> Result<Confirmation, Error> {
    match shop()?.confirm(&quote, ctx.request_id()) {
        Ok(confirmation) => {
            ctx.logger().info(format_args!("order {} is confirmed", confirmation.order));
            Ok(confirmation)
        }
        Err(error) => {
            // The caller gets the error; the shop wants to know about orders that were lost after a quote.
            ctx.logger().warn(format_args!("a quoted order is lost: {error}"));
            Err(error.into())
        }
    }
}

/// Says what this instance did.
#[fngraph_guest::pre_stop]
pub fn close_shop(ctx: &Context) {
    if let Some(shop) = SHOP.get() {
        ctx.logger().info(format_args!("orders confirmed: {}", shop.confirmed()));
    }
}

fn shop() -> Result<&'static Shop, OrderError> {
    SHOP.get().ok_or(OrderError::NotPrepared)
}

#[cfg(test)]
mod tests;
