//! Service bridges and entries from virtual networks (manual, 7.6.11, 7.6.17, 7.6.18 and 7.6.20).
//!
//! A bridge is the cloud's own function between functions and one of its databases or queues; an entry lets machines
//! of a virtual network reach functions. One machine has neither: there are no bridges to list, and no networks to
//! make entries for.

use crate::{call::Call, failure::Failure};
use fngraph::ErrorCode;
use fngraph_api::{
    Empty, Json,
    bridge::{
        BridgeVersion, CreateVpcEndpoint, DeleteVpcEndpoint, ListBridgeFunctions, ListBridgeVersions, VpcEndpoint,
    },
    metadata::FunctionMetadata,
};

/// Lists the service bridges that a function is bound to: none.
pub(crate) async fn functions(call: Call<ListBridgeFunctions>) -> Result<Json<Vec<FunctionMetadata>>, Failure> {
    let urn = call.urn(&call.path.function_urn)?;
    call.function(&urn)?;
    if let Some(kind) = call.query.kind.as_deref().filter(|kind| !kind.is_empty()) {
        known(kind)?;
    }
    Ok(Json(Vec::new()))
}

/// Lists the versions of service bridges that are to be had: none.
pub(crate) async fn versions(call: Call<ListBridgeVersions>) -> Result<Json<Vec<BridgeVersion>>, Failure> {
    known(call.query.kind.as_deref().unwrap_or_default())?;
    Ok(Json(Vec::new()))
}

/// Refuses to create an entry: no virtual network is here.
pub(crate) async fn create_endpoint(call: Call<CreateVpcEndpoint>) -> Result<Json<VpcEndpoint>, Failure> {
    let Json(body) = &call.body;
    if body.vpc_id.is_empty() || body.subnet_id.is_empty() {
        let text = "an entry needs a `vpc_id` and a `subnet_id`";
        return Err(Failure::new(ErrorCode::InvalidParameter, text));
    }
    Err(no_network(&body.vpc_id))
}

/// Refuses to delete an entry: no virtual network is here.
pub(crate) async fn delete_endpoint(call: Call<DeleteVpcEndpoint>) -> Result<Empty, Failure> {
    Err(no_network(&call.path.vpc_id))
}

fn known(kind: &str) -> Result<(), Failure> {
    if matches!(kind, "rds" | "mqs" | "cache") {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::InvalidQuery, "the `type` of a service bridge is `rds`, `mqs` or `cache`"))
}

fn no_network(vpc_id: &str) -> Failure {
    // What a client sent may be long; its beginning tells enough.
    let vpc_id: String = vpc_id.chars().take(80).collect();
    let text = format!("there is no VPC `{vpc_id}`: this server runs on one machine and has none; call it directly");
    Failure::new(ErrorCode::VpcNotFound, text)
}
