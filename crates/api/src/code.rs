//! The code of functions (manual, 7.6.4 and 7.6.5).

use crate::{
    Empty, FunctionPath, Json,
    dependencies::Dependency,
    metadata::{FuncCode, StrategyConfig},
    operation::operations,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations! {
    /// Answers the code of a version.
    ShowFunctionCode = Get "/v2/{project_id}/fgs/functions/{function_urn}/code" => 200, "7.6.4" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<FunctionCode>
    }
    /// Gives the version `latest` of a function other code.
    UpdateFunctionCode = Put "/v2/{project_id}/fgs/functions/{function_urn}/code" => 200, "7.6.5" {
        path: FunctionPath, query: Empty, body: Json<UpdateFunctionCodeBody>, answer: Json<FunctionCode>
    }
}

/// New code for a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateFunctionCodeBody {
    /// How the code is delivered: `inline`, `zip` or `obs`. The cloud's others are refused (`FSS.1006`).
    #[schema(example = "zip")]
    pub code_type: String,
    /// Where the code is, for `obs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_url: Option<String>,
    /// The name of the code's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_filename: Option<String>,
    /// The code, for `inline` and `zip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_code: Option<FuncCode>,
    /// The ids of the versions of dependencies that the code needs, instead of those before; absent, they stay. What is
    /// said at `create_function` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_version_list: Option<Vec<String>>,
    /// The older name of `depend_version_list`, which is read where that is absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_list: Option<Vec<String>>,
    /// The key that encrypts code. It changes nothing here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_encrypt_kms_key_id: Option<String>,
}

/// The code of a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FunctionCode {
    /// The URN. It ends in the version.
    pub func_urn: String,
    /// The function's name.
    pub func_name: String,
    /// The account.
    pub domain_id: String,
    /// `Custom` or `http`.
    #[schema(example = "Custom")]
    pub runtime: String,
    /// How the code was delivered: `inline`, `zip` or `obs`.
    #[schema(example = "zip")]
    pub code_type: String,
    /// Where the code was fetched from, for `obs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_url: Option<String>,
    /// The name of the code's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_filename: Option<String>,
    /// The size of the code package, in bytes.
    pub code_size: i64,
    /// The SHA-512 of the code package, in hexadecimal.
    pub digest: String,
    /// When the version was last changed: `2026-11-23T01:02:03Z`.
    pub last_modified: String,
    /// The code: the file of what was delivered `inline`, otherwise an empty text; and a link, from which anybody who
    /// has it can download the package for some minutes.
    pub func_code: FuncCode,
    /// The ids of the versions of dependencies that it uses.
    pub depend_version_list: Vec<String>,
    /// The ids of these dependencies.
    pub depend_list: Vec<String>,
    /// These versions.
    pub dependencies: Vec<Dependency>,
    /// How far the version scales.
    pub strategy_config: StrategyConfig,
    /// The key that encrypts code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_encrypt_kms_key_id: Option<String>,
}
