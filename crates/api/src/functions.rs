//! Functions as a whole: listing, creating and deleting them (manual, 7.6.1 to 7.6.3).

use crate::{
    Empty, FunctionPath, Json, ProjectPath,
    metadata::{Attributes, FuncCode, FunctionMetadata},
    operation::operations,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the functions of a project, each with its version `latest`.
    ListFunctions = Get "/v2/{project_id}/fgs/functions" => 200, "7.6.1" {
        path: ProjectPath, query: FunctionsQuery, body: Empty, answer: Json<FunctionList>
    }
    /// Creates a function.
    CreateFunction = Post "/v2/{project_id}/fgs/functions" => 200, "7.6.2" {
        path: ProjectPath, query: Empty, body: Json<CreateFunctionBody>, answer: Json<FunctionMetadata>
    }
    /// Deletes a function, or, where the URN names a published version or an alias of one, that version.
    DeleteFunction = Delete "/v2/{project_id}/fgs/functions/{function_urn}" => 204, "7.6.3" {
        path: FunctionPath, query: Empty, body: Empty, answer: Empty
    }
}

/// Which functions to list. Numbers are texts here, so that a wrong one is answered with its own code (`FSS.1001`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FunctionsQuery {
    /// How many functions to leave out at the beginning: the `next_marker` of the page before. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "0")]
    pub marker: Option<String>,
    /// How many functions to answer: 1 to 400. 0 and more than 400 mean 400, and so does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[param(example = "400")]
    pub maxitems: Option<String>,
    /// Only functions of this package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_name: Option<String>,
    /// Only functions of this name, in whichever package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_name: Option<String>,
}

/// A page of functions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionList {
    /// The functions, in the order of packages and names.
    pub functions: Vec<FunctionMetadata>,
    /// The marker of the next page. After the last page it is the number of functions that match.
    pub next_marker: u64,
    /// How many functions match, on all pages together.
    pub count: u64,
}

/// A new function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CreateFunctionBody {
    /// Its name: 1 to 60 letters, digits, `_` and `-`, beginning with a letter and ending with a letter or digit.
    #[schema(min_length = 1, max_length = 60)]
    pub func_name: String,
    /// The package that groups it; `default` is everybody's.
    #[schema(example = "default")]
    pub package: String,
    /// `Custom` for a function that handles events, `http` for one that answers HTTP requests. The cloud's others are
    /// refused (`FSS.1005`).
    #[schema(example = "Custom")]
    pub runtime: String,
    /// How long an invocation may take, in seconds: 3 to 259200.
    #[schema(minimum = 3, maximum = 259_200)]
    pub timeout: i64,
    /// What runs: `file.entry`, up to 128 characters; `bootstrap` for the only wasm file of the package.
    #[schema(max_length = 128, example = "index.handler")]
    pub handler: String,
    /// The memory of an instance, in MiB: 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
    /// 8192 or 10240.
    #[schema(minimum = 128, maximum = 10240)]
    pub memory_size: i64,
    /// How the code is delivered: `inline`, `zip` or `obs`. The cloud's others are refused (`FSS.1006`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "zip")]
    pub code_type: Option<String>,
    /// Where the code is, for `obs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_url: Option<String>,
    /// The name of the code's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_filename: Option<String>,
    /// The code, for `inline` and `zip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_code: Option<FuncCode>,
    /// The ids of the versions of dependencies that the function uses: up to 20. A dependency's own id means its newest
    /// version. Where several have the same file, that of the last one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_version_list: Option<Vec<String>>,
    /// The older name of `depend_version_list`, which is read where that is absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_list: Option<Vec<String>>,
    /// User data: a JSON object of texts, as text; up to 20 pairs and 4096 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// User data that is kept secret: a JSON object of texts, as text; up to 20 pairs and 4096 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
    /// What people say about the function: up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
    /// What runs once in a new instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub initializer_handler: Option<String>,
    /// How long that may take, in seconds: 1 to 300. Default: 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 300)]
    pub initializer_timeout: Option<i64>,
    /// What runs before an instance is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub pre_stop_handler: Option<String>,
    /// How long that may take, in seconds: 1 to 90. Default: 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 90)]
    pub pre_stop_timeout: Option<i64>,
    /// The generation of functions. Whichever is asked for, functions are `v2`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "v2")]
    pub generation: Option<String>,
    /// Whether a caller may choose another memory for one invocation. Default: no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dynamic_memory: Option<bool>,
    /// What else there is to configure.
    #[serde(flatten)]
    pub attributes: Attributes,
}
