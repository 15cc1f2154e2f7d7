//! `fngraph status`: how a function is doing, or where an asynchronous request stands.

use super::{
    call::Client,
    name::FunctionName,
    open,
    refusal::{self, CallError},
    reserve,
    table::Facts,
};
use crate::{
    args::{Format, StatusArgs},
    config::Config,
    exit::{Exit, Failure},
    units,
};
use fngraph_api::{
    Empty, Json,
    async_invocations::{
        ActiveInvocationsQuery, AsyncInvocation, InvocationsQuery, ListActiveAsyncInvocations, ListAsyncInvocations,
    },
    config::ShowFunctionConfig,
    metadata::FunctionMetadata,
    metrics::{FunctionMetrics, PeriodPath, ShowFunctionMetrics, SlaReportsValue},
    reserved::ReservedNow,
};
use fngraph_types::{ErrorCode, RequestId};
use serde::Serialize;
use std::{thread, time::Duration};

/// How many minutes calls are counted for.
const MINUTES: u32 = 60;

/// Before any request: without a beginning, servers look at the last hour only.
const BEGINNING: &str = "2000-01-01T00:00:00";

/// How often a request is asked for while it is waited for: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Shows a request or a function.
pub(super) fn status(arguments: &StatusArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let (function, form) = (&arguments.function, arguments.server.output);
    let Some(id) = arguments.request else {
        let status = Status::read(&client, function)?;
        match form {
            Format::Json => config.output.json(&status)?,
            Format::Text => config.output.data(status.text().as_bytes())?,
        }
        return Ok(());
    };
    let request = if arguments.wait { wait(&client, function, id)? } else { request(&client, function, id)? };
    match form {
        Format::Json => config.output.json(&request)?,
        Format::Text => config.output.data(text(&request).as_bytes())?,
    }
    if arguments.wait { end(&request) } else { Ok(()) }
}

/// One request.
fn request(client: &Client, function: &FunctionName, id: RequestId) -> Result<AsyncInvocation, Failure> {
    let query = InvocationsQuery {
        request_id: Some(id.to_string()),
        query_begin_time: Some(BEGINNING.to_owned()),
        ..InvocationsQuery::default()
    };
    let path = client.function(&function.with(None));
    let Json(list) = client.call::<ListAsyncInvocations>(&path, &query, Empty {})?;
    let none = || {
        Failure::text(Exit::NotFound, format!("{} has no asynchronous request {id}", function.with(None)))
            .hint("`fngraph invoke NAME --async` makes one and prints its id; servers forget old ones")
    };
    list.invocations.into_iter().find(|request| request.request_id == id.to_string()).ok_or_else(none)
}

/// One request, when it has ended.
fn wait(client: &Client, function: &FunctionName, id: RequestId) -> Result<AsyncInvocation, Failure> {
    let (mut pause, longest) = PAUSE;
    loop {
        let request = request(client, function, id)?;
        if !matches!(request.status.as_str(), "WAIT" | "RUNNING") {
            return Ok(request);
        }
        thread::park_timeout(pause);
        pause = (pause * 2).min(longest);
    }
}

/// How a request ended, as an exit code.
fn end(request: &AsyncInvocation) -> Result<(), Failure> {
    if request.status == "SUCCESS" {
        return Ok(());
    }
    let code = refusal::code(&request.error_code.to_string()).unwrap_or(ErrorCode::FunctionFailed);
    let message = if request.error_message.is_empty() { &request.status } else { &request.error_message };
    Err(Failure::new(Exit::for_code(code), anyhow::Error::msg(message.clone()).context(code)))
}

fn text(request: &AsyncInvocation) -> String {
    let mut facts = Facts::default();
    facts.row("request", &request.request_id);
    facts.row("status", &request.status);
    for (label, moment) in [("began", &request.start_time), ("ended", &request.end_time)] {
        if let Some(moment) = moment {
            facts.row(label, moment);
        }
    }
    if request.error_code != 0 {
        facts.row("error", format_args!("FSS.{:04}: {}", request.error_code, request.error_message));
    }
    facts.text().to_owned()
}

/// How a function is doing; what `--output json` prints.
#[derive(Debug, Serialize)]
struct Status {
    function: FunctionMetadata,
    /// How many instances are reserved now, for each version and alias that has any.
    reserved: Vec<ReservedNow>,
    /// By the minute, in the last hour.
    metrics: FunctionMetrics,
    /// How many asynchronous requests have not ended.
    active_requests: u64,
}

impl Status {
    fn read(client: &Client, name: &FunctionName) -> Result<Self, CallError> {
        let path = client.function(name);
        let Json(function) = client.call::<ShowFunctionConfig>(&path, &Empty {}, Empty {})?;
        let reserved = reserve::counts(client, Some(name))?;
        let (project_id, function_urn) = (path.project_id.clone(), path.function_urn.clone());
        let period = PeriodPath { project_id, function_urn, period: MINUTES.to_string() };
        let Json(metrics) = client.call::<ShowFunctionMetrics>(&period, &Empty {}, Empty {})?;
        let query = ActiveInvocationsQuery {
            query_begin_time: Some(BEGINNING.to_owned()),
            limit: Some("1".to_owned()),
            ..ActiveInvocationsQuery::default()
        };
        let Json(active) = client.call::<ListActiveAsyncInvocations>(&path, &query, Empty {})?;
        Ok(Self { function, reserved, metrics, active_requests: active.count })
    }

    fn text(&self) -> String {
        let Self { function, reserved, metrics, active_requests } = self;
        let mut facts = Facts::default();
        facts.row("function", &function.func_urn);
        facts.row("runs", format_args!("{} in {}", function.handler, function.runtime));
        if let Some(initializer) = &function.initializer_handler {
            facts.row("begins", initializer);
        }
        let code = units::bytes(u64::try_from(function.code_size).unwrap_or_default());
        facts.row("code", format_args!("{code}, changed {}", function.last_modified));
        facts.row("memory", format_args!("{} MB", function.memory_size));
        facts.row("timeout", format_args!("{} s", function.timeout));
        facts.row("instances", self.instances());
        if !reserved.is_empty() {
            let reserved =
                reserved.iter().map(|now| format!("{} of {}", now.count, FunctionName::short(&now.func_urn)));
            facts.row("reserved", reserved.collect::<Vec<_>>().join(", "));
        }
        facts.row("last hour", calls(metrics));
        facts.row("waiting", units::count(*active_requests, "asynchronous request"));
        facts.text().to_owned()
    }

    /// The most at once in the latest minute that is known, and how many there may be.
    fn instances(&self) -> String {
        let limit = match self.function.strategy_config.as_ref().and_then(|strategy| strategy.concurrency) {
            Some(0) => return "none: the function is disabled".to_owned(),
            Some(limit @ 1..) => format!(" of {limit}"),
            _ => String::new(),
        };
        let latest = |points: &[SlaReportsValue]| points.last().map_or(0.0, |point| point.value.max(0.0));
        let (elastic, reserved) = (latest(&self.metrics.instance_num), latest(&self.metrics.reserved_instance_num));
        format!("{elastic:.0} elastic and {reserved:.0} reserved{limit} in the last minute")
    }
}

/// What calls there were.
fn calls(metrics: &FunctionMetrics) -> String {
    // Points without a value are negative.
    let sum =
        |points: &[SlaReportsValue]| points.iter().map(|point| point.value.max(0.0)).fold(0.0, |sum, it| sum + it);
    let count = sum(&metrics.count);
    if count < 0.5 {
        return "no calls".to_owned();
    }
    let longest = metrics.max_duration.iter().map(|point| point.value).fold(0.0, f64::max);
    let (failed, rejected) = (sum(&metrics.fail_count), sum(&metrics.reject_count));
    let longest = units::duration(Duration::from_secs_f64(longest / 1e3));
    let calls = if count < 1.5 { "call" } else { "calls" };
    format!("{count:.0} {calls}, {failed:.0} failed, {rejected:.0} rejected, the longest took {longest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use fngraph_api::metadata::StrategyConfig;

    fn points(values: &[f64]) -> Vec<SlaReportsValue> {
        values.iter().map(|value| SlaReportsValue { timestamp: 0, value: *value }).collect()
    }

    fn status() -> Status {
        Status {
            function: FunctionMetadata {
                func_urn: "urn:fss:local:local:function:default:f:latest".to_owned(),
                handler: "f.handler".to_owned(),
                runtime: "Custom".to_owned(),
                code_size: 120_832,
                last_modified: "2026-11-23T01:02:03Z".to_owned(),
                memory_size: 128,
                timeout: 3,
                strategy_config: Some(StrategyConfig { concurrency: Some(400), concurrent_num: Some(1) }),
                ..FunctionMetadata::default()
            },
            reserved: vec![ReservedNow {
                func_urn: "urn:fss:local:local:function:default:f:!prod".to_owned(),
                count: 2,
            }],
            metrics: FunctionMetrics {
                count: points(&[-1.0, 10.0, 2.0]),
                fail_count: points(&[-1.0, 1.0, 0.0]),
                max_duration: points(&[-1.0, 12.5, 3.0]),
                instance_num: points(&[-1.0, 3.0, 1.0]),
                reserved_instance_num: points(&[-1.0, 0.0, 2.0]),
                ..FunctionMetrics::default()
            },
            active_requests: 1,
        }
    }

    #[test]
    fn a_function_is_told_in_a_few_lines() {
        insta::assert_snapshot!(status().text(), @r"
        function    urn:fss:local:local:function:default:f:latest
        runs        f.handler in Custom
        code        118 KB, changed 2026-11-23T01:02:03Z
        memory      128 MB
        timeout     3 s
        instances   1 elastic and 2 reserved of 400 in the last minute
        reserved    2 of f@prod
        last hour   12 calls, 1 failed, 0 rejected, the longest took 12.5 ms
        waiting     1 asynchronous request
        ");
    }

    #[test]
    fn a_disabled_function_without_calls_says_so() {
        let mut status = status();
        status.function.strategy_config = Some(StrategyConfig { concurrency: Some(0), concurrent_num: None });
        assert_eq!(status.instances(), "none: the function is disabled");
        assert_eq!(calls(&FunctionMetrics::default()), "no calls");
    }

    fn failed() -> AsyncInvocation {
        AsyncInvocation {
            request_id: "960d089c-0000-4000-8000-00000000000a".to_owned(),
            status: "FAIL".to_owned(),
            error_message: "OutOfTea: no tea".to_owned(),
            error_code: 4002,
            start_time: Some("2026-11-23T01:02:03Z".to_owned()),
            end_time: Some("2026-11-23T01:02:04Z".to_owned()),
        }
    }

    #[test]
    fn a_request_is_told_with_its_error() {
        insta::assert_snapshot!(text(&failed()), @r"
        request     960d089c-0000-4000-8000-00000000000a
        status      FAIL
        began       2026-11-23T01:02:03Z
        ended       2026-11-23T01:02:04Z
        error       FSS.4002: OutOfTea: no tea
        ");
    }

    #[test]
    fn the_end_of_a_request_is_an_exit_code() {
        let exit = |request: &AsyncInvocation| end(request).err().map(|failure| failure.exit);
        assert_eq!(exit(&failed()), Some(Exit::Function));
        assert_eq!(exit(&AsyncInvocation { error_code: 4010, ..failed() }), Some(Exit::Timeout));
        assert_eq!(
            exit(&AsyncInvocation { status: "DISCARD".to_owned(), error_code: 408, ..failed() }),
            Some(Exit::Platform)
        );
        assert_eq!(exit(&AsyncInvocation { status: "SUCCESS".to_owned(), error_code: 0, ..failed() }), None);
    }
}
