//! The application centre: applications are made whole or not at all, and removed whole.

use crate::support::{BEGIN, TestApp};
use fngraph::{Clock, FunctionId, Runtime};
use fngraph_server::{App, Auth, Options};
use fngraph_triggers::Triggers;
use serde_json::{Value, json};
use std::{path::Path, time::Duration};
use tempfile::TempDir;

/// An API with triggers, whose applications can be waited for.
struct Centre {
    test: TestApp,
    app: App,
    triggers: Triggers,
    /// The buckets.
    _folder: TempDir,
}

impl Centre {
    async fn new() -> Self {
        Self::with(Runtime::builder()).await
    }

    async fn on(folder: &Path) -> Self {
        Self::with(Runtime::builder().data_dir(folder)).await
    }

    async fn with(builder: fngraph::Builder) -> Self {
        let runtime = builder.clock(Clock::manual(BEGIN)).build().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut options = fngraph_triggers::Options::default();
        options.gateway = Some("http://127.0.0.1:8081".to_owned());
        options.buckets = Some(folder.path().to_owned());
        let mut server = Options::default();
        let triggers = Triggers::start(runtime.clone(), options).await.unwrap();
        server.triggers = Some(triggers.clone());
        let app = App::new(runtime.clone(), Auth::open(), server);
        let router = fngraph_server::router(app.clone());
        Self { test: TestApp { runtime, router }, app, triggers, _folder: folder }
    }

    async fn template(&self, name: &str) -> String {
        let list = self.test.get("/fgs/application/templates").await.expect(200);
        let templates = list["templates"].as_array().unwrap();
        let template = templates.iter().find(|template| template["name"] == name).unwrap();
        template["id"].as_str().unwrap().to_owned()
    }

    /// Asks for an application, and answers its id.
    async fn create(&self, name: &str, template: &str, params: Value) -> String {
        let body = json!({ "name": name, "template_id": self.template(template).await, "params": params });
        let created = self.test.post("/fgs/applications", body).await.expect(200);
        created["application_id"].as_str().unwrap().to_owned()
    }

    /// Asks for an application, and answers it when it is made or has failed.
    async fn made(&self, name: &str, template: &str, params: Value) -> (String, Value) {
        let id = self.create(name, template, params).await;
        self.app.settle().await;
        let shown = self.show(&id).await;
        (id, shown)
    }

    async fn show(&self, id: &str) -> Value {
        self.test.get(&format!("/fgs/applications/{id}")).await.expect(200)
    }

    fn functions(&self) -> Vec<String> {
        let functions = self.test.runtime.functions(Some("p1"));
        let mut names: Vec<_> = functions.iter().map(|function| function.id.name.to_string()).collect();
        names.sort();
        names
    }

    async fn deployments(&self, template: &str) -> Value {
        let id = self.template(template).await;
        self.test.get(&format!("/fgs/application/templates/{id}")).await.expect(200)["deploy_count"].clone()
    }

    async fn shut_down(self) {
        self.app.drain();
        self.app.settle().await;
        self.triggers.shutdown().await;
        assert!(self.test.runtime.shutdown(Duration::from_secs(10)).await);
    }
}

/// What each part is called in the template, and its status.
fn statuses(shown: &Value) -> Vec<(&str, &str)> {
    let pair = |resource| (member(resource, "logical_resource_name"), member(resource, "resource_status"));
    shown["resources"].as_array().unwrap().iter().map(pair).collect()
}

fn member<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[tokio::test]
async fn templates_are_listed_and_told() {
    let centre = Centre::new().await;
    let list = centre.test.get("/fgs/application/templates").await.expect(200);
    let names: Vec<_> = list["templates"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["nightly-report", "upload-pipeline", "web-service", "web-shop"]);
    assert_eq!((&list["count"], &list["next_marker"]), (&json!(4), &json!(4)));
    for (query, count) in
        [("runtime=http", 1), ("category=Web", 2), ("runtime=all&category=all", 4), ("runtime=PHP7.3", 0)]
    {
        let list = centre.test.get(&format!("/fgs/application/templates?{query}")).await.expect(200);
        assert_eq!(list["count"], count, "{query}");
    }
    let page = centre.test.get("/fgs/application/templates?marker=2&maxitems=1").await.expect(200);
    assert_eq!((&page["templates"][0]["name"], &page["next_marker"]), (&json!("web-service"), &json!(3)));
    let id = centre.template("web-shop").await;
    let shop = centre.test.get(&format!("/fgs/application/templates/{id}")).await.expect(200);
    assert_eq!((&shop["deploy_count"], &shop["version"]), (&json!(0), &json!(20_261_123)));
    assert_eq!(shop["create_time"], 1_795_392_000_000_i64);
    assert!(shop["image"].as_str().unwrap().starts_with("iVBORw0KGgo"), "it is a PNG");
    let params: Value = serde_json::from_str(shop["params"].as_str().unwrap()).unwrap();
    assert_eq!(params[0]["default"], "/greet");
    let services: Vec<_> =
        shop["resources"].as_array().unwrap().iter().map(|one| one["resource_name"].clone()).collect();
    assert_eq!(services, ["FunctionGraph", "APIG", "TIMER"]);
    centre.test.get("/fgs/application/templates/nothing").await.refused(404, "FSS.0404");
}

#[tokio::test]
async fn an_application_is_made_whole_and_removed_whole() {
    let centre = Centre::new().await;
    let (id, shop) = centre.made("shop", "web-shop", json!({ "path": "/hi", "currency": "CHF" })).await;
    assert_eq!((&shop["status"], &shop["status_message"]), (&json!("success"), &json!("")), "{shop}");
    assert_eq!(
        statuses(&shop),
        [
            ("front", "success"),
            ("orders", "success"),
            ("report", "success"),
            ("front.APIG", "success"),
            ("report.TIMER", "success")
        ]
    );
    assert_eq!(centre.functions(), ["shop-front", "shop-orders", "shop-report"]);
    assert!(shop["apig_url"].as_str().unwrap().starts_with("http://127.0.0.1:8081"), "{shop}");
    assert!(shop["apig_url"].as_str().unwrap().ends_with("/hi"), "{shop}");
    assert_eq!(shop["stack_resources"], shop["resources"][0]);
    assert_eq!(
        (&shop["project_id"], &shop["stack_name"], &shop["repo_name"]),
        (&json!("p1"), &json!("shop"), &json!(""))
    );
    for resource in shop["resources"].as_array().unwrap() {
        let href = resource["href"].as_str().unwrap().strip_prefix("/v2/p1").unwrap();
        centre.test.get(href).await.expect(200);
    }

    // What was chosen arrived.
    let order = json!({ "items": [{ "item": "tea", "count": 2 }] });
    let quote = centre.test.post("/fgs/functions/shop-orders/invocations", order).await.expect(200);
    assert_eq!(quote["currency"], "CHF", "{quote}");
    assert_eq!(centre.deployments("web-shop").await, 1);

    let list = centre.test.get("/fgs/applications").await.expect(200);
    assert_eq!((&list["count"], &list["applications"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(list["applications"][0]["status"], "success");

    // Whatever became of its functions meanwhile.
    centre
        .test
        .put(
            "/fgs/functions/shop-front/config",
            json!({ "func_name": "shop-front", "runtime": "Custom",
        "timeout": 9, "handler": "apig.handler", "memory_size": 256 }),
        )
        .await
        .expect(200);
    centre.test.delete("/fgs/functions/shop-orders").await.expect(204);
    centre.test.delete(&format!("/fgs/applications/{id}")).await.expect(200);
    assert_eq!(centre.functions(), [""; 0]);
    centre.test.get(&format!("/fgs/applications/{id}")).await.refused(404, "FSS.0404");
    centre.test.delete(&format!("/fgs/applications/{id}")).await.refused(404, "FSS.0404");
}

#[tokio::test]
async fn an_alias_is_published_and_triggered() {
    let centre = Centre::new().await;
    let (_, shown) = centre.made("web", "web-service", json!({})).await;
    assert_eq!(statuses(&shown), [("service", "success"), ("service.live", "success"), ("service.APIG", "success")]);
    let function = centre.test.runtime.registry().function(&FunctionId::new("p1", "default", "web-service")).unwrap();
    assert_eq!(function.triggers[0].qualifier.to_string(), "!live");
    assert!(shown["resources"][1]["physical_resource_id"].as_str().unwrap().ends_with(":!live"), "{shown}");
}

#[tokio::test]
async fn a_pipeline_has_its_destination() {
    let centre = Centre::new().await;
    let (_, shown) = centre.made("files", "upload-pipeline", json!({ "topic": "news" })).await;
    assert_eq!(shown["status"], "success", "{shown}");
    let config = centre.test.get("/fgs/functions/files-uploads/async-invoke-config").await.expect(200);
    let destination = config["destination_config"]["on_success"]["param"].as_str().unwrap().to_owned();
    assert!(destination.contains("urn:smn:local:p1:news"), "{destination}");
}

#[tokio::test]
async fn one_that_fails_half_way_leaves_nothing_and_says_why() {
    let centre = Centre::new().await;
    crate::deployed::deploy(&centre.test, "shop-report", "echo").await;
    let (id, shop) = centre.made("shop", "web-shop", json!({})).await;
    assert_eq!(shop["status"], "createFail", "{shop}");
    assert!(shop["status_message"].as_str().unwrap().starts_with("FSS.1061"), "{shop}");
    assert_eq!(
        statuses(&shop),
        [
            ("front", "deleted"),
            ("orders", "deleted"),
            ("report", "createFail"),
            ("front.APIG", "pending"),
            ("report.TIMER", "pending")
        ]
    );
    assert_eq!(centre.functions(), ["shop-report"], "the one that was there before stays");
    assert_eq!(centre.deployments("web-shop").await, 0);
    // A trigger that is refused is as bad.
    let (_, other) = centre.made("other", "web-shop", json!({ "report_schedule": "now and then" })).await;
    assert_eq!(other["status"], "createFail", "{other}");
    assert!(other["status_message"].as_str().unwrap().starts_with("FSS.1109"), "{other}");
    assert_eq!(centre.functions(), ["shop-report"]);
    // Its name is taken until it is deleted.
    let again = json!({ "name": "shop", "template_id": centre.template("web-shop").await });
    centre.test.post("/fgs/applications", again).await.refused(409, "FSS.0409");
    centre.test.delete(&format!("/fgs/applications/{id}")).await.expect(200);
    assert_eq!(centre.functions(), ["shop-report"]);
}

#[tokio::test]
async fn a_function_that_somebody_made_anew_is_not_the_applications() {
    let centre = Centre::new().await;
    let (id, _) = centre.made("web", "web-service", json!({})).await;
    centre.test.delete("/fgs/functions/web-service").await.expect(204);
    centre.test.runtime.advance(Duration::from_secs(1)).await;
    crate::deployed::deploy(&centre.test, "web-service", "echo").await;
    centre.test.delete(&format!("/fgs/applications/{id}")).await.expect(200);
    assert_eq!(centre.functions(), ["web-service"]);
}

#[tokio::test]
async fn applications_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::on(folder.path()).await;
    let (id, before) = centre.made("web", "web-service", json!({ "auth": "IAM" })).await;
    centre.shut_down().await;
    let centre = Centre::on(folder.path()).await;
    centre.app.resume().await.unwrap();
    centre.app.settle().await;
    assert_eq!(centre.show(&id).await, before);
    assert_eq!(centre.deployments("web-service").await, 1);
    centre.test.delete(&format!("/fgs/applications/{id}")).await.expect(200);
    assert_eq!(centre.functions(), [""; 0]);
}

#[tokio::test]
async fn one_that_was_being_made_when_the_server_ended_is_finished_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::on(folder.path()).await;
    // A server that drains begins no part any more.
    centre.app.drain();
    let (id, shown) = centre.made("web", "web-service", json!({})).await;
    assert_eq!(shown["status"], "creating", "{shown}");
    centre.test.delete(&format!("/fgs/applications/{id}")).await.refused(409, "FSS.0409");
    assert_eq!(centre.functions(), [""; 0]);
    centre.shut_down().await;
    let centre = Centre::on(folder.path()).await;
    centre.app.resume().await.unwrap();
    centre.app.settle().await;
    assert_eq!(centre.show(&id).await["status"], "success");
    assert_eq!(centre.functions(), ["web-service"]);
}

#[tokio::test]
async fn whatever_was_written_last_the_next_server_comes_to_the_same_end() {
    // The document as it was before and after each step, with what was there then.
    let folder = tempfile::tempdir().unwrap();
    let centre = Centre::on(folder.path()).await;
    let (id, _) = centre.made("web", "web-service", json!({})).await;
    let key = format!("p1/{id}");
    for part in 0..3 {
        let documents = centre.test.runtime.documents();
        let mut record = documents.document("applications", &key).await.unwrap().unwrap();
        let mut body: Value = serde_json::from_str(&record.body).unwrap();
        body["status"] = json!("creating");
        // It was made, and the process died before that was written.
        body["parts"][part]["step"] = json!("creating");
        body["parts"][part]["id"] = json!("");
        record.revision += 1;
        record.body = body.to_string();
        documents.put_document(record).await.unwrap();
        centre.app.resume().await.unwrap();
        centre.app.settle().await;
        let shown = centre.show(&id).await;
        assert_eq!(shown["status"], "success", "{shown}");
        assert_eq!(centre.functions(), ["web-service"]);
        let function =
            centre.test.runtime.registry().function(&FunctionId::new("p1", "default", "web-service")).unwrap();
        assert_eq!((function.triggers.len(), function.aliases.len()), (1, 1), "nothing was made twice");
    }
    for (status, left) in [("rolling_back", "createFail"), ("deleting", "")] {
        let documents = centre.test.runtime.documents();
        let mut record = documents.document("applications", &key).await.unwrap().unwrap();
        let mut body: Value = serde_json::from_str(&record.body).unwrap();
        body["status"] = json!(status);
        record.revision += 1;
        record.body = body.to_string();
        documents.put_document(record).await.unwrap();
        centre.app.resume().await.unwrap();
        centre.app.settle().await;
        assert_eq!(centre.functions(), [""; 0], "{status}");
        match left {
            "" => centre.test.get(&format!("/fgs/applications/{id}")).await.refused(404, "FSS.0404"),
            left => assert_eq!(centre.show(&id).await["status"], left),
        }
    }
}

#[tokio::test]
async fn what_cannot_be_an_application_is_refused_at_once() {
    let centre = Centre::new().await;
    let template = centre.template("web-shop").await;
    let nothing = "00000000-0000-0000-0000-000000000000";
    let long = "x".repeat(54);
    let description = "x".repeat(513);
    for (body, status, code) in [
        (json!({}), 404, "FSS.0404"),
        (json!({ "name": "shop", "template_id": nothing }), 404, "FSS.0404"),
        (json!({ "template_id": template }), 400, "FSS.0400"),
        (json!({ "name": "1st", "template_id": template }), 400, "FSS.0400"),
        (json!({ "name": "shop-", "template_id": template }), 400, "FSS.0400"),
        (json!({ "name": long, "template_id": template }), 400, "FSS.0400"),
        (json!({ "name": "shop", "template_id": template, "description": description }), 400, "FSS.0400"),
        (json!({ "name": "shop", "template_id": template, "params": { "colour": "red" } }), 400, "FSS.0400"),
        (json!({ "name": "shop", "template_id": template, "params": { "path": 7 } }), 400, "FSS.0400"),
    ] {
        centre.test.post("/fgs/applications", body).await.refused(status, code);
    }
    assert_eq!(centre.test.get("/fgs/applications").await.expect(200)["count"], 0);
    centre.test.get("/fgs/applications?limit=x").await.refused(400, "FSS.1001");
}

#[tokio::test]
async fn applications_of_another_project_are_not_there() {
    let centre = Centre::new().await;
    let (id, _) = centre.made("web", "web-service", json!({})).await;
    let other = |path: &str| http::Request::get(format!("/v2/p2{path}")).body(axum::body::Body::empty()).unwrap();
    centre.test.send(other(&format!("/fgs/applications/{id}"))).await.refused(404, "FSS.0404");
    assert_eq!(centre.test.send(other("/fgs/applications")).await.expect(200)["count"], 0);
}
