//! Why the registry refuses.

use crate::{Invalid, TriggerKind};
use fngraph_store::StoreError;
use fngraph_types::{AliasName, ErrorCode, FunctionId, Qualifier, VersionName};
use std::sync::Arc;

/// Why the registry refuses. It has changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// A value breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// There is no such function.
    #[error("there is no function `{0}`; create it first")]
    FunctionNotFound(FunctionId),
    /// There is no such version.
    #[error("the function `{function}` has no version `{version}`")]
    VersionNotFound {
        /// The function.
        function: FunctionId,
        /// The version.
        version: VersionName,
    },
    /// There is no such alias.
    #[error("the function `{function}` has no alias `{alias}`")]
    AliasNotFound {
        /// The function.
        function: FunctionId,
        /// The alias.
        alias: AliasName,
    },
    /// The version has no asynchronous configuration.
    #[error("the version `{version}` of the function `{function}` has no asynchronous configuration")]
    AsyncConfigNotFound {
        /// The function.
        function: FunctionId,
        /// The version.
        version: VersionName,
    },
    /// There is no such test event.
    #[error("the function `{function}` has no test event `{event}`")]
    TestEventNotFound {
        /// The function.
        function: FunctionId,
        /// The id that was asked for.
        event: String,
    },
    /// There is no such trigger.
    #[error("the function `{function}` has no trigger `{trigger}`")]
    TriggerNotFound {
        /// The function.
        function: FunctionId,
        /// The id that was asked for.
        trigger: String,
    },
    /// The trigger exists already.
    #[error("the function `{function}` has a trigger {kind} `{name}` already; update it, or choose another name")]
    TriggerExists {
        /// The function.
        function: FunctionId,
        /// The kind of both.
        kind: TriggerKind,
        /// The name, or the id where there is none.
        name: String,
    },
    /// The version or alias has as many triggers as allowed.
    #[error("the version or alias of `{function}` has {limit} triggers and can have no more; delete one first")]
    TooManyTriggers {
        /// The function.
        function: FunctionId,
        /// The limit.
        limit: usize,
    },
    /// The function has as many triggers that poll as allowed.
    #[error(
        "the function `{function}` has {limit} triggers that poll a service and can have no more; delete one first"
    )]
    TooManyPolledTriggers {
        /// The function.
        function: FunctionId,
        /// The limit.
        limit: usize,
    },
    /// Triggers call the alias.
    #[error("the alias `{alias}` of the function `{function}` has triggers; delete those first")]
    AliasTriggered {
        /// The function.
        function: FunctionId,
        /// The alias.
        alias: AliasName,
    },
    /// There is no such dependency, or no such version of one.
    #[error("there is no dependency `{0}`; upload it first")]
    DependencyNotFound(String),
    /// The dependency has no such version.
    #[error("the dependency `{name}` has no version {version}")]
    DependencyVersionNotFound {
        /// The dependency's name.
        name: String,
        /// The number that was asked for.
        version: u32,
    },
    /// The dependency exists already.
    #[error("there is a dependency `{0}` already; add a version to it, or choose another name")]
    DependencyExists(String),
    /// Functions use the dependency. Its text is the cloud's and more.
    #[error("the dependency `{name}` is currently in use, by {functions} functions; change or delete those first")]
    DependencyInUse {
        /// The dependency's name.
        name: String,
        /// How many functions use it.
        functions: usize,
    },
    /// Functions use the version of a dependency. Its text is the cloud's.
    #[error(
        "Specified dependency version is used by {functions} functions, please delete the function or the relation at first."
    )]
    DependencyVersionInUse {
        /// How many functions use it.
        functions: usize,
    },
    /// The dependency has several versions.
    #[error(
        "the dependency `{name}` has {versions} versions and is neither changed nor deleted as a whole; delete versions"
    )]
    DependencyHasVersions {
        /// The dependency's name.
        name: String,
        /// How many versions it has.
        versions: usize,
    },
    /// The project has as many dependencies as allowed.
    #[error("the project `{project}` has {limit} dependencies and can have no more; delete one first")]
    TooManyDependencies {
        /// The project.
        project: Arc<str>,
        /// The limit.
        limit: usize,
    },
    /// The dependency has as many versions as allowed.
    #[error("the dependency `{name}` has {limit} versions and can have no more; delete one first")]
    TooManyDependencyVersions {
        /// The dependency's name.
        name: String,
        /// The limit.
        limit: usize,
    },
    /// The function exists already.
    #[error("the function `{0}` exists already; update it, or choose another name")]
    FunctionExists(FunctionId),
    /// Somebody else changed the function meanwhile.
    #[error("the function `{0}` was changed meanwhile; look at it, and try again")]
    Changed(FunctionId),
    /// The version exists already.
    #[error("the function `{function}` has a version `{version}` already; choose another name")]
    VersionExists {
        /// The function.
        function: FunctionId,
        /// The version.
        version: VersionName,
    },
    /// The alias exists already.
    #[error("the function `{function}` has an alias `{alias}` already; update it, or choose another name")]
    AliasExists {
        /// The function.
        function: FunctionId,
        /// The alias.
        alias: AliasName,
    },
    /// The test event exists already.
    #[error("the function `{function}` has a test event `{name}` already; update it, or choose another name")]
    TestEventExists {
        /// The function.
        function: FunctionId,
        /// The test event's name.
        name: String,
    },
    /// Another alias has the version as its main one.
    #[error(
        "the version `{version}` has the alias `{alias}` already, and can have only one; delete that, or update it"
    )]
    VersionAliased {
        /// The version.
        version: VersionName,
        /// The alias that it has.
        alias: AliasName,
    },
    /// Code and settings are those of the version published last.
    #[error("the function `{function}` has not changed since the version `{version}` was published")]
    NothingToPublish {
        /// The function.
        function: FunctionId,
        /// The version published last.
        version: VersionName,
    },
    /// The code to publish is not the code that was meant.
    #[error("the digest of the code is {current}, not {given}; look at what changed, and publish that")]
    OtherCode {
        /// The digest that was given.
        given: String,
        /// The digest of the code.
        current: String,
    },
    /// A published version cannot change.
    #[error(
        "the version `{version}` of the function `{function}` is published and cannot change; change `latest`, and publish it"
    )]
    Immutable {
        /// The function.
        function: FunctionId,
        /// The version.
        version: VersionName,
    },
    /// A published version with reserved instances cannot change.
    #[error(
        "the version `{version}` of the function `{function}` has reserved instances and cannot change; change `latest`, and publish it"
    )]
    Reserved {
        /// The function.
        function: FunctionId,
        /// The version.
        version: VersionName,
    },
    /// `latest` cannot be deleted.
    #[error("the version `latest` of the function `{0}` cannot be deleted alone; delete the function")]
    LatestStays(FunctionId),
    /// `latest` is no name for a version to publish.
    #[error("`latest` is the version that can be edited; choose another name to publish it under")]
    LatestTaken,
    /// An alias tries the version out.
    #[error("the alias `{alias}` has `{version}` as its additional version; update or delete the alias first")]
    AdditionalVersionInUse {
        /// The version.
        version: VersionName,
        /// The alias.
        alias: AliasName,
    },
    /// The additional version does not exist.
    #[error("the function `{function}` has no version `{version}` to try out; publish it first")]
    AdditionalVersionNotFound {
        /// The function.
        function: FunctionId,
        /// The additional version.
        version: VersionName,
    },
    /// An alias and its main version cannot both have reserved instances.
    #[error("`{other}` has reserved instances, and an alias and its version cannot both have some; remove those first")]
    ReleaseReserved {
        /// Who has reserved instances already.
        other: Qualifier,
    },
    /// The function has as many versions as allowed.
    #[error("the function `{function}` has {limit} versions, with `latest`, and can have no more; delete one first")]
    TooManyVersions {
        /// The function.
        function: FunctionId,
        /// The limit.
        limit: usize,
    },
    /// The function has as many aliases as allowed.
    #[error("the function `{function}` has {limit} aliases and can have no more; delete one first")]
    TooManyAliases {
        /// The function.
        function: FunctionId,
        /// The limit.
        limit: usize,
    },
    /// The function has as many test events as allowed.
    #[error("the function `{function}` has {limit} test events and can have no more; delete one first")]
    TooManyTestEvents {
        /// The function.
        function: FunctionId,
        /// The limit.
        limit: usize,
    },
    /// The project has as many functions as allowed.
    #[error("the project `{project}` has {limit} functions and can have no more; delete one first")]
    TooManyFunctions {
        /// The project.
        project: Arc<str>,
        /// The limit.
        limit: u32,
    },
    /// The project would have more code than allowed.
    #[error("the project `{project}` would have more than {limit} bytes of code; delete versions or functions first")]
    CodeTooLarge {
        /// The project.
        project: Arc<str>,
        /// The limit, in bytes.
        limit: u64,
    },
    /// More instances would be reserved than allowed.
    #[error("the {whose} would have {asked} reserved instances, and can have {limit}; reserve fewer")]
    TooManyReserved {
        /// Of which project or function.
        whose: String,
        /// How many there would be.
        asked: u64,
        /// The limit.
        limit: u32,
    },
    /// The stored function cannot be read. It is kept as it is.
    #[error("the stored function `{id}` is damaged: {reason}")]
    Damaged {
        /// The function.
        id: FunctionId,
        /// What is wrong with it.
        reason: String,
    },
    /// The store failed.
    #[error("{verb}")]
    Store {
        /// What was being done.
        verb: &'static str,
        /// Why it failed.
        #[source]
        source: StoreError,
    },
    /// The runtime ended while the change was written. Whether it was is seen when the registry is opened again.
    #[error("the platform stopped while it wrote the change")]
    Interrupted,
}

impl RegistryError {
    /// The cloud's code for this failure.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid(invalid) => invalid.code(),
            Self::FunctionNotFound(_) => ErrorCode::FunctionNotFound,
            Self::VersionNotFound { .. } => ErrorCode::VersionNotFound,
            Self::AliasNotFound { .. } => ErrorCode::AliasNotFound,
            Self::AsyncConfigNotFound { .. } => ErrorCode::AsyncConfigNotFound,
            Self::TestEventNotFound { .. } => ErrorCode::TestEventNotFound,
            Self::TriggerNotFound { .. } => ErrorCode::TriggerNotFound,
            Self::TriggerExists { kind, .. } => kind.exists(),
            Self::TooManyTriggers { .. } => ErrorCode::TooManyTriggers,
            Self::TooManyPolledTriggers { .. } => ErrorCode::TooManyPolledTriggers,
            Self::AliasTriggered { .. } => ErrorCode::AliasTriggered,
            Self::TestEventExists { .. } => ErrorCode::TestEventExists,
            Self::TooManyTestEvents { .. } => ErrorCode::TooManyTestEvents,
            Self::DependencyNotFound(_) | Self::DependencyVersionNotFound { .. } => ErrorCode::DependencyNotFound,
            Self::DependencyExists(_) => ErrorCode::DependencyExists,
            Self::DependencyInUse { .. } => ErrorCode::DependencyInUse,
            Self::DependencyVersionInUse { .. } => ErrorCode::DependencyVersionInUse,
            Self::DependencyHasVersions { .. } => ErrorCode::DependencyHasVersions,
            Self::TooManyDependencies { .. } | Self::TooManyDependencyVersions { .. } => ErrorCode::TooManyDependencies,
            Self::FunctionExists(_) => ErrorCode::FunctionExists,
            Self::Changed(_) => ErrorCode::Conflict,
            Self::VersionExists { .. } => ErrorCode::VersionExists,
            Self::AliasExists { .. } => ErrorCode::AliasExists,
            Self::VersionAliased { .. } => ErrorCode::VersionAliased,
            Self::NothingToPublish { .. } => ErrorCode::NothingToPublish,
            Self::OtherCode { .. } => ErrorCode::InvalidParameter,
            Self::Immutable { .. } | Self::LatestStays(_) | Self::LatestTaken => ErrorCode::InvalidVersion,
            Self::Reserved { .. } => ErrorCode::ReservedInstancesExist,
            Self::AdditionalVersionInUse { .. } => ErrorCode::AdditionalVersionInUse,
            Self::AdditionalVersionNotFound { .. } => ErrorCode::InvalidAdditionalVersion,
            Self::ReleaseReserved { .. } => ErrorCode::ReleaseReserved,
            Self::TooManyVersions { .. } => ErrorCode::Forbidden,
            Self::TooManyAliases { .. } => ErrorCode::TooManyAliases,
            Self::TooManyFunctions { .. } => ErrorCode::TooManyFunctions,
            Self::CodeTooLarge { .. } => ErrorCode::CodeTooLarge,
            Self::TooManyReserved { .. } => ErrorCode::TooManyReserved,
            Self::Damaged { .. } | Self::Store { .. } => ErrorCode::Internal,
            Self::Interrupted => ErrorCode::Unavailable,
        }
    }
}
