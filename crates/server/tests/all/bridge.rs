//! Service bridges and entries from virtual networks (manual, 7.6.11, 7.6.17, 7.6.18 and 7.6.20).

use crate::{deployed::deploy, support::TestApp};
use serde_json::json;

#[tokio::test]
async fn there_are_no_bridges() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    for path in ["/fgs/functions/f/servicebridge/relation", "/fgs/functions/f/servicebridge/relation?type=rds"] {
        assert_eq!(app.get(path).await.expect(200), json!([]), "{path}");
    }
    for kind in ["rds", "mqs", "cache"] {
        assert_eq!(app.get(&format!("/fgs/servicebridge/version?type={kind}")).await.expect(200), json!([]), "{kind}");
    }
    app.get("/fgs/functions/g/servicebridge/relation").await.refused(404, "FSS.1051");
    app.get("/fgs/functions/f/servicebridge/relation?type=smtp").await.refused(400, "FSS.1001");
    app.get("/fgs/servicebridge/version?type=smtp").await.refused(400, "FSS.1001");
    app.get("/fgs/servicebridge/version").await.refused(400, "FSS.1001");
}

#[tokio::test]
async fn there_are_no_virtual_networks() {
    let app = TestApp::new().await;
    app.post("/fgs/vpc-endpoint", json!({"vpc_id": "v1", "subnet_id": "s1"})).await.refused(400, "FSS.1036");
    app.post("/fgs/vpc-endpoint", json!({"vpc_id": "", "subnet_id": "s1"})).await.refused(400, "FSS.0400");
    app.post("/fgs/vpc-endpoint", json!({"vpc_id": "v1"})).await.refused(400, "FSS.0400");
    app.delete("/fgs/vpc-endpoint/v1/s1").await.refused(400, "FSS.1036");
}
