//! How asynchronous invocations are retried, and who hears of their ends.

use crate::{Invalid, encoding::millis};
use fngraph_types::{ErrorCode, Scope, Timestamp, Urn};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How the asynchronous invocations of a version are treated (manual, 7.15.3). Aliases have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsyncConfig {
    /// How long a request may wait for its first attempt or a retry: 1 s to 24 h. Default: 1 h.
    #[serde(with = "millis")]
    pub max_age: Duration,
    /// How often a failed attempt is repeated: 0 to 3. Default: 1.
    pub max_retries: u8,
    /// Who hears of a success. Default: nobody.
    #[serde(default)]
    pub on_success: Option<Destination>,
    /// Who hears of a failure. Default: nobody.
    #[serde(default)]
    pub on_failure: Option<Destination>,
    /// Whether each change of a request's status is logged. Default: no.
    #[serde(default)]
    pub status_log: bool,
    /// When it was first set.
    pub created_at: Timestamp,
    /// When it was last set.
    pub modified_at: Timestamp,
}

/// Who hears of the end of an asynchronous invocation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Destination {
    /// A function, with the notification as its event.
    Function {
        /// The function's URN.
        urn: String,
    },
    /// An object in a bucket.
    Obs {
        /// The bucket.
        bucket: String,
        /// What the object's name begins with.
        #[serde(default)]
        prefix: String,
        /// After how many days the object expires: 0 (never) to 365.
        #[serde(default)]
        expires_days: u16,
    },
    /// A message to a topic.
    Smn {
        /// The topic's URN.
        topic_urn: String,
    },
    /// A record in a stream.
    Dis {
        /// The stream.
        stream_name: String,
    },
}

impl AsyncConfig {
    /// The defaults of a configuration that is set at this moment.
    pub fn new(at: Timestamp) -> Self {
        Self {
            max_age: Duration::from_secs(3600),
            max_retries: 1,
            on_success: None,
            on_failure: None,
            status_log: false,
            created_at: at,
            modified_at: at,
        }
    }

    /// What holds for a version without a configuration: nothing is retried, and requests may wait for an hour.
    pub fn unconfigured() -> Self {
        Self { max_retries: 0, ..Self::new(Timestamp::EPOCH) }
    }

    /// Whether the configuration keeps the rules, for a function of this project.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self, project_id: &str) -> Result<(), Invalid> {
        let invalid = |field, given: String, rule| Err(Invalid::new(ErrorCode::InvalidAsyncConfig, field, given, rule));
        let seconds = self.max_age.as_secs();
        if self.max_age.subsec_nanos() != 0 || !(1..=86_400).contains(&seconds) {
            return invalid("age of a request", format!("{:?}", self.max_age), "1 to 86400 whole seconds");
        }
        if self.max_retries > 3 {
            return invalid("number of retries", self.max_retries.to_string(), "0 to 3");
        }
        [&self.on_success, &self.on_failure]
            .into_iter()
            .flatten()
            .try_for_each(|destination| destination.validate(project_id))
    }
}

impl Destination {
    fn validate(&self, project_id: &str) -> Result<(), Invalid> {
        let (field, name) = match self {
            Self::Function { urn } => {
                let refused = |_| {
                    let rule = "a function's URN, `urn:fss:region:project:function:package:name[:version]`";
                    Invalid::new(ErrorCode::InvalidAsyncConfig, "destination's function", urn, rule)
                };
                return Urn::parse(urn, &Scope::default()).map(drop).map_err(refused);
            }
            Self::Obs { expires_days, .. } if *expires_days > 365 => {
                let rule = "0 (never) to 365 days";
                return Err(Invalid::new(ErrorCode::InvalidAsyncConfig, "destination's expiry", expires_days, rule));
            }
            Self::Obs { bucket, .. } => ("destination's bucket", bucket),
            // A message reaches the topic's subscribers, who are no business of other projects.
            Self::Smn { topic_urn } if topic_urn.split(':').nth(3).is_some_and(|project| project != project_id) => {
                let rule = "a topic of the function's own project, `urn:smn:<region>:<project>:<topic>`";
                return Err(Invalid::new(ErrorCode::InvalidAsyncConfig, "destination's topic", topic_urn, rule));
            }
            Self::Smn { topic_urn } => ("destination's topic", topic_urn),
            Self::Dis { stream_name } => ("destination's stream", stream_name),
        };
        if name.is_empty() {
            return Err(Invalid::new(ErrorCode::InvalidAsyncConfig, field, name, "its name, not empty"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(change: impl FnOnce(&mut AsyncConfig), fine: bool) {
        let mut config = AsyncConfig::new(Timestamp::EPOCH);
        change(&mut config);
        match config.validate("local") {
            Ok(()) => assert!(fine, "{config:?}"),
            Err(invalid) => {
                assert_eq!(invalid.code(), ErrorCode::InvalidAsyncConfig);
                assert!(!fine, "{invalid}");
            }
        }
    }

    #[test]
    fn ages_and_retries_have_ranges() {
        for (seconds, fine) in [(0, false), (1, true), (86_400, true), (86_401, false)] {
            check(|config| config.max_age = Duration::from_secs(seconds), fine);
        }
        check(|config| config.max_age = Duration::from_millis(1500), false);
        for (retries, fine) in [(0, true), (3, true), (4, false)] {
            check(|config| config.max_retries = retries, fine);
        }
    }

    #[test]
    fn destinations_are_named() {
        let function = |urn: &str| Destination::Function { urn: urn.to_owned() };
        check(|config| config.on_success = Some(function("urn:fss:r:p:function:default:f:latest")), true);
        check(|config| config.on_success = Some(function("a:b:c:d:e")), false);
        let obs = |bucket: &str, expires_days| Destination::Obs {
            bucket: bucket.to_owned(),
            prefix: String::new(),
            expires_days,
        };
        check(|config| config.on_failure = Some(obs("b", 365)), true);
        check(|config| config.on_failure = Some(obs("b", 366)), false);
        check(|config| config.on_failure = Some(obs("", 0)), false);
        check(|config| config.on_failure = Some(Destination::Smn { topic_urn: String::new() }), false);
        let topic = |project| Destination::Smn { topic_urn: format!("urn:smn:local:{project}:orders") };
        check(|config| config.on_failure = Some(topic("local")), true);
        check(|config| config.on_failure = Some(topic("other")), false);
        check(|config| config.on_failure = Some(Destination::Dis { stream_name: String::new() }), false);
    }

    #[test]
    fn without_a_configuration_nothing_is_retried() {
        let config = AsyncConfig::unconfigured();
        assert_eq!((config.max_retries, config.max_age), (0, Duration::from_secs(3600)));
    }
}
