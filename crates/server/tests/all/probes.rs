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
    app.delete("/fgs/quotas").await.refused(404, "FSS.0404");
    assert_eq!(answer.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn every_operation_has_a_route() {
    let app = TestApp::new().await;
    for operation in fngraph_api::operations() {
        let path: String =
            operation.path.split(['{', '}']).enumerate().map(|(n, part)| if n % 2 == 0 { part } else { "x" }).collect();
        let request = http::Request::builder().method(operation.method.as_str()).uri(path);
        let answer = app.send(request.body(axum::body::Body::empty()).unwrap()).await;
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains("there is nothing at"), "{}: {text}", operation.id);
        assert_eq!(answer.header("x-request-id").len(), 36, "{}", operation.id);
    }
}
