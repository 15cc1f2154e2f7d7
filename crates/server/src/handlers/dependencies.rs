//! Dependencies (manual, 7.3).
//!
//! The older operations know no versions: what they name is a dependency that has one, and the id that they answer and
//! take is the version's, since that is what functions are configured with. So each `depend_id` may be either id.

use super::{code, metadata};
use crate::{app::App, call::Call, failure::Failure, page::Page, query};
use bytes::Bytes;
use fngraph::{
    CodeType, Delivery, Dependency, DependencyVersion, ErrorCode, NewDependency, Package, RegistryError, RequestId,
};
use fngraph_api::{
    self as api, Empty, Json,
    dependencies::{
        CreateDependency, CreateDependencyVersion, DeleteDependency, DeleteDependencyVersion, DependencyBody,
        DependencyList, ListDependencies, ListDependencyVersion, ShowDependency, ShowDependencyVersion,
        UpdateDependency,
    },
};
use std::sync::Arc;

/// The most items of a page, and how many it has when nobody says.
const PAGE: usize = 400;

/// The most bytes of a zip within a request (`FSS.1071`). What is fetched may have 300 MiB.
const ZIP_BYTES: usize = 40 << 20;

/// The runtimes that a dependency may be made for: the manual's. Which one it is changes nothing here.
const RUNTIMES: [&str; 21] = [
    "Java8",
    "Java11",
    "Node.js6.10",
    "Node.js8.10",
    "Node.js10.16",
    "Node.js12.13",
    "Node.js14.18",
    "Node.js16.17",
    "Node.js18.15",
    "Python2.7",
    "Python3.6",
    "Python3.9",
    "Python3.10",
    "Go1.x",
    "C#(.NET Core 2.1)",
    "C#(.NET Core 3.1)",
    "Custom",
    "PHP7.3",
    "http",
    "Custom Image",
    "Cangjie1.0",
];

/// Lists the dependencies of the caller's project.
pub(crate) async fn list(call: Call<ListDependencies>) -> Result<Json<DependencyList>, Failure> {
    let Call { app, project, origin, query, .. } = call;
    let limit = query.maxitems.as_deref().or(query.limit.as_deref());
    let page = Page::read(query.marker.as_deref(), limit, PAGE, PAGE)?;
    let mut dependencies = app.runtime.registry().dependencies(&project);
    if wants_public_only(query.ispublic.as_deref(), query.dependency_type.as_deref())? {
        dependencies.clear();
    }
    if let Some(runtime) = query::given(query.runtime.as_deref()) {
        dependencies.retain(|dependency| dependency.newest().runtime == runtime);
    }
    if let Some(name) = query::given(query.name.as_deref()) {
        dependencies.retain(|dependency| dependency.name == name);
    }
    let tell = |dependency: &Arc<Dependency>| {
        let newest = tell(&app, &origin, dependency, dependency.newest());
        api::dependencies::Dependency { id: dependency.id.clone(), ..newest }
    };
    Ok(Json(DependencyList {
        dependencies: page.of(&dependencies).map(tell).collect(),
        next_marker: page.next(dependencies.len()),
        count: dependencies.len() as u64,
    }))
}

/// Creates a dependency.
pub(crate) async fn create(call: Call<CreateDependency>) -> Result<Json<api::dependencies::Dependency>, Failure> {
    let Call { app, project, origin, body: Json(body), .. } = call;
    let new = receive(&app, project, body).await?;
    let dependency = app.runtime.create_dependency(new).await?;
    Ok(Json(tell(&app, &origin, &dependency, dependency.newest())))
}

/// Adds a version to a dependency.
pub(crate) async fn create_version(
    call: Call<CreateDependencyVersion>,
) -> Result<Json<api::dependencies::Dependency>, Failure> {
    let Call { app, project, origin, body: Json(body), .. } = call;
    let new = receive(&app, project, body).await?;
    let dependency = app.runtime.add_dependency_version(new).await?;
    Ok(Json(tell(&app, &origin, &dependency, dependency.newest())))
}

/// Lists the versions of a dependency.
pub(crate) async fn versions(call: Call<ListDependencyVersion>) -> Result<Json<DependencyList>, Failure> {
    let Call { app, project, origin, path, query, .. } = call;
    let page = Page::read(query.marker.as_deref(), query.maxitems.as_deref(), PAGE, PAGE)?;
    let dependency = app.runtime.registry().dependency(&project, &path.depend_id)?;
    let count = dependency.versions.len();
    let versions = page.of(dependency.versions.iter().rev());
    let dependencies = versions.map(|version| tell(&app, &origin, &dependency, version)).collect();
    Ok(Json(DependencyList { dependencies, next_marker: page.next(count), count: count as u64 }))
}

/// Answers one version of a dependency.
pub(crate) async fn show_version(
    call: Call<ShowDependencyVersion>,
) -> Result<Json<api::dependencies::Dependency>, Failure> {
    let Call { app, project, origin, path, .. } = call;
    let dependency = app.runtime.registry().dependency(&project, &path.depend_id)?;
    let number = number(&path.version)?;
    let not_found = || RegistryError::DependencyVersionNotFound { name: dependency.name.clone(), version: number };
    let told = tell(&app, &origin, &dependency, dependency.version(number).ok_or_else(not_found)?);
    Ok(Json(api::dependencies::Dependency { download_link: Some(told.link.clone()), ..told }))
}

/// Deletes a version of a dependency.
pub(crate) async fn delete_version(call: Call<DeleteDependencyVersion>) -> Result<Empty, Failure> {
    let Call { app, project, path, .. } = call;
    let number = number(&path.version)?;
    app.runtime.registry().delete_dependency_version(&project, &path.depend_id, number).await?;
    Ok(Empty {})
}

/// Deletes a dependency.
pub(crate) async fn delete(call: Call<DeleteDependency>) -> Result<Empty, Failure> {
    let Call { app, project, path, .. } = call;
    app.runtime.registry().delete_dependency(&project, &path.depend_id).await?;
    Ok(Empty {})
}

/// Answers a dependency.
pub(crate) async fn show(call: Call<ShowDependency>) -> Result<Json<api::dependencies::Dependency>, Failure> {
    let Call { app, project, origin, path, .. } = call;
    let registry = app.runtime.registry();
    if let Some((dependency, version)) = registry.dependency_version(&project, &path.depend_id) {
        return Ok(Json(tell(&app, &origin, &dependency, &version)));
    }
    let dependency = registry.dependency(&project, &path.depend_id)?;
    let newest = tell(&app, &origin, &dependency, dependency.newest());
    Ok(Json(api::dependencies::Dependency { id: dependency.id.clone(), ..newest }))
}

/// Replaces a dependency.
pub(crate) async fn update(call: Call<UpdateDependency>) -> Result<Json<api::dependencies::Dependency>, Failure> {
    let Call { app, project, origin, path, body: Json(body), .. } = call;
    // Before files are fetched for nothing.
    let id = &path.depend_id;
    let is_version = app.runtime.registry().dependency(&project, id)?.id != *id;
    let new = receive(&app, project, body).await?;
    let dependency = app.runtime.replace_dependency(id, new).await?;
    let told = tell(&app, &origin, &dependency, dependency.newest());
    let id = if is_version { told.id.clone() } else { dependency.id.clone() };
    Ok(Json(api::dependencies::Dependency { id, ..told }))
}

/// The versions of dependencies that a request names, if it names some, as functions are configured with them. A
/// dependency's own id means its newest version.
pub(crate) fn resolve(
    app: &App,
    project: &str,
    versions: Option<Vec<String>>,
    older: Option<Vec<String>>,
) -> Result<Option<Vec<String>>, Failure> {
    let given = match (versions, older) {
        (Some(versions), Some(older)) if versions.is_empty() => Some(older),
        (Some(versions), _) => Some(versions),
        (None, older) => older,
    };
    let registry = app.runtime.registry();
    let version = |id: String| match registry.dependency_version(project, &id) {
        Some(_) => Ok(id),
        None => registry.dependency(project, &id).map(|dependency| dependency.newest().id.clone()),
    };
    Ok(given.map(|ids| ids.into_iter().map(version).collect::<Result<_, RegistryError>>()).transpose()?)
}

/// The dependencies with the versions of these ids, and those versions.
pub(crate) fn of(app: &App, project: &str, ids: &[String]) -> Vec<(Arc<Dependency>, Arc<DependencyVersion>)> {
    let registry = app.runtime.registry();
    ids.iter().filter_map(|id| registry.dependency_version(project, id)).collect()
}

/// A version of a dependency as the API tells it, without a link to download it.
pub(crate) fn describe(dependency: &Dependency, version: &DependencyVersion) -> api::dependencies::Dependency {
    api::dependencies::Dependency {
        id: version.id.clone(),
        owner: dependency.project_id.to_string(),
        link: version.delivery.url.clone(),
        runtime: version.runtime.clone(),
        etag: version.etag.clone(),
        size: metadata::number(version.package_bytes),
        name: dependency.name.clone(),
        description: version.description.clone(),
        file_name: version.delivery.filename.clone(),
        version: version.number.into(),
        dep_id: dependency.id.clone(),
        last_modified: version.modified_at.as_millis().div_euclid(1000),
        download_link: None,
        is_shared: Some(false),
    }
}

/// A version of a dependency as the API tells it.
pub(crate) fn tell(
    app: &App,
    origin: &str,
    dependency: &Dependency,
    version: &DependencyVersion,
) -> api::dependencies::Dependency {
    let link = code::link(app, origin, &version.package.to_string());
    api::dependencies::Dependency { link, ..describe(dependency, version) }
}

/// What a request uploads.
async fn receive(app: &App, project: Arc<str>, body: DependencyBody) -> Result<NewDependency, Failure> {
    if !RUNTIMES.contains(&body.runtime.as_str()) {
        let text = format!("`runtime` is one of the manual's: {}", RUNTIMES.join(", "));
        return Err(Failure::new(ErrorCode::InvalidRuntime, text));
    }
    let mut new = NewDependency {
        project_id: project,
        name: body.name,
        id: RequestId::random().to_string(),
        version_id: RequestId::random().to_string(),
        runtime: body.runtime,
        description: body.description.unwrap_or_default(),
        // Stands in until it is there, so that everything else is checked first.
        package: Package::from(Bytes::from_static(b"PK")),
        at: app.now(),
    };
    new.validate().map_err(RegistryError::from)?;
    let (bytes, code_type, url, filename) = match body.depend_type.as_str() {
        "zip" => {
            let file = body.depend_file.filter(|file| !file.is_empty());
            let missing = || Failure::new(ErrorCode::InvalidDependency, "`depend_file` is the zip, as base64");
            let file = file.ok_or_else(missing)?;
            (code::blocking(move || decode(&file)).await?, CodeType::Zip, String::new(), String::new())
        }
        "obs" => {
            let url = body.depend_link.filter(|url| !url.is_empty());
            let url = url.ok_or_else(|| Failure::new(ErrorCode::InvalidUrl, "`depend_link` says where the zip is"))?;
            let fetched = app.options.code_sources.fetch(&url).await;
            let bytes = fetched.map_err(|error| Failure::new(error.code(), error.to_string()))?;
            let filename = code::file_name(&url);
            (bytes, CodeType::Obs, url, filename)
        }
        _ => {
            let text = "`depend_type` says how the files come: `zip` or `obs`";
            return Err(Failure::new(ErrorCode::InvalidDependencyType, text));
        }
    };
    let filename = if filename.is_empty() { format!("{}.zip", new.name) } else { filename };
    new.package = Package { bytes, delivery: Delivery { code_type, url, filename } };
    Ok(new)
}

fn decode(text: &str) -> Result<Bytes, Failure> {
    if text.len() / 4 * 3 > ZIP_BYTES + 2 {
        let text = format!("the zip has more than {ZIP_BYTES} bytes, the most that may be sent; use `obs`");
        return Err(Failure::new(ErrorCode::PackageTooLarge, text));
    }
    let refused = |error| Failure::new(ErrorCode::InvalidDependency, format!("`depend_file` is no base64: {error}"));
    code::decode_base64(text).map_err(refused)
}

/// Whether only what the platform shares is asked for.
fn wants_public_only(is_public: Option<&str>, kind: Option<&str>) -> Result<bool, Failure> {
    let by_flag = query::read::<bool>("ispublic", is_public, "`true` or `false`")?;
    let by_kind = match query::given(kind) {
        None | Some("all" | "private") => false,
        Some("public") => true,
        Some(_) => return Err(query::refused("dependency_type", "`public`, `private` or `all`")),
    };
    Ok(by_flag == Some(true) || by_kind)
}

fn number(text: &str) -> Result<u32, Failure> {
    let refused = |_| Failure::new(ErrorCode::InvalidParameter, "the version of a dependency is a number from 1 on");
    text.parse().map_err(refused)
}
