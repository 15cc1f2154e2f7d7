//! Probes, and what holds for every answer.

use crate::support::TestApp;

#[tokio::test]
async fn probes_answer() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
        let answer = app.send(http::Request::get(path).body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_so_with_an_id() {
    let app = TestApp::new().await;
    let answer = app.get("/fgs/nothing").await;
    answer.refused(404, "FSS.0404");
    assert_eq!(answer.header("x-request-id").len(), 36);
}
