//! Dependencies: files that functions share (manual, 7.3).

use crate::{Empty, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the dependencies of a project, each with its newest version.
    ListDependencies = Get "/v2/{project_id}/fgs/dependencies" => 200, "7.3.1" {
        path: ProjectPath, query: DependenciesQuery, body: Empty, answer: Json<DependencyList>
    }
    /// Creates a dependency with its first version. The id that is answered is the version's. The cloud is giving this
    /// operation up; `CreateDependencyVersion` does the same.
    CreateDependency = Post "/v2/{project_id}/fgs/dependencies" => 200, "7.3.2" {
        path: ProjectPath, query: Empty, body: Json<DependencyBody>, answer: Json<Dependency>
    }
    /// Adds a version to the dependency of a name, which is created when there is none.
    CreateDependencyVersion = Post "/v2/{project_id}/fgs/dependencies/version" => 200, "7.3.3" {
        path: ProjectPath, query: Empty, body: Json<DependencyBody>, answer: Json<Dependency>
    }
    /// Lists the versions of a dependency, newest first.
    ListDependencyVersion = Get "/v2/{project_id}/fgs/dependencies/{depend_id}/version" => 200, "7.3.4" {
        path: DependencyPath, query: DependencyVersionsQuery, body: Empty, answer: Json<DependencyList>
    }
    /// Answers one version of a dependency.
    ShowDependencyVersion = Get "/v2/{project_id}/fgs/dependencies/{depend_id}/version/{version}" => 200, "7.3.5" {
        path: DependencyVersionPath, query: Empty, body: Empty, answer: Json<Dependency>
    }
    /// Deletes a version of a dependency that no function uses, and with the last one the dependency.
    DeleteDependencyVersion =
        Delete "/v2/{project_id}/fgs/dependencies/{depend_id}/version/{version}" => 204, "7.3.6" {
        path: DependencyVersionPath, query: Empty, body: Empty, answer: Empty
    }
    /// Deletes a dependency that has one version, which no function uses. The cloud is giving this operation up.
    DeleteDependency = Delete "/v2/{project_id}/fgs/dependencies/{depend_id}" => 204, "7.3.7" {
        path: DependencyPath, query: Empty, body: Empty, answer: Empty
    }
    /// Answers the newest version of a dependency, or the version of an id. The cloud is giving this operation up.
    ShowDependency = Get "/v2/{project_id}/fgs/dependencies/{depend_id}" => 200, "7.3.8" {
        path: DependencyPath, query: Empty, body: Empty, answer: Json<Dependency>
    }
    /// Replaces the files, the name and the description of a dependency that has one version, which no function uses.
    UpdateDependency = Put "/v2/{project_id}/fgs/dependencies/{depend_id}" => 200, "7.3.9" {
        path: DependencyPath, query: Empty, body: Json<DependencyBody>, answer: Json<Dependency>
    }
}

/// The parameters of paths that name a dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DependencyPath {
    /// The project.
    pub project_id: String,
    /// The dependency: its id, or that of one of its versions.
    pub depend_id: String,
}

/// The parameters of paths that name a version of a dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DependencyVersionPath {
    /// The project.
    pub project_id: String,
    /// The dependency: its id, or that of one of its versions.
    pub depend_id: String,
    /// The version's number.
    pub version: String,
}

/// Which dependencies to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DependenciesQuery {
    /// How many to leave out at the beginning: the `next_marker` of the page before. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "0")]
    pub marker: Option<String>,
    /// How many to answer: 1 to 400. 0 and more than 400 mean 400, and so does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "400")]
    pub maxitems: Option<String>,
    /// Another name of `maxitems`, which is read where that is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "400")]
    pub limit: Option<String>,
    /// `true` for those that the platform shares with everybody, of which there are none here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "false")]
    pub ispublic: Option<String>,
    /// `public`, `private` or `all`. Default: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "all")]
    pub dependency_type: Option<String>,
    /// Only those whose newest version was made for this runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Only the one of this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Which versions of a dependency to list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DependencyVersionsQuery {
    /// How many to leave out at the beginning: the `next_marker` of the page before. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "0")]
    pub marker: Option<String>,
    /// How many to answer: 1 to 400. 0 and more than 400 mean 400, and so does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "400")]
    pub maxitems: Option<String>,
}

/// A page of dependencies or versions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DependencyList {
    /// The dependencies, in the order of their names; or the versions of one, newest first.
    pub dependencies: Vec<Dependency>,
    /// The marker of the next page. After the last page it is the number of those that match.
    pub next_marker: u64,
    /// How many match, on all pages together.
    pub count: u64,
}

/// The files of a new version of a dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DependencyBody {
    /// The zip, as base64, for `zip`: up to 40 MiB decoded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depend_file: Option<String>,
    /// Where the zip is, for `obs`: up to 300 MiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depend_link: Option<String>,
    /// How the files come: `zip` or `obs` (else `FSS.1032`).
    #[schema(example = "zip")]
    pub depend_type: String,
    /// The runtime that they are made for: one of the manual's. It changes nothing here.
    #[schema(example = "Custom")]
    pub runtime: String,
    /// The dependency's name: 1 to 96 letters, digits, `_`, `.` and `-`, beginning with a letter and ending with a letter
    /// or digit.
    #[schema(min_length = 1, max_length = 96)]
    pub name: String,
    /// What people say about it: up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
}

/// A version of a dependency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dependency {
    /// The version's id, which functions name. In the list of dependencies, and where a dependency was asked for by its
    /// own id, it is the dependency's.
    pub id: String,
    /// Whose it is: the project's.
    pub owner: String,
    /// Where anybody who has this link can download the zip for some minutes. In the metadata of functions: where it was
    /// fetched, or an empty text.
    pub link: String,
    /// The runtime that it was made for.
    #[schema(example = "Custom")]
    pub runtime: String,
    /// The MD5 of the zip, in hexadecimal.
    pub etag: String,
    /// The size of the zip, in bytes.
    pub size: i64,
    /// The dependency's name.
    pub name: String,
    /// What people say about it.
    pub description: String,
    /// The name of the zip.
    pub file_name: String,
    /// The version's number.
    pub version: i64,
    /// The dependency's id.
    pub dep_id: String,
    /// When it was uploaded, in seconds since 1970: a number, on which the SDKs insist.
    pub last_modified: i64,
    /// The same as `link`, where one version was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub download_link: Option<String>,
    /// Whether it is shared with others. It is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_shared: Option<bool>,
}
