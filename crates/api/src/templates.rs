//! Templates of functions (manual, 7.10).

use crate::{Empty, Json, ProjectPath, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists what functions can be made from, code included.
    ListFunctionTemplate = Get "/v2/{project_id}/fgs/templates" => 200, "7.10.1" {
        path: ProjectPath, query: TemplateQuery, body: Empty, answer: Json<TemplateList>
    }
    /// Answers one template.
    ShowFunctionTemplate = Get "/v2/{project_id}/fgs/templates/{template_id}" => 200, "7.10.2" {
        path: TemplatePath, query: Empty, body: Empty, answer: Json<FunctionTemplate>
    }
}

/// The parameters of paths that name a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TemplatePath {
    /// The project.
    pub project_id: String,
    /// The template's id.
    pub template_id: String,
}

/// Which templates to list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// Where to begin: how many to skip. Default: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// How many to answer at most: up to 500. Default: 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maxitems: Option<String>,
    /// `true` for public templates, which all are; `false` for others. Default: both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ispublic: Option<String>,
    /// Only those with this runtime: `Custom` or `http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Only those with this scene.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<String>,
    /// Only those that this service of the cloud calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// Templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateList {
    /// Those of this page.
    pub func_templates: Vec<FunctionTemplate>,
    /// The marker of the next page.
    pub next_marker: u64,
}

/// What a function can be made from. Code type, code, handler, runtime, memory, timeout and user data are what creating
/// one takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FunctionTemplate {
    /// Its id: a UUID.
    pub id: String,
    /// 1: a public one.
    #[serde(rename = "type")]
    pub kind: i64,
    /// Its title.
    pub title: String,
    /// Its name, which `fngraph new --template` takes as well.
    #[schema(example = "hello")]
    pub template_name: String,
    /// What it shows.
    pub description: String,
    /// `Custom` or `http`.
    pub runtime: String,
    /// What runs.
    #[schema(example = "hello.handler")]
    pub handler: String,
    /// Ours: what has to run once in a new instance; empty for most.
    pub initializer_handler: String,
    /// Ours: what may run before an instance is stopped; empty for most.
    pub pre_stop_handler: String,
    /// `zip`.
    pub code_type: String,
    /// The code, as base64: a zip with the wasm file, its source and the sample event.
    pub code: String,
    /// How long an invocation may take, in seconds.
    pub timeout: i64,
    /// The memory of an instance, in MiB.
    pub memory_size: i64,
    /// What may call it.
    pub trigger_metadata_list: Vec<TriggerMetadata>,
    /// A sample.
    pub temp_detail: TemplateDetail,
    /// The user data that it needs: a JSON object of texts, as text; empty for most.
    pub user_data: String,
    /// Encrypted user data: always empty.
    pub encrypted_user_data: String,
    /// The dependencies that it needs: none.
    pub dependencies: Vec<String>,
    /// What it is good for.
    #[schema(example = "basic_function_usage")]
    pub scene: String,
    /// The service of the cloud that calls it.
    #[schema(example = "FunctionGraph")]
    pub service: String,
}

/// A trigger that a template is made for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriggerMetadata {
    /// Its name.
    pub trigger_name: String,
    /// Its type.
    #[schema(example = "TIMER")]
    pub trigger_type: String,
    /// The code of its messages.
    pub event_type: String,
    /// How it is set up: a JSON object, as text.
    pub event_data: String,
}

/// A sample of what a template takes and answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TemplateDetail {
    /// An event that it answers.
    pub input: String,
    /// What it answers, in words.
    pub output: String,
    /// What to know before; empty for most.
    pub warning: String,
}
