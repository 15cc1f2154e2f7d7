//! What an invocation wrote: lines with time and level, bounded, oldest dropped first.

use crate::clock;
use bytes::Bytes;
use fngraph_types::limits::LOG_LINE_BYTES;
use std::{
    collections::VecDeque,
    fmt, mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// How important a line is, in ascending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For whoever debugs the function.
    Debug,
    /// A normal event.
    Info,
    /// Something is off, the invocation goes on.
    Warn,
    /// Something failed.
    Error,
}

impl Level {
    /// The level as log lines spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }
}

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The guest's standard output. A command's standard output is its result and never a line.
    Stdout,
    /// The guest's standard error.
    Stderr,
    /// The logger, with a level.
    Logger(Level),
}

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// When the line was complete.
    pub at: SystemTime,
    /// Where it came from.
    pub source: Source,
    /// The text, without the line's end; bytes that are not UTF-8 are replaced.
    pub text: String,
}

impl fmt::Display for LogLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&timestamp(self.at))?;
        match self.source {
            Source::Logger(level) => write!(f, " {} {}", level.as_str(), self.text),
            Source::Stdout | Source::Stderr => write!(f, " {}", self.text),
        }
    }
}

/// A moment as log lines print it: RFC 3339, UTC.
pub(crate) fn timestamp(at: SystemTime) -> String {
    let at = OffsetDateTime::from(at);
    let millis = at.replace_nanosecond(at.nanosecond() / 1_000_000 * 1_000_000).unwrap_or(at);
    millis.format(&Rfc3339).unwrap_or_else(|_| at.unix_timestamp().to_string())
}

/// The lines of one invocation, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    lines: VecDeque<LogLine>,
    bytes: usize,
    dropped: u64,
}

/// What a line costs besides its text, so that a flood of empty lines is bounded too.
const LINE_OVERHEAD: usize = mem::size_of::<LogLine>();

impl Log {
    /// The lines, oldest first.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &LogLine> + ExactSizeIterator {
        self.lines.iter()
    }

    /// How many lines were dropped to keep the log within its limit.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Adds what was written later.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.lines.append(&mut later.lines);
        self.bytes += later.bytes;
        self.dropped += later.dropped;
    }

    fn push(&mut self, line: LogLine, limit: usize) {
        self.bytes += line.text.len() + LINE_OVERHEAD;
        self.lines.push_back(line);
        while self.bytes > limit
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= oldest.text.len() + LINE_OVERHEAD;
            self.dropped += 1;
        }
    }
}

/// The log of the invocation that an instance runs right now, shared by its streams and its logger.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Shared>);

struct Shared {
    /// Whether something was recorded since it was last taken; most invocations write nothing.
    written: AtomicBool,
    recording: Mutex<Recording>,
}

struct Recording {
    log: Log,
    limit: usize,
    /// Bytes of an unfinished line of stdout and of stderr.
    partial: [Vec<u8>; 2],
    level: Level,
}

/// A byte stream of the guest that ends up in the log.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Output {
    Stdout,
    Stderr,
}

impl Output {
    const ALL: [Self; 2] = [Self::Stdout, Self::Stderr];

    fn source(self) -> Source {
        match self {
            Self::Stdout => Source::Stdout,
            Self::Stderr => Source::Stderr,
        }
    }
}

impl Recorder {
    /// Keeps at most about `limit` bytes of an invocation's log.
    pub(crate) fn new(limit: usize) -> Self {
        let partial = [Vec::new(), Vec::new()];
        let recording = Recording { log: Log::default(), limit, partial, level: Level::Info };
        Self(Arc::new(Shared { written: AtomicBool::new(false), recording: Mutex::new(recording) }))
    }

    fn lock(&self) -> MutexGuard<'_, Recording> {
        // Nothing below panics while holding the lock, and a log that lost a line is better than none.
        self.0.recording.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enabled(&self, level: Level) -> bool {
        level >= self.lock().level
    }

    pub(crate) fn level(&self) -> Level {
        self.lock().level
    }

    pub(crate) fn set_level(&self, level: Level) {
        self.lock().level = level;
    }

    /// Adds a logger's message, unless its level is hidden.
    pub(crate) fn message(&self, level: Level, message: &str) {
        let mut recording = self.lock();
        if level < recording.level {
            return;
        }
        self.0.written.store(true, Ordering::Release);
        // What would be dropped again is not looked at: this runs between two ticks of the guest.
        let kept = message.ceil_char_boundary(message.len().saturating_sub(recording.limit));
        for line in message[kept..].lines() {
            recording.keep_line(Source::Logger(level), line);
        }
    }

    /// Adds bytes of a stream; a line is kept when it ends.
    pub(crate) fn write(&self, output: Output, bytes: &Bytes) {
        let mut recording = self.lock();
        self.0.written.store(true, Ordering::Release);
        let mut rest = bytes.as_ref();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            recording.partial[output as usize].extend_from_slice(&rest[..end]);
            recording.finish_line(output);
            rest = &rest[end + 1..];
        }
        recording.partial[output as usize].extend_from_slice(rest);
        if recording.partial[output as usize].len() > LOG_LINE_BYTES {
            recording.finish_line(output);
        }
    }

    /// Hands over what was recorded, unfinished lines included, and starts anew.
    pub(crate) fn take(&self) -> Log {
        if !self.0.written.load(Ordering::Acquire) {
            return Log::default();
        }
        let mut recording = self.lock();
        self.0.written.store(false, Ordering::Release);
        for output in Output::ALL {
            if !recording.partial[output as usize].is_empty() {
                recording.finish_line(output);
            }
        }
        mem::take(&mut recording.log)
    }
}

impl Recording {
    fn finish_line(&mut self, output: Output) {
        let bytes = mem::take(&mut self.partial[output as usize]);
        let text = String::from_utf8_lossy(&bytes);
        self.keep_line(output.source(), text.strip_suffix('\r').unwrap_or(&text));
    }

    /// Keeps one line, in pieces when it is too long.
    fn keep_line(&mut self, source: Source, mut text: &str) {
        let at = clock::wall();
        loop {
            let (piece, rest) = text.split_at(text.floor_char_boundary(LOG_LINE_BYTES));
            self.log.push(LogLine { at, source, text: piece.to_owned() }, self.limit);
            if rest.is_empty() {
                return;
            }
            text = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMIT: usize = 1024 * 1024;

    fn texts(log: &Log) -> Vec<&str> {
        log.lines().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn bytes_become_lines_when_their_end_arrives() {
        let recorder = Recorder::new(LIMIT);
        recorder.write(Output::Stdout, &Bytes::from_static(b"one\r\ntw"));
        recorder.write(Output::Stderr, &Bytes::from_static(b"oops\n"));
        recorder.write(Output::Stdout, &Bytes::from_static(b"o\nthree"));
        assert_eq!(texts(&recorder.take()), ["one", "oops", "two", "three"]);
        assert_eq!(recorder.take(), Log::default());
    }

    #[test]
    fn debug_is_hidden_until_asked_for() {
        let recorder = Recorder::new(LIMIT);
        recorder.message(Level::Debug, "hidden");
        recorder.set_level(Level::Debug);
        recorder.message(Level::Debug, "first\nsecond");
        assert!(recorder.enabled(Level::Debug));
        assert_eq!(texts(&recorder.take()), ["first", "second"]);
    }

    #[test]
    fn the_oldest_lines_go_when_the_log_is_full() {
        let recorder = Recorder::new(3 * (LINE_OVERHEAD + 1));
        for text in ["a", "b", "c", "d"] {
            recorder.message(Level::Info, text);
        }
        let log = recorder.take();
        assert_eq!(texts(&log), ["b", "c", "d"]);
        assert_eq!(log.dropped(), 1);
    }

    #[test]
    fn a_long_message_becomes_several_lines() {
        let recorder = Recorder::new(LIMIT);
        recorder.message(Level::Info, &"ä".repeat(LOG_LINE_BYTES));
        let log = recorder.take();
        assert_eq!(log.lines().len(), 2);
        assert!(log.lines().all(|line| line.text.len() <= LOG_LINE_BYTES));
    }

    #[test]
    fn of_a_message_beyond_the_limit_the_end_stays() {
        let recorder = Recorder::new(LIMIT);
        recorder.message(Level::Info, &format!("{}\nlast", "x".repeat(2 * LIMIT)));
        let log = recorder.take();
        assert_eq!(log.lines().next_back().unwrap().text, "last");
        assert!(log.bytes <= LIMIT);
    }

    proptest! {
        #[test]
        fn no_bytes_grow_the_log_beyond_its_limit(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..50)) {
            let recorder = Recorder::new(2000);
            for chunk in chunks {
                recorder.write(Output::Stderr, &Bytes::from(chunk));
                prop_assert!(recorder.lock().log.bytes <= 2000);
            }
        }
    }
}
