use std::fmt;

/// The cloud's code for a failure, as callers see it: `FSS.4002`.
///
/// The texts that belong to the codes are the API's business.
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
    /// The invocation was cancelled on request.
    Cancelled,
    /// The request was too old before it could be run.
    Expired,
    /// Several instances in a row could not be brought up.
    StartFailedRepeatedly,
    /// The memory that was asked for is not on offer.
    NotAcceptable,
    /// The platform is shutting down.
    Unavailable,
    /// A function's name breaks the rules.
    InvalidName,
    /// A handler breaks the rules.
    InvalidHandler,
    /// A package's name breaks the rules.
    InvalidPackage,
    /// The runtime cannot be run here.
    InvalidRuntime,
    /// The memory is not on offer.
    InvalidMemory,
    /// The timeout is outside its range.
    InvalidTimeout,
    /// The user data breaks the rules.
    InvalidUserData,
    /// The code is not a function that runs here.
    InvalidCode,
    /// An alias's name or target breaks the rules.
    InvalidAlias,
    /// A version's name breaks the rules, or it is not one that can be changed.
    InvalidVersion,
    /// Nothing changed since the last publication.
    NothingToPublish,
    /// There are more user data than allowed.
    TooManyUserData,
    /// The user data are larger than allowed.
    UserDataTooLarge,
    /// The description is longer than allowed.
    DescriptionTooLong,
    /// The number of instances, or of requests for each, is outside its range.
    InvalidConcurrency,
    /// The project has as many functions as allowed.
    TooManyFunctions,
    /// The project has as much code as allowed.
    CodeTooLarge,
    /// The function has as many aliases as allowed.
    TooManyAliases,
    /// There is no such function.
    FunctionNotFound,
    /// There is no such version.
    VersionNotFound,
    /// There is no such alias.
    AliasNotFound,
    /// The stored code of a function is gone.
    CodeNotFound,
    /// The function exists already.
    FunctionExists,
    /// The version exists already.
    VersionExists,
    /// The alias exists already.
    AliasExists,
    /// Another alias points to the version.
    VersionAliased,
    /// More instances are to be reserved than allowed.
    TooManyReserved,
    /// The version has reserved instances and cannot be changed.
    ReservedInstancesExist,
    /// The asynchronous configuration breaks the rules.
    InvalidAsyncConfig,
    /// The function has no asynchronous configuration.
    AsyncConfigNotFound,
    /// The additional version of an alias is not one.
    InvalidAdditionalVersion,
    /// The weight of an alias's additional version is outside its range.
    InvalidAdditionalWeight,
    /// An alias's additional version is its main version.
    SameAdditionalVersion,
    /// The version is an alias's additional version and cannot be deleted.
    AdditionalVersionInUse,
    /// The initializer breaks the rules.
    InvalidInitializer,
    /// The initializer's timeout is outside its range.
    InvalidInitializerTimeout,
    /// The version that an alias points to has reserved instances of its own.
    ReleaseReserved,
    /// There is no such thing.
    NotFound,
    /// The function has as many versions as allowed; the cloud names no code of its own.
    TooManyVersions,
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
            Self::Cancelled => 4208,
            Self::Expired => 408,
            Self::StartFailedRepeatedly => 4218,
            Self::NotAcceptable => 406,
            Self::Unavailable => 503,
            Self::InvalidName => 1002,
            Self::InvalidHandler => 1003,
            Self::InvalidPackage => 1004,
            Self::InvalidRuntime => 1005,
            Self::InvalidMemory => 1007,
            Self::InvalidTimeout => 1008,
            Self::InvalidUserData => 1009,
            Self::InvalidCode => 1011,
            Self::InvalidAlias => 1014,
            Self::InvalidVersion => 1015,
            Self::NothingToPublish => 1016,
            Self::TooManyUserData => 1017,
            Self::UserDataTooLarge => 1018,
            Self::DescriptionTooLong => 1019,
            Self::InvalidConcurrency => 1026,
            Self::TooManyFunctions => 1041,
            Self::CodeTooLarge => 1042,
            Self::TooManyAliases => 1043,
            Self::FunctionNotFound => 1051,
            Self::VersionNotFound => 1052,
            Self::AliasNotFound => 1053,
            Self::CodeNotFound => 1054,
            Self::FunctionExists => 1061,
            Self::VersionExists => 1062,
            Self::AliasExists => 1063,
            Self::VersionAliased => 1066,
            Self::TooManyReserved => 1076,
            Self::ReservedInstancesExist => 1077,
            Self::InvalidAsyncConfig => 1081,
            Self::AsyncConfigNotFound => 1086,
            Self::InvalidAdditionalVersion => 1091,
            Self::InvalidAdditionalWeight => 1092,
            Self::SameAdditionalVersion => 1093,
            Self::AdditionalVersionInUse => 1094,
            Self::InvalidInitializer => 1404,
            Self::InvalidInitializerTimeout => 1405,
            Self::ReleaseReserved => 1426,
            Self::NotFound => 404,
            Self::TooManyVersions => 403,
        }
    }

    /// The HTTP status that comes with the code (manual, 8.2: statuses go by groups of codes).
    pub const fn status(self) -> u16 {
        match self.number() {
            general @ ..600 => general,
            1041..=1049 | 1094 => 403,
            1051..=1060 | 1086 => 404,
            1061..=1067 => 409,
            1429 => 429,
            ..4000 => 400,
            4000.. => 500,
        }
    }

    /// Whose fault a failure with this code is.
    pub const fn fault(self) -> Fault {
        match self {
            Self::Internal | Self::Unavailable | Self::CodeNotFound => Fault::Platform,
            Self::TooManyRequests | Self::Expired => Fault::Capacity,
            Self::InvalidParameter
            | Self::RequestTooLarge
            | Self::Cancelled
            | Self::NotAcceptable
            | Self::InvalidName
            | Self::InvalidHandler
            | Self::InvalidPackage
            | Self::InvalidRuntime
            | Self::InvalidMemory
            | Self::InvalidTimeout
            | Self::InvalidUserData
            | Self::InvalidCode
            | Self::InvalidAlias
            | Self::InvalidVersion
            | Self::NothingToPublish
            | Self::TooManyUserData
            | Self::UserDataTooLarge
            | Self::DescriptionTooLong
            | Self::InvalidConcurrency
            | Self::TooManyFunctions
            | Self::CodeTooLarge
            | Self::TooManyAliases
            | Self::FunctionNotFound
            | Self::VersionNotFound
            | Self::AliasNotFound
            | Self::FunctionExists
            | Self::VersionExists
            | Self::AliasExists
            | Self::VersionAliased
            | Self::TooManyReserved
            | Self::ReservedInstancesExist
            | Self::InvalidAsyncConfig
            | Self::AsyncConfigNotFound
            | Self::InvalidAdditionalVersion
            | Self::InvalidAdditionalWeight
            | Self::SameAdditionalVersion
            | Self::AdditionalVersionInUse
            | Self::InvalidInitializer
            | Self::InvalidInitializerTimeout
            | Self::ReleaseReserved
            | Self::NotFound
            | Self::TooManyVersions => Fault::Caller,
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
            | Self::DiskExceeded
            | Self::StartFailedRepeatedly => Fault::Function,
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
    fn statuses_go_by_groups_of_codes() {
        let codes = [
            (ErrorCode::InvalidParameter, 400),
            (ErrorCode::NotAcceptable, 406),
            (ErrorCode::InvalidName, 400),
            (ErrorCode::TooManyAliases, 403),
            (ErrorCode::FunctionNotFound, 404),
            (ErrorCode::CodeNotFound, 404),
            (ErrorCode::VersionAliased, 409),
            (ErrorCode::ReservedInstancesExist, 400),
            (ErrorCode::AsyncConfigNotFound, 404),
            (ErrorCode::AdditionalVersionInUse, 403),
            (ErrorCode::ReleaseReserved, 400),
            (ErrorCode::TooManyRequests, 429),
            (ErrorCode::FunctionFailed, 500),
            (ErrorCode::Unavailable, 503),
        ];
        for (code, status) in codes {
            assert_eq!(code.status(), status, "{code}");
        }
    }

    #[test]
    fn a_function_is_not_blamed_for_a_full_host() {
        assert_eq!(ErrorCode::TooManyRequests.fault(), Fault::Capacity);
        assert_eq!(ErrorCode::FunctionFailed.fault(), Fault::Function);
    }
}
