//! Asynchronous configurations and requests (manual, 7.15).

mod destination;

use crate::{call::Call, failure::Failure, page::Page, query};
use fngraph::{
    AsyncConfig, ErrorCode, Qualifier, RegistryError, RequestId, RequestQuery, RequestRecord, Urn, VersionName,
};
use fngraph_api::{
    Empty, Json, Operation,
    async_invocations::{
        AsyncDestinations, AsyncInvocation, AsyncInvocationList, AsyncInvokeConfig, AsyncInvokeConfigList,
        CancelAsyncInvocation, DeleteFunctionAsyncInvokeConfig, InvocationsQuery, ListActiveAsyncInvocations,
        ListAsyncInvocations, ListFunctionAsyncInvokeConfig, ShowFunctionAsyncInvokeConfig,
        UpdateFunctionAsyncInvokeConfig,
    },
    time,
};
use std::time::Duration;

/// How far back requests are listed when nobody says.
const HOUR: Duration = Duration::from_secs(3600);

/// How many requests can be asked for by their ids at once.
const IDS: usize = 10;

/// Answers the configuration of a version.
pub(crate) async fn show(call: Call<ShowFunctionAsyncInvokeConfig>) -> Result<Json<AsyncInvokeConfig>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    Ok(Json(shown(&call, &urn, &version(&urn)?)?))
}

/// Deletes the configuration of a version.
pub(crate) async fn delete(call: Call<DeleteFunctionAsyncInvokeConfig>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    call.app.runtime.registry().delete_async_config(&urn.function, &version(&urn)?).await?;
    Ok(Empty {})
}

/// Sets the configuration of a version. What the body leaves out has its default.
pub(crate) async fn update(call: Call<UpdateFunctionAsyncInvokeConfig>) -> Result<Json<AsyncInvokeConfig>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let version = version(&urn)?;
    let Json(body) = &call.body;
    let mut config = AsyncConfig::new(call.app.now());
    // Numbers outside of what a type holds become such as the registry refuses.
    if let Some(seconds) = body.max_async_event_age_in_seconds {
        config.max_age = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    }
    if let Some(retries) = body.max_async_retry_attempts {
        config.max_retries = u8::try_from(retries).unwrap_or(u8::MAX);
    }
    if let Some(AsyncDestinations { on_success, on_failure }) = &body.destination_config {
        config.on_success = destination::read(&call, on_success.as_ref())?;
        config.on_failure = destination::read(&call, on_failure.as_ref())?;
    }
    config.status_log = body.enable_async_status_log.unwrap_or(false);
    call.app.runtime.registry().set_async_config(&urn.function, &version, config).await?;
    Ok(Json(shown(&call, &urn, &version)?))
}

/// Lists the configurations of a function's versions.
pub(crate) async fn list(call: Call<ListFunctionAsyncInvokeConfig>) -> Result<Json<AsyncInvokeConfigList>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.limit.as_deref(), 10, 100)?;
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let count = function.async_configs.len();
    let configs = page.of(&function.async_configs);
    let async_invoke_configs = configs.map(|(version, config)| answer(&call, &urn, version, config)).collect();
    Ok(Json(AsyncInvokeConfigList { async_invoke_configs, count: count as u64, page_info: page.info(count) }))
}

/// Lists requests.
pub(crate) async fn requests(call: Call<ListAsyncInvocations>) -> Result<Json<AsyncInvocationList>, Failure> {
    let ids = call.query.request_id.as_deref().unwrap_or_default();
    listed(&call, &call.path.function_urn, &call.query, ids, false).await
}

/// Lists requests that have not ended.
pub(crate) async fn active(call: Call<ListActiveAsyncInvocations>) -> Result<Json<AsyncInvocationList>, Failure> {
    let query = call.query.clone();
    let ids = query.requests.unwrap_or_default();
    let query = InvocationsQuery {
        request_id: None,
        marker: query.marker,
        limit: query.limit,
        status: query.status,
        query_begin_time: query.query_begin_time,
        query_end_time: query.query_end_time,
    };
    listed(&call, &call.path.function_urn, &query, &ids, true).await
}

/// Stops a request. One that has ended stays as it is.
pub(crate) async fn cancel(call: Call<CancelAsyncInvocation>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    call.function(&urn)?;
    let Json(body) = &call.body;
    if !matches!(body.kind.as_deref(), None | Some("" | "force")) {
        let text = "the `type` must be `force`; to stop what an invocation called is not supported";
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    let unknown = || Failure::new(ErrorCode::InvalidParameter, "Invalid RequestId: the function has no such request");
    let id = body.request_id.parse::<RequestId>().map_err(|_| unknown())?;
    let record = call.app.runtime.status(id).await?.filter(|record| record.function == urn.function);
    record.ok_or_else(unknown)?;
    call.app.runtime.cancel(id).await?;
    Ok(Empty {})
}

/// The version that a URN names: aliases have no configurations.
fn version(urn: &Urn) -> Result<VersionName, Failure> {
    match &urn.qualifier {
        None => Ok(VersionName::latest()),
        Some(Qualifier::Version(version)) => Ok(version.clone()),
        Some(Qualifier::Alias(alias)) => {
            let text = format!("the alias `{alias}` has no asynchronous configuration of its own; name its version");
            Err(Failure::new(ErrorCode::InvalidAsyncConfig, text))
        }
    }
}

fn shown<O: Operation>(call: &Call<O>, urn: &Urn, version: &VersionName) -> Result<AsyncInvokeConfig, Failure> {
    let function = call.function(urn)?;
    if function.version(version).is_none() {
        let (function, version) = (urn.function.clone(), version.clone());
        return Err(RegistryError::VersionNotFound { function, version }.into());
    }
    let not_found = || RegistryError::AsyncConfigNotFound { function: urn.function.clone(), version: version.clone() };
    let config = function.async_configs.get(version).ok_or_else(not_found)?;
    Ok(answer(call, urn, version, config))
}

/// A configuration as the API tells it.
pub(super) fn answer<O: Operation>(
    call: &Call<O>,
    urn: &Urn,
    version: &VersionName,
    config: &AsyncConfig,
) -> AsyncInvokeConfig {
    AsyncInvokeConfig {
        func_urn: call.name(&urn.function, Qualifier::Version(version.clone())),
        max_async_event_age_in_seconds: config.max_age.as_secs(),
        max_async_retry_attempts: config.max_retries,
        destination_config: AsyncDestinations {
            on_success: config.on_success.as_ref().map(destination::answer),
            on_failure: config.on_failure.as_ref().map(destination::answer),
        },
        created_time: time::format(config.created_at),
        last_modified: time::format(config.modified_at),
        enable_async_status_log: config.status_log,
    }
}

async fn listed<O: Operation>(
    call: &Call<O>,
    urn: &str,
    asked: &InvocationsQuery,
    ids: &str,
    active: bool,
) -> Result<Json<AsyncInvocationList>, Failure> {
    let page = Page::read(asked.marker.as_deref(), asked.limit.as_deref(), 100, 500)?;
    let urn = call.urn(urn)?;
    call.function(&urn)?;
    let now = call.app.now();
    let query = RequestQuery {
        function: urn.function,
        qualifier: urn.qualifier,
        ids: request_ids(ids)?,
        status: query::read("status", asked.status.as_deref(), "WAIT, RUNNING, SUCCESS, FAIL or DISCARD")?,
        active,
        from: query::moment("query_begin_time", asked.query_begin_time.as_deref())?.unwrap_or(now - HOUR),
        until: query::moment("query_end_time", asked.query_end_time.as_deref())?.unwrap_or(now),
        offset: page.offset(),
        limit: page.limit(),
    };
    let (records, count) = call.app.runtime.requests(query).await?;
    let next_marker = page.offset().saturating_add(records.len() as u64).min(count);
    Ok(Json(AsyncInvocationList { invocations: records.into_iter().map(invocation).collect(), count, next_marker }))
}

fn invocation(record: RequestRecord) -> AsyncInvocation {
    AsyncInvocation {
        request_id: record.id.to_string(),
        status: record.status.to_string(),
        error_message: record.error_message,
        error_code: record.error_code,
        start_time: record.started_at.map(time::format),
        end_time: record.ended_at.map(time::format),
    }
}

fn request_ids(text: &str) -> Result<Vec<RequestId>, Failure> {
    let ids = text.split(',').map(str::trim).filter(|id| !id.is_empty());
    let ids: Result<Vec<RequestId>, _> = ids.map(str::parse).collect();
    match ids {
        Ok(ids) if ids.len() <= IDS => Ok(ids),
        Ok(_) => {
            Err(Failure::new(ErrorCode::InvalidParameter, format!("up to {IDS} requests can be asked for at once")))
        }
        Err(error) => Err(Failure::new(ErrorCode::InvalidParameter, format!("Invalid RequestId: {error}"))),
    }
}
