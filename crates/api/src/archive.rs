//! Functions as files (manual, 7.12).

use crate::{Empty, FunctionPath, Json, ProjectPath, metadata::FunctionMetadata, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Answers where a version of a function can be downloaded as a file.
    ExportFunction = Get "/v2/{project_id}/fgs/functions/{function_urn}/export" => 200, "7.12.1" {
        path: FunctionPath, query: ExportQuery, body: Empty, answer: Json<ExportedFunction>
    }
    /// Creates a function from an archive: all that is in it, or nothing.
    ImportFunction = Post "/v2/{project_id}/fgs/functions/import" => 200, "7.12.2" {
        path: ProjectPath, query: Empty, body: Json<ImportFunctionBody>, answer: Json<ImportedFunction>
    }
}

/// What to export. Switches are texts here, so that a wrong one is answered with its own code (`FSS.1001`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ExportQuery {
    /// Whether to export the configuration, a YAML file. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "true")]
    pub config: Option<String>,
    /// Whether to export the code. Together with the configuration it becomes an archive, which can be imported. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "true")]
    pub code: Option<String>,
    /// `code` or `config`, instead of the two.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether the configuration has the aliases, with the published versions that they lead to. Not the cloud's. Default:
    /// `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "false")]
    pub aliases: Option<String>,
    /// Whether the configuration has the triggers. Not the cloud's. Default: `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "false")]
    pub triggers: Option<String>,
}

/// Where an exported function is. The manual tells no answer; this is what clients read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExportedFunction {
    /// The name of the file: that of the function with `.zip` for an archive or `.yaml` for a configuration, that of the
    /// code for code.
    #[schema(example = "greeter.zip")]
    pub file_name: String,
    /// A link, from which anybody who has it can download the file for some minutes. What is downloaded is the function
    /// as it is then.
    pub code_url: String,
}

/// A function to import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportFunctionBody {
    /// What to call it. Default: as the archive says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 60)]
    pub func_name: Option<String>,
    /// The name of the archive's file.
    #[schema(example = "greeter.zip")]
    pub file_name: String,
    /// `zip`.
    #[schema(example = "zip")]
    pub file_type: String,
    /// The archive, as base64: a zip with one YAML file and the code.
    pub file_code: String,
    /// The package that groups it. Default: as the archive says, else `default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Encrypted user data, a JSON object of texts, as text: archives have the keys only. Not the cloud's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
}

/// A function that was imported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ImportedFunction {
    /// The function, with its version `latest`.
    #[serde(flatten)]
    pub metadata: FunctionMetadata,
    /// The keys of encrypted user data that the archive names and nobody gave values for, and passwords of triggers
    /// (`KAFKA.password`): the function does not have them. Not the cloud's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing_secrets: Vec<String>,
}
