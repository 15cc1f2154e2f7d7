//! What the process tells while it lives, a line for each: to its caller, and in its journal.

use crate::Function;
use anyhow::{Context, Error, bail};
use fngraph_types::RequestId;
use std::{fmt, str::FromStr};

/// Something that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// A caller was told that a request is accepted.
    Accepted {
        /// The request.
        id: RequestId,
        /// Its function.
        function: Function,
        /// The idempotency key that it was called with.
        key: Option<u32>,
    },
    /// The function was called.
    Ran {
        /// For this request.
        id: RequestId,
        /// After so many attempts before.
        earlier: u32,
    },
    /// The heir was called with the notice about a request of the relay.
    Heard {
        /// For this request.
        id: RequestId,
        /// Of the end of this one.
        of: RequestId,
    },
    /// The store has said that the end of a request is written.
    Ended {
        /// The request.
        id: RequestId,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted { id, function, key: None } => write!(f, "accepted {id} {function}"),
            Self::Accepted { id, function, key: Some(key) } => write!(f, "accepted {id} {function} {key}"),
            Self::Ran { id, earlier } => write!(f, "ran {id} {earlier}"),
            Self::Heard { id, of } => write!(f, "heard {id} {of}"),
            Self::Ended { id } => write!(f, "ended {id}"),
        }
    }
}

impl FromStr for Note {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self, Error> {
        let read = || {
            Ok(match line.split(' ').collect::<Vec<_>>()[..] {
                ["accepted", id, function] => {
                    Self::Accepted { id: id.parse()?, function: function.parse()?, key: None }
                }
                ["accepted", id, function, key] => {
                    Self::Accepted { id: id.parse()?, function: function.parse()?, key: Some(key.parse()?) }
                }
                ["ran", id, earlier] => Self::Ran { id: id.parse()?, earlier: earlier.parse()? },
                ["heard", id, of] => Self::Heard { id: id.parse()?, of: of.parse()? },
                ["ended", id] => Self::Ended { id: id.parse()? },
                _ => bail!("no such note"),
            })
        };
        read().with_context(|| format!("read the line `{line}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_reads_as_it_is_written() {
        let (id, of) = (RequestId::from_u128(7), RequestId::from_u128(8));
        for note in [
            Note::Accepted { id, function: Function::Slow, key: None },
            Note::Accepted { id, function: Function::Keyed, key: Some(3) },
            Note::Ran { id, earlier: 2 },
            Note::Heard { id, of },
            Note::Ended { id },
        ] {
            assert_eq!(note.to_string().parse::<Note>().unwrap(), note);
        }
        assert!("ended".parse::<Note>().is_err());
    }
}
