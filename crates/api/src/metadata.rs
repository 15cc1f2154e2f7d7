//! The metadata of a function's version: one model, which creating, reading and changing a function answer, and lists
//! of functions and versions too (manual, 2.1).

use crate::dependencies::Dependency;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is told about one version of a function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FunctionMetadata {
    /// The function's id. It stays when code and settings change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_id: Option<String>,
    /// The function's id and its name, with a colon between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    /// The URN. It ends in the version, on which clients rely.
    pub func_urn: String,
    /// The function's name.
    pub func_name: String,
    /// The account.
    pub domain_id: String,
    /// The project.
    pub namespace: String,
    /// The project's name.
    pub project_name: String,
    /// The package that groups the function.
    pub package: String,
    /// `Custom` for functions that handle events, `http` for functions that answer HTTP requests.
    #[schema(example = "Custom")]
    pub runtime: String,
    /// How long an invocation may take, in seconds.
    pub timeout: i64,
    /// What runs: `file.entry`.
    #[schema(example = "index.handler")]
    pub handler: String,
    /// The memory of an instance, in MiB.
    pub memory_size: i64,
    /// The CPU that comes with the memory, in millicores.
    pub cpu: i64,
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
    /// User data: a JSON object of texts, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Encrypted user data: a JSON object as text, with its keys and, instead of each value, an empty text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
    /// The SHA-512 of the code package, in hexadecimal.
    pub digest: String,
    /// The version's name.
    pub version: String,
    /// What identifies the version's code and settings from within.
    pub image_name: String,
    /// What people say about the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What its publisher said about the version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_description: Option<String>,
    /// When the version was last changed: `2026-11-23T01:02:03Z`.
    pub last_modified: String,
    /// How many reserved instances the version is to have now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_instance_count: Option<i64>,
    /// Whether reserved instances get no CPU while they serve nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_instance_idle_mode: Option<bool>,
    /// The ids of the versions of dependencies that it uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depend_version_list: Option<Vec<String>>,
    /// The ids of these dependencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depend_list: Option<Vec<String>>,
    /// These versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dependencies: Option<Vec<Dependency>>,
    /// How far the version scales.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy_config: Option<StrategyConfig>,
    /// What runs once in a new instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initializer_handler: Option<String>,
    /// How long that may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initializer_timeout: Option<i64>,
    /// What runs before an instance is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_stop_handler: Option<String>,
    /// How long that may take, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_stop_timeout: Option<i64>,
    /// Whether timeouts may be long. They may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_time: Option<bool>,
    /// The id of the group that logs go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group_id: Option<String>,
    /// The id of the stream that logs go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_stream_id: Option<String>,
    /// The generation of functions: `v2`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<String>,
    /// How many invocations of the function failed in the last day, in lists of functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_count: Option<i64>,
    /// Whether a caller may choose another memory for one invocation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_dynamic_memory: Option<bool>,
    /// Whether the function is a bridge. None is here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_bridge_function: Option<bool>,
    /// The functions that bridges to this one are bound to, in lists of functions.
    #[serde(rename = "bind_bridge_funcUrns", default, skip_serializing_if = "Option::is_none")]
    pub bind_bridge_func_urns: Option<Vec<String>>,
    /// Whether routes of a gateway lead to the function. None do here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apig_route_enable: Option<bool>,
    /// Whether the size of `/tmp` may be chosen. It may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_ephemeral_storage: Option<bool>,
    /// What `/tmp` of an instance holds, in MiB: 512 or 10240.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<i64>,
    /// The id of the function's VPC, in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_vpc_id: Option<String>,
    /// What else was configured.
    #[serde(flatten)]
    pub attributes: Attributes,
}

/// What can be configured besides what every function has. All of it is stored, belongs to a version and is answered
/// again; only `network_controller` acts here.
///
/// In a change, what is absent stays as it is, and an empty text removes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Attributes {
    /// The agency for configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xrole: Option<String>,
    /// The agency for execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_xrole: Option<String>,
    /// The VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func_vpc: Option<FuncVpc>,
    /// Networks of VPCs that the code uses, with semicolons between.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peering_cidr: Option<String>,
    /// Mounted file systems.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount_config: Option<MountConfig>,
    /// Names that are resolved inside the VPC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_names: Option<String>,
    /// GPU memory, in MiB: 1024 to 16384 in steps of 1024.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1024, maximum = 16384, multiple_of = 1024)]
    pub gpu_memory: Option<i64>,
    /// The kind of GPU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gpu_type: Option<String>,
    /// A container image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_image: Option<CustomImage>,
    /// More configuration, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extend_config: Option<String>,
    /// The enterprise project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise_project_id: Option<String>,
    /// Where logs go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_config: Option<FuncLogConfig>,
    /// Whether logs go to the log service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_lts_log: Option<bool>,
    /// Tags of logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lts_custom_tag: Option<BTreeMap<String, String>>,
    /// What the function may reach over the network, and from where it may be triggered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network_controller: Option<NetworkControlConfig>,
    /// Whether the function keeps state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_stateful_function: Option<bool>,
    /// Whether requests may carry credentials in headers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_auth_in_header: Option<bool>,
    /// What tells whether an instance is alive, of Java functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_handler: Option<String>,
    /// Whether classes are isolated, of Java functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enable_class_isolation: Option<bool>,
    /// What runs when an instance is restored, of Java functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_hook_handler: Option<String>,
    /// How long that may take, in seconds: 1 to 300.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore_hook_timeout: Option<i64>,
    /// The key that encrypts user data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_data_encrypt_kms_key_id: Option<String>,
    /// The key that encrypts code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_encrypt_kms_key_id: Option<String>,
}

/// How far a version scales.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StrategyConfig {
    /// The most instances: 1 to 1000, -1 for no limit, 0 for a function that is disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1, maximum = 1000)]
    pub concurrency: Option<i64>,
    /// How many requests one instance serves at a time: 1 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub concurrent_num: Option<i64>,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FuncVpc {
    /// The account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// The project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The VPC's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_name: Option<String>,
    /// The VPC's id.
    pub vpc_id: String,
    /// The subnet's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet_name: Option<String>,
    /// The subnet's id.
    pub subnet_id: String,
    /// The subnet's addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
    /// The gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway: Option<String>,
    /// The security groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_groups: Option<Vec<String>>,
    /// Whether the VPC is a safe one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_safety: Option<bool>,
}

/// Mounted file systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MountConfig {
    /// Whom the files belong to.
    pub mount_user: MountUser,
    /// The file systems: up to 5.
    #[schema(max_items = 5)]
    pub func_mounts: Vec<FuncMount>,
}

/// Whom mounted files belong to. The manual's tables say texts, its examples and the SDKs numbers: both are read, and
/// numbers answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MountUser {
    /// The user: -1 to 65534, but not 0, 1000 or 1002.
    #[serde(deserialize_with = "number_or_text")]
    #[schema(minimum = -1, maximum = 65534)]
    pub user_id: i64,
    /// The group: -1 to 65534, but not 0, 1000 or 1002.
    #[serde(deserialize_with = "number_or_text")]
    #[schema(minimum = -1, maximum = 65534)]
    pub user_group_id: i64,
}

/// A mounted file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FuncMount {
    /// Its kind: `sfs`, `sfsTurbo` or `ecs`.
    #[schema(example = "sfsTurbo")]
    pub mount_type: String,
    /// Its id.
    pub mount_resource: String,
    /// Where it is, for `ecs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mount_share_path: Option<String>,
    /// Where the function finds it.
    pub local_mount_path: String,
}

/// A container image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomImage {
    /// Whether the image runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The image's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The command.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The command's arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<String>,
    /// The folder that the command runs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// The user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<String>,
    /// Whether the image is public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_public: Option<bool>,
}

/// Where logs go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FuncLogConfig {
    /// The group's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// The group's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The stream's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_name: Option<String>,
    /// The stream's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
}

/// What a function may reach over the network, and from where it may be triggered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NetworkControlConfig {
    /// Whether the function reaches no network. It reaches one only where this is `false`; what says nothing denies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disable_public_network: Option<bool>,
    /// The VPCs from which the function may be triggered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_access_vpcs: Option<Vec<VpcConfig>>,
}

/// A VPC by name and id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VpcConfig {
    /// The VPC's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_name: Option<String>,
    /// The VPC's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc_id: Option<String>,
}

/// Code as it is sent and answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FuncCode {
    /// The code, as base64: a zip, a wasm file, or the text form of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Where the code is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum NumberOrText {
        Number(i64),
        Text(String),
    }
    match NumberOrText::deserialize(deserializer)? {
        NumberOrText::Number(number) => Ok(number),
        NumberOrText::Text(text) => text.parse().map_err(|_| de::Error::custom(format!("`{text}` is no number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_mounts_are_numbers_or_texts() {
        for json in [r#"{"user_id": -1, "user_group_id": 7}"#, r#"{"user_id": "-1", "user_group_id": "7"}"#] {
            let user: MountUser = serde_json::from_str(json).unwrap();
            assert_eq!(user, MountUser { user_id: -1, user_group_id: 7 });
        }
        let user = MountUser { user_id: -1, user_group_id: 7 };
        assert_eq!(serde_json::to_string(&user).unwrap(), r#"{"user_id":-1,"user_group_id":7}"#);
        assert!(serde_json::from_str::<MountUser>(r#"{"user_id": "root", "user_group_id": 7}"#).is_err());
    }

    #[test]
    fn what_nobody_configured_is_not_told() {
        let json = serde_json::to_value(FunctionMetadata::default()).unwrap();
        let names: Vec<_> = json.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(!names.contains(&"xrole") && !names.contains(&"attributes"), "{names:?}");
        assert!(names.contains(&"func_urn") && names.contains(&"digest"), "{names:?}");
    }

    #[test]
    fn attributes_stand_beside_the_rest() {
        let metadata = FunctionMetadata {
            attributes: Attributes { xrole: Some("reader".to_owned()), ..Attributes::default() },
            ..FunctionMetadata::default()
        };
        let json = serde_json::to_value(&metadata).unwrap();
        assert_eq!(json["xrole"], "reader");
        assert_eq!(serde_json::from_value::<FunctionMetadata>(json).unwrap(), metadata);
    }
}
