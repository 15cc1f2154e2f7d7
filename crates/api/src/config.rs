//! The configuration of functions (manual, 7.6.6 to 7.6.8).

use crate::{
    Empty, FunctionPath, Json,
    metadata::{Attributes, FunctionMetadata, StrategyConfig},
    operation::operations,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

operations! {
    /// Answers the metadata of a version.
    ShowFunctionConfig = Get "/v2/{project_id}/fgs/functions/{function_urn}/config" => 200, "7.6.6" {
        path: FunctionPath, query: Empty, body: Empty, answer: Json<FunctionMetadata>
    }
    /// Configures the version `latest` of a function anew. What is absent stays as it is.
    UpdateFunctionConfig = Put "/v2/{project_id}/fgs/functions/{function_urn}/config" => 200, "7.6.7" {
        path: FunctionPath, query: Empty, body: Json<UpdateFunctionConfigBody>, answer: Json<FunctionMetadata>
    }
    /// Changes how many instances a version may have.
    UpdateFunctionMaxInstanceConfig =
        Put "/v2/{project_id}/fgs/functions/{function_urn}/config-max-instance" => 200, "7.6.8" {
        path: FunctionPath, query: Empty, body: Json<UpdateMaxInstanceBody>, answer: Json<FunctionMetadata>
    }
}

/// A new configuration. The manual requires the first five; they may be absent here, as everything may, and then stay
/// as they are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdateFunctionConfigBody {
    /// The function's name, which cannot change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_name: Option<String>,
    /// The function's runtime, which cannot change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Custom")]
    pub runtime: Option<String>,
    /// How long an invocation may take, in seconds: 3 to 259200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 3, maximum = 259_200)]
    pub timeout: Option<i64>,
    /// What runs: `file.entry`, up to 128 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128, example = "index.handler")]
    pub handler: Option<String>,
    /// The memory of an instance, in MiB: 128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096,
    /// 8192 or 10240.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 128, maximum = 10240)]
    pub memory_size: Option<i64>,
    /// User data: a JSON object of texts, as text; up to 20 pairs and 4096 characters. It replaces what there was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// User data that is kept secret, as `user_data`. It replaces what there was, but a key that has a value keeps that
    /// where an empty text is given: so values are answered, and what was answered can be sent back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
    /// What people say about the function: up to 512 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 512)]
    pub description: Option<String>,
    /// How far the function scales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy_config: Option<StrategyConfig>,
    /// What runs once in a new instance; an empty text for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub initializer_handler: Option<String>,
    /// How long that may take, in seconds: 1 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 300)]
    pub initializer_timeout: Option<i64>,
    /// What runs before an instance is stopped; an empty text for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub pre_stop_handler: Option<String>,
    /// How long that may take, in seconds: 1 to 90.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 90)]
    pub pre_stop_timeout: Option<i64>,
    /// What `/tmp` of an instance holds, in MiB: 512 or 10240.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 512, maximum = 10240)]
    pub ephemeral_storage: Option<i64>,
    /// Whether a caller may choose another memory for one invocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dynamic_memory: Option<bool>,
    /// The ids of the versions of dependencies that the function uses, instead of those before. What is said at
    /// `create_function` holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_version_list: Option<Vec<String>>,
    /// The older name of `depend_version_list`, which is read where that is absent or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 20)]
    pub depend_list: Option<Vec<String>>,
    /// What else there is to configure.
    #[serde(flatten)]
    pub attributes: Attributes,
}

/// How many instances a version may have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateMaxInstanceBody {
    /// The most instances: 1 to 1000, -1 for no limit, 0 for a version that is disabled. Absent, it stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 1000)]
    pub max_instance_num: Option<i64>,
}
