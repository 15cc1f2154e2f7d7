//! Probes, and what holds for every answer.

use crate::support::TestApp;
use axum::body::Body;
use serde_json::json;

#[tokio::test]
async fn probes_answer() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz", "/metrics", "/openapi.json"] {
        let answer = app.send(http::Request::get(path).body(Body::empty()).unwrap()).await;
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
        let answer = app.send(request.body(Body::empty()).unwrap()).await;
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains("there is nothing at"), "{}: {text}", operation.id);
        assert_eq!(answer.header("x-request-id").len(), 36, "{}", operation.id);
    }
}

#[tokio::test]
async fn a_text_that_is_no_urn_is_refused_by_every_operation() {
    let app = TestApp::new().await;
    // All that any of the operations requires, so that only the URN is wrong.
    let body = json!({
        "name": "e", "content": "e30=", "version": "v1", "func_name": "f", "runtime": "Custom", "handler": "index.h",
        "timeout": 3, "memory_size": 128, "code_type": "zip", "count": 1, "max_instance_num": 1, "action": "create",
        "request_id": "00000000-0000-0000-0000-000000000000", "tags": [{"key": "k", "value": "v"}],
        "trigger_type_code": "TIMER",
    });
    let mut count = 0;
    for operation in fngraph_api::operations() {
        let path = ["{function_urn}", "{func_urn}", "{resource_id}"]
            .into_iter()
            .fold(operation.path.to_owned(), |path, urn| path.replace(urn, "a:b:c:d:e"));
        if path == operation.path {
            continue;
        }
        count += 1;
        let path = path.replace("{project_id}", "p1").replace("{resource_type}", "functions").replace("{period}", "5");
        let request = http::Request::builder().method(operation.method.as_str()).uri(path);
        let answer = app.send(request.body(Body::from(body.to_string())).unwrap()).await;
        answer.refused(400, "FSS.0400");
        assert!(answer.json()["error_msg"].as_str().unwrap().contains("URN"), "{}: {answer:?}", operation.id);
    }
    assert!(count > 30, "most operations have a URN, not {count}");
}
