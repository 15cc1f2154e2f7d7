//! Whether functions are traced.

use super::Registry;
use crate::{Function, RegistryError, Tracing};
use fngraph_types::FunctionId;

impl Registry {
    /// Has a function traced, all of its versions, from its next invocation on; none ends that.
    ///
    /// # Errors
    /// When a key breaks a rule, or there is no such function.
    pub async fn set_tracing(&self, id: &FunctionId, tracing: Option<Tracing>) -> Result<(), RegistryError> {
        tracing.as_ref().map_or(Ok(()), Tracing::validate)?;
        let edit = move |function: &mut Function| {
            function.tracing = tracing;
            Ok(())
        };
        self.change(id, edit).await
    }
}
