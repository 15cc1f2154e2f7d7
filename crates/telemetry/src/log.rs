//! The log: what is told, in which form, on standard error.

use crate::InstallError;
use serde::{Deserialize, Serialize};
use std::io;
use thiserror::Error;
use tracing::{Dispatch, dispatcher};
use tracing_subscriber::{EnvFilter, filter::ParseError, fmt::MakeWriter};

/// The form of a log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object on each line: `timestamp`, `level`, `target`, the event's own fields, and its innermost `span`.
    Json,
}

/// A log before it is set up: text without colours unless told otherwise.
#[derive(Debug)]
#[must_use = "a log that is not installed tells nothing"]
pub struct Log {
    filter: EnvFilter,
    format: Format,
    colour: bool,
}

/// A filter that cannot be understood.
#[derive(Debug, Error)]
#[error(transparent)]
pub struct FilterError(#[from] ParseError);

impl Log {
    /// A log of what a filter lets pass: a level, or levels of targets, such as `info,fngraph_engine=debug`.
    ///
    /// # Errors
    /// When the filter cannot be understood.
    pub fn new(filter: &str) -> Result<Self, FilterError> {
        Ok(Self { filter: EnvFilter::try_new(filter)?, format: Format::default(), colour: false })
    }

    /// The form of the lines.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Whether text is coloured; JSON never is.
    pub fn colour(mut self, colour: bool) -> Self {
        self.colour = colour;
        self
    }

    /// Sends what the whole process tells to standard error.
    ///
    /// # Errors
    /// When the process has a subscriber already.
    pub fn install(self) -> Result<(), InstallError> {
        dispatcher::set_global_default(self.dispatch(io::stderr)).map_err(|_| InstallError("logs"))
    }

    fn dispatch(self, writer: impl for<'a> MakeWriter<'a> + Send + Sync + 'static) -> Dispatch {
        let subscriber = tracing_subscriber::fmt().with_env_filter(self.filter).with_writer(writer);
        match self.format {
            Format::Text => subscriber.with_ansi(self.colour).into(),
            Format::Json => subscriber.json().flatten_event(true).with_span_list(false).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::{
        io::Write,
        sync::{Arc, Mutex},
    };

    /// A writer that keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a log makes of the same events.
    fn told(log: Log) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        dispatcher::with_default(&log.dispatch(move || writer.clone()), || {
            let _span = tracing::info_span!("invocation", function = "hello").entered();
            tracing::info!(bytes = 7, "compile");
            tracing::debug!(target: "fngraph_engine", "seen only with a filter of its own");
            tracing::debug!("never seen");
        });
        String::from_utf8(Arc::into_inner(kept.0).unwrap().into_inner().unwrap()).unwrap()
    }

    #[test]
    fn text_has_a_line_for_each_event_that_the_filter_lets_pass() {
        let text = told(Log::new("info").unwrap());
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(
            text.ends_with("INFO invocation{function=\"hello\"}: fngraph_telemetry::log::tests: compile bytes=7\n")
        );
        let text = told(Log::new("info,fngraph_engine=debug").unwrap());
        assert_eq!(text.lines().count(), 2, "{text}");
        assert_eq!(told(Log::new("warn").unwrap()), "");
    }

    #[test]
    fn only_coloured_text_has_colours() {
        let escapes = |log: Log| told(log).contains('\u{1b}');
        assert!(escapes(Log::new("info").unwrap().colour(true)));
        assert!(!escapes(Log::new("info").unwrap()));
        assert!(!escapes(Log::new("info").unwrap().colour(true).format(Format::Json)));
    }

    #[test]
    fn json_has_an_object_on_each_line() {
        let text = told(Log::new("info").unwrap().format(Format::Json));
        let mut event: Value = serde_json::from_str(&text).unwrap();
        let timestamp = event.as_object_mut().unwrap().remove("timestamp").unwrap();
        assert!(timestamp.as_str().unwrap().ends_with('Z'));
        assert_eq!(
            event,
            json!({
                "level": "INFO",
                "target": "fngraph_telemetry::log::tests",
                "message": "compile",
                "bytes": 7,
                "span": {"name": "invocation", "function": "hello"},
            })
        );
    }

    #[test]
    fn a_filter_that_cannot_be_understood_is_refused() {
        let error = Log::new("fngraph_engine=loud").unwrap_err();
        assert!(error.to_string().contains("expected one of \"off\", \"error\""), "{error}");
    }

    #[test]
    fn a_process_has_one_log() {
        Log::new("off").unwrap().install().unwrap();
        let error = Log::new("off").unwrap().install().unwrap_err();
        assert_eq!(error.to_string(), "the logs of this process are set up already");
    }

    #[test]
    fn formats_are_named_in_small_letters() {
        assert_eq!(serde_json::to_string(&[Format::Text, Format::Json]).unwrap(), r#"["text","json"]"#);
    }
}
