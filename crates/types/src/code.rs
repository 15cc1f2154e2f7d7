use std::fmt;

/// Declares the codes: a line for each, with the number behind `FSS.` and whose fault it is.
macro_rules! codes {
    ($($(#[doc = $text:literal])+ $name:ident = $number:literal, $fault:ident;)+) => {
        /// The cloud's code for a failure, as callers see it: `FSS.4002`.
        ///
        /// The texts that belong to the codes are the API's business.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum ErrorCode {
            $($(#[doc = $text])+ $name = $number,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Whose fault a failure with this code is.
            pub const fn fault(self) -> Fault {
                match self {
                    $(Self::$name => Fault::$fault,)+
                }
            }
        }
    };
}

codes! {
    /// The caller sent something that is not what the function takes.
    InvalidParameter = 400, Caller;
    /// The platform itself failed.
    Internal = 500, Platform;
    /// No instance is free and none may be added.
    TooManyRequests = 1429, Capacity;
    /// The handler names a file or an entry that the package does not have.
    EntryNotFound = 4001, Function;
    /// The function's own code failed.
    FunctionFailed = 4002, Function;
    /// The result of the handler is too large.
    ResultTooLarge = 4004, Function;
    /// The body of the function's HTTP response is too large.
    ResponseBodyTooLarge = 4008, Function;
    /// The initializer reported an error or trapped.
    InitializerFailed = 4009, Function;
    /// The invocation timed out.
    Timeout = 4010, Function;
    /// The initializer timed out.
    InitializerTimeout = 4011, Function;
    /// The function's code could not be loaded in time.
    LoadTimeout = 4012, Function;
    /// The event is too large.
    RequestTooLarge = 4140, Caller;
    /// The instance could not be brought up.
    StartFailed = 4201, Function;
    /// The function used more memory than configured.
    MemoryExceeded = 4205, Function;
    /// The function used more of `/tmp` than configured.
    DiskExceeded = 4207, Function;
    /// The invocation was cancelled on request.
    Cancelled = 4208, Caller;
    /// The request was too old before it could be run.
    Expired = 408, Capacity;
    /// Several instances in a row could not be brought up.
    StartFailedRepeatedly = 4218, Function;
    /// The memory that was asked for is not on offer.
    NotAcceptable = 406, Caller;
    /// The platform is shutting down.
    Unavailable = 503, Platform;
    /// A parameter of the query breaks the rules.
    InvalidQuery = 1001, Caller;
    /// A function's name breaks the rules.
    InvalidName = 1002, Caller;
    /// A handler breaks the rules.
    InvalidHandler = 1003, Caller;
    /// A package's name breaks the rules.
    InvalidPackage = 1004, Caller;
    /// The runtime cannot be run here.
    InvalidRuntime = 1005, Caller;
    /// The memory is not on offer.
    InvalidMemory = 1007, Caller;
    /// The timeout is outside its range.
    InvalidTimeout = 1008, Caller;
    /// The user data breaks the rules.
    InvalidUserData = 1009, Caller;
    /// The address of the code is none, or one from which code may not be fetched.
    InvalidUrl = 1010, Caller;
    /// The code is delivered in a way that is not on offer.
    InvalidCodeType = 1006, Caller;
    /// The code is not a function that runs here.
    InvalidCode = 1011, Caller;
    /// No code was sent.
    CodeMissing = 1012, Caller;
    /// The file of the code is of another kind than was said.
    InvalidFileType = 1013, Caller;
    /// An alias's name or target breaks the rules.
    InvalidAlias = 1014, Caller;
    /// A version's name breaks the rules, or it is not one that can be changed.
    InvalidVersion = 1015, Caller;
    /// Nothing changed since the last publication.
    NothingToPublish = 1016, Caller;
    /// There are more user data than allowed.
    TooManyUserData = 1017, Caller;
    /// The user data are larger than allowed.
    UserDataTooLarge = 1018, Caller;
    /// The description is longer than allowed.
    DescriptionTooLong = 1019, Caller;
    /// A dependency's name or package breaks the rules.
    InvalidDependency = 1024, Caller;
    /// A dependency's package comes in a way that is not on offer.
    InvalidDependencyType = 1032, Caller;
    /// Functions use the dependency, so that it stays as it is.
    DependencyInUse = 1033, Caller;
    /// An archive has several YAML files.
    TooManyYamlFiles = 1022, Caller;
    /// An archive is larger than may be imported.
    ArchiveTooLarge = 1023, Caller;
    /// The YAML file of an archive is missing, or is none that describes a function.
    InvalidYaml = 1025, Caller;
    /// The number of instances, or of requests for each, is outside its range.
    InvalidConcurrency = 1026, Caller;
    /// The path of a mounted file system breaks the rules.
    InvalidMountPath = 1039, Caller;
    /// The project has as many functions as allowed.
    TooManyFunctions = 1041, Caller;
    /// The project has as much code as allowed.
    CodeTooLarge = 1042, Caller;
    /// The type of a trigger is none.
    InvalidTriggerType = 1101, Caller;
    /// The parameters of an SMN trigger break the rules.
    InvalidSmnTrigger = 1102, Caller;
    /// The parameters of a DMS trigger break the rules.
    InvalidDmsTrigger = 1103, Caller;
    /// The parameters of a DIS trigger break the rules.
    InvalidDisTrigger = 1104, Caller;
    /// The parameters of an OBS trigger break the rules.
    InvalidObsTrigger = 1106, Caller;
    /// The parameters of a gateway's trigger break the rules.
    InvalidApigTrigger = 1107, Caller;
    /// The events of two OBS triggers are the same.
    BucketConflict = 1108, Caller;
    /// The parameters of a timer break the rules.
    InvalidTimerTrigger = 1109, Caller;
    /// The parameters of an LTS trigger break the rules.
    InvalidLtsTrigger = 1110, Caller;
    /// The parameters of a Kafka trigger break the rules.
    InvalidKafkaTrigger = 1112, Caller;
    /// A Kafka instance that wants them got no user and password.
    KafkaCredentialsMissing = 1113, Caller;
    /// The function has as many triggers that poll a service as allowed.
    TooManyPolledTriggers = 1123, Caller;
    /// There is no such trigger.
    TriggerNotFound = 1131, Caller;
    /// There is no such SMN trigger.
    SmnTriggerNotFound = 1132, Caller;
    /// There is no such DMS trigger.
    DmsTriggerNotFound = 1133, Caller;
    /// There is no such DIS trigger.
    DisTriggerNotFound = 1134, Caller;
    /// There is no such OBS trigger.
    ObsTriggerNotFound = 1136, Caller;
    /// The type of a trigger in a path is none.
    TriggerTypeNotFound = 1137, Caller;
    /// There is no such gateway trigger.
    ApigTriggerNotFound = 1138, Caller;
    /// There is no such timer.
    TimerTriggerNotFound = 1140, Caller;
    /// The SMN trigger exists already.
    SmnTriggerExists = 1141, Caller;
    /// The DMS trigger exists already.
    DmsTriggerExists = 1142, Caller;
    /// The DIS trigger exists already.
    DisTriggerExists = 1143, Caller;
    /// The OBS trigger exists already.
    ObsTriggerExists = 1145, Caller;
    /// The gateway trigger exists already.
    ApigTriggerExists = 1146, Caller;
    /// Another gateway trigger has the path.
    PathExists = 1147, Caller;
    /// The timer exists already.
    TimerTriggerExists = 1148, Caller;
    /// The LTS trigger exists already.
    LtsTriggerExists = 1149, Caller;
    /// The Kafka trigger exists already.
    KafkaTriggerExists = 1150, Caller;
    /// What the trigger needs is not here.
    TriggerUnavailable = 1153, Caller;
    /// Triggers call the alias.
    AliasTriggered = 1154, Caller;
    /// There is no such LTS trigger.
    LtsTriggerNotFound = 1160, Caller;
    /// There is no such DDS trigger.
    DdsTriggerNotFound = 1163, Caller;
    /// The parameters of a DDS trigger break the rules.
    InvalidDdsTrigger = 1164, Caller;
    /// The DDS trigger exists already.
    DdsTriggerExists = 1166, Caller;
    /// There is no such Kafka trigger.
    KafkaTriggerNotFound = 1174, Caller;
    /// The function's answer has no status code.
    StatusMissing = 1202, Function;
    /// The function's answer is none that the gateway can send.
    ResponseInvalid = 1206, Function;
    /// There is no such CTS trigger.
    CtsTriggerNotFound = 1301, Caller;
    /// The parameters of a CTS trigger break the rules.
    InvalidCtsTrigger = 1305, Caller;
    /// The version or alias has as many triggers as allowed.
    TooManyTriggers = 1306, Caller;
    /// A trigger has the name already.
    TriggerNameExists = 1307, Caller;
    /// A CTS trigger has no name.
    CtsNameMissing = 1312, Caller;
    /// A CTS trigger names more operations than allowed.
    TooManyCtsOperations = 1313, Caller;
    /// A CTS trigger names no operation.
    CtsOperationsMissing = 1314, Caller;
    /// A CTS trigger names an operation twice.
    CtsOperationTwice = 1316, Caller;
    /// The name of a CTS trigger is too long.
    CtsNameTooLong = 1317, Caller;
    /// An operation of a CTS trigger is none.
    InvalidCtsOperation = 1318, Caller;
    /// There is no such VPC.
    VpcNotFound = 1036, Caller;
    /// The function has as many aliases as allowed.
    TooManyAliases = 1043, Caller;
    /// The project, or the function, has as many dependencies as allowed.
    TooManyDependencies = 1045, Caller;
    /// More file systems are mounted than allowed.
    TooManyMounts = 1049, Caller;
    /// There is no such function.
    FunctionNotFound = 1051, Caller;
    /// There is no such version.
    VersionNotFound = 1052, Caller;
    /// There is no such alias.
    AliasNotFound = 1053, Caller;
    /// The stored code of a function is gone.
    CodeNotFound = 1054, Platform;
    /// There is no such dependency.
    DependencyNotFound = 1056, Caller;
    /// The YAML file of an archive names no function.
    FunctionNotInYaml = 1057, Caller;
    /// In the YAML file of an archive, function and package have the same name.
    SameNamesInYaml = 1058, Caller;
    /// There is no such template of a function.
    TemplateNotFound = 1059, Caller;
    /// The function exists already.
    FunctionExists = 1061, Caller;
    /// The version exists already.
    VersionExists = 1062, Caller;
    /// The alias exists already.
    AliasExists = 1063, Caller;
    /// The dependency exists already.
    DependencyExists = 1065, Caller;
    /// Another alias points to the version.
    VersionAliased = 1066, Caller;
    /// The function has as many test events as allowed.
    TooManyTestEvents = 1068, Caller;
    /// A test event is larger than allowed.
    TestEventTooLarge = 1069, Caller;
    /// There is no such test event.
    TestEventNotFound = 1070, Caller;
    /// The code package is larger than may be sent.
    PackageTooLarge = 1071, Caller;
    /// Code that is sent as text is larger than may be sent so.
    InlineCodeTooLarge = 1072, Caller;
    /// The test event exists already.
    TestEventExists = 1073, Caller;
    /// A test event breaks the rules.
    InvalidTestEvent = 1074, Caller;
    /// The user or group of mounted files is outside its range.
    InvalidMountUser = 1075, Caller;
    /// More instances are to be reserved than allowed.
    TooManyReserved = 1076, Caller;
    /// The version has reserved instances and cannot be changed.
    ReservedInstancesExist = 1077, Caller;
    /// The asynchronous configuration breaks the rules.
    InvalidAsyncConfig = 1081, Caller;
    /// The function has no asynchronous configuration.
    AsyncConfigNotFound = 1086, Caller;
    /// The additional version of an alias is not one.
    InvalidAdditionalVersion = 1091, Caller;
    /// The weight of an alias's additional version is outside its range.
    InvalidAdditionalWeight = 1092, Caller;
    /// An alias's additional version is its main version.
    SameAdditionalVersion = 1093, Caller;
    /// The version is an alias's additional version and cannot be deleted.
    AdditionalVersionInUse = 1094, Caller;
    /// The initializer breaks the rules.
    InvalidInitializer = 1404, Caller;
    /// The initializer's timeout is outside its range.
    InvalidInitializerTimeout = 1405, Caller;
    /// The version that an alias points to has reserved instances of its own.
    ReleaseReserved = 1426, Caller;
    /// Functions use the version of a dependency.
    DependencyVersionInUse = 1440, Caller;
    /// The dependency has several versions, so that it cannot be treated as one.
    DependencyHasVersions = 1441, Caller;
    /// There is no such thing.
    NotFound = 404, Caller;
    /// The caller may not do this, or may have no more of it; for what the cloud has no code of its own.
    Forbidden = 403, Caller;
    /// The body of the request is too large.
    BodyTooLarge = 413, Caller;
    /// Nobody knows who calls.
    Unauthorized = 401, Caller;
    /// Somebody else changed the same thing at the same time.
    Conflict = 409, Caller;
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
        self as u16
    }

    /// The HTTP status that comes with the code (manual, 8.2).
    pub const fn status(self) -> u16 {
        match self.number() {
            general @ ..600 => general,
            1118 => 401,
            1040..=1049 | 1068 | 1069 | 1073 | 1094 | 1096 | 1108 | 1121..=1128 | 1154 => 403,
            1050..=1057 | 1059 | 1060 | 1070 | 1086 | 1111 | 1130..=1140 | 1160 | 1161 | 1163 | 1171 | 1174 => 404,
            1151 => 406,
            1061..=1067 | 1141..=1150 | 1166 => 409,
            1033 | 1090 | 1095 | 1153 | 1440 => 412,
            1071 | 1072 | 1201 => 413,
            1152 => 426,
            1429 => 429,
            1319 => 502,
            1115 | 1169 | 1170 | 1401..=1403 => 503,
            1162 | 1202 | 1206 | 1302 | 1315 | 4000.. => 500,
            ..4000 => 400,
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
            (ErrorCode::TooManyTestEvents, 403),
            (ErrorCode::TestEventTooLarge, 403),
            (ErrorCode::TestEventNotFound, 404),
            (ErrorCode::TestEventExists, 403),
            (ErrorCode::InvalidTestEvent, 400),
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
