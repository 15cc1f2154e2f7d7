//! What the tests share: the guest programs, compiled by this crate's build script, and the server to run them on.
//!
//! It is for tests and benches only, and never a dependency of what is shipped. It depends on no crate of ours, so that
//! the engine's own tests can use it.
//!
//! - [`guests`] has one function for each guest program, which answers where the compiled module or component is.
//! - [`each_example!`] and [`each_test_guest!`] call a macro with the name of each program.
//! - [`has_a_test!`] is such a macro: with it, a program without a test does not compile.
//! - [`programs`] answers where this repository's own programs are, built.
//! - [`TestServer`] is the real `fngraph serve` on a free port; [`http`] is what it answers.
//! - [`package`](package()) makes the zip of a function.
//!
//! ```
//! macro_rules! is_compiled {
//!     ($name:ident) => {
//!         assert!(fngraph_test_support::guests::$name().exists());
//!     };
//! }
//! fngraph_test_support::each_example!(is_compiled);
//! fngraph_test_support::each_test_guest!(is_compiled);
//! ```

pub mod http;
mod package;
pub mod programs;
mod server;

pub use package::package;
pub use server::{Setup, TestServer};

/// The guest programs: one function each, which answers where the compiled program is.
pub mod guests {
    include!(concat!(env!("OUT_DIR"), "/guests.rs"));
}

/// Does not compile where the module it is called in has no test of this name.
///
/// ```
/// use fngraph_test_support::has_a_test;
///
/// // Beside the tests, `fngraph_test_support::each_example!(has_a_test);` does this for every example:
/// mod tests {
///     fngraph_test_support::has_a_test!(hello);
///
///     fn hello() {
///         // A `#[test]`, in earnest.
///     }
/// }
/// ```
#[macro_export]
macro_rules! has_a_test {
    ($name:ident) => {
        #[expect(unused_imports, reason = "the import is the check")]
        use self::$name as _;
    };
}
