//! Service bridges and entries from virtual networks (manual, 7.6.11, 7.6.17, 7.6.18 and 7.6.20).

use crate::{Empty, FunctionPath, Json, ProjectPath, metadata::FunctionMetadata, operation::operations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

operations! {
    /// Lists the service bridges that a function is bound to.
    ListBridgeFunctions = Get "/v2/{project_id}/fgs/functions/{function_urn}/servicebridge/relation" => 200, "7.6.11" {
        path: FunctionPath, query: BridgeQuery, body: Empty, answer: Json<Vec<FunctionMetadata>>
    }
    /// Creates an entry by which a virtual network reaches functions.
    CreateVpcEndpoint = Post "/v2/{project_id}/fgs/vpc-endpoint" => 200, "7.6.17" {
        path: ProjectPath, query: Empty, body: Json<CreateVpcEndpointBody>, answer: Json<VpcEndpoint>
    }
    /// Deletes an entry by which a virtual network reaches functions.
    DeleteVpcEndpoint = Delete "/v2/{project_id}/fgs/vpc-endpoint/{vpc_id}/{subnet_id}" => 204, "7.6.18" {
        path: VpcEndpointPath, query: Empty, body: Empty, answer: Empty
    }
    /// Lists the versions of service bridges that are to be had.
    ListBridgeVersions = Get "/v2/{project_id}/fgs/servicebridge/version" => 200, "7.6.20" {
        path: ProjectPath, query: BridgeQuery, body: Empty, answer: Json<Vec<BridgeVersion>>
    }
}

/// Which service bridges.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BridgeQuery {
    /// The type: `rds`, `mqs` or `cache`. Versions are listed of one type only, which must be named.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[param(example = "rds")]
    pub kind: Option<String>,
}

/// A version of a service bridge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BridgeVersion {
    /// The name of its code package.
    pub name: String,
    /// The version of the code.
    pub version: String,
    /// Where the code is.
    pub code_url: String,
}

/// An entry to create.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct CreateVpcEndpointBody {
    /// Its size. Default: large.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flavor: Option<String>,
    /// The agency that makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xrole: Option<String>,
    /// The virtual network.
    pub vpc_id: String,
    /// Its subnet.
    pub subnet_id: String,
}

/// An entry by which a virtual network reaches functions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VpcEndpoint {
    /// Its IP addresses.
    pub endpoints: Vec<String>,
    /// Its URL.
    pub address: String,
}

/// The parameters of paths that name an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub struct VpcEndpointPath {
    /// The project.
    pub project_id: String,
    /// The virtual network.
    pub vpc_id: String,
    /// Its subnet.
    pub subnet_id: String,
}
