//! Quotas (manual, 7.2).

use crate::{call::Call, failure::Failure};
use fngraph_api::{
    Json,
    quotas::{ListQuotas, Quota, QuotaAnswer, QuotaList},
};
use fngraph_types::limits;

const MEBIBYTE: u64 = 1 << 20;

/// Answers what a project may have, and what it has.
pub(crate) async fn list(call: Call<ListQuotas>) -> Result<Json<QuotaAnswer>, Failure> {
    let runtime = &call.app.runtime;
    let (limits, usage) = (runtime.registry().limits(), runtime.registry().usage(&call.project));
    let quota = |kind: &str, quota, used| Quota { quota, used, kind: kind.to_owned(), unit: None };
    let code = quota(
        "fgs_func_code_size",
        limits.code_bytes_per_project / MEBIBYTE,
        // What is begun counts, so that only a project without code has none.
        usage.code_bytes.div_ceil(MEBIBYTE),
    );
    let resources = vec![
        quota("fgs_func_num", limits.functions_per_project.into(), usage.functions),
        Quota { unit: Some("MB".to_owned()), ..code },
        quota("fgs_func_occurs", limits.reserved_per_project.into(), usage.reserved),
        quota("fgs_func_qos_limit", runtime.options().instances.into(), runtime.instances(&call.project)),
        quota("fgs_on_demand_instance_limit", limits::INSTANCES.into(), most_instances(&call)),
    ];
    Ok(Json(QuotaAnswer { quotas: QuotaList { resources } }))
}

/// The most instances that a function of the project allows itself; 0 when none has set a limit.
fn most_instances(call: &Call<ListQuotas>) -> u64 {
    let functions = call.app.runtime.functions(Some(&call.project));
    let versions = functions.iter().flat_map(|function| function.versions());
    versions.filter_map(|version| version.scaling.max_instances.limit()).max().unwrap_or(0).into()
}
