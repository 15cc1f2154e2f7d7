//! The functions that run in the process that is killed.

use anyhow::{Context, Error};
use fngraph_store::RequestStatus;
use std::{fmt, str::FromStr};

/// A function, and what is known beforehand of how its requests end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Function {
    /// Succeeds at once.
    Quick,
    /// Takes some milliseconds, and has so few instances that attempts are turned away for want of one.
    Slow,
    /// Fails its first two attempts.
    Shaky,
    /// Fails always; its failures are written to a bucket.
    Doomed,
    /// Succeeds; its successes are written to a bucket.
    Filed,
    /// Succeeds; its successes are the requests of [`Function::Heir`].
    Relay,
    /// Hears of each success of [`Function::Relay`]. Nobody else calls it.
    Heir,
    /// Succeeds, and is called with idempotency keys that come again and again.
    Keyed,
}

impl Function {
    /// Every function.
    pub const ALL: [Self; 8] =
        [Self::Quick, Self::Slow, Self::Shaky, Self::Doomed, Self::Filed, Self::Relay, Self::Heir, Self::Keyed];

    /// Those that callers call.
    pub const CALLED: [Self; 7] =
        [Self::Quick, Self::Slow, Self::Shaky, Self::Doomed, Self::Filed, Self::Relay, Self::Keyed];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Slow => "slow",
            Self::Shaky => "shaky",
            Self::Doomed => "doomed",
            Self::Filed => "filed",
            Self::Relay => "relay",
            Self::Heir => "heir",
            Self::Keyed => "keyed",
        }
    }

    /// How often a failed attempt is repeated.
    pub const fn retries(self) -> u8 {
        match self {
            Self::Shaky => 2,
            Self::Doomed => 1,
            Self::Quick | Self::Slow | Self::Filed | Self::Relay | Self::Heir | Self::Keyed => 0,
        }
    }

    /// Whether an attempt succeeds that follows so many others.
    pub const fn succeeds(self, earlier: u32) -> bool {
        match self {
            Self::Shaky => earlier >= 2,
            Self::Doomed => false,
            Self::Quick | Self::Slow | Self::Filed | Self::Relay | Self::Heir | Self::Keyed => true,
        }
    }

    /// How many attempts a request has when none is cut off. An attempt that is cut off counts too, and there is
    /// always one after it.
    pub const fn attempts(self) -> u32 {
        self.retries() as u32 + 1
    }

    /// How each of its requests ends.
    pub const fn status(self) -> RequestStatus {
        match self {
            Self::Doomed => RequestStatus::Fail,
            Self::Quick | Self::Slow | Self::Shaky | Self::Filed | Self::Relay | Self::Heir | Self::Keyed => {
                RequestStatus::Success
            }
        }
    }

    /// Whether a notice of each end is written to the bucket of its name.
    pub const fn is_filed(self) -> bool {
        matches!(self, Self::Filed | Self::Doomed)
    }
}

impl fmt::Display for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Function {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|function| function.name() == text);
        found.with_context(|| format!("find the function `{text}`"))
    }
}
