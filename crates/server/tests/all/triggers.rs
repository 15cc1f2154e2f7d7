//! Triggers (manual, 7.13).

mod elsewhere;
mod refusals;

use crate::{
    deployed::{deploy, publish},
    support::{Answer, BEGIN, TestApp},
};
use axum::Router;
use fngraph::{Clock, Runtime};
use fngraph_server::{App, Auth, Options};
use fngraph_triggers::Triggers;
use serde_json::{Value, json};
use std::{ops::Deref, time::Duration};
use tempfile::TempDir;

const TRIGGERS: &str = "/fgs/triggers/f";

/// An API whose triggers fire, with a gateway that nobody serves and buckets in a folder of its own.
struct TriggerApp {
    app: TestApp,
    _buckets: TempDir,
}

impl Deref for TriggerApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

impl TriggerApp {
    async fn new() -> Self {
        let app = Self::empty().await;
        deploy(&app, "f", "echo").await;
        app
    }

    async fn empty() -> Self {
        let buckets = tempfile::tempdir().unwrap();
        let runtime = Runtime::builder().clock(Clock::manual(BEGIN)).build().await.unwrap();
        let mut how = fngraph_triggers::Options::default();
        how.gateway = Some("http://127.0.0.1:9001".to_owned());
        how.buckets = Some(buckets.path().to_owned());
        let triggers = Triggers::start(runtime.clone(), how).await.unwrap();
        let mut options = Options::default();
        options.triggers = Some(triggers);
        let router: Router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), options));
        Self { app: TestApp { runtime, router }, _buckets: buckets }
    }

    async fn creates(&self, kind: &str, data: &Value) -> Answer {
        self.post(TRIGGERS, json!({"trigger_type_code": kind, "event_data": data})).await
    }

    async fn created(&self, kind: &str, data: &Value) -> Value {
        self.creates(kind, data).await.expect(201)
    }

    async fn all(&self, path: &str) -> Vec<Value> {
        self.get(path).await.expect(200).as_array().unwrap().clone()
    }
}

fn path(kind: &str, trigger: &Value) -> String {
    let kind = kind.replace(' ', "%20");
    format!("{TRIGGERS}/{kind}/{}", trigger["trigger_id"].as_str().unwrap())
}

fn timer() -> Value {
    json!({"name": "often", "schedule_type": "Rate", "schedule": "3m"})
}

fn gateway() -> Value {
    json!({"name": "API_shop", "path": "/shop/{id}", "auth": "NONE", "func_info": {"timeout": 5000}})
}

fn bucket() -> Value {
    json!({"name": "uploads", "bucket": "pictures", "events": ["s3:ObjectCreated:*"]})
}

fn grid() -> Value {
    json!({"trigger_name": "grid", "source_name": "HC.OBS.DWR", "bucket": "letters",
        "event_types": ["OBS:DWR:ObjectCreated:COPY"], "channel_name": "default", "channel_id": "c1",
        "agency": "fgs_to_eg", "Key_encode": true, "prefix": "images/", "suffix": null})
}

fn topic() -> Value {
    json!({"topic_urn": "urn:smn:local:p1:orders"})
}

#[tokio::test]
async fn a_timer_lives_until_it_is_deleted() {
    let app = TriggerApp::new().await;
    let data = json!({"name": "often", "schedule_type": "Cron", "schedule": "CRON_TZ=Europe/Berlin 0 30 12 ? * MON-FRI",
        "user_event": "{\"a\":1}"});
    let created = app.created("TIMER", &data).await;
    let id = created["trigger_id"].as_str().unwrap();
    let expected = json!({"trigger_id": id, "trigger_type_code": "TIMER", "trigger_status": "ACTIVE",
        "event_data": data, "last_updated_time": "2025-01-01T00:00:00Z", "created_time": "2025-01-01T00:00:00Z"});
    assert_eq!(created, expected);
    let path = path("TIMER", &created);
    assert_eq!(app.get(&path).await.expect(200), expected);
    assert_eq!(app.all(TRIGGERS).await, [expected]);
    assert_eq!(app.delete(&path).await.expect(204), Value::Null);
    app.get(&path).await.refused(404, "FSS.1140");
    assert!(app.all(TRIGGERS).await.is_empty());
}

#[tokio::test]
async fn a_timer_changes_by_members_in_a_list_or_in_an_object() {
    let app = TriggerApp::new().await;
    let path = path("TIMER", &app.created("TIMER", &timer()).await);
    app.runtime.advance(Duration::from_secs(60)).await;
    let changed = app.put(&path, json!({"event_data": [{"schedule": "5m"}, {"user_event": "x"}]})).await.expect(200);
    let expected = json!({"name": "often", "schedule_type": "Rate", "schedule": "5m", "user_event": "x"});
    assert_eq!((&changed["event_data"], &changed["trigger_status"]), (&expected, &json!("ACTIVE")));
    assert_eq!(changed["last_updated_time"], "2025-01-01T00:01:00Z");
    assert_eq!(changed["created_time"], "2025-01-01T00:00:00Z");

    let body = json!({"trigger_status": "DISABLED", "event_data": {"name": "seldom", "schedule_type": "Cron",
        "schedule": "@every 2h"}});
    let changed = app.put(&path, body).await.expect(200);
    assert_eq!(
        (&changed["trigger_status"], &changed["event_data"]["schedule"]),
        (&json!("DISABLED"), &json!("@every 2h"))
    );
    for nothing in [json!({}), json!({"event_data": []}), json!({"trigger_status": "DISABLED"})] {
        app.runtime.advance(Duration::from_secs(60)).await;
        assert_eq!(app.put(&path, nothing.clone()).await.expect(200), changed, "{nothing}");
    }
    app.put(&path, json!({"event_data": {"schedule": "3m"}})).await.refused(400, "FSS.1109");
    app.put(&path, json!({"event_data": {"batch_size": "x"}})).await.refused(400, "FSS.0400");
    assert_eq!(app.get(&path).await.expect(200), changed, "what is refused changes nothing");
}

#[tokio::test]
async fn a_rate_begins_anew_when_the_timer_is_enabled_or_changed() {
    let app = TriggerApp::new().await;
    let path = path("TIMER", &app.created("TIMER", &timer()).await);
    let since = || app.runtime.functions(None)[0].triggers[0].active_since;
    assert_eq!(since(), BEGIN);
    app.runtime.advance(Duration::from_secs(60)).await;
    app.put(&path, json!({"trigger_status": "ACTIVE"})).await.expect(200);
    assert_eq!(since(), BEGIN, "it was already");
    app.put(&path, json!({"trigger_status": "DISABLED"})).await.expect(200);
    app.runtime.advance(Duration::from_secs(60)).await;
    app.put(&path, json!({"trigger_status": "ACTIVE"})).await.expect(200);
    assert_eq!(since(), BEGIN + Duration::from_secs(120));
    app.runtime.advance(Duration::from_secs(60)).await;
    app.put(&path, json!({"event_data": [{"schedule": "5m"}]})).await.expect(200);
    assert_eq!(since(), BEGIN + Duration::from_secs(180));
}

#[tokio::test]
async fn an_api_is_told_where_it_is_called_and_what_was_made_up() {
    let app = TriggerApp::new().await;
    for kind in ["APIG", "DEDICATEDGATEWAY", "APIC"] {
        let data = json!({"path": format!("/{kind}"), "auth": "IAM", "func_info": {"timeout": 60_000}});
        let created = app.created(kind, &data).await;
        let (id, answer) = (created["trigger_id"].as_str().unwrap(), &created["event_data"]);
        let group = answer["group_id"].as_str().unwrap();
        let name = format!("API_f_{}", &id[..4]);
        let expected = json!({
            "name": name, "api_name": name, "triggerid": id, "api_id": answer["api_id"], "type": 1,
            "path": format!("/{kind}"), "protocol": "HTTP", "req_method": "ANY", "match_mode": "SWA", "auth": "IAM",
            "group_id": group, "group_name": format!("APIGroup_{}", &id[..4]),
            "sl_domain": format!("{group}.localhost"), "backend_type": "FUNCTION",
            "env_name": "RELEASE", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID",
            "invoke_url": format!("http://127.0.0.1:9001/{kind}"),
            "func_info": {"function_urn": "urn:fss:local:p1:function:default:f", "invocation_type": "sync",
                "timeout": 60_000, "version": "latest"},
        });
        assert_eq!((answer, created["trigger_status"].as_str()), (&expected, Some("ACTIVE")));
        assert_eq!((group.len(), answer["api_id"].as_str().unwrap().len()), (32, 32));
        assert_eq!(app.get(&path(kind, &created)).await.expect(200), created);
    }
}

#[tokio::test]
async fn an_api_is_what_its_creator_says() {
    let app = TriggerApp::new().await;
    publish(&app, "f", "v1").await;
    let data = json!({
        "name": "API_shop", "type": 2, "path": "/shop/{proxy+}", "protocol": "HTTPS", "req_method": "POST",
        "match_mode": "NORMAL", "auth": "APP", "group_id": "g1", "group_name": "shops",
        "sl_domain": "g1.apig.local.example.com", "backend_type": "FUNCTION", "env_name": "TEST", "env_id": "e1",
        "instance_id": "i1", "roma_app_id": "r1", "cors": true,
        "func_info": {"timeout": 1, "invocation_type": "async", "version": "v1",
            "function_urn": "urn:fss:local:p1:function:default:f"},
    });
    let body = json!({"trigger_type_code": "APIG", "trigger_status": "ACTIVE", "event_data": data});
    let created = app.post(&format!("{}:v1", "/fgs/triggers/p1:default:f"), body).await.expect(201);
    for (name, value) in data.as_object().unwrap() {
        assert_eq!(created["event_data"][name], *value, "{name}");
    }
    // What was answered may be sent back.
    let path = path("APIG", &created);
    let changed = app.put(&path, json!({"event_data": created["event_data"]})).await.expect(200);
    assert_eq!(changed, created);
    let changed = app.put(&path, json!({"event_data": {"func_info": {"timeout": 9}}})).await.expect(200);
    let info = &changed["event_data"]["func_info"];
    assert_eq!(
        (&info["timeout"], &info["invocation_type"], &info["version"]),
        (&json!(9), &json!("async"), &json!("v1"))
    );
    assert_eq!(changed["event_data"]["api_id"], created["event_data"]["api_id"]);
}

#[tokio::test]
async fn buckets_keep_the_spelling_of_their_events() {
    let app = TriggerApp::new().await;
    let created = app.created("OBS", &bucket()).await;
    assert_eq!(created["event_data"], bucket());
    let changes = json!({"event_data": {"events": ["Put", "ObjectRemoved"], "prefix": "a/", "suffix": ".png"}});
    let changed = app.put(&path("OBS", &created), changes).await.expect(200);
    let expected = json!({"name": "uploads", "bucket": "pictures", "events": ["Put", "ObjectRemoved"], "prefix": "a/",
        "suffix": ".png"});
    assert_eq!(changed["event_data"], expected);
    app.put(&path("OBS", &created), json!({"event_data": {"bucket": "others"}})).await.refused(400, "FSS.1106");

    let named = app.created("OBS", &json!({"bucket": "unnamed", "events": ["Put"]})).await;
    assert_eq!(named["event_data"]["name"], named["trigger_id"]);
}

#[tokio::test]
async fn the_event_grid_can_follow_a_bucket() {
    let app = TriggerApp::new().await;
    let created = app.created("EVENTGRID", &grid()).await;
    let mut expected = grid();
    expected.as_object_mut().unwrap().remove("suffix");
    expected["status"] = json!("ACTIVE");
    expected["created_time"] = json!("2025-01-01T00:00:00Z");
    assert_eq!(created["event_data"], expected);
    let changed = app.put(&path("EVENTGRID", &created), json!({"trigger_status": "DISABLED"})).await.expect(200);
    assert_eq!((&changed["trigger_status"], &changed["event_data"]["status"]), (&json!("DISABLED"), &json!("DISABLE")));
    let changed = app.put(&path("EVENTGRID", &created), json!({"event_data": {"status": "ACTIVE"}})).await.expect(200);
    assert_eq!(changed["trigger_status"], "ACTIVE");
}

#[tokio::test]
async fn a_topic_has_one_trigger_of_a_version() {
    let app = TriggerApp::new().await;
    let created = app.created("SMN", &topic()).await;
    assert_eq!((&created["event_data"], &created["trigger_status"]), (&topic(), &json!("ACTIVE")));
    app.creates("SMN", &topic()).await.refused(409, "FSS.1141");
    publish(&app, "f", "v1").await;
    let body = json!({"trigger_type_code": "SMN", "event_data": topic()});
    app.post("/fgs/triggers/p1:default:f:v1", body).await.expect(201);
}

#[tokio::test]
async fn triggers_belong_to_a_version_or_an_alias() {
    let app = TriggerApp::empty().await;
    publish(&app, "f", "v1").await;
    app.post("/fgs/functions/f/aliases", json!({"name": "prod", "version": "v1"})).await.expect(200);
    let [all, latest, version, alias] =
        ["", ":latest", ":v1", ":!prod"].map(|it| format!("/fgs/triggers/p1:default:f{it}"));
    for (number, of) in [&all, &latest, &version, &alias].into_iter().enumerate() {
        let data = json!({"name": format!("t{number}"), "schedule_type": "Rate", "schedule": "1m"});
        app.post(of, json!({"trigger_type_code": "TIMER", "event_data": data})).await.expect(201);
    }
    let names = async |of: &str| -> Vec<String> {
        let listed = app.all(of).await;
        listed.iter().map(|it| it["event_data"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&all).await, ["t0", "t1", "t2", "t3"]);
    assert_eq!(names(&latest).await, ["t0", "t1", "t2", "t3"], "as deleting has it");
    assert_eq!((names(&version).await, names(&alias).await), (vec!["t2".to_owned()], vec!["t3".to_owned()]));

    let listed = app.all(&all).await;
    let [first, third] = [&listed[0], &listed[2]].map(|it| it["trigger_id"].as_str().unwrap());
    app.get(&format!("{version}/TIMER/{third}")).await.expect(200);
    app.get(&format!("{all}/TIMER/{third}")).await.expect(200);
    app.get(&format!("{version}/TIMER/{first}")).await.refused(404, "FSS.1140");
    app.get(&format!("{alias}/TIMER/{third}")).await.refused(404, "FSS.1140");
    app.get("/fgs/triggers/p1:default:f:v9").await.refused(404, "FSS.1052");
    app.get("/fgs/triggers/p1:default:f:!none").await.refused(404, "FSS.1053");

    app.delete("/fgs/functions/f/aliases/prod").await.refused(403, "FSS.1154");
    app.delete(&alias).await.expect(204);
    assert_eq!(names(&all).await, ["t0", "t1", "t2"]);
    app.delete("/fgs/functions/f/aliases/prod").await.expect(204);
    app.delete(&version).await.expect(204);
    assert_eq!(names(&all).await, ["t0", "t1"]);
    app.delete(&latest).await.expect(204);
    assert!(names(&all).await.is_empty());
}

#[tokio::test]
async fn a_server_that_follows_no_triggers_has_none_that_fire() {
    let app = TestApp::new().await;
    deploy(&app, "f", "echo").await;
    let body = |status: &str| json!({"trigger_type_code": "TIMER", "trigger_status": status, "event_data": timer()});
    app.post(TRIGGERS, body("ACTIVE")).await.refused(412, "FSS.1153");
    let created = app.post(TRIGGERS, body("DISABLED")).await.expect(201);
    let path = path("TIMER", &created);
    app.put(&path, json!({"trigger_status": "ACTIVE"})).await.refused(412, "FSS.1153");
    app.put(&path, json!({"event_data": {"schedule": "4m"}})).await.expect(200);
    app.delete(&path).await.expect(204);
}
