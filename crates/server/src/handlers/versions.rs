//! Versions of functions (manual, 7.7.6 and 7.7.7).

use super::{async_invocations, metadata};
use crate::{call::Call, failure::Failure, page::Page};
use fngraph::{ErrorCode, Function, Publish, Qualifier, Urn, Version};
use fngraph_api::{
    Json,
    metadata::FunctionMetadata,
    versions::{CreateFunctionVersion, FunctionVersion, ListFunctionVersions, VersionList},
};
use std::{fmt::Display, str::FromStr};

/// The most versions of a page, and how many it has when nobody says.
const PAGE: usize = 400;

/// Lists the versions of a function: `latest`, then the published ones, newest first.
pub(crate) async fn list(call: Call<ListFunctionVersions>) -> Result<Json<VersionList>, Failure> {
    let page = Page::read(call.query.marker.as_deref(), call.query.maxitems.as_deref(), PAGE, PAGE)?;
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let count = function.versions().count();
    let versions = page.of(function.versions()).map(|version| item(&call, &urn, &function, version));
    Ok(Json(VersionList { versions: versions.collect(), next_marker: page.next(count), count: count as u64 }))
}

/// Publishes `latest`.
pub(crate) async fn create(call: Call<CreateFunctionVersion>) -> Result<Json<FunctionMetadata>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    if urn.qualifier.as_ref().is_some_and(|qualifier| *qualifier != Qualifier::latest()) {
        let text = "only `latest` is published; leave the version out of the URN";
        return Err(Failure::new(ErrorCode::InvalidVersion, text));
    }
    let Json(body) = &call.body;
    let publish = Publish {
        version: given(body.version.as_deref(), ErrorCode::InvalidVersion)?,
        description: body.description.clone().unwrap_or_default(),
        digest: given(body.digest.as_deref(), ErrorCode::InvalidParameter)?,
    };
    let version = call.app.runtime.registry().publish(&urn.function, publish, call.app.now()).await?;
    let function = call.function(&urn)?;
    Ok(Json(metadata::of(&call.app, &function, &version)))
}

fn item(call: &Call<ListFunctionVersions>, urn: &Urn, function: &Function, version: &Version) -> FunctionVersion {
    let config = function.async_configs.get(&version.name);
    FunctionVersion {
        metadata: metadata::of(&call.app, function, version),
        concurrency: version.scaling.max_instances.into(),
        concurrent_num: version.scaling.concurrency.into(),
        function_async_config: config.map(|config| async_invocations::answer(call, urn, &version.name, config)),
    }
}

/// What a text says; an empty one says nothing.
fn given<T: FromStr<Err: Display>>(text: Option<&str>, code: ErrorCode) -> Result<Option<T>, Failure> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|error: T::Err| Failure::new(code, error.to_string()))).transpose()
}
