//! What is refused, and what the compiler then says.

use super::*;

fn parse(role: Role, function: &str) -> Result<Signature> {
    Signature::parse(role, &syn::parse_str(function).expect("the test's function is Rust"))
}

#[track_caller]
fn refused(role: Role, function: &str, message: &str) {
    match parse(role, function) {
        Ok(_) => panic!("`{function}` was accepted"),
        Err(error) => assert!(error.to_string().contains(message), "said instead: {error}"),
    }
}

#[track_caller]
fn accepted(role: Role, function: &str) -> Signature {
    match parse(role, function) {
        Ok(signature) => signature,
        Err(error) => panic!("`{function}` was refused: {error}"),
    }
}

#[test]
fn handler_is_exported_in_kebab_case() {
    let signature = accepted(Role::Handler, "fn handle_order2(event: String) {}");
    assert_eq!(signature.export, "handle-order2");
}

#[test]
fn events_are_told_apart_by_their_type() {
    let event = |function| accepted(Role::Handler, function).event;
    assert!(matches!(event("fn f(event: &[u8]) {}"), Some(Event::Bytes)));
    assert!(matches!(event("fn f(event: &str) {}"), Some(Event::Text)));
    assert!(matches!(event("fn f(event: &[Order]) {}"), Some(Event::Borrowed(_))));
    assert!(matches!(event("fn f(event: &model::Order) {}"), Some(Event::Borrowed(_))));
    assert!(matches!(event("fn f(mut event: Vec<u8>) {}"), Some(Event::Owned(_))));
    assert!(matches!(event("fn f<'a>(event: &'a str) {}"), Some(Event::Text)));
}

#[test]
fn context_is_optional() {
    assert!(accepted(Role::Handler, "fn f(event: String) {}").context.is_none());
    assert!(accepted(Role::Handler, "fn f(event: String, ctx: &Context) {}").context.is_some());
    assert!(accepted(Role::Initializer, "fn f() {}").context.is_none());
    assert!(accepted(Role::PreStop, "fn f(ctx: &fngraph_guest::Context) {}").context.is_some());
}

#[test]
fn result_is_known_by_its_last_segment() {
    let fallible = |function| matches!(accepted(Role::Handler, function).outcome, Outcome::Fallible);
    assert!(fallible("fn f(event: String) -> Result<String, Error> {}"));
    assert!(fallible("fn f(event: String) -> fngraph_guest::Result<()> {}"));
    assert!(!fallible("fn f(event: String) -> ScanResult {}"));
    assert!(!fallible("fn f(event: String) {}"));
}

#[test]
fn async_functions_are_refused() {
    refused(Role::Handler, "async fn f(event: String) {}", "cannot be `async`: write a plain `fn`");
}

#[test]
fn unsafe_functions_are_refused() {
    refused(Role::Handler, "unsafe fn f(event: String) {}", "cannot be `unsafe`: write a plain `fn`");
}

#[test]
fn foreign_abis_are_refused() {
    refused(Role::Handler, r#"extern "C" fn f(event: String) {}"#, "chooses the ABI: write a plain `fn`");
}

#[test]
fn generic_functions_are_refused() {
    refused(Role::Handler, "fn f<T>(event: T) {}", "cannot be generic");
    refused(Role::Handler, "fn f<const N: usize>(event: [u8; N]) {}", "write the concrete type");
    refused(Role::Handler, "fn f(event: impl Read) {}", "write the concrete type");
    refused(Role::Handler, "fn f(event: String) -> impl Serialize {}", "write the concrete type");
}

#[test]
fn methods_are_refused() {
    refused(Role::Handler, "fn f(&self, event: String) {}", "has no `self`");
}

#[test]
fn handlers_take_one_event_and_one_context() {
    refused(Role::Handler, "fn f() {}", "write `(event: T)` or `(event: T, ctx: &Context)`");
    refused(Role::Handler, "fn f(a: String, b: &Context, c: u8) {}", "no more");
    refused(Role::Handler, "fn f(ctx: &Context) {}", "the context comes after the event");
    refused(Role::Handler, "fn f(event: String, ctx: Context) {}", "write `ctx: &Context`");
    refused(Role::Handler, "fn f(event: String, ctx: &mut Context) {}", "write `ctx: &Context`");
    refused(Role::Handler, "fn f(event: &mut Order) {}", "take it by value");
}

#[test]
fn hooks_take_no_event() {
    refused(Role::Initializer, "fn f(event: String) {}", "write `ctx: &Context`");
    refused(Role::PreStop, "fn f(ctx: &Context, more: u8) {}", "write `()` or `(ctx: &Context)`");
}

#[test]
fn hooks_return_no_value() {
    refused(Role::Initializer, "fn f() -> Pool {}", "returns nothing or `Result<(), E>`");
    refused(Role::PreStop, "fn f() -> Result<(), Error> {}", "log what goes wrong");
}

#[test]
fn names_that_wit_does_not_know_are_refused() {
    refused(Role::Handler, "fn _f(event: String) {}", "`_f` cannot be the name of an export");
    refused(Role::Handler, "fn step_2(event: String) {}", "begin with a letter");
    refused(Role::Handler, "fn handleOrder(event: String) {}", "such as `handle_order`");
    refused(Role::Handler, "fn r#match(event: String) {}", "cannot be the name of an export");
}

#[test]
fn names_that_the_standard_library_needs_are_refused() {
    refused(Role::Handler, "fn write(event: String) {}", "such as `handle_write`");
    refused(Role::Handler, "fn memory(event: String) {}", "such as `handle_memory`");
}
