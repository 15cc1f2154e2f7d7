//! An event function that imports an interface which a library component has.

use fngraph_guest::{Error, handler, initializer};
use serde_json::{Value, json};
use shop::pricing::discount;
use std::fs;

wit_bindgen::generate!({ path: "../discounts/wit", world: "shop" });

/// What a customer of `group` pays for goods of `cents`.
#[handler]
fn total(order: Value) -> Result<Value, Error> {
    let cents = order["cents"].as_u64().and_then(|cents| u32::try_from(cents).ok());
    let cents = cents.ok_or_else(|| Error::new("InvalidOrder", "`cents` is no price"))?;
    Ok(json!({ "total": discount::apply(cents, order["group"].as_str().unwrap_or_default()) }))
}

/// What a file of the code or its dependencies says.
#[handler]
fn read_file(path: &str) -> Result<String, Error> {
    Ok(fs::read_to_string(format!("/opt/function/code/{path}"))?)
}

#[initializer]
fn prepare() -> Result<(), Error> {
    match discount::apply(100, "student") {
        50 => Ok(()),
        other => Err(Error::new("Unexpected", other.to_string())),
    }
}
