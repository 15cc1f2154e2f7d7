//! One function for each kind of event, answer and context, called as the ordinary function that it still is.

use std::collections::BTreeMap;
use std::num::ParseIntError;

use fngraph_guest::event::TimerEvent;
use fngraph_guest::{Context, Error, handler, initializer, pre_stop};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An alias is no hindrance, since types are told apart by their identity.
type Bytes = Vec<u8>;

/// What the expansions of the attributes call things themselves must not get in the way.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Guest {
    name: String,
}

#[handler]
fn borrowed_bytes(event: &[u8]) -> Vec<u8> {
    event.to_vec()
}

#[handler]
fn owned_bytes(mut event: Bytes) -> Bytes {
    event.push(0);
    event
}

#[handler]
fn borrowed_text(event: &str) -> String {
    event.to_owned()
}

#[handler]
fn owned_text(event: String) -> &'static str {
    if event.is_empty() { "empty" } else { "full" }
}

#[handler]
fn any_json(event: Value) -> Value {
    json!([event])
}

#[handler]
fn borrowed_type(event: &Guest) -> usize {
    event.name.len()
}

#[handler]
fn owned_type(event: Guest) -> Guest {
    event
}

#[handler]
fn borrowed_list(event: &[Guest], ctx: &Context) -> usize {
    ctx.logger().info(event.len());
    event.len()
}

#[handler]
fn nothing(_: TimerEvent) {}

#[handler]
fn own_error(event: &str) -> Result<u8, ParseIntError> {
    event.parse()
}

#[handler]
fn any_error(event: &str, ctx: &Context) -> fngraph_guest::Result<BTreeMap<String, u8>> {
    let key = ctx.user_data("key").ok_or_else(|| Error::new("KeyError", "key is not set"))?;
    Ok(BTreeMap::from([(key, event.parse()?)]))
}

#[initializer]
fn prepare() {}

#[initializer]
fn prepare_or_fail(ctx: &Context) -> Result<(), Error> {
    ctx.user_data("key").map(drop).ok_or_else(|| Error::new("KeyError", "key is not set"))
}

#[pre_stop]
fn clean_up() {}

#[pre_stop]
fn clean_up_and_tell(ctx: &Context) {
    ctx.logger().info("bye");
}

fn guest() -> Guest {
    Guest { name: "Ada".to_owned() }
}

#[test]
fn handlers_stay_ordinary_functions() {
    let ctx = Context::builder().user_data("key", "k").build();
    assert_eq!(borrowed_bytes(b"x"), b"x");
    assert_eq!(owned_bytes(b"x".to_vec()), b"x\0");
    assert_eq!(borrowed_text("x"), "x");
    assert_eq!(owned_text(String::new()), "empty");
    assert_eq!(any_json(json!(1)), json!([1]));
    assert_eq!(borrowed_type(&guest()), 3);
    assert_eq!(owned_type(guest()), guest());
    assert_eq!(borrowed_list(&[guest()], &ctx), 1);
    nothing(TimerEvent::default());
    assert_eq!(own_error("7"), Ok(7));
    assert_eq!(any_error("7", &ctx).expect("7 is a number")["k"], 7);
    assert_eq!(any_error("x", &ctx).expect_err("x is no number").kind(), "ParseIntError");
}

#[test]
fn hooks_stay_ordinary_functions() {
    let ctx = Context::builder().build();
    prepare();
    assert_eq!(prepare_or_fail(&ctx).expect_err("key is not set").kind(), "KeyError");
    clean_up();
    clean_up_and_tell(&ctx);
    assert_eq!(ctx.logged()[0].message, "bye");
}
