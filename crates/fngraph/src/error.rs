//! What can go wrong besides an invocation.

use crate::ArchiveError;
use fngraph_engine::{PackageError, PrepareError};
use fngraph_invoker::LoadError;
use fngraph_registry::{RegistryError, Runtime as FunctionRuntime};
use fngraph_store::{OpenError, StoreError};
use fngraph_types::{ErrorCode, Fault, NameError, UrnError};

/// Why a runtime cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine cannot be set up.
    #[error("set up the engine")]
    Engine(#[from] fngraph_engine::BuildError),
    /// The stored functions cannot be read.
    #[error("read the functions")]
    Registry(#[from] RegistryError),
    /// The settings of projects cannot be read.
    #[error("read the settings of projects")]
    Projects(#[source] StoreError),
    /// The invoker cannot be opened.
    #[error("open the invoker")]
    Invoker(#[from] fngraph_invoker::OpenError),
    /// The threads cannot be had.
    #[error("start the threads")]
    Threads(#[source] std::io::Error),
}

/// Why an operation on functions failed. It has changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text names no function.
    #[error(transparent)]
    Urn(#[from] UrnError),
    /// The text names no version or alias.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The operation breaks a rule of the function model.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The code does not run here.
    #[error("the code does not run here")]
    Load(#[from] LoadError),
    /// The package of a dependency is refused.
    #[error("the package is no dependency")]
    Dependency(#[source] PackageError),
    /// The code needs another runtime.
    #[error(
        "the runtime is `{given}`, and the code is of the kind `{kind}`, which runs with `{fitting}`; `Custom` runs event \
         components and commands, `http` components that answer HTTP requests"
    )]
    Runtime {
        /// What the code is: `event`, `http` or `command`.
        kind: &'static str,
        /// The runtime of the settings.
        given: FunctionRuntime,
        /// The runtime for such code.
        fitting: FunctionRuntime,
    },
    /// The archive is refused, or cannot be made.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Error {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Urn(_) | Self::Name(_) => ErrorCode::InvalidParameter,
            Self::Registry(error) => error.code(),
            Self::Load(error) => deployment_code(error),
            Self::Dependency(_) => ErrorCode::InvalidDependency,
            Self::Runtime { .. } => ErrorCode::InvalidRuntime,
            Self::Archive(error) => error.code(),
            Self::Store(_) => ErrorCode::Internal,
        }
    }
}

/// What somebody who brings code or settings is told, where a caller of the function would hear that it fails.
fn deployment_code(error: &LoadError) -> ErrorCode {
    if let LoadError::Prepare(PrepareError::EntryNotFound { role: "initializer", .. }) = error {
        return ErrorCode::InvalidInitializer;
    }
    let code = error.code();
    match code.fault() {
        Fault::Function if code == ErrorCode::EntryNotFound => ErrorCode::InvalidHandler,
        // The work goes on and is done when it is asked for again, so nothing is wrong with the code.
        Fault::Function if code == ErrorCode::LoadTimeout => code,
        Fault::Function => ErrorCode::InvalidCode,
        Fault::Caller | Fault::Capacity | Fault::Platform => code,
    }
}
