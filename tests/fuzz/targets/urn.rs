//! No text makes reading a URN panic, and what is read prints as it is read.
#![no_main]

use fngraph_types::{Scope, Urn, UrnRef};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let scope = Scope::default();
    let Ok(urn) = Urn::parse(text, &scope) else { return };
    assert!(UrnRef::parse(text, &scope).is_ok());
    assert_eq!(Urn::parse(&urn.to_string(), &scope), Ok(urn));
});
