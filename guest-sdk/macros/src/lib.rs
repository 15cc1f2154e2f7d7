//! The attributes of `fngraph-guest`. Guests use them from there and never depend on this crate.
//!
//! An attribute leaves its function as it is and adds what makes it an export of the component: the conversion
//! between bytes and the function's types, compiled on every target so that a wrong type is an error of an ordinary
//! `cargo check`, and the export itself, compiled on WebAssembly only.

mod contract;
mod expand;
mod signature;

use proc_macro::TokenStream;

use crate::contract::Role;

/// Makes a function a handler of the component.
///
/// The export's name is the function's name in kebab case: `handle_order` becomes `handle-order`. A crate may have
/// any number of handlers. Names that the standard library uses as symbols (`read`, `close`, `log`, …) are refused,
/// since an export of that name would take their place.
///
/// | part    | what is accepted                                                                                |
/// | ------- | ----------------------------------------------------------------------------------------------- |
/// | event   | `&[u8]`, `Vec<u8>`, `&str`, `String`; else `T`, `&T` or `&[T]` from JSON, `T: DeserializeOwned` |
/// | context | nothing or `ctx: &Context`                                                                      |
/// | result  | `T` or `Result<T, E>`, `E: Into<fngraph_guest::Error>`                                          |
/// | answer  | `Vec<u8>`, `String`, `&'static str`, `()` as they are; else `T: Serialize + 'static` as JSON    |
///
/// A result is fallible when the last segment of its type is written `Result`, so an alias for it has to be called
/// `Result` as well.
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Role::Handler, arguments.into(), item.into()).into()
}

/// Makes a function an initializer of the component: it runs once in every instance, before the first event.
///
/// It is `fn name()` or `fn name(ctx: &Context)` and returns nothing or `Result<(), E>`,
/// `E: Into<fngraph_guest::Error>`. After an error the instance is thrown away.
#[proc_macro_attribute]
pub fn initializer(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Role::Initializer, arguments.into(), item.into()).into()
}

/// Makes a function a pre-stop hook of the component: it runs before an instance is stopped on purpose.
///
/// It is `fn name()` or `fn name(ctx: &Context)` and returns nothing, because its outcome changes nothing.
#[proc_macro_attribute]
pub fn pre_stop(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Role::PreStop, arguments.into(), item.into()).into()
}
