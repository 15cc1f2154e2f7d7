use std::fmt;

/// The cloud's code for a failed invocation, as callers see it: `FSS.4002`.
///
/// The texts and HTTP statuses that belong to the codes are the API's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorCode {
    /// The caller sent something that is not what the function takes.
    InvalidParameter,
    /// The platform itself failed.
    Internal,
    /// No instance is free and none may be added.
    TooManyRequests,
    /// The handler names a file or an entry that the package does not have.
    EntryNotFound,
    /// The function's own code failed.
    FunctionFailed,
    /// The result of the handler is too large.
    ResultTooLarge,
    /// The body of the function's HTTP response is too large.
    ResponseBodyTooLarge,
    /// The initializer reported an error or trapped.
    InitializerFailed,
    /// The invocation timed out.
    Timeout,
    /// The initializer timed out.
    InitializerTimeout,
    /// The function's code could not be loaded in time.
    LoadTimeout,
    /// The event is too large.
    RequestTooLarge,
    /// The instance could not be brought up.
    StartFailed,
    /// The function used more memory than configured.
    MemoryExceeded,
    /// The function used more of `/tmp` than configured.
    DiskExceeded,
}

/// Who has to act on a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller sent something that cannot be served.
    Caller,
    /// The function's code or settings are to blame.
    Function,
    /// There is no room right now; the same call may succeed later.
    Capacity,
    /// The platform broke.
    Platform,
}

impl ErrorCode {
    /// The number behind `FSS.`, four digits wide.
    pub const fn number(self) -> u16 {
        match self {
            Self::InvalidParameter => 400,
            Self::Internal => 500,
            Self::TooManyRequests => 1429,
            Self::EntryNotFound => 4001,
            Self::FunctionFailed => 4002,
            Self::ResultTooLarge => 4004,
            Self::ResponseBodyTooLarge => 4008,
            Self::InitializerFailed => 4009,
            Self::Timeout => 4010,
            Self::InitializerTimeout => 4011,
            Self::LoadTimeout => 4012,
            Self::RequestTooLarge => 4140,
            Self::StartFailed => 4201,
            Self::MemoryExceeded => 4205,
            Self::DiskExceeded => 4207,
        }
    }

    /// Whose fault a failure with this code is.
    pub const fn fault(self) -> Fault {
        match self {
            Self::Internal => Fault::Platform,
            Self::TooManyRequests => Fault::Capacity,
            Self::InvalidParameter | Self::RequestTooLarge => Fault::Caller,
            Self::EntryNotFound
            | Self::FunctionFailed
            | Self::ResultTooLarge
            | Self::ResponseBodyTooLarge
            | Self::InitializerFailed
            | Self::Timeout
            | Self::InitializerTimeout
            | Self::LoadTimeout
            | Self::StartFailed
            | Self::MemoryExceeded
            | Self::DiskExceeded => Fault::Function,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FSS.{:04}", self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_printed_as_the_cloud_prints_them() {
        assert_eq!(ErrorCode::Timeout.to_string(), "FSS.4010");
        assert_eq!(ErrorCode::Internal.to_string(), "FSS.0500");
    }

    #[test]
    fn a_function_is_not_blamed_for_a_full_host() {
        assert_eq!(ErrorCode::TooManyRequests.fault(), Fault::Capacity);
        assert_eq!(ErrorCode::FunctionFailed.fault(), Fault::Function);
    }
}
