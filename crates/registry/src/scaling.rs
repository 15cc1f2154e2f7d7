//! How many instances, and how many requests for each.

use crate::Invalid;
use fngraph_types::{ErrorCode, limits};
use serde::{Deserialize, Serialize};

/// How far a version scales. It changes no instance, so it stands beside the settings and may change on a published
/// version too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scaling {
    /// The most instances at a time (manual, 7.6.8). Default: 400.
    pub max_instances: MaxInstances,
    /// How many requests one instance serves at a time: 1 to 1000 (manual, 7.6.7). Default: 1.
    pub concurrency: u32,
}

/// The most instances of a version at a time: unlimited, none, or 1 to 1000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct MaxInstances(i64);

impl MaxInstances {
    /// As many as there is room for: the cloud's −1.
    pub const UNLIMITED: Self = Self(-1);

    /// None: the version is disabled. The cloud's 0.
    pub const DISABLED: Self = Self(0);

    /// The number; none when there is no limit.
    pub fn limit(self) -> Option<u32> {
        u32::try_from(self.0).ok()
    }

    /// Whether the version is disabled.
    pub fn is_disabled(self) -> bool {
        self == Self::DISABLED
    }
}

/// 400, what the cloud gives a new function.
impl Default for MaxInstances {
    fn default() -> Self {
        Self(400)
    }
}

impl Default for Scaling {
    fn default() -> Self {
        Self { max_instances: MaxInstances::default(), concurrency: 1 }
    }
}

impl Scaling {
    /// Whether the numbers keep the rules.
    ///
    /// # Errors
    /// When the concurrency is out of range.
    pub fn validate(&self) -> Result<(), Invalid> {
        if (1..=limits::REQUESTS_PER_INSTANCE).contains(&self.concurrency) {
            return Ok(());
        }
        let rule = "1 to 1000 requests for each instance";
        Err(Invalid::new(ErrorCode::InvalidConcurrency, "concurrency", self.concurrency, rule))
    }
}

impl TryFrom<i64> for MaxInstances {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        if (-1..=i64::from(limits::INSTANCES)).contains(&number) {
            return Ok(Self(number));
        }
        let rule = "-1 (unlimited), 0 (disabled) or 1 to 1000";
        Err(Invalid::new(ErrorCode::InvalidConcurrency, "number of instances", number, rule))
    }
}

/// The cloud's number.
impl From<MaxInstances> for i64 {
    fn from(max: MaxInstances) -> Self {
        max.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_instances_has_a_range() {
        for (number, limit) in [(-1, None), (0, Some(0)), (1, Some(1)), (1000, Some(1000))] {
            let max = MaxInstances::try_from(number).unwrap();
            assert_eq!((max.limit(), i64::from(max)), (limit, number));
        }
        assert!(MaxInstances::DISABLED.is_disabled() && !MaxInstances::UNLIMITED.is_disabled());
        for number in [-2, 1001, i64::MIN] {
            assert_eq!(MaxInstances::try_from(number).unwrap_err().code(), ErrorCode::InvalidConcurrency);
        }
    }

    #[test]
    fn the_concurrency_has_a_range() {
        for (concurrency, fine) in [(0, false), (1, true), (1000, true), (1001, false)] {
            let scaling = Scaling { concurrency, ..Scaling::default() };
            assert_eq!(scaling.validate().is_ok(), fine, "{concurrency}");
        }
    }

    #[test]
    fn missing_numbers_are_the_defaults() {
        let scaling: Scaling = serde_json::from_str(r#"{"max_instances":-1}"#).unwrap();
        assert_eq!(scaling, Scaling { max_instances: MaxInstances::UNLIMITED, concurrency: 1 });
        assert!(serde_json::from_str::<Scaling>(r#"{"max_instances":-2}"#).is_err());
    }
}
