//! The invocation's log.

use std::fmt;

use super::Host;

/// How important a line of the log is, in ascending order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For whoever looks for a fault; dropped unless asked for.
    Debug,
    /// A normal course of events.
    Info,
    /// Something is odd, and the invocation goes on.
    Warn,
    /// Something failed.
    Error,
}

/// Writes to the invocation's log, see [`Context::logger`](super::Context::logger).
///
/// What a function prints to stdout and stderr arrives in the same log; this adds a level. A message is formatted
/// only when its level is kept:
///
/// ```
/// let context = fngraph_guest::Context::builder().build();
/// let log = context.logger();
/// log.info("starting");
/// log.debug(format_args!("{:?}", "formatted only when debug lines are kept"));
/// assert_eq!(context.logged().len(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Logger<'a> {
    host: &'a Host,
}

impl<'a> Logger<'a> {
    pub(super) fn new(host: &'a Host) -> Self {
        Self { host }
    }

    /// Writes a line for whoever looks for a fault. Such lines are dropped unless [`Logger::set_level`] asks for
    /// them.
    pub fn debug(self, message: impl fmt::Display) {
        self.log(Level::Debug, message);
    }

    /// Writes a line about a normal course of events.
    pub fn info(self, message: impl fmt::Display) {
        self.log(Level::Info, message);
    }

    /// Writes a line about something odd.
    pub fn warn(self, message: impl fmt::Display) {
        self.log(Level::Warn, message);
    }

    /// Writes a line about a failure.
    pub fn error(self, message: impl fmt::Display) {
        self.log(Level::Error, message);
    }

    /// Writes a line of a level that is known only at run time. A message of several lines becomes several lines of
    /// the log.
    pub fn log(self, level: Level, message: impl fmt::Display) {
        if self.enabled(level) {
            self.host.log(level, &message.to_string());
        }
    }

    /// Whether a line of this level would be kept.
    pub fn enabled(self, level: Level) -> bool {
        self.host.enabled(level)
    }

    /// Sets the lowest level that is kept, for this instance from now on. It starts as [`Level::Info`].
    pub fn set_level(self, level: Level) {
        self.host.set_level(level);
    }
}
