//! Values of options.

use crate::units;
use fngraph_api::time;
use fngraph_types::{Timestamp, VersionName};
use std::{str::FromStr, time::Duration};

/// A version and the percentage of calls that go to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) version: VersionName,
    /// 0 to 100.
    pub(crate) percent: u8,
}

impl FromStr for Weight {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "write VERSION=PERCENT, such as v2=10".to_owned();
        let (version, percent) = text.split_once('=').ok_or_else(refused)?;
        let version = version.parse().map_err(|error: fngraph_types::NameError| error.to_string())?;
        let percent = percent.trim_end_matches('%').parse().ok().filter(|percent| *percent <= 100);
        Ok(Self { version, percent: percent.ok_or_else(refused)? })
    }
}

/// A dependency of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DependencyArg {
    /// None at all.
    None,
    /// A version of it, or the newest.
    Named { name: String, version: Option<u32> },
}

impl FromStr for DependencyArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, version) = match text.split_once(':') {
            Some((name, version)) => (name, Some(version)),
            None if text == "none" => return Ok(Self::None),
            None => (text, None),
        };
        let version = version.map(str::parse).transpose();
        let version = version.map_err(|_| "write NAME or NAME:VERSION, such as words:2".to_owned())?;
        Ok(Self::Named { name: name.to_owned(), version })
    }
}

/// A header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderArg {
    pub(crate) name: http::HeaderName,
    pub(crate) value: http::HeaderValue,
}

impl FromStr for HeaderArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "write NAME: VALUE, such as 'x-user: ada'".to_owned();
        let (name, value) = text.split_once(':').ok_or_else(refused)?;
        let name = name.trim().parse().map_err(|_| refused())?;
        Ok(Self { name, value: value.trim().parse().map_err(|_| refused())? })
    }
}

/// Something said about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AttributeArg {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for AttributeArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self { name: name.to_owned(), value: value.to_owned() }),
            _ => Err("write KEY=VALUE, such as shop=berlin".to_owned()),
        }
    }
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// This long before now.
    Ago(Duration),
    /// This moment.
    At(Timestamp),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(duration) = units::parse_duration(text) {
            return Ok(Self::Ago(duration));
        }
        let refused = || format!("`{text}` is no time; write 10m, or a moment such as 2026-11-23T01:02:03");
        time::parse(text).map(Self::At).ok_or_else(refused)
    }
}

/// Parses a duration that the API can carry: whole seconds.
pub(super) fn whole_seconds(text: &str) -> Result<i64, String> {
    let duration = units::parse_positive_duration(text)?;
    let seconds = i64::try_from(duration.as_secs()).ok().filter(|_| duration.subsec_nanos() == 0);
    seconds.ok_or_else(|| format!("`{text}` is no number of whole seconds, which servers count in"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_versions_and_percentages() {
        let weight = Weight { version: "v2".parse().unwrap(), percent: 10 };
        assert_eq!("v2=10".parse(), Ok(weight.clone()));
        assert_eq!("v2=10%".parse(), Ok(weight));
        for text in ["v2", "v2=", "v2=101", "v2=-1", "=10", "!v2=10"] {
            assert!(text.parse::<Weight>().is_err(), "{text}");
        }
    }

    #[test]
    fn dependencies_are_names_with_or_without_a_number() {
        let named = |version| DependencyArg::Named { name: "words.de".to_owned(), version };
        assert_eq!("words.de".parse(), Ok(named(None)));
        assert_eq!("words.de:2".parse(), Ok(named(Some(2))));
        assert_eq!("none".parse(), Ok(DependencyArg::None));
        for text in ["words:", "words:latest", "words:-1"] {
            assert!(text.parse::<DependencyArg>().is_err(), "{text}");
        }
    }

    #[test]
    fn headers_are_names_and_values() {
        let header: HeaderArg = "X-User: ada: the first".parse().unwrap();
        assert_eq!((header.name.as_str(), header.value.as_bytes()), ("x-user", b"ada: the first".as_slice()));
        for text in ["x-user", ": ada", "x user: ada", "x-user: a\nb"] {
            assert!(text.parse::<HeaderArg>().is_err(), "{text}");
        }
    }

    #[test]
    fn since_is_a_duration_or_a_moment() {
        assert_eq!("10m".parse(), Ok(Since::Ago(Duration::from_secs(600))));
        assert_eq!("2026-11-23T01:02:03".parse(), Ok(Since::At(Timestamp::from_millis(1_795_395_723_000))));
        assert!("yesterday".parse::<Since>().unwrap_err().contains("write 10m"));
    }
}
