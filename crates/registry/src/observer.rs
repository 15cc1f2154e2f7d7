//! Hearing of changes.

use crate::Function;
use fngraph_types::FunctionId;
use std::sync::Arc;

/// Hears of every change.
pub trait Observer: Send + Sync {
    /// A function was created or changed; none means that it was deleted. Readers of the registry see it already.
    ///
    /// The calls for one function come in the order of its changes, and the writer waits for them: be quick, and leave
    /// longer work to a task of your own.
    fn changed(&self, id: &FunctionId, function: Option<&Arc<Function>>);
}
