//! What the attributes' expansions refer to. Not for anybody else: it may change in any release.

pub use crate::codec::{decode, encode, text};
#[cfg(target_family = "wasm")]
pub use crate::context::wasm::bindings::fngraph::function::types as wire;
pub use crate::{Context, Error};
#[cfg(target_family = "wasm")]
pub use wit_bindgen;

/// What a handler is once its types are bytes.
pub type Handler = fn(Vec<u8>, &Context) -> Result<Vec<u8>, Error>;

/// What an initializer is.
pub type Initializer = fn(&Context) -> Result<(), Error>;

/// What a pre-stop hook is.
pub type PreStop = fn(&Context);

/// The context of the running invocation.
#[cfg(target_family = "wasm")]
pub fn context() -> Context {
    Context::of_invocation()
}

#[cfg(target_family = "wasm")]
impl From<Error> for wire::Error {
    fn from(error: Error) -> Self {
        let (kind, message) = error.into_parts();
        // A Rust error does not know where it came from.
        Self { kind, message, stack: Vec::new() }
    }
}
