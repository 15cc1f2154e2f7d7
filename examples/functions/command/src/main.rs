//! A function that is a plain program: the event on standard input, the result on standard output. What it writes to
//! standard error goes to the log, and an exit code other than 0 is a failure.

use std::io::{self, Read as _};

fn main() -> io::Result<()> {
    let mut event = String::new();
    io::stdin().read_to_string(&mut event)?;
    eprintln!("counting {} bytes", event.len());
    println!("{}", report(&event));
    Ok(())
}

/// Counts lines, words and characters.
fn report(text: &str) -> String {
    let (lines, words, chars) = (text.lines().count(), text.split_whitespace().count(), text.chars().count());
    format!(r#"{{"lines": {lines}, "words": {words}, "characters": {chars}}}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_words_and_characters() {
        assert_eq!(report("to be\nor not"), r#"{"lines": 2, "words": 4, "characters": 12}"#);
        assert_eq!(report(""), r#"{"lines": 0, "words": 0, "characters": 0}"#);
    }
}
