//! Counting, piece by piece.

use std::fmt;

/// What was counted so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    lines: u64,
    words: u64,
    bytes: u64,
    in_word: bool,
}

impl Counts {
    /// Counts on with the next piece of the text.
    pub(crate) fn feed(&mut self, piece: &[u8]) {
        for byte in piece {
            // What C's isspace() calls space, so that the C example counts alike.
            let space = matches!(byte, b' ' | b'\t'..=b'\r');
            self.lines += u64::from(*byte == b'\n');
            self.words += u64::from(!space && !self.in_word);
            self.bytes += 1;
            self.in_word = !space;
        }
    }
}

/// As JSON.
impl fmt::Display for Counts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, words, bytes, .. } = self;
        write!(formatter, r#"{{"lines":{lines},"words":{words},"bytes":{bytes}}}"#)
    }
}
