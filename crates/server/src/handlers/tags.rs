//! Tags of functions (manual, 7.6.9 and 7.6.13–7.6.16).

use crate::{call::Call, failure::Failure, page::Page};
use fngraph::{ErrorCode, Function, Qualifier, Urn};
use fngraph_api::{
    Empty, Json, Operation,
    tags::{
        CreateTags, DeleteTags, ENTERPRISE_PROJECT, ListFunctionTags, ProjectTags, RESOURCE_NAME, RESOURCE_TYPE,
        ResourceDetail, ResourceList, ResourceQuery, ResourceTags, ShowProjectTagsList, ShowResInstanceInfo, Tag,
        TagChange, TagValues, TaggedResource,
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// The attribute of functions that says which enterprise project they belong to.
const ENTERPRISE_PROJECT_ID: &str = "enterprise_project_id";

/// The most functions that one search answers.
const PAGE: usize = 1000;

/// Lists the tags of a function.
pub(crate) async fn list(call: Call<ListFunctionTags>) -> Result<Json<ResourceTags>, Failure> {
    let urn = resource(&call, &call.path.resource_type, &call.path.resource_id)?;
    let function = call.function(&urn)?;
    Ok(Json(ResourceTags { tags: tags(&function), sys_tags: sys_tags(&function) }))
}

/// Lists the tags that the functions of a project have.
pub(crate) async fn project(call: Call<ShowProjectTagsList>) -> Result<Json<ProjectTags>, Failure> {
    check_type(&call.path.resource_type)?;
    let functions = call.app.runtime.registry().functions(Some(&call.project));
    let all = |of: fn(&Function) -> Vec<Tag>| {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for Tag { key, value } in functions.iter().flat_map(|function| of(function)) {
            keys.entry(key).or_default().insert(value);
        }
        let keys = keys.into_iter().map(|(key, values)| TagValues { key, values: values.into_iter().collect() });
        keys.collect()
    };
    Ok(Json(ProjectTags { tags: all(tags), sys_tags: all(sys_tags) }))
}

/// Finds functions by name and tags, or counts them.
pub(crate) async fn find(call: Call<ShowResInstanceInfo>) -> Result<Json<ResourceList>, Failure> {
    check_type(&call.path.resource_type)?;
    let Json(query) = &call.body;
    let is_filter = match call.path.action.as_str() {
        "filter" => true,
        "count" => false,
        _ => return Err(Failure::new(ErrorCode::InvalidParameter, "the action is neither `filter` nor `count`")),
    };
    check_action(query.action.as_deref(), &call.path.action)?;
    let page = Page::read(query.offset.as_deref(), query.limit.as_deref(), PAGE, PAGE)?;
    let mut functions = call.app.runtime.registry().functions(Some(&call.project));
    functions.retain(|function| fits(function, query));
    let resources = page.of(&functions).map(|function| {
        let urn = call.name(&function.id, Qualifier::latest());
        TaggedResource {
            resource_id: urn.clone(),
            resource_detail: ResourceDetail { detail_id: urn },
            tags: tags(function),
            sys_tags: sys_tags(function),
            resource_name: function.id.name.to_string(),
        }
    });
    let resources = is_filter.then(|| resources.collect());
    Ok(Json(ResourceList { resources, total_count: functions.len() as u64 }))
}

/// Takes tags off a function.
pub(crate) async fn delete(call: Call<DeleteTags>) -> Result<Empty, Failure> {
    let urn = resource(&call, &call.path.resource_type, &call.path.resource_id)?;
    let Json(change) = &call.body;
    check_change(change, "delete")?;
    let value = |value: &String| Some(value.clone()).filter(|value| !value.is_empty());
    let tags = change.tags.iter().map(|tag| (tag.key.clone(), value(&tag.value))).collect();
    call.app.runtime.registry().remove_tags(&urn.function, tags).await?;
    Ok(Empty {})
}

/// Puts tags on a function.
pub(crate) async fn create(call: Call<CreateTags>) -> Result<Empty, Failure> {
    let urn = resource(&call, &call.path.resource_type, &call.path.resource_id)?;
    let Json(change) = &call.body;
    check_change(change, "create")?;
    let tags = change.tags.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    call.app.runtime.registry().add_tags(&urn.function, tags).await?;
    Ok(Empty {})
}

fn resource<O: Operation>(call: &Call<O>, kind: &str, id: &str) -> Result<Urn, Failure> {
    check_type(kind)?;
    call.urn(id)
}

fn check_type(kind: &str) -> Result<(), Failure> {
    if kind == RESOURCE_TYPE {
        return Ok(());
    }
    let text = format!("the resources that have tags here are `{RESOURCE_TYPE}`");
    Err(Failure::new(ErrorCode::InvalidParameter, text))
}

/// Whether a body says the same as the path.
fn check_action(given: Option<&str>, path: &str) -> Result<(), Failure> {
    match given {
        None | Some("") => Ok(()),
        Some(given) if given == path => Ok(()),
        Some(_) => {
            let text = format!("the body's action is not `{path}`, as the path says; leave it out");
            Err(Failure::new(ErrorCode::InvalidParameter, text))
        }
    }
}

fn check_change(change: &TagChange, action: &str) -> Result<(), Failure> {
    check_action(change.action.as_deref(), action)?;
    if change.sys_tags.is_empty() {
        return Ok(());
    }
    let text = format!("system tags are the platform's; give the function another `{ENTERPRISE_PROJECT_ID}` instead");
    Err(Failure::new(ErrorCode::InvalidParameter, text))
}

fn tags(function: &Function) -> Vec<Tag> {
    function.tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

fn sys_tags(function: &Function) -> Vec<Tag> {
    let project = function.latest.settings.attributes.get(ENTERPRISE_PROJECT_ID).and_then(|id| id.as_str());
    project.map(|id| Tag { key: ENTERPRISE_PROJECT.to_owned(), value: id.to_owned() }).into_iter().collect()
}

fn fits(function: &Function, query: &ResourceQuery) -> bool {
    let matches = query.matches.iter().all(|Tag { key, value }| {
        if key == RESOURCE_NAME { function.id.name.contains(&**value) } else { function.tags.get(key) == Some(value) }
    });
    let belongs = |wanted: &TagValues| {
        sys_tags(function).iter().any(|tag| tag.key == wanted.key && wanted.values.contains(&tag.value))
    };
    let untagged = !query.without_any_tag.unwrap_or_default() || function.tags.is_empty();
    untagged && matches && query.sys_tags.iter().all(belongs)
}
