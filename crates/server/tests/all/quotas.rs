//! Quotas (manual, 7.2).

use crate::{
    deployed::{deploy, publish},
    support::{BEGIN, TestApp},
};
use axum::body::Body;
use fngraph::{Limits, Reservation, Runtime};
use fngraph_server::Options;
use serde_json::Value;
use std::collections::BTreeMap;

/// Quota and use by type.
async fn quotas(app: &TestApp) -> BTreeMap<String, (u64, u64)> {
    let answer = app.get("/fgs/quotas").await.expect(200);
    let resources = answer["quotas"]["resources"].as_array().unwrap();
    let entry = |resource: &Value| {
        let number = |name: &str| resource[name].as_u64().unwrap();
        (resource["type"].as_str().unwrap().to_owned(), (number("quota"), number("used")))
    };
    resources.iter().map(entry).collect()
}

#[tokio::test]
async fn a_new_project_uses_nothing() {
    let app = TestApp::new().await;
    let quotas = quotas(&app).await;
    assert_eq!(quotas["fgs_func_num"], (400, 0));
    assert_eq!(quotas["fgs_func_code_size"], (10_240, 0));
    assert!(quotas.values().all(|(quota, used)| *quota > 0 && *used == 0), "{quotas:?}");
    let answer = app.get("/fgs/quotas").await.expect(200);
    let units: Vec<_> =
        answer["quotas"]["resources"].as_array().unwrap().iter().filter_map(|r| r.get("unit")).collect();
    assert_eq!(units, ["MB"]);
}

#[tokio::test]
async fn what_a_project_has_is_counted() {
    let limits = Limits { functions_per_project: 3, ..Limits::default() };
    let app = TestApp::with(Runtime::builder().limits(limits), Options::default()).await;
    deploy(&app, "f", "echo").await;
    publish(&app, "g", "v1").await;
    app.runtime.reserve("p1:default:g:v1", Reservation::new(2, BEGIN)).await.unwrap();
    app.runtime.settle().await;
    let call = http::Request::post("/v2/p1/fgs/functions/f/invocations").body(Body::from("x")).unwrap();
    assert_eq!(app.send(call).await.bytes, "x");
    let quotas = quotas(&app).await;
    assert_eq!(quotas["fgs_func_num"], (3, 2));
    assert_eq!(quotas["fgs_func_code_size"].1, 1, "what is begun counts");
    assert_eq!(quotas["fgs_func_occurs"], (900, 2));
    assert_eq!(quotas["fgs_func_qos_limit"], (1000, 3), "two are reserved, one was made for the call");
    assert_eq!(quotas["fgs_on_demand_instance_limit"], (1000, 400));
}
