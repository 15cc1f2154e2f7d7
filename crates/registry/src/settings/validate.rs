//! The rules of settings, all in one place.

use super::Settings;
use crate::Invalid;
use fngraph_types::{ErrorCode, limits};
use serde_json::Value;
use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

/// The most instances kept prepared. Ours: each holds memory without serving anybody.
const WARM_POOL: u32 = 100;

const SHORTEST_TIMEOUT: Duration = Duration::from_millis(1);

/// What the platform sets in the environment, without the `RUNTIME_` before it.
const PRESET: [&str; 20] = [
    "ALIAS",
    "API_ADDR",
    "CODE_ROOT",
    "CPU",
    "FUNC_NAME",
    "FUNC_VERSION",
    "HANDLER",
    "INITIALIZER_HANDLER",
    "INITIALIZER_TIMEOUT",
    "LOG_DIR",
    "MAX_REQUEST_BODY_SIZE",
    "MAX_RESP_BODY_SIZE",
    "MAX_STATE_SIZE",
    "MEMORY",
    "PACKAGE",
    "PRESTOP_HANDLER",
    "PROJECT_ID",
    "ROOT",
    "TIMEOUT",
    "USERDATA",
];

impl Settings {
    /// Whether the settings keep the rules.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        let long = SHORTEST_TIMEOUT..=limits::LONGEST_TIMEOUT;
        let rule = "1 ms to 259200 s, in whole milliseconds";
        duration(self.timeout, &long, |given| Invalid::new(ErrorCode::InvalidTimeout, "timeout", given, rule))?;
        duration(self.initializer_timeout, &long, |given| {
            Invalid::new(ErrorCode::InvalidInitializerTimeout, "initializer timeout", given, rule)
        })?;
        duration(self.pre_stop_timeout, &(SHORTEST_TIMEOUT..=limits::LONGEST_PRE_STOP_TIMEOUT), |given| {
            let rule = "1 ms to 90 s, in whole milliseconds";
            Invalid::new(ErrorCode::InvalidParameter, "pre-stop timeout", given, rule)
        })?;
        user_data(&self.user_data)?;
        user_data(&self.encrypted_user_data)?;
        if let Some(key) = self.encrypted_user_data.keys().find(|key| self.user_data.contains_key(*key)) {
            let rule = "a key that is not among the other user data";
            return Err(Invalid::new(ErrorCode::InvalidUserData, "key of encrypted user data", key, rule));
        }
        if ![limits::DEFAULT_TMP_BYTES, limits::LARGEST_TMP_BYTES].contains(&self.tmp_bytes) {
            let rule = "536870912 (512 MiB) or 10737418240 (10240 MiB) bytes";
            return Err(Invalid::new(ErrorCode::InvalidParameter, "temporary storage", self.tmp_bytes, rule));
        }
        if self.warm_pool > WARM_POOL {
            return Err(Invalid::new(ErrorCode::InvalidParameter, "warm pool", self.warm_pool, "0 to 100 instances"));
        }
        dependencies(&self.dependencies)?;
        attributes(&self.attributes)?;
        description(&self.description)
    }
}

fn user_data(pairs: &BTreeMap<String, String>) -> Result<(), Invalid> {
    let count = pairs.len();
    if count > limits::USER_DATA_PAIRS {
        return Err(Invalid::new(ErrorCode::TooManyUserData, "number of user data", count, "0 to 20 pairs"));
    }
    let chars: usize = pairs.iter().map(|(key, value)| key.chars().count() + value.chars().count()).sum();
    if chars > limits::USER_DATA_CHARS {
        let rule = "up to 4096 characters of all keys and values together";
        return Err(Invalid::new(ErrorCode::UserDataTooLarge, "size of the user data", chars, rule));
    }
    for key in pairs.keys() {
        let preset = key.strip_prefix("RUNTIME_").is_some_and(|name| PRESET.contains(&name));
        let word = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if preset || !word || !key.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let rule = "letters, digits and `_`, with a letter at the start, and no name that the platform sets";
            return Err(Invalid::new(ErrorCode::InvalidUserData, "key of user data", key, rule));
        }
    }
    Ok(())
}

fn dependencies(ids: &[String]) -> Result<(), Invalid> {
    if ids.len() > limits::DEPENDENCIES {
        return Err(Invalid::new(ErrorCode::TooManyDependencies, "number of dependencies", ids.len(), "up to 20"));
    }
    let again = ids.iter().enumerate().find(|(place, id)| ids[..*place].contains(id));
    match again {
        Some((_, id)) => Err(Invalid::new(ErrorCode::InvalidDependency, "dependency", id, "each of them once")),
        None => Ok(()),
    }
}

fn attributes(attributes: &BTreeMap<String, Value>) -> Result<(), Invalid> {
    if attributes.is_empty() {
        return Ok(());
    }
    let bytes = serde_json::to_string(attributes).expect("its keys are texts and nothing in it refuses").len();
    if bytes > limits::ATTRIBUTE_BYTES {
        let rule = "up to 65536 bytes of JSON";
        return Err(Invalid::new(ErrorCode::InvalidParameter, "size of the attributes", bytes, rule));
    }
    Ok(())
}

/// Whether a description is short enough.
pub(crate) fn description(text: &str) -> Result<(), Invalid> {
    let chars = text.chars().count();
    if chars > limits::DESCRIPTION_CHARS {
        let rule = "up to 512 characters";
        return Err(Invalid::new(ErrorCode::DescriptionTooLong, "length of the description", chars, rule));
    }
    Ok(())
}

fn duration(
    given: Duration,
    range: &RangeInclusive<Duration>,
    refused: impl FnOnce(String) -> Invalid,
) -> Result<(), Invalid> {
    let whole = given.subsec_nanos().is_multiple_of(1_000_000);
    if whole && range.contains(&given) { Ok(()) } else { Err(refused(format!("{given:?}"))) }
}

#[cfg(test)]
mod tests;
