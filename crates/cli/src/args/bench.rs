use super::{EventArg, Format, FunctionArgs};
use crate::units;
use clap::{Args, ValueEnum};
use std::{num::NonZeroU64, path::PathBuf, time::Duration};

/// Options of `fngraph bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// A wasm file, a zip, a folder with wasm files, or a cargo project (which is built first)
    #[arg(value_name = "FILE|DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// The event: a text, `@FILE`, or `-` for standard input [default: `{}`, or `GET /` for an HTTP function]
    #[arg(long, short, value_name = "JSON|@FILE|-", allow_hyphen_values = true)]
    pub(crate) event: Option<EventArg>,
    /// How the function is set up.
    #[command(flatten)]
    pub(crate) function: FunctionArgs,
    /// How to load the function.
    #[command(flatten)]
    pub(crate) load: LoadArgs,
    /// What to print and write.
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// How to load a function.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct LoadArgs {
    /// Which starts to measure: calls of instances that are ready, calls that need a new instance, or both
    #[arg(long, value_name = "MODE", default_value = "both")]
    pub(crate) mode: Mode,
    /// How many instances work at the same time [default: 1; with --rate, one for each core]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(crate) concurrency: Option<u16>,
    /// How long to measure, for each mode and each function
    #[arg(long, short, value_name = "TIME", default_value = "5s", value_parser = units::parse_positive_duration)]
    pub(crate) duration: Duration,
    /// Measure this many calls instead of a time
    #[arg(long, short = 'n', value_name = "N", conflicts_with = "duration")]
    pub(crate) iterations: Option<NonZeroU64>,
    /// How long to call without measuring first
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = units::parse_duration)]
    pub(crate) warm_up: Duration,
    /// Call at this many fixed moments in each second (open loop)
    #[arg(long, value_name = "PER SECOND", value_parser = parse_rate)]
    pub(crate) rate: Option<f64>,
    /// Measure this file as well, in turns with the first, and tell whether it is faster or slower
    #[arg(long, value_name = "FILE2")]
    pub(crate) compare: Option<PathBuf>,
}

/// What to print and write.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// Write every sample to this file, or to standard output with `-`
    #[arg(long, value_name = "FILE|-")]
    pub(crate) json: Option<PathBuf>,
    /// Draw a report: .html or .svg
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// The form of the summary
    #[arg(long, short, value_name = "FORM", default_value = "text")]
    pub(crate) output: Format,
}

/// Which starts are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Calls of instances that are ready.
    Warm,
    /// Calls that need a new instance.
    Cold,
    /// One after the other.
    Both,
}

fn parse_rate(text: &str) -> Result<f64, String> {
    let rate: f64 = text.parse().map_err(|_| format!("`{text}` is no number"))?;
    // Beyond a million calls in a second the moments are closer together than a call takes.
    if rate > 0.0 && rate <= 1e6 { Ok(rate) } else { Err("it must be above 0 and at most 1000000".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_positive_number() {
        assert_eq!(parse_rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "NaN", "inf", "many"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }
}
