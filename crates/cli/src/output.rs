//! The one place that writes: data to stdout, talk to stderr.

use crate::exit::Failure;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

/// What to colour.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Accent {
    /// The word `error:`.
    Error,
    /// The word `warning:`.
    Warning,
    /// The word `hint:`.
    Hint,
    /// What matters less: labels, timestamps.
    Faint,
    /// What matters most.
    Strong,
}

impl Accent {
    const fn style(self) -> Style {
        match self {
            Self::Error => AnsiColor::Red.on_default().bold(),
            Self::Warning => AnsiColor::Yellow.on_default().bold(),
            Self::Hint => AnsiColor::Cyan.on_default().bold(),
            Self::Faint => Style::new().dimmed(),
            Self::Strong => Style::new().bold(),
        }
    }
}

/// The streams of the program and what may be done to them.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    colour: bool,
    quiet: bool,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
}

impl Output {
    /// The program's streams. `colour` decides for both; none means: where the stream is a terminal.
    pub(crate) fn new(colour: Option<bool>, quiet: bool) -> Self {
        let stdout_is_terminal = io::stdout().is_terminal();
        let stderr_is_terminal = io::stderr().is_terminal();
        Self { colour: colour.unwrap_or(stderr_is_terminal), quiet, stdout_is_terminal, stderr_is_terminal }
    }

    /// Whether talk is coloured.
    pub(crate) fn has_colour(&self) -> bool {
        self.colour
    }

    /// Whether only warnings and errors are said.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Writes bytes to stdout as they are; on a terminal the last line gets its end.
    pub(crate) fn data(&self, bytes: &[u8]) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        if self.stdout_is_terminal && !bytes.is_empty() && !bytes.ends_with(b"\n") {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }

    /// Writes a line to stdout.
    pub(crate) fn line(&self, text: impl Display) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        writeln!(stdout, "{text}")?;
        stdout.flush()
    }

    /// Writes one JSON document to stdout.
    pub(crate) fn json(&self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.line(text)
    }

    /// Says something on stderr, unless told to be quiet.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            talk(text);
        }
    }

    /// Warns on stderr.
    pub(crate) fn warning(&self, text: impl Display) {
        talk(format_args!("{} {text}", self.paint(Accent::Warning, "warning:")));
    }

    /// Prints a failure: its chain once, what lies below it, what to type next.
    pub(crate) fn failure(&self, failure: &Failure) {
        talk(format_args!("{} {:#}", self.paint(Accent::Error, "error:"), failure.error));
        for line in &failure.details {
            talk(format_args!("    {}", self.paint(Accent::Faint, line)));
        }
        if let Some(hint) = &failure.hint {
            talk(format_args!("{} {hint}", self.paint(Accent::Hint, "hint:")));
        }
    }

    /// The text in its colour, where there are colours.
    pub(crate) fn paint<'a>(&self, accent: Accent, text: &'a str) -> Cow<'a, str> {
        if !self.colour {
            return Cow::Borrowed(text);
        }
        let style = accent.style();
        Cow::Owned(format!("{style}{text}{style:#}"))
    }

    /// A line on the terminal that shows that something goes on; nothing anywhere else.
    pub(crate) fn spinner(&self) -> ProgressBar {
        let bar = self.hidden_unless_terminal(ProgressBar::new_spinner());
        bar.set_style(style("{spinner} {msg} {elapsed}"));
        bar
    }

    /// A bar on the terminal that fills while `length` passes; nothing anywhere else.
    pub(crate) fn bar(&self, length: u64) -> ProgressBar {
        let bar = self.hidden_unless_terminal(ProgressBar::new(length));
        bar.set_style(style("{msg:24} [{bar:40}] {percent:>3} %"));
        bar
    }

    fn hidden_unless_terminal(&self, bar: ProgressBar) -> ProgressBar {
        if !self.stderr_is_terminal || self.quiet {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        } else {
            bar.enable_steady_tick(Duration::from_millis(100));
        }
        bar
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("the templates above are well formed")
}

/// Writes a line to stderr. When that fails there is nobody left to tell.
fn talk(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_appear_only_where_they_are_wanted() {
        let painted = |colour| Output::new(Some(colour), false).paint(Accent::Error, "error:").into_owned();
        assert_eq!(painted(false), "error:");
        assert_eq!(painted(true), "\u{1b}[1m\u{1b}[31merror:\u{1b}[0m");
    }
}
