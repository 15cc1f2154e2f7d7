//! A plain program as a function: the event on standard input, the answer on standard output.
//!
//! It counts as `wc` does. Nothing in it is about functions, and it holds one buffer of the event at a time.

mod counts;

use std::io::{self, Read, Write};

use crate::counts::Counts;

/// Large enough that calls to the host do not show, small beside the smallest memory of a function.
const BUFFER_BYTES: usize = 64 * 1024;

fn main() -> io::Result<()> {
    let counts = count(io::stdin().lock())?;
    writeln!(io::stdout(), "{counts}")
}

fn count(mut input: impl Read) -> io::Result<Counts> {
    let mut counts = Counts::default();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match input.read(&mut buffer)? {
            0 => return Ok(counts),
            read => counts.feed(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, json: &str) {
        assert_eq!(count(text.as_bytes()).expect("memory can be read").to_string(), json, "{text:?}");
        // Word by word, byte by byte: where a read ends must not matter.
        let mut counts = Counts::default();
        text.as_bytes().chunks(1).for_each(|byte| counts.feed(byte));
        assert_eq!(counts.to_string(), json, "{text:?} in single bytes");
    }

    #[test]
    fn lines_words_and_bytes_are_counted() {
        check("", r#"{"lines":0,"words":0,"bytes":0}"#);
        check("to be\nor  not\n", r#"{"lines":2,"words":4,"bytes":14}"#);
        check("no newline at the end", r#"{"lines":0,"words":5,"bytes":21}"#);
        check(" \t\x0b\x0c\r\n", r#"{"lines":1,"words":0,"bytes":6}"#);
        check("你好 Welt", r#"{"lines":0,"words":2,"bytes":11}"#);
    }

    #[test]
    fn input_larger_than_the_buffer_is_counted_whole() {
        let text = "word ".repeat(BUFFER_BYTES);
        let expected = format!(r#"{{"lines":0,"words":{BUFFER_BYTES},"bytes":{}}}"#, text.len());
        assert_eq!(count(text.as_bytes()).expect("memory can be read").to_string(), expected);
    }
}
