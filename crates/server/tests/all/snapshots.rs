//! Snapshots: versions whose initializer has run already (manual, 7.6.10 and 7.6.12).

use crate::{
    deployed::{deploy, deploy_with},
    support::TestApp,
};
use serde_json::{Value, json};

fn path(urn: &str, action: &str) -> String {
    format!("/fgs/functions/{urn}/snapshots/{action}")
}

async fn with_initializer(initializer: &str) -> TestApp {
    let app = TestApp::new().await;
    let initializer = format!("index.{initializer}");
    deploy_with(&app, "f", "look_up", |settings| settings.initializer = Some(initializer.parse().unwrap())).await;
    app.runtime.publish("p1:default:f", Some("v1")).await.unwrap();
    app
}

#[tokio::test]
async fn a_version_starts_from_its_snapshot() {
    let app = with_initializer("start_building").await;
    let urn = "urn:fss:local:p1:function:default:f:v1";
    assert_eq!(app.get(&path(urn, "state")).await.expect(200), json!({"state": "disable"}));
    assert_eq!(app.post(&path(urn, "enable"), Value::Null).await.expect(200), Value::Null);
    assert_eq!(app.get(&path(urn, "enableSnapshot")).await.expect(200), json!({"state": "enable"}));
    app.runtime.settle().await;
    assert_eq!(app.get(&path(urn, "state")).await.expect(200), json!({"state": "enable"}));
    let outcome = app.runtime.invoke(urn, "21").await.unwrap();
    assert!(outcome.receipt.initialize.is_zero(), "{:?}", outcome.receipt);
    assert_eq!(outcome.result.unwrap(), "42 of 30000");

    app.post(&path(urn, "disable"), Value::Null).await.expect(200);
    for question in ["state", "enableSnapshot"] {
        assert_eq!(app.get(&path(urn, question)).await.expect(200), json!({"state": "disable"}), "{question}");
    }
}

#[tokio::test]
async fn a_snapshot_that_failed_says_why() {
    let app = with_initializer("start_failing").await;
    app.post(&path("p1:default:f:v1", "enable"), Value::Null).await.expect(200);
    app.runtime.settle().await;
    let state = app.get(&path("p1:default:f:v1", "state")).await.expect(200);
    assert_eq!(state, json!({"state": "failed", "code": "FSS.4009"}));
    assert_eq!(app.get(&path("p1:default:f:v1", "enableSnapshot")).await.expect(200), json!({"state": "enable"}));
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_its_code() {
    let app = with_initializer("start_building").await;
    deploy(&app, "plain", "echo").await;
    app.post(&path("p1:default:f:v1", "state"), Value::Null).await.refused(400, "FSS.0400");
    app.get(&path("p1:default:f:v1", "enable")).await.refused(400, "FSS.0400");
    app.post(&path("p1:default:f", "enable"), Value::Null).await.refused(400, "FSS.1015");
    app.runtime.publish("p1:default:plain", Some("v1")).await.unwrap();
    app.post(&path("p1:default:plain:v1", "enable"), Value::Null).await.refused(400, "FSS.1404");
    for (urn, code) in [("g", "FSS.1051"), ("p1:default:f:v9", "FSS.1052"), ("p1:default:f:!a9", "FSS.1053")] {
        app.post(&path(urn, "enable"), Value::Null).await.refused(404, code);
        app.get(&path(urn, "state")).await.refused(404, code);
    }
}
