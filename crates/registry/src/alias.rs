//! Names for versions, with a second version to try out.

use crate::{Invalid, settings::validate};
use fngraph_types::{AliasName, ErrorCode, Timestamp, VersionName};
use serde::{Deserialize, Serialize};

/// A name for a version, which may send a part of the calls to a second one (manual, 7.7.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// Its name.
    pub name: AliasName,
    /// The main version.
    pub version: VersionName,
    /// The version to try out. Default: none.
    #[serde(default)]
    pub additional: Option<Additional>,
    /// What people say about it, up to 512 characters. Default: nothing.
    #[serde(default)]
    pub description: String,
    /// When it was last written.
    pub modified_at: Timestamp,
}

/// A version that an alias tries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Additional {
    /// The version: a published one, and not the main one.
    pub version: VersionName,
    /// Which calls it serves.
    pub routing: Routing,
}

/// Which calls an additional version serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Routing {
    /// This percentage of them, at random: 0 to 100.
    Weight(u8),
    /// Those whose headers fit.
    Rules {
        /// How many of the rules must hold.
        combine: Combine,
        /// The rules, one to 20 of them. The manual names no upper limit; ours bounds what each call costs.
        rules: Vec<HeaderRule>,
    },
}

/// How many of several rules must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// All.
    And,
    /// One.
    Or,
}

/// A rule about one header of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderRule {
    /// The header: letters, digits, `_` and `-`; case does not matter.
    pub header: String,
    /// What it must hold.
    pub matches: Matches,
}

/// What a header must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matches {
    /// This value.
    Equals(String),
    /// One of these values.
    In(Vec<String>),
}

const RULES: usize = 20;

impl Routing {
    /// Whether the additional version serves a call. `percent` is a random number, 0 to 99; `header` looks a header of
    /// the call up, in any case of letters. A call that did not come by HTTP has none.
    pub fn chooses<'h>(&self, percent: u8, header: &dyn Fn(&str) -> Option<&'h str>) -> bool {
        let holds = |rule: &HeaderRule| header(&rule.header).is_some_and(|value| rule.matches.value(value));
        match self {
            Self::Weight(weight) => percent < *weight,
            Self::Rules { combine: Combine::And, rules } => !rules.is_empty() && rules.iter().all(holds),
            Self::Rules { combine: Combine::Or, rules } => rules.iter().any(holds),
        }
    }

    fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::Weight(0..=100) => Ok(()),
            Self::Weight(weight) => {
                let rule = "0 to 100 percent";
                Err(Invalid::new(ErrorCode::InvalidAdditionalWeight, "weight of the additional version", weight, rule))
            }
            Self::Rules { rules, .. } if !(1..=RULES).contains(&rules.len()) => {
                let field = "number of rules of the additional version";
                Err(Invalid::new(ErrorCode::InvalidAdditionalVersion, field, rules.len(), "1 to 20"))
            }
            Self::Rules { rules, .. } => rules.iter().try_for_each(HeaderRule::validate),
        }
    }
}

impl HeaderRule {
    fn validate(&self) -> Result<(), Invalid> {
        let word = self.header.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if word && !self.header.is_empty() {
            return Ok(());
        }
        let rule = "letters, digits, `_` and `-`";
        Err(Invalid::new(ErrorCode::InvalidAdditionalVersion, "header of a rule", &self.header, rule))
    }
}

impl Matches {
    fn value(&self, value: &str) -> bool {
        match self {
            Self::Equals(expected) => expected == value,
            Self::In(expected) => expected.iter().any(|expected| expected == value),
        }
    }
}

impl Alias {
    /// An alias for a version, without anything else.
    pub fn new(name: AliasName, version: VersionName, at: Timestamp) -> Self {
        Self { name, version, additional: None, description: String::new(), modified_at: at }
    }

    /// Whether the alias keeps those rules that can be seen without its function.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        validate::description(&self.description)?;
        let Some(additional) = &self.additional else { return Ok(()) };
        if additional.version.is_latest() {
            let rule = "a published version: `latest` can change at any time";
            let field = "additional version";
            return Err(Invalid::new(ErrorCode::InvalidAdditionalVersion, field, &additional.version, rule));
        }
        if additional.version == self.version {
            let rule = "another version than the main one";
            return Err(Invalid::new(
                ErrorCode::SameAdditionalVersion,
                "additional version",
                &additional.version,
                rule,
            ));
        }
        additional.routing.validate()
    }
}

#[cfg(test)]
mod tests;
