//! What can go wrong, one enum per boundary: building an engine, compiling a package, preparing a function, and
//! everything that happens between an event and its answer.

use fngraph_types::{ErrorCode, Fault, Handler};
use serde::Serialize;
use std::{fmt, io, time::Duration};

/// Why an engine cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The machine cannot run WebAssembly as configured.
    #[error("set up WebAssembly: {0}")]
    Wasm(String),
    /// The data directory cannot be used.
    #[error("prepare the data directory")]
    Directory(#[source] io::Error),
    /// An option is outside its range.
    #[error("the option `{option}` is {value}; it must be {range}")]
    Option {
        /// The option's name.
        option: &'static str,
        /// What was given.
        value: String,
        /// What is allowed.
        range: &'static str,
    },
}

/// Why a package cannot be turned into an artifact.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The handler names a file that the package does not have.
    #[error("the package has no `{file}.wasm` for the handler `{handler}`; it has {available}")]
    FileNotFound {
        /// The handler that was asked for.
        handler: Handler,
        /// The file it names, without its ending.
        file: String,
        /// The wasm files that are there, as a list for people.
        available: String,
    },
    /// The handler names no file and the package has several.
    #[error("the package has several wasm files ({available}); name one with a handler such as `file.entry`")]
    FileAmbiguous {
        /// The wasm files that are there, as a list for people.
        available: String,
    },
    /// The file is not WebAssembly, or broken.
    #[error("`{file}` is not valid WebAssembly: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong, and where.
        reason: String,
    },
    /// The file is valid WebAssembly but not a function that runs here.
    #[error("`{file}` is no function that runs here: {reason}")]
    Unsupported {
        /// The file.
        file: String,
        /// What is missing or not allowed.
        reason: String,
    },
    /// The file is larger than the engine compiles.
    #[error("`{file}` has {bytes} bytes of code; at most {limit} are compiled")]
    TooLarge {
        /// The file.
        file: String,
        /// Its size.
        bytes: usize,
        /// The engine's limit.
        limit: usize,
    },
    /// Compiling took too long. The work goes on in the background and a later attempt finds its result.
    #[error("`{file}` was not compiled within {limit:?}")]
    Timeout {
        /// The file.
        file: String,
        /// The engine's limit.
        limit: Duration,
    },
    /// The data directory failed.
    #[error("store the artifact of `{file}`")]
    Storage {
        /// The file.
        file: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl CompileError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::FileNotFound { .. } | Self::FileAmbiguous { .. } => ErrorCode::EntryNotFound,
            Self::Malformed { .. } | Self::Unsupported { .. } | Self::TooLarge { .. } => ErrorCode::StartFailed,
            Self::Timeout { .. } => ErrorCode::LoadTimeout,
            Self::Storage { .. } => ErrorCode::Internal,
        }
    }
}

/// Why an artifact cannot be bound to a function's settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PrepareError {
    /// The artifact has no entry of that name and role.
    #[error("`{file}` has no {role} `{entry}`; it has {available}")]
    EntryNotFound {
        /// The wasm file.
        file: String,
        /// What kind of entry is missing: handler, initializer or pre-stop.
        role: &'static str,
        /// The name that was asked for.
        entry: String,
        /// The entries that are there, as a list for people.
        available: String,
    },
    /// A setting is outside its range.
    #[error("the setting `{setting}` {reason}")]
    Setting {
        /// The setting's name.
        setting: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl PrepareError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::EntryNotFound { .. } => ErrorCode::EntryNotFound,
            Self::Setting { .. } => ErrorCode::StartFailed,
        }
    }
}

/// An error that the function's own code reported, or the trap that ended it. Serialises to the cloud's shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FunctionError {
    /// What went wrong, for a person.
    pub error_message: String,
    /// The class of the error: the function's own word, or `Trap` and `Exit` for what the engine saw.
    pub error_type: String,
    /// Where it went wrong, innermost frame first. Empty when unknown.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stack_trace: Vec<String>,
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for FunctionError {}

/// Why an invocation has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The handler reported an error, trapped, or exited with a status other than 0.
    #[error("the function failed")]
    Function(#[source] FunctionError),
    /// The event is larger than the limit.
    #[error("the event has {bytes} bytes; at most {limit} are allowed")]
    RequestTooLarge {
        /// The event's size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The event of an HTTP function is not a request in the shape of the API gateway.
    #[error("the event is no HTTP request: {0}")]
    InvalidRequest(String),
    /// The result is larger than the limit.
    #[error("the result is larger than {limit} bytes")]
    ResultTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The body of the function's HTTP response is larger than the limit.
    #[error("the response body is larger than {limit} bytes")]
    ResponseBodyTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The initializer reported an error or trapped.
    #[error("the initializer failed")]
    Initializer(#[source] FunctionError),
    /// The instance's own start code trapped, before any initializer.
    #[error("the instance failed to start")]
    Start(#[source] FunctionError),
    /// The handler did not return in time.
    #[error("the invocation did not finish within {limit:?}{}", at(.stack))]
    Timeout {
        /// The configured timeout.
        limit: Duration,
        /// Where the function was, innermost frame first; empty when it was waiting for the host.
        stack: Vec<String>,
    },
    /// The initializer did not return in time.
    #[error("the initializer did not finish within {limit:?}{}", at(.stack))]
    InitializerTimeout {
        /// The configured timeout.
        limit: Duration,
        /// Where the initializer was, innermost frame first; empty when it was waiting for the host.
        stack: Vec<String>,
    },
    /// The instance's own start code did not return in time.
    #[error("the instance did not start within {limit:?}")]
    LoadTimeout {
        /// The engine's limit.
        limit: Duration,
    },
    /// The invocation was cancelled on request.
    #[error("the invocation was cancelled")]
    Cancelled,
    /// The function wanted more memory than configured, and failed for it.
    #[error("the function wanted {wanted} bytes of memory; {limit} are configured")]
    Memory {
        /// What the function asked for, in bytes.
        wanted: u64,
        /// The configured limit, in bytes.
        limit: u64,
    },
    /// The function wanted more of `/tmp` than configured, and failed for it.
    #[error("the function filled /tmp; {limit} bytes are configured")]
    Disk {
        /// The configured limit, in bytes.
        limit: u64,
    },
    /// All instances that the engine may hold at once are in use, or all memory that they may hold together.
    #[error("there is no room: {0}")]
    NoCapacity(String),
    /// The instance ended in an earlier invocation and cannot serve another.
    #[error("the instance has ended; instantiate a new one")]
    InstanceEnded,
    /// The platform failed.
    #[error("internal error: {0}")]
    Internal(String),
}

fn at(stack: &[String]) -> String {
    stack.first().map(|frame| format!("; it was in {frame}")).unwrap_or_default()
}

impl InvokeError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Function(_) => ErrorCode::FunctionFailed,
            Self::RequestTooLarge { .. } => ErrorCode::RequestTooLarge,
            Self::InvalidRequest(_) => ErrorCode::InvalidParameter,
            Self::ResultTooLarge { .. } => ErrorCode::ResultTooLarge,
            Self::ResponseBodyTooLarge { .. } => ErrorCode::ResponseBodyTooLarge,
            Self::Initializer(_) => ErrorCode::InitializerFailed,
            Self::Start(_) => ErrorCode::StartFailed,
            Self::Timeout { .. } => ErrorCode::Timeout,
            Self::InitializerTimeout { .. } => ErrorCode::InitializerTimeout,
            Self::LoadTimeout { .. } => ErrorCode::LoadTimeout,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Memory { .. } => ErrorCode::MemoryExceeded,
            Self::Disk { .. } => ErrorCode::DiskExceeded,
            Self::NoCapacity(_) => ErrorCode::TooManyRequests,
            Self::InstanceEnded | Self::Internal(_) => ErrorCode::Internal,
        }
    }

    /// Whose fault the failure is.
    pub fn fault(&self) -> Fault {
        self.code().fault()
    }

    /// What the function itself reported, if it is the function that failed.
    pub fn function_error(&self) -> Option<&FunctionError> {
        match self {
            Self::Function(error) | Self::Initializer(error) | Self::Start(error) => Some(error),
            Self::RequestTooLarge { .. }
            | Self::InvalidRequest(_)
            | Self::ResultTooLarge { .. }
            | Self::ResponseBodyTooLarge { .. }
            | Self::Timeout { .. }
            | Self::InitializerTimeout { .. }
            | Self::LoadTimeout { .. }
            | Self::Cancelled
            | Self::Memory { .. }
            | Self::Disk { .. }
            | Self::NoCapacity(_)
            | Self::InstanceEnded
            | Self::Internal(_) => None,
        }
    }

    /// Whether the same invocation may succeed when it is tried again without changing anything.
    pub fn is_retryable(&self) -> bool {
        match self.fault() {
            Fault::Capacity | Fault::Platform => true,
            Fault::Caller | Fault::Function => false,
        }
    }

    /// The failure as the cloud answers it: what the function reported in the function's shape, anything else as
    /// `error_code` and `error_msg`.
    pub fn to_json(&self) -> serde_json::Value {
        match self.function_error() {
            Some(error) => serde_json::json!(error),
            None => serde_json::json!({ "error_code": self.code().to_string(), "error_msg": self.to_string() }),
        }
    }
}
