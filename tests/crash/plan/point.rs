//! Where the process dies.

use anyhow::{Context, Error, bail};
use std::{fmt, str::FromStr};

/// A moment in the life of a process: the n-th call of the store of one kind, and a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// Which call.
    pub call: Call,
    /// Where in it.
    pub place: Place,
    /// Which one of these calls, from 1.
    pub number: u32,
}

/// A call of the store that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Call {
    /// A request is accepted.
    Accept,
    /// An attempt begins.
    Begin,
    /// An attempt ends, and perhaps the request.
    Finish,
    /// A delivery failed and is put off.
    Postpone,
    /// A delivery succeeded and is removed.
    Settle,
    /// What an earlier process left is picked up.
    Recover,
    /// A code package is kept.
    PutCode,
    /// A function is written.
    PutFunction,
}

/// A place in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The store has not heard of it.
    Before,
    /// The store works at it, for as long as a thread needs to give way so often.
    Amid(u32),
    /// It is committed, and nobody knows.
    After,
}

impl Call {
    /// Every call.
    pub const ALL: [Self; 8] = [
        Self::Accept,
        Self::Begin,
        Self::Finish,
        Self::Postpone,
        Self::Settle,
        Self::Recover,
        Self::PutCode,
        Self::PutFunction,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Begin => "begin",
            Self::Finish => "finish",
            Self::Postpone => "postpone",
            Self::Settle => "settle",
            Self::Recover => "recover",
            Self::PutCode => "put_code",
            Self::PutFunction => "put_function",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// As in `accept:after:12`, or `accept:amid:12:300`.
impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, place, number } = self;
        match place {
            Place::Before => write!(f, "{call}:before:{number}"),
            Place::Amid(pause) => write!(f, "{call}:amid:{number}:{pause}"),
            Place::After => write!(f, "{call}:after:{number}"),
        }
    }
}

impl FromStr for Point {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let call = |name: &str| Call::ALL.into_iter().find(|call| call.name() == name).context("no such call");
        let read = || {
            Ok(match text.split(':').collect::<Vec<_>>()[..] {
                [name, "before", number] => Self { call: call(name)?, place: Place::Before, number: number.parse()? },
                [name, "amid", number, pause] => {
                    Self { call: call(name)?, place: Place::Amid(pause.parse()?), number: number.parse()? }
                }
                [name, "after", number] => Self { call: call(name)?, place: Place::After, number: number.parse()? },
                _ => bail!("no such place"),
            })
        };
        read().with_context(|| format!("read the point `{text}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_reads_as_it_is_written() {
        for call in Call::ALL {
            for place in [Place::Before, Place::Amid(300), Place::After] {
                let point = Point { call, place, number: 12 };
                assert_eq!(point.to_string().parse::<Point>().unwrap(), point);
            }
        }
        assert!("accept:near:1".parse::<Point>().is_err());
    }
}
