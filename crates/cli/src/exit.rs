//! How the program ends: the documented exit codes, and the failure that carries one to `main`.

use anyhow::Error;
use fngraph_engine::{CompileError, InvokeError, PrepareError};
use fngraph_types::{ErrorCode, Fault};
use std::{io, process::ExitCode};

/// The exit codes. They are API: scripts tell failures apart by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Exit {
    /// The function's own code failed: its handler, its initializer or its start.
    Function = 1,
    /// The command line cannot be understood or asks for the impossible; clap's own code.
    Usage = 2,
    /// The code was refused: no package, no WebAssembly, no function, or not the entry that was asked for.
    Refused = 3,
    /// A timeout of the function passed.
    Timeout = 4,
    /// The function or its event exceeded a limit: memory, disk, size of event or result.
    Limit = 5,
    /// The machine or fngraph itself failed.
    Platform = 6,
    /// Cargo could not build the project.
    Build = 7,
    /// The server cannot be reached, or does not let the caller in.
    Server = 8,
    /// The server has no such function, version, alias or request.
    NotFound = 9,
}

/// What `--help` says about the codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  success
  1  the function failed: its handler, its initializer or its start
  2  wrong usage
  3  the code was refused: no package, no function, or no such entry
  4  a timeout of the function passed
  5  a limit was exceeded: memory, disk, size of the event or the result, a project's quota
  6  the machine or fngraph itself failed
  7  cargo could not build the project
  8  the server cannot be reached, or does not let the caller in
  9  the server has no such function, version, alias or request";

impl Exit {
    /// The exit code for a failure with this code, of an invocation or of any request to a server.
    pub(crate) fn for_code(code: ErrorCode) -> Self {
        match code {
            ErrorCode::EntryNotFound
            | ErrorCode::InvalidCode
            | ErrorCode::InvalidFileType
            | ErrorCode::InvalidRuntime
            | ErrorCode::CodeMissing => Self::Refused,
            ErrorCode::Timeout | ErrorCode::InitializerTimeout | ErrorCode::LoadTimeout => Self::Timeout,
            ErrorCode::ResultTooLarge
            | ErrorCode::ResponseBodyTooLarge
            | ErrorCode::RequestTooLarge
            | ErrorCode::MemoryExceeded
            | ErrorCode::DiskExceeded
            | ErrorCode::BodyTooLarge
            | ErrorCode::PackageTooLarge
            | ErrorCode::CodeTooLarge
            | ErrorCode::TooManyFunctions
            | ErrorCode::TooManyAliases
            | ErrorCode::TooManyReserved
            | ErrorCode::TooManyDependencies
            | ErrorCode::TooManyTriggers
            | ErrorCode::TooManyPolledTriggers
            | ErrorCode::TooManyUserData
            | ErrorCode::UserDataTooLarge => Self::Limit,
            ErrorCode::Unauthorized | ErrorCode::Forbidden => Self::Server,
            ErrorCode::FunctionNotFound
            | ErrorCode::VersionNotFound
            | ErrorCode::AliasNotFound
            | ErrorCode::DependencyNotFound
            | ErrorCode::NotFound => Self::NotFound,
            other => match other.fault() {
                Fault::Caller => Self::Usage,
                Fault::Function => Self::Function,
                Fault::Capacity | Fault::Platform => Self::Platform,
            },
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked: what `main` prints, and the code it ends with.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What went wrong, innermost cause last.
    pub(crate) error: Error,
    /// Lines below the error: where a function failed, what was there to choose from.
    pub(crate) details: Vec<String>,
    /// What to type next.
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A failure of this kind.
    pub(crate) fn new(exit: Exit, error: impl Into<Error>) -> Self {
        Self { exit, error: error.into(), details: Vec::new(), hint: None }
    }

    /// A failure of this kind that only has a text.
    pub(crate) fn text(exit: Exit, text: impl Into<String>) -> Self {
        Self::new(exit, Error::msg(text.into()))
    }

    /// The same with a hint.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same with lines below the error.
    #[must_use]
    pub(crate) fn details(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(lines);
        self
    }

    /// Whether whoever read our output stopped reading, which is no failure of ours.
    pub(crate) fn is_closed_pipe(&self) -> bool {
        self.error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The failure of an invocation, with the function's stack and a hint where we know one.
    pub(crate) fn invoke(error: InvokeError) -> Self {
        let exit = Exit::for_code(error.code());
        let details: Vec<_> = stack(&error).iter().map(|frame| format!("at {frame}")).collect();
        let hint = invoke_hint(&error);
        let code = error.code();
        let failure = Self::new(exit, Error::new(error).context(code)).details(details);
        Self { hint, ..failure }
    }
}

/// Where the function was when it failed, innermost frame first.
pub(crate) fn stack(error: &InvokeError) -> &[String] {
    match error {
        InvokeError::Timeout { stack, .. } | InvokeError::InitializerTimeout { stack, .. } => stack,
        other => other.function_error().map_or(&[], |error| &error.stack_trace),
    }
}

fn invoke_hint(error: &InvokeError) -> Option<String> {
    let hint = match error {
        InvokeError::Timeout { limit, .. } => format!("--timeout {} gives it longer", longer(*limit)),
        InvokeError::InitializerTimeout { limit, .. } => {
            format!("--initializer-timeout {} gives it longer", longer(*limit))
        }
        InvokeError::Memory { wanted, .. } => {
            let enough = |mib: &&u32| u64::from(**mib) * 1024 * 1024 >= *wanted;
            let size = fngraph_types::Memory::SIZES.iter().find(enough)?;
            format!("--memory {size} gives it more")
        }
        InvokeError::InvalidRequest(_) => {
            r#"--event '{"httpMethod": "GET", "path": "/", "headers": {}, "body": ""}' is a request"#.to_owned()
        }
        InvokeError::NoCapacity(_) => "a smaller --concurrency needs fewer instances".to_owned(),
        _ => return None,
    };
    Some(hint)
}

fn longer(limit: std::time::Duration) -> String {
    crate::units::duration_argument(limit * 10)
}

impl From<Error> for Failure {
    /// What no one classified is the platform's.
    fn from(error: Error) -> Self {
        Self::new(Exit::Platform, error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::new(Exit::Platform, error)
    }
}

impl From<CompileError> for Failure {
    fn from(error: CompileError) -> Self {
        let exit = match &error {
            CompileError::Timeout { .. } | CompileError::Storage { .. } => Exit::Platform,
            _ => Exit::Refused,
        };
        let hint = match &error {
            CompileError::FileNotFound { .. } | CompileError::FileAmbiguous { .. } => {
                Some("name the file and the entry with --handler FILE.ENTRY")
            }
            CompileError::Timeout { .. } => Some("type the same again: what was compiled so far goes on"),
            _ => None,
        };
        Self { hint: hint.map(str::to_owned), ..Self::new(exit, error) }
    }
}

impl From<PrepareError> for Failure {
    fn from(error: PrepareError) -> Self {
        let exit = match &error {
            PrepareError::Setting { .. } => Exit::Usage,
            _ => Exit::Refused,
        };
        Self::new(exit, error)
    }
}

/// Gives an error its exit code on the way up.
pub(crate) trait OrExit<T> {
    /// Fails with this exit code, and this hint unless it is empty.
    fn or_exit(self, exit: Exit, hint: &str) -> Result<T, Failure>;
}

impl<T, E: Into<Error>> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit, hint: &str) -> Result<T, Failure> {
        self.map_err(|error| {
            let failure = Failure::new(exit, error);
            if hint.is_empty() { failure } else { failure.hint(hint) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_kind_of_failure_has_its_code() {
        assert_eq!(Exit::for_code(ErrorCode::FunctionFailed), Exit::Function);
        assert_eq!(Exit::for_code(ErrorCode::InitializerFailed), Exit::Function);
        assert_eq!(Exit::for_code(ErrorCode::EntryNotFound), Exit::Refused);
        assert_eq!(Exit::for_code(ErrorCode::Timeout), Exit::Timeout);
        assert_eq!(Exit::for_code(ErrorCode::MemoryExceeded), Exit::Limit);
        assert_eq!(Exit::for_code(ErrorCode::Internal), Exit::Platform);
        assert_eq!(Exit::for_code(ErrorCode::InvalidCode), Exit::Refused);
        assert_eq!(Exit::for_code(ErrorCode::TooManyFunctions), Exit::Limit);
        assert_eq!(Exit::for_code(ErrorCode::Unauthorized), Exit::Server);
        assert_eq!(Exit::for_code(ErrorCode::AliasNotFound), Exit::NotFound);
    }

    #[test]
    fn the_help_names_every_code() {
        for exit in [
            Exit::Function,
            Exit::Usage,
            Exit::Refused,
            Exit::Timeout,
            Exit::Limit,
            Exit::Platform,
            Exit::Build,
            Exit::Server,
            Exit::NotFound,
        ] {
            assert!(HELP.contains(&format!("\n  {}  ", exit as u8)), "{exit:?}");
        }
    }

    #[test]
    fn the_readme_says_what_the_help_says() {
        let readme = include_str!("../README.md");
        for line in HELP.lines().skip(1) {
            let (code, meaning) = line.trim().split_once("  ").unwrap();
            assert!(readme.contains(&format!("| {code} | {meaning} |")), "{line}");
        }
    }

    #[test]
    fn failures_of_a_limit_say_what_to_type() {
        let slow = InvokeError::Timeout { limit: Duration::from_secs(3), stack: vec!["spin".to_owned()] };
        let failure = Failure::invoke(slow);
        assert_eq!(failure.exit, Exit::Timeout);
        assert_eq!(failure.details, ["at spin"]);
        assert_eq!(failure.hint.as_deref(), Some("--timeout 30s gives it longer"));

        let big = InvokeError::Memory { wanted: 300 << 20, limit: 128 << 20 };
        assert_eq!(Failure::invoke(big).hint.as_deref(), Some("--memory 512 gives it more"));
    }
}
