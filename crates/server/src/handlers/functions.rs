//! Functions as a whole (manual, 7.6.1 to 7.6.3).

use super::{code, config, dependencies, metadata, metrics};
use crate::{call::Call, failure::Failure, page::Page};
use fngraph::{ErrorCode, Function, FunctionId, FunctionQuery, NewFunction, RegistryError, Scaling, Settings};
use fngraph_api::{
    Empty, Json,
    config::UpdateFunctionConfigBody,
    functions::{CreateFunction, CreateFunctionBody, DeleteFunction, FunctionList, ListFunctions},
    metadata::FunctionMetadata,
};
use std::{collections::HashMap, sync::Arc};

/// The most functions of a page, and how many it has when nobody says.
const PAGE: usize = 400;

/// Lists the functions of the caller's project.
pub(crate) async fn list(call: Call<ListFunctions>) -> Result<Json<FunctionList>, Failure> {
    let Call { app, project, query, .. } = call;
    let page = Page::read(query.marker.as_deref(), query.maxitems.as_deref(), PAGE, PAGE)?;
    let (functions, count) = app.runtime.registry().functions_page(FunctionQuery {
        project: &project,
        package: query.package_name.as_deref().filter(|package| !package.is_empty()),
        name: query.func_name.as_deref().filter(|name| !name.is_empty()),
        offset: page.skip,
        limit: page.take,
    });
    let ids = functions.iter().map(|function| function.id.clone()).collect();
    let failures = app.runtime.failures(ids, app.now().minute() - metrics::DAY).await?;
    let failures: HashMap<_, _> = failures.into_iter().collect();
    let item = |function: &Arc<Function>| {
        let fail_count = metadata::number(failures.get(&function.id).copied().unwrap_or_default());
        FunctionMetadata { fail_count: Some(fail_count), ..metadata::of(&app, function, &function.latest) }
    };
    let functions = functions.iter().map(item).collect();
    Ok(Json(FunctionList { functions, next_marker: page.next(count), count: count as u64 }))
}

/// Creates a function.
pub(crate) async fn create(call: Call<CreateFunction>) -> Result<Json<FunctionMetadata>, Failure> {
    let Call { app, project, body: Json(mut body), .. } = call;
    let id = FunctionId::new(Arc::clone(&project), body.package.as_str(), body.func_name.as_str());
    // What can be refused at once is, before code is fetched or compiled.
    let mut settings = Settings::new(config::handler(&body.handler)?);
    settings.runtime = body.runtime.parse().map_err(RegistryError::from)?;
    generation(body.generation.as_deref())?;
    let used = dependencies::resolve(&app, &project, body.depend_version_list.take(), body.depend_list.take())?;
    settings.dependencies = used.unwrap_or_default();
    let (change, delivery) = divide(body);
    config::apply(change, &mut settings)?;
    let code = code::receive(&app, delivery, &settings.handler).await?;
    let new = NewFunction { id, settings, scaling: Scaling::default(), code, at: app.now() };
    let function = app.runtime.create(new).await?;
    Ok(Json(metadata::of(&app, &function, &function.latest)))
}

/// Deletes a function, or one version of it.
pub(crate) async fn delete(call: Call<DeleteFunction>) -> Result<Empty, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    let function = call.function(&urn)?;
    let registry = call.app.runtime.registry();
    match urn.qualifier {
        None => registry.delete(&function.id).await?,
        // An alias stands for its version, which goes with all its aliases.
        Some(_) => {
            let version = Arc::clone(metadata::version(&function, &urn)?);
            registry.delete_version(&function.id, &version.name).await?;
        }
    }
    Ok(Empty {})
}

/// A new function's settings, as a change of the defaults, and its code.
fn divide(body: CreateFunctionBody) -> (UpdateFunctionConfigBody, code::Delivered) {
    let change = UpdateFunctionConfigBody {
        timeout: Some(body.timeout),
        memory_size: Some(body.memory_size),
        user_data: body.user_data,
        encrypted_user_data: body.encrypted_user_data,
        description: body.description,
        initializer_handler: body.initializer_handler,
        initializer_timeout: body.initializer_timeout,
        pre_stop_handler: body.pre_stop_handler,
        pre_stop_timeout: body.pre_stop_timeout,
        enable_dynamic_memory: body.enable_dynamic_memory,
        attributes: body.attributes,
        ..UpdateFunctionConfigBody::default()
    };
    let code = code::Delivered {
        code_type: body.code_type,
        url: body.code_url,
        filename: body.code_filename,
        code: body.func_code,
    };
    (change, code)
}

fn generation(given: Option<&str>) -> Result<(), Failure> {
    match given {
        None | Some("" | "v1" | "v2") => Ok(()),
        Some(_) => Err(Failure::new(ErrorCode::InvalidParameter, "`type` is `v2`, or `v1`, which becomes `v2`")),
    }
}
