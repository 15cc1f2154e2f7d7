//! `fngraph logs`: what a function wrote.

use super::{
    call::{Client, now},
    open,
    refusal::{CallError, Refusal},
};
use crate::{
    args::{Format, LogsArgs, Since},
    config::Config,
    exit::{Exit, Failure},
    output::Output,
};
use fngraph_api::{
    Empty, Json,
    logs::{LogEntry, LogPage, LogsQuery, ReadLogs},
};
use fngraph_types::Timestamp;
use std::{thread, time::Duration};

/// How often a log that is followed is asked for: often enough to watch, seldom enough for a server.
const INTERVAL: Duration = Duration::from_secs(1);

/// The largest page of logs.
const PAGE: u16 = 1000;

/// Prints the log, and what comes when that is asked for.
pub(super) fn logs(arguments: &LogsArgs, config: &Config) -> Result<(), Failure> {
    let client = open(&arguments.server, &config.output)?;
    let mut page = read(&client, arguments, first(arguments, now()))?;
    if page.logs.is_empty() && !arguments.follow {
        config.output.note(format_args!("there are no logs of {} here", arguments.function));
    }
    loop {
        print(&page.logs, arguments.server.output, &config.output)?;
        if !arguments.follow {
            return Ok(());
        }
        // After a page with logs there may be another one already.
        if page.logs.len() < usize::from(PAGE) {
            thread::park_timeout(INTERVAL);
        }
        let marker = Some(page.next_marker.to_string());
        let limit = Some(PAGE.to_string());
        page = read(&client, arguments, LogsQuery { marker, limit, ..first(arguments, now()) })?;
    }
}

/// What is asked for first.
fn first(arguments: &LogsArgs, now: Timestamp) -> LogsQuery {
    let since = arguments.since.map(|since| match since {
        Since::Ago(duration) => now - duration,
        Since::At(moment) => moment,
    });
    LogsQuery {
        request_id: arguments.request.map(|request| request.to_string()),
        since: since.map(|since| since.as_millis().to_string()),
        limit: Some(arguments.limit.to_string()),
        marker: None,
        stream: arguments.async_status.then(|| "async-status".to_owned()),
    }
}

fn read(client: &Client, arguments: &LogsArgs, query: LogsQuery) -> Result<LogPage, Failure> {
    match client.call::<ReadLogs>(&client.function(&arguments.function), &query, Empty {}) {
        Ok(Json(page)) => Ok(page),
        // The cloud has no such operation, and its gateway says so without the service's codes.
        Err(CallError::Refused(Refusal { known: None, status: 404, code, message })) => {
            let failure = Failure::text(Exit::NotFound, format!("{code}: {message}"));
            Err(failure
                .hint("this server keeps its logs elsewhere: the cloud in LTS; `fngraph invoke --tail` shows some"))
        }
        Err(error) => Err(error.into()),
    }
}

fn print(logs: &[LogEntry], form: Format, output: &Output) -> Result<(), Failure> {
    for entry in logs {
        match form {
            Format::Text => output.line(entry.text.trim_end_matches('\n'))?,
            Format::Json => output.line(serde_json::to_string(entry).map_err(anyhow::Error::from)?)?,
        }
    }
    Ok(())
}
