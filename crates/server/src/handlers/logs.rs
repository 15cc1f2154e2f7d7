//! Logs (manual, 7.9).
//!
//! Logs of functions are always kept. What the cloud calls a group is a project here, and a stream is a function: the
//! ids and names are such that `fngraph logs` takes them.

use crate::{call::Call, failure::Failure, page::Page, query};
use fngraph::{ErrorCode, LogPageQuery, LogRecord, LogStream, ProjectSettings, Timestamp, Urn};
use fngraph_api::{
    Empty, Json, codes,
    logs::{
        EnableAsyncStatusLog, EnableLtsLogs, LogEntry, LogPage, LogStreamDetail, ReadLogs, ShowLtsLogDetails,
        ShowProjectAsyncStatusLogInfo,
    },
    time,
};

/// The stream of changes of status, as `fngraph logs --stream` takes it.
const ASYNC_STATUS: &str = "async-status";

/// Answers where changes of the status of asynchronous invocations are logged, once they are.
pub(crate) async fn async_status_detail(
    call: Call<ShowProjectAsyncStatusLogInfo>,
) -> Result<Json<LogStreamDetail>, Failure> {
    let settings = call.app.runtime.project(&call.project).await?;
    if settings.async_status_logs_since.is_none() {
        let text = "status changes of asynchronous invocations are not logged in this project; \
                    POST enable-async-status-logs begins it";
        return Err(Failure::new(ErrorCode::NotFound, text));
    }
    Ok(Json(detail(&call.project, ASYNC_STATUS.to_owned(), "async-status-log-detail".to_owned())))
}

/// Answers where the logs of a function are.
pub(crate) async fn function_detail(call: Call<ShowLtsLogDetails>) -> Result<Json<LogStreamDetail>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let id = &call.function(&urn)?.id;
    let stream = Urn { region: urn.region.clone(), function: id.clone(), qualifier: None };
    Ok(Json(detail(&call.project, stream.to_string(), format!("{}:{}", id.package, id.name))))
}

fn detail(project: &str, stream_id: String, stream_name: String) -> LogStreamDetail {
    LogStreamDetail { group_name: "fngraph".to_owned(), group_id: project.to_owned(), stream_id, stream_name }
}

/// Notes since when the project wants its logs kept. They are kept in any case.
pub(crate) async fn enable(call: Call<EnableLtsLogs>) -> Result<Empty, Failure> {
    let now = call.app.now();
    let edit = move |project: &mut ProjectSettings| _ = project.lts_logs_since.get_or_insert(now);
    call.app.runtime.update_project(&call.project, edit).await?;
    Ok(Empty {})
}

/// Begins to log changes of the status of asynchronous invocations.
pub(crate) async fn enable_async_status(call: Call<EnableAsyncStatusLog>) -> Result<Empty, Failure> {
    let now = call.app.now();
    let edit = move |project: &mut ProjectSettings| _ = project.async_status_logs_since.get_or_insert(now);
    call.app.runtime.update_project(&call.project, edit).await?;
    Ok(Empty {})
}

/// Reads logs.
pub(crate) async fn read(call: Call<ReadLogs>) -> Result<Json<LogPage>, Failure> {
    let asked = &call.query;
    let urn = call.urn(&call.path.function_urn)?;
    let versions = call.versions(&urn)?;
    let page = LogPageQuery {
        function: urn.function,
        stream: stream(asked.stream.as_deref())?,
        versions,
        request: query::read("request_id", asked.request_id.as_deref(), "the id of an invocation")?,
        from: query::moment("since", asked.since.as_deref())?.unwrap_or(Timestamp::EPOCH),
        after: query::read("marker", asked.marker.as_deref(), "the `next_marker` of a page")?,
        limit: Page::read(None, asked.limit.as_deref(), 100, 1000)?.limit(),
    };
    let fngraph::LogPage { records, marker } = call.app.runtime.log_page(page).await?;
    Ok(Json(LogPage { logs: records.into_iter().map(entry).collect(), next_marker: marker }))
}

fn entry(record: LogRecord) -> LogEntry {
    LogEntry {
        request_id: record.request.to_string(),
        version: record.version.to_string(),
        time: time::format(record.at),
        error_code: codes::find(record.error_code).map(ToString::to_string),
        text: record.text,
    }
}

fn stream(name: Option<&str>) -> Result<LogStream, Failure> {
    match name.unwrap_or_default() {
        "" | "function" => Ok(LogStream::Function),
        ASYNC_STATUS => Ok(LogStream::AsyncStatus),
        _ => Err(query::refused("stream", "`function` or `async-status`")),
    }
}
