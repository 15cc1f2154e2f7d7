//! Functions at the top of the list (manual, 7.6.19).

use crate::{deployed::deploy, support::TestApp};
use serde_json::{Value, json};

async fn names(app: &TestApp) -> Vec<String> {
    let listed = app.get("/fgs/functions").await.expect(200);
    let names = listed["functions"].as_array().unwrap().iter().map(|function| function["func_name"].clone());
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_pinned_function_is_listed_first() {
    let app = TestApp::new().await;
    for name in ["a", "b", "c"] {
        deploy(&app, name, "echo").await;
    }
    assert_eq!(names(&app).await, ["a", "b", "c"]);
    let path = "/fgs/functions/urn:fss:local:p1:function:default:c:latest/collect";
    assert_eq!(app.put(&format!("{path}/true"), Value::Null).await.expect(200), json!(null));
    assert_eq!(names(&app).await, ["c", "a", "b"]);
    app.put(&format!("{path}/false"), Value::Null).await.expect(200);
    assert_eq!(names(&app).await, ["a", "b", "c"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    app.put("/fgs/functions/f/collect/maybe", Value::Null).await.refused(400, "FSS.0400");
    app.put("/fgs/functions/g/collect/true", Value::Null).await.refused(404, "FSS.1051");
}
