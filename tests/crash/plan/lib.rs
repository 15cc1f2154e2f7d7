//! What the crash test and the process that it kills agree on: the functions, the points of death, and the lines that
//! tell what happened.

mod function;
mod note;
mod point;

pub use function::Function;
pub use note::Note;
pub use point::{Call, Place, Point};
