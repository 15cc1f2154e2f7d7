use serde_json::{from_str, from_value, to_value};

use super::*;

fn context() -> Context {
    let user_data: std::collections::BTreeMap<String, String> =
        from_str(include_str!("../user-data.json")).expect("the sample user data are text by name");
    user_data
        .into_iter()
        .fold(Context::builder().request_id("order-1"), |ctx, (key, value)| ctx.user_data(key, value))
        .build()
}

/// One test and not several: like an instance, the process has one shop.
#[test]
fn sample_order_goes_from_the_initializer_to_the_pre_stop_hook() {
    let ctx = context();
    let order: Order = from_str(include_str!("../event.json")).expect("the sample is an order");
    assert_eq!(price(order.clone(), &ctx).expect_err("nothing is prepared").kind(), "NotPrepared");

    prepare(&ctx).expect("the sample user data have a price list");
    let quote = price(order, &ctx).expect("the sample order can be met");
    let sample: Quote = from_str(include_str!("../quote.json")).expect("the sample is a quote");
    assert_eq!(quote, sample);

    // As a flow does it: the answer of one is the event of the other.
    let event = to_value(&quote).expect("a quote is JSON");
    let confirmation = confirm(from_value(event).expect("a quote is read back"), &ctx).expect("it is in stock");
    assert_eq!(to_value(confirmation).expect("it is JSON")["order"], "order-1");
    close_shop(&ctx);

    let logged: Vec<_> = ctx.logged().into_iter().map(|line| line.message).collect();
    let expected =
        ["3 items for sale, in EUR", "2 lines, 1425 cents", "order order-1 is confirmed", "orders confirmed: 1"];
    assert_eq!(logged, expected);

    let mut lost = quote;
    lost.lines[0].unit_cents += 1;
    assert_eq!(confirm(lost, &ctx).expect_err("the price is another").kind(), "PriceChanged");
    assert_eq!(ctx.logged()[4].level, fngraph_guest::Level::Warn);
}

#[test]
fn initializer_fails_without_a_price_list() {
    let kind = |ctx: &Context| Error::from(prepare(ctx).expect_err("there is no price list")).kind().to_owned();
    assert_eq!(kind(&Context::builder().build()), "InvalidPriceList");
    assert_eq!(kind(&Context::builder().user_data("PRICE_LIST", "tea").build()), "InvalidPriceList");
}
