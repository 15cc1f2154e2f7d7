//! `fngraph bench`: measures how fast a function starts and answers.
//!
//! The parts that measure ([`load`], [`plan`]) know neither the engine nor the machine's clock: both come in through
//! small traits, so that tests run them on time that only passes when they say so.

mod chart;
mod clock;
mod executor;
mod load;
mod machine;
mod plan;
mod report;
mod stats;
mod text;
mod trust;
mod verdict;

use crate::{
    args::{BenchArgs, Format, Mode, ReportArgs},
    code::Code,
    config::{Config, Event, Settings},
    exit::{Exit, Failure},
    function::Function,
    platform::Platform,
    units,
};
use anyhow::Context as _;
use bytes::Bytes;
use clock::MachineClock;
use executor::{EngineWorker, Start};
use fngraph_engine::{Invocation, Kind};
use machine::Machine;
use plan::{Plan, Series};
use report::{Report, Subject};
use std::{
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::Path,
    sync::Arc,
};

/// Measures one function, or two in turns, and reports.
pub(crate) fn bench(arguments: BenchArgs, config: &Config) -> Result<(), Failure> {
    check_report_name(&arguments.report)?;
    let machine = Machine::current();
    let mut plan = Plan::resolve(&arguments.load, machine.cores);
    let settings = Settings::resolve(arguments.function)?;
    let event = Event::resolve(arguments.event.as_ref())?;
    let sources = [Some(&arguments.source), arguments.load.compare.as_ref()];

    // In comparisons twice as many instances, and while an old one is replaced one more each.
    let platform = Platform::start(config, u32::from(plan.concurrency) * 4)?;
    let mut candidates = Vec::new();
    for source in sources.into_iter().flatten() {
        let code = Code::find(source, settings.handler.as_ref(), &config.output)?;
        let function = Function::load(&platform, &code, &settings)?;
        let event = event.bytes(function.artifact.kind());
        check_call(&platform, &function, &event, config)?;
        candidates.push(Candidate { code, function, event });
    }
    choose_starts(&mut plan, &candidates, arguments.load.mode)?;

    let series = measure(&platform, &plan, &candidates, config)?;
    let subjects = candidates.iter().map(Candidate::subject).collect();
    let event_bytes = candidates.first().map_or(0, |candidate| candidate.event.len());
    let report = Report::new(machine, &plan, subjects, event_bytes, &series);
    print(&report, &series, &arguments.report, config)?;
    failed_calls(&report)
}

/// A function that is measured.
#[derive(Debug)]
struct Candidate {
    code: Code,
    function: Function,
    event: Bytes,
}

impl Candidate {
    fn subject(&self) -> Subject {
        Subject {
            file: self.code.path.display().to_string(),
            handler: self.function.handler.to_string(),
            kind: self.function.artifact.kind().as_str(),
            wasm_bytes: self.function.artifact.wasm_bytes() as u64,
        }
    }
}

/// Calls once, so that a function that cannot answer fails here, with all it has to say.
fn check_call(platform: &Platform, function: &Function, event: &Bytes, config: &Config) -> Result<(), Failure> {
    let outcome = platform.block_on(function.prepared.run(Invocation::new(event.clone())));
    outcome.result.map(drop).map_err(|error| {
        for line in outcome.log.lines() {
            config.output.note(line);
        }
        Failure::invoke(error)
    })
}

/// Commands are new for each call: only their cold start can be measured.
fn choose_starts(plan: &mut Plan, candidates: &[Candidate], mode: Mode) -> Result<(), Failure> {
    if candidates.iter().all(|candidate| candidate.function.artifact.kind() != Kind::Command) {
        return Ok(());
    }
    match mode {
        Mode::Warm => Err(Failure::text(Exit::Usage, "a command has no warm calls: it is started anew for each")
            .hint("--mode cold measures it")),
        Mode::Cold | Mode::Both => {
            plan.starts = &[Start::Cold];
            Ok(())
        }
    }
}

fn measure(
    platform: &Platform,
    plan: &Plan,
    candidates: &[Candidate],
    config: &Config,
) -> Result<Vec<Series>, Failure> {
    let clock = Arc::new(MachineClock::start());
    let progress = config.output.bar(1_000_000);
    let make = |function: usize, start| {
        let candidate = &candidates[function];
        EngineWorker::new(candidate.function.prepared.clone(), candidate.event.clone(), start)
    };
    let series = platform.block_on(plan.measure(&clock, candidates.len(), make, &progress));
    progress.finish_and_clear();
    series
}

fn print(report: &Report, series: &[Series], arguments: &ReportArgs, config: &Config) -> Result<(), Failure> {
    let output = &config.output;
    let samples_on_stdout = arguments.json.as_deref() == Some(Path::new("-"));
    match (arguments.output, samples_on_stdout) {
        (_, true) => {
            output.note(text::text(report).trim_end());
            write_samples(report, series, io::stdout().lock())?;
        }
        (Format::Text, false) => output.line(text::text(report).trim_end())?,
        (Format::Json, false) => output.json(report)?,
    }
    for warning in &report.warnings {
        output.warning(warning);
    }
    if let (Some(path), false) = (&arguments.json, samples_on_stdout) {
        let file = File::create(path).with_context(|| format!("create {}", path.display()))?;
        write_samples(report, series, file).with_context(|| format!("write {}", path.display()))?;
        output.note(format_args!("wrote every sample to {}", path.display()));
    }
    if let Some(path) = &arguments.report {
        let document = if is_svg(path) { chart::svg(report, series) } else { chart::html(report, series) }?;
        fs::write(path, document).with_context(|| format!("write {}", path.display()))?;
        output.note(format_args!("drew {}", path.display()));
    }
    Ok(())
}

fn write_samples(report: &Report, series: &[Series], into: impl io::Write) -> io::Result<()> {
    let mut into = BufWriter::new(into);
    report.write_samples(series, &mut into)?;
    into.write_all(b"\n")?;
    into.flush()
}

/// The report's form is known by its name; a wrong one is refused before anything is measured.
fn check_report_name(arguments: &ReportArgs) -> Result<(), Failure> {
    match &arguments.report {
        Some(path) if !is_svg(path) && path.extension().is_none_or(|ending| ending != "html") => {
            Err(Failure::text(Exit::Usage, format!("`{}` is no report's name", path.display()))
                .hint("--report bench.html or --report bench.svg"))
        }
        _ => Ok(()),
    }
}

fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "svg")
}

/// A bench whose calls fail has measured something else than it was asked to.
fn failed_calls(report: &Report) -> Result<(), Failure> {
    let failed: u64 = report.results.iter().map(|row| row.summary.failed()).sum();
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::text(Exit::Function, format!("{} failed", units::count(failed, "call")))
        .hint("`fngraph run` with the same options shows what the function says"))
}
