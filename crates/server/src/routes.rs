//! Which handler answers which operation, and what happens around all of them.

use crate::{
    admit::admit,
    app::App,
    call::Call,
    failure::Failure,
    handlers::{
        aliases, applications, archive, async_invocations, bridge, code, collect, config, dependencies, events,
        functions, invocations, logs, metrics, probes, quotas, reserved, snapshots, tags, templates, tokens, topics,
        tracing, triggers, versions,
    },
};
use axum::{
    Router,
    extract::{Request, State},
    handler::Handler,
    middleware::map_response,
    response::{IntoResponse as _, Response},
    routing::{MethodFilter, get, on},
};
use fngraph::{ErrorCode, RequestId};
use fngraph_api::{self as api, Content as _, Method, Operation, headers};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};

/// All routes.
pub fn router(app: App) -> Router {
    Routes::new()
        .raw::<api::invocations::InvokeFunction, _, _>(invocations::route)
        .on::<api::invocations::AsyncInvokeFunction, _, _>(invocations::invoke_async)
        .on::<api::invocations::AsyncInvokeReserved, _, _>(invocations::invoke_reserved)
        .on::<api::aliases::ListVersionAliases, _, _>(aliases::list)
        .on::<api::aliases::CreateVersionAlias, _, _>(aliases::create)
        .on::<api::aliases::DeleteVersionAlias, _, _>(aliases::delete)
        .on::<api::aliases::ShowVersionAlias, _, _>(aliases::show)
        .on::<api::aliases::UpdateVersionAlias, _, _>(aliases::update)
        .on::<api::archive::ExportFunction, _, _>(archive::export)
        .on::<api::archive::ImportFunction, _, _>(archive::import)
        .on::<api::applications::ShowAppTemplate, _, _>(applications::template)
        .on::<api::applications::ListAppTemplates, _, _>(applications::templates)
        .on::<api::applications::ListFunctionApplications, _, _>(applications::list)
        .on::<api::applications::CreateFunctionApp, _, _>(applications::create)
        .on::<api::applications::ShowFunctionApp, _, _>(applications::show)
        .on::<api::applications::DeleteFunctionApp, _, _>(applications::delete)
        .on::<api::bridge::ListBridgeFunctions, _, _>(bridge::functions)
        .on::<api::bridge::CreateVpcEndpoint, _, _>(bridge::create_endpoint)
        .on::<api::bridge::DeleteVpcEndpoint, _, _>(bridge::delete_endpoint)
        .on::<api::bridge::ListBridgeVersions, _, _>(bridge::versions)
        .on::<api::code::ShowFunctionCode, _, _>(code::show)
        .on::<api::code::UpdateFunctionCode, _, _>(code::update)
        .on::<api::collect::UpdateFunctionCollectState, _, _>(collect::update)
        .on::<api::config::ShowFunctionConfig, _, _>(config::show)
        .on::<api::config::UpdateFunctionConfig, _, _>(config::update)
        .on::<api::config::UpdateFunctionMaxInstanceConfig, _, _>(config::scale)
        .on::<api::dependencies::ListDependencies, _, _>(dependencies::list)
        .on::<api::dependencies::CreateDependency, _, _>(dependencies::create)
        .on::<api::dependencies::CreateDependencyVersion, _, _>(dependencies::create_version)
        .on::<api::dependencies::ListDependencyVersion, _, _>(dependencies::versions)
        .on::<api::dependencies::ShowDependencyVersion, _, _>(dependencies::show_version)
        .on::<api::dependencies::DeleteDependencyVersion, _, _>(dependencies::delete_version)
        .on::<api::dependencies::DeleteDependency, _, _>(dependencies::delete)
        .on::<api::dependencies::ShowDependency, _, _>(dependencies::show)
        .on::<api::dependencies::UpdateDependency, _, _>(dependencies::update)
        .on::<api::events::ListEvents, _, _>(events::list)
        .on::<api::events::CreateEvent, _, _>(events::create)
        .on::<api::events::DeleteEvent, _, _>(events::delete)
        .on::<api::events::ShowEvent, _, _>(events::show)
        .on::<api::events::UpdateEvent, _, _>(events::update)
        .on::<api::functions::ListFunctions, _, _>(functions::list)
        .on::<api::functions::CreateFunction, _, _>(functions::create)
        .on::<api::functions::DeleteFunction, _, _>(functions::delete)
        .on::<api::quotas::ListQuotas, _, _>(quotas::list)
        .on::<api::metrics::ListFunctionAsMetric, _, _>(metrics::report)
        .on::<api::metrics::ListStatistics, _, _>(metrics::project)
        .on::<api::metrics::ListFunctionStatistics, _, _>(metrics::function)
        .on::<api::metrics::ShowFuncReservedInstanceMetrics, _, _>(metrics::instances)
        .on::<api::metrics::ShowFunctionMetrics, _, _>(metrics::sla)
        .on::<api::logs::ShowProjectAsyncStatusLogInfo, _, _>(logs::async_status_detail)
        .on::<api::logs::ShowLtsLogDetails, _, _>(logs::function_detail)
        .on::<api::logs::EnableLtsLogs, _, _>(logs::enable)
        .on::<api::logs::EnableAsyncStatusLog, _, _>(logs::enable_async_status)
        .on::<api::logs::ReadLogs, _, _>(logs::read)
        .on::<api::async_invocations::ShowFunctionAsyncInvokeConfig, _, _>(async_invocations::show)
        .on::<api::async_invocations::DeleteFunctionAsyncInvokeConfig, _, _>(async_invocations::delete)
        .on::<api::async_invocations::UpdateFunctionAsyncInvokeConfig, _, _>(async_invocations::update)
        .on::<api::async_invocations::ListFunctionAsyncInvokeConfig, _, _>(async_invocations::list)
        .on::<api::async_invocations::ListAsyncInvocations, _, _>(async_invocations::requests)
        .on::<api::async_invocations::ListActiveAsyncInvocations, _, _>(async_invocations::active)
        .on::<api::async_invocations::CancelAsyncInvocation, _, _>(async_invocations::cancel)
        .on::<api::reserved::ListReservedInstanceConfigs, _, _>(reserved::configs)
        .on::<api::reserved::UpdateFunctionReservedInstancesCount, _, _>(reserved::update)
        .on::<api::reserved::ListFunctionReservedInstances, _, _>(reserved::list)
        .on::<api::snapshots::UpdateFuncSnapshot, _, _>(snapshots::update)
        .on::<api::snapshots::ShowFuncSnapshotState, _, _>(snapshots::show)
        .on::<api::tags::ListFunctionTags, _, _>(tags::list)
        .on::<api::tags::ShowProjectTagsList, _, _>(tags::project)
        .on::<api::tags::ShowResInstanceInfo, _, _>(tags::find)
        .on::<api::tags::DeleteTags, _, _>(tags::delete)
        .on::<api::tags::CreateTags, _, _>(tags::create)
        .on::<api::tracing::ShowTracing, _, _>(tracing::show)
        .on::<api::tracing::UpdateTracing, _, _>(tracing::update)
        .on::<api::templates::ListFunctionTemplate, _, _>(templates::list)
        .on::<api::templates::ShowFunctionTemplate, _, _>(templates::show)
        .on::<api::topics::PublishMessage, _, _>(topics::publish)
        .on::<api::triggers::BatchDeleteFunctionTriggers, _, _>(triggers::delete_all)
        .on::<api::triggers::ListFunctionTriggers, _, _>(triggers::list)
        .on::<api::triggers::CreateFunctionTrigger, _, _>(triggers::create)
        .on::<api::triggers::DeleteFunctionTrigger, _, _>(triggers::delete)
        .on::<api::triggers::ShowFunctionTrigger, _, _>(triggers::show)
        .on::<api::triggers::UpdateTrigger, _, _>(triggers::update)
        .on::<api::versions::ListFunctionVersions, _, _>(versions::list)
        .on::<api::versions::CreateFunctionVersion, _, _>(versions::create)
        .raw::<api::tokens::CreateToken, _, _>(tokens::create)
        .raw::<api::tokens::ListProjects, _, _>(tokens::projects)
        .raw::<api::tokens::ListDomains, _, _>(tokens::domains)
        .finish(app)
}

/// Routes as they are added.
struct Routes {
    router: Router<App>,
}

impl Routes {
    fn new() -> Self {
        Self { router: Router::new() }
    }

    /// Lets this handler answer an operation.
    fn on<O, H, F>(mut self, handler: H) -> Self
    where
        O: Operation,
        H: Fn(Call<O>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<O::Answer, Failure>> + Send,
    {
        let service = move |State(app): State<App>, request: Request| answer::<O, H, F>(app, request, handler.clone());
        self.router = self.router.route(O::PATH, on(filter(O::METHOD), service));
        self
    }

    /// Lets this handler answer an operation by itself, from the request to the answer.
    fn raw<O, H, T>(mut self, handler: H) -> Self
    where
        O: Operation,
        H: Handler<T, App>,
        T: 'static,
    {
        self.router = self.router.route(O::PATH, on(filter(O::METHOD), handler));
        self
    }

    fn finish(self, app: App) -> Router {
        let probes = Router::new()
            .route("/healthz", get(probes::health))
            .route("/readyz", get(probes::ready))
            .route("/metrics", get(probes::metrics))
            .route("/packages/{digest}", get(code::download))
            .route("/exports/{urn}", get(archive::download))
            .route("/openapi.json", get(probes::openapi))
            .layer(map_response(async |response: Response| identified(response)));
        self.router.merge(probes).fallback(nothing).method_not_allowed_fallback(nothing).with_state(app)
    }
}

/// Identify, admit, read, handle, answer.
async fn answer<O, H, F>(app: App, request: Request, handler: H) -> Response
where
    O: Operation,
    H: Fn(Call<O>) -> F,
    F: Future<Output = Result<O::Answer, Failure>> + Send,
{
    let limit = app.options.body_bytes;
    let result = async {
        let admitted = admit(&app, request, limit).await?;
        handler(Call::<O>::read(app, admitted).await?).await
    };
    match result.await {
        Ok(answer) => success::<O>(answer),
        Err(failure) => failure.into_response(),
    }
}

/// An answer with an id of its request.
pub(crate) fn identified(mut response: Response) -> Response {
    response.headers_mut().insert(headers::REQUEST_ID, header(RequestId::random().to_string()));
    response
}

/// A success, as the operation has it.
pub(crate) fn success<O: Operation>(answer: O::Answer) -> Response {
    let status = StatusCode::from_u16(O::STATUS).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.write()).into_response();
    match <O::Answer as fngraph_api::Content>::TYPE {
        Some(media) => response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media)),
        None => response.headers_mut().remove(CONTENT_TYPE),
    };
    identified(response)
}

/// A header's value from a text of ours.
pub(crate) fn header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

async fn nothing(request: Request) -> Response {
    nothing_at(request.method().as_str(), request.uri().path()).into_response()
}

/// There is no such operation.
pub(crate) fn nothing_at(method: &str, path: &str) -> Failure {
    Failure::new(ErrorCode::NotFound, format!("there is nothing at {method} {path}"))
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Post => MethodFilter::POST,
        Method::Put => MethodFilter::PUT,
        Method::Delete => MethodFilter::DELETE,
    }
}
