//! The application centre (manual, 7.16).

use crate::{Empty, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Answers what an application can be made from.
    ShowAppTemplate = Get "/v2/{project_id}/fgs/application/templates/{id}" => 200, "7.16.1" {
        path: ApplicationPath, query: Empty, body: Empty, answer: Json<ApplicationTemplate>
    }
    /// Lists what applications can be made from.
    ListAppTemplates = Get "/v2/{project_id}/fgs/application/templates" => 200, "7.16.2" {
        path: ProjectPath, query: ApplicationTemplateQuery, body: Empty, answer: Json<ApplicationTemplateList>
    }
    /// Lists the applications.
    ListFunctionApplications = Get "/v2/{project_id}/fgs/applications" => 200, "7.16.3" {
        path: ProjectPath, query: ApplicationQuery, body: Empty, answer: Json<ApplicationList>
    }
    /// Creates an application: its functions, aliases and triggers are made after the answer.
    CreateFunctionApp = Post "/v2/{project_id}/fgs/applications" => 200, "7.16.4" {
        path: ProjectPath, query: Empty, body: Json<CreateApplicationBody>, answer: Json<ApplicationCreated>
    }
    /// Answers an application and what became of its parts.
    ShowFunctionApp = Get "/v2/{project_id}/fgs/applications/{id}" => 200, "7.16.5" {
        path: ApplicationPath, query: Empty, body: Empty, answer: Json<Application>
    }
    /// Deletes an application with all its parts.
    DeleteFunctionApp = Delete "/v2/{project_id}/fgs/applications/{id}" => 200, "7.16.6" {
        path: ApplicationPath, query: Empty, body: Empty, answer: Empty
    }
}

/// The status of an application whose parts are being made.
pub const CREATING: &str = "creating";

/// The status of an application, or of a part, that is there.
pub const SUCCESS: &str = "success";

/// The status of an application that could not be made: what had been made is gone again.
pub const CREATE_FAIL: &str = "createFail";

/// The status of an application whose parts are being deleted.
pub const DELETING: &str = "deleting";

/// The status of an application of which a part could not be deleted.
pub const DELETE_FAIL: &str = "deleteFail";

/// The status of a part that is not there yet.
pub const PENDING: &str = "pending";

/// The status of a part that is gone again, or was never made.
pub const DELETED: &str = "deleted";

/// The parameters of paths that name an application, or a template of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ApplicationPath {
    /// The project.
    pub project_id: String,
    /// The id.
    pub id: String,
}

/// Which templates to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApplicationTemplateQuery {
    /// Where to begin: how many to skip. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many to answer at most: up to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maxitems: Option<String>,
    /// Only those with this runtime. Default: `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Only those of this category. Default: `all`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// Which applications to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ApplicationQuery {
    /// Where to begin: how many to skip. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many to answer at most: up to 500. Default: 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
}

/// What an application can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationTemplate {
    /// Its name.
    #[schema(example = "web-shop")]
    pub name: String,
    /// What it is.
    pub description: String,
    /// The runtime of most of its functions.
    pub runtime: String,
    /// What it is good for.
    pub category: String,
    /// What can be chosen: a JSON array of objects with `name`, `description` and `default`, as text.
    pub params: String,
    /// A picture: PNG, as base64.
    pub image: String,
    /// How often the project deployed it with success.
    pub deploy_count: u64,
    /// Its version: the day of its last change, 20261123.
    pub version: u64,
    /// How to use what was deployed: Markdown.
    pub template_guide: String,
    /// When it was first there, in milliseconds since 1970.
    pub create_time: i64,
    /// When it was last changed, in milliseconds since 1970.
    pub update_time: i64,
    /// What it uses.
    pub resources: Vec<ApplicationTemplateResource>,
}

/// What the applications of a template use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationTemplateResource {
    /// The service.
    #[schema(example = "FunctionGraph")]
    pub resource_name: String,
    /// A picture: always empty.
    pub icon: String,
    /// Where such things are listed.
    pub href: String,
}

/// What applications can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationTemplateList {
    /// Those of this page.
    pub templates: Vec<ApplicationTemplateSummary>,
    /// The marker of the next page.
    pub next_marker: u64,
    /// How many there are in all.
    pub count: u64,
}

/// One of what applications can be made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationTemplateSummary {
    /// Its id: a UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The runtime of most of its functions.
    pub runtime: String,
    /// What it is good for.
    pub category: String,
    /// What it is.
    pub description: String,
    /// A picture: PNG, as base64.
    pub image: String,
}

/// Applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationList {
    /// Those of this page.
    pub applications: Vec<ApplicationSummary>,
    /// The marker of the next page.
    pub next_marker: u64,
    /// How many there are in all.
    pub count: u64,
}

/// One of the applications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationSummary {
    /// Its id: a UUID.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `creating`, `success`, `createFail`, `deleting` or `deleteFail`.
    #[schema(example = "success")]
    pub status: String,
    /// When its status changed last, in milliseconds since 1970.
    pub last_modified_time: i64,
    /// What people say about it.
    pub description: String,
}

/// An application to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateApplicationBody {
    /// Its name, which those of its functions begin with: 1 to 64 letters, digits, `_` and `-`, beginning with a letter
    /// and ending with a letter or digit. The functions' names may have 60 in all.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    /// The id of what to make it from.
    #[serde(default)]
    pub template_id: String,
    /// What people say about it: up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
    /// The enterprise project of its functions. It changes nothing else here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise_project_id: Option<String>,
    /// The agency of its functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
    /// What was chosen of what its template leaves to choose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<BTreeMap<String, String>>,
}

/// An application that is being made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApplicationCreated {
    /// Its id: a UUID.
    pub application_id: String,
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Application {
    /// Its name.
    pub name: String,
    /// When its status changed last, in milliseconds since 1970.
    pub last_modified_time: i64,
    /// Its parts as one, as the manual and the SDKs have it: the first one that is not as it should be, else the first.
    pub stack_resources: StackResource,
    /// Ours: all its parts, in the order in which they are made.
    pub resources: Vec<StackResource>,
    /// `creating`, `success`, `createFail`, `deleting` or `deleteFail`.
    #[schema(example = "success")]
    pub status: String,
    /// Ours: why it could not be made or deleted.
    pub status_message: String,
    /// The name of the stack of its parts: its own.
    pub stack_name: String,
    /// The id of the stack of its parts: its own.
    pub stack_id: String,
    /// The name of its repository: always empty, since its code comes with the server.
    pub repo_name: String,
    /// What people say about it.
    pub description: String,
    /// Its repository: none.
    pub repo: Repository,
    /// The pipeline that deployed it: always empty.
    pub pipeline_id: String,
    /// The project.
    pub project_id: String,
    /// Where its first gateway trigger is called; empty without one.
    pub apig_url: String,
    /// Ours: the id of what it was made from.
    pub template_id: String,
    /// Ours: what was chosen when it was made.
    pub params: BTreeMap<String, String>,
}

/// A part of an application: a function, an alias or a trigger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct StackResource {
    /// The URN of a function or an alias, the id of a trigger; empty until it is there.
    pub physical_resource_id: String,
    /// What it is called.
    pub physical_resource_name: String,
    /// What it is called in the template.
    pub logical_resource_name: String,
    /// `function`, `alias` or `trigger`.
    pub logical_resource_type: String,
    /// `pending`, `creating`, `success`, `createFail`, `deleting`, `deleteFail` or `deleted`.
    pub resource_status: String,
    /// What went wrong.
    pub status_message: String,
    /// Where it is answered.
    pub href: String,
    /// The service that it belongs to.
    pub display_name: String,
}

/// Where an application's code is kept: nowhere, since it comes with the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Repository {
    /// Always empty.
    pub https_url: String,
    /// Always empty.
    pub web_url: String,
    /// Always empty.
    pub repo_status: String,
    /// Always empty.
    pub error_msg: String,
    /// Always empty.
    pub project_id: String,
}
