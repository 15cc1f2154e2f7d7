//! Export and import (manual, 7.12).

use crate::{
    functions::{answer, create, echo, faults, with, zipped},
    support::{Answer, BEGIN, TestApp},
};
use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{Clock, Runtime};
use fngraph_server::{App, Auth, Options};
use fngraph_triggers::Triggers;
use http::Request;
use serde_json::{Value, json};
use std::{
    io::{Cursor, Read as _, Write as _},
    path::Path,
    time::Duration,
};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

const CONFIG: &str = "func_name: f\nruntime: Custom\nhandler: index.echo\nmemory_size: 128\ntimeout: 30\n";

/// Follows a link of an answer.
async fn follow(app: &TestApp, link: &Value) -> Answer {
    app.send(Request::get(link.as_str().unwrap()).body(Body::empty()).unwrap()).await
}

/// Exports, and answers the file.
async fn export(app: &TestApp, query: &str) -> Vec<u8> {
    let exported = app.get(&format!("/fgs/functions/{query}")).await.expect(200);
    let file = follow(app, &exported["code_url"]).await;
    assert_eq!(file.status, 200, "{file:?}");
    file.bytes.to_vec()
}

fn packed(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn unpacked(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(zip)).unwrap();
    let mut files = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.push((file.name().unwrap().into_owned(), content));
    }
    files
}

fn request(archive: &[u8], more: Value) -> Value {
    let request = json!({ "file_name": "f.zip", "file_type": "zip", "file_code": BASE64_STANDARD.encode(archive) });
    with(request, more)
}

async fn import(app: &TestApp, archive: &[u8], more: Value) -> Answer {
    app.post("/fgs/functions/import", request(archive, more)).await
}

/// An archive of the guest `faults` with this YAML file.
fn archive(yaml: &str) -> Vec<u8> {
    packed(&[("f.yaml", yaml.as_bytes()), ("code.zip", &zipped("index"))])
}

/// What is told about a function, without what is another of each.
fn essence(metadata: &Value) -> Value {
    let mut essence = metadata.clone();
    for name in ["func_id", "resource_id", "func_urn", "func_name", "image_name", "last_modified"] {
        essence.as_object_mut().unwrap().remove(name).unwrap();
    }
    essence
}

#[tokio::test]
async fn what_is_exported_can_be_imported_and_is_the_same() {
    let app = TestApp::new().await;
    let settings = json!({
        "user_data": r#"{"COLOUR":"red","YES":"no"}"#, "description": "Says: 'ä'\n# it all",
        "xrole": "reader",
        "enable_dynamic_memory": true, "code_type": "zip", "code_filename": "mine.zip",
        "func_code": { "file": BASE64_STANDARD.encode(zipped("index")) },
        "network_controller": { "disable_public_network": false },
        "log_config": { "group_id": "g", "stream_id": "01" },
    });
    let settings = with(echo("f"), settings);
    app.post("/fgs/functions", settings).await.expect(200);
    let urn = "urn:fss:local:p1:function:default:f";
    let config = json!({
        "func_name": "f", "runtime": "Custom", "timeout": 30, "handler": "index.echo", "memory_size": 256,
        "ephemeral_storage": 10240, "strategy_config": { "concurrency": 17, "concurrent_num": 3 },
    });
    app.put("/fgs/functions/f/config", config).await.expect(200);
    let tags = json!({ "action": "create", "tags": [{ "key": "team", "value": "red" }] });
    app.post(&format!("/functions/{urn}/tags/create"), tags).await.expect(204);
    let asynchronous = json!({
        "max_async_event_age_in_seconds": 60, "max_async_retry_attempts": 3, "enable_async_status_log": true,
        "destination_config": {
            "on_success": { "destination": "FunctionGraph", "param": format!(r#"{{"func_urn":"{urn}:latest"}}"#) },
            "on_failure": { "destination": "OBS", "param": r#"{"bucket":"b","prefix":"p","expires":7}"# },
        },
    });
    app.put("/fgs/functions/f/async-invoke-config", asynchronous).await.expect(200);
    let original = app.get("/fgs/functions/f/config").await.expect(200);

    let file = export(&app, "f/export?config=true&code=true").await;
    let names: Vec<_> = unpacked(&file).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["f.yaml", "code.zip"]);
    let imported = import(&app, &file, json!({ "func_name": "g" })).await.expect(200);
    assert_eq!(imported["func_urn"], "urn:fss:local:p1:function:default:g:latest");
    assert_eq!(essence(&imported), essence(&original));
    assert_eq!(imported.get("missing_secrets"), None);
    assert_eq!(answer(&app.runtime, "p1:default:g", "hello").await, "hello");
    let tags = app.get("/functions/urn:fss:local:p1:function:default:g/tags").await.expect(200);
    assert_eq!(tags["tags"], json!([{ "key": "team", "value": "red" }]));
    let mut configs = Vec::new();
    for name in ["f", "g"] {
        let config = app.get(&format!("/fgs/functions/{name}/async-invoke-config")).await.expect(200);
        configs.push(with(config, json!({ "func_urn": null, "created_time": null, "last_modified": null })));
    }
    assert_eq!(configs[0], configs[1]);
}

#[tokio::test]
async fn a_link_serves_what_it_was_answered_for_and_not_for_long() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let exported = app.get("/fgs/functions/f/export?config=true&code=true").await.expect(200);
    assert_eq!(exported["file_name"], "f.zip");
    let archive = follow(&app, &exported["code_url"]).await;
    assert_eq!(archive.header("content-type"), "application/zip");
    assert_eq!(archive.header("content-disposition"), "attachment; filename=\"f.zip\"");

    let config = app.get("/fgs/functions/f/export?type=config").await.expect(200);
    assert_eq!(config["file_name"], "f.yaml");
    let yaml = follow(&app, &config["code_url"]).await;
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(yaml.bytes.starts_with(b"#") && yaml.bytes.windows(13).any(|text| text == b"\nfunc_name: f"), "{yaml:?}");

    let code = app.get("/fgs/functions/f/export?type=code").await.expect(200);
    assert_eq!(code["file_name"], "index.wasm");
    assert_eq!(BASE64_STANDARD.encode(&follow(&app, &code["code_url"]).await.bytes), faults());

    let link = exported["code_url"].as_str().unwrap();
    for wrong in [
        link.replace("kind=archive", "kind=config"),
        link.replace("aliases=false", "aliases=true"),
        link.replace("expires=", "expires=1"),
        link.replace(":f:latest", ":g:latest"),
        format!("{link}0"),
        link.split('?').next().unwrap().to_owned(),
    ] {
        follow(&app, &json!(wrong)).await.refused(404, "FSS.0404");
    }
    app.runtime.advance(Duration::from_secs(15 * 60)).await;
    assert_eq!(follow(&app, &json!(link)).await.status, 200);
    app.runtime.advance(Duration::from_secs(1)).await;
    follow(&app, &json!(link)).await.refused(404, "FSS.0404");
    let again = app.get("/fgs/functions/f/export?config=true&code=true").await.expect(200);
    app.delete("/fgs/functions/f").await.expect(204);
    follow(&app, &again["code_url"]).await.refused(404, "FSS.1051");
}

#[tokio::test]
async fn aliases_take_their_versions_along() {
    let app = TestApp::new().await;
    for version in ["v1", "v2", "v3"] {
        crate::deployed::publish(&app, "f", version).await;
    }
    let alias = |name: &str, version: &str| json!({ "name": name, "version": version });
    let split = with(alias("prod", "v1"), json!({ "additional_version_weights": { "v3": 10 } }));
    app.post("/fgs/functions/f/aliases", split).await.expect(200);
    app.post("/fgs/functions/f/aliases", alias("edge", "latest")).await.expect(200);

    let plain = export(&app, "f/export?config=true&code=true").await;
    import(&app, &plain, json!({ "func_name": "plain" })).await.expect(200);
    assert_eq!(app.get("/fgs/functions/plain/aliases").await.expect(200), json!([]));

    let whole = export(&app, "f/export?config=true&code=true&aliases=true").await;
    // All versions have the same code, which is there once.
    assert_eq!(unpacked(&whole).len(), 2);
    import(&app, &whole, json!({ "func_name": "g" })).await.expect(200);
    let versions = app.get("/fgs/functions/g/versions").await.expect(200);
    let names: Vec<_> = versions["versions"].as_array().unwrap().iter().map(|it| it["version"].clone()).collect();
    assert_eq!(names, ["latest", "v3", "v1"]);
    for (urn, version) in [("p1:default:g:!prod", "v1"), ("p1:default:g:v3", "v3"), ("p1:default:g:!edge", "latest")] {
        let context = answer(&app.runtime, urn, "").await;
        assert!(context.contains(&format!("\"version\":\"{version}\"")), "{context}");
    }
    let mut aliases = Vec::new();
    for name in ["f", "g"] {
        let mut list = app.get(&format!("/fgs/functions/{name}/aliases")).await.expect(200);
        for alias in list.as_array_mut().unwrap() {
            *alias = with(alias.clone(), json!({ "alias_urn": null, "last_modified": null }));
        }
        aliases.push(list);
    }
    assert_eq!(aliases[0], aliases[1]);

    // One version becomes `latest`; aliases belong to the whole.
    let one = export(&app, "p1:default:f:v1/export?config=true&code=true").await;
    let imported = import(&app, &one, json!({ "func_name": "one" })).await.expect(200);
    assert_eq!((&imported["version"], &imported["description"]), (&json!("latest"), &json!("v1")));
    app.get("/fgs/functions/p1:default:f:v1/export?config=true&code=true&aliases=true").await.refused(400, "FSS.0400");
}

#[tokio::test]
async fn secrets_stay_where_they_are_and_import_tells_which_are_missing() {
    let app = TestApp::new().await;
    let secret = json!({ "encrypted_user_data": r#"{"PASSWORD":"hunter2","TOKEN":"t0ken"}"# });
    app.post("/fgs/functions", with(echo("f"), secret)).await.expect(200);
    let file = export(&app, "f/export?config=true&code=true").await;
    let (_, yaml) = unpacked(&file).swap_remove(0);
    let yaml = String::from_utf8(yaml).unwrap();
    assert!(yaml.contains("PASSWORD") && !yaml.contains("hunter2") && !yaml.contains("t0ken"), "{yaml}");

    let imported = import(&app, &file, json!({ "func_name": "g" })).await.expect(200);
    assert_eq!(imported["missing_secrets"], json!(["PASSWORD", "TOKEN"]));
    assert_eq!(imported.get("encrypted_user_data"), None);
    let given = json!({ "func_name": "h", "encrypted_user_data": r#"{"PASSWORD":"hunter3"}"# });
    let imported = import(&app, &file, given).await.expect(200);
    assert_eq!(imported["missing_secrets"], json!(["TOKEN"]));
    assert_eq!(imported["encrypted_user_data"], r#"{"PASSWORD":""}"#);
    let wrong = json!({ "func_name": "i", "encrypted_user_data": "secret" });
    import(&app, &file, wrong).await.refused(400, "FSS.1009");
}

#[tokio::test]
async fn names_come_from_the_request_or_else_from_the_file() {
    let app = TestApp::new().await;
    let yaml = CONFIG.replace("func_name: f", "func_name: own\npackage: shop");
    let package = |metadata: &Value| format!("{}/{}", metadata["package"], metadata["func_name"]).replace('"', "");
    for (more, expected) in [
        (json!({}), "shop/own"),
        (json!({ "func_name": "", "package": "" }), "FSS.1061"),
        (json!({ "func_name": "given" }), "shop/given"),
        (json!({ "package": "other" }), "other/own"),
    ] {
        let answer = import(&app, &archive(&yaml), more).await.json();
        let told = answer["error_code"].as_str().map_or_else(|| package(&answer), str::to_owned);
        assert_eq!(told, expected);
    }
    let nameless = CONFIG.replace("func_name: f\n", "");
    import(&app, &archive(&nameless), json!({})).await.refused(404, "FSS.1057");
    let imported = import(&app, &archive(&nameless), json!({ "func_name": "n" })).await.expect(200);
    assert_eq!(package(&imported), "default/n");
    let same = CONFIG.replace("func_name: f", "func_name: f\npackage: f");
    import(&app, &archive(&same), json!({})).await.refused(400, "FSS.1058");

    // The cloud lets them be the same, so what is exported does not name the package.
    let twin = with(echo("twin"), json!({ "package": "twin" }));
    app.post("/fgs/functions", twin).await.expect(200);
    let file = export(&app, "twin:twin/export?config=true&code=true").await;
    let imported = import(&app, &file, json!({ "func_name": "again", "package": "twin" })).await.expect(200);
    assert_eq!(package(&imported), "twin/again");
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let app = TestApp::new().await;
    create(&app, "there").await;
    let before = app.get("/fgs/functions").await.expect(200);
    let line = |line: &str| archive(&format!("{CONFIG}{line}\n"));
    let version = "versions: [{version: v1, runtime: Custom, handler: index.nothing, memory_size: 128, timeout: 3}]";
    let code = zipped("index");
    for (archive, status, error) in [
        (b"no zip".to_vec(), 400, "FSS.1013"),
        (b"PK nor this".to_vec(), 400, "FSS.1011"),
        (packed(&[("code.zip", &code)]), 400, "FSS.1025"),
        (packed(&[("f.yaml", CONFIG.as_bytes())]), 400, "FSS.1012"),
        (packed(&[("f.yaml", CONFIG.as_bytes()), ("g.yml", b""), ("code.zip", &code)]), 400, "FSS.1022"),
        (packed(&[("../f.yaml", CONFIG.as_bytes()), ("code.zip", &code)]), 400, "FSS.1011"),
        (packed(&[("f.yaml", CONFIG.as_bytes()), ("code.zip", b"no code")]), 400, "FSS.1011"),
        (line("colour: red"), 400, "FSS.1025"),
        (line("attributes: {gpu_memory: 7}"), 400, "FSS.0400"),
        (line("attributes: {log_config: 7}"), 400, "FSS.1025"),
        (line("user_data: {RUNTIME_ROOT: x}"), 400, "FSS.1009"),
        (line("tags: {_sys_x: y}"), 400, "FSS.0400"),
        (line("aliases: [{name: a, version: v9}]"), 404, "FSS.1052"),
        (line("aliases: [{name: a, version: latest}, {name: b, version: latest}]"), 409, "FSS.1066"),
        (line("enable_snapshot: true"), 400, "FSS.1404"),
        (line("dependencies: [{name: words, version: 1}]"), 404, "FSS.1056"),
        (
            line("triggers: [{trigger_status: ACTIVE, source: {TIMER: {name: 1, schedule_type: Rate, schedule: 3m}}}]"),
            400,
            "FSS.1109",
        ),
        (
            line("triggers: [{trigger_status: ACTIVE, source: {TIMER: {name: t, schedule_type: Rate, schedule: 3y}}}]"),
            400,
            "FSS.1109",
        ),
        (line(version), 400, "FSS.1003"),
        (archive(&CONFIG.replace("timeout: 30", "timeout: 0")), 400, "FSS.1008"),
        (archive(&CONFIG.replace("index.echo", "index.nothing")), 400, "FSS.1003"),
        (archive(&CONFIG.replace("Custom", "http")), 400, "FSS.1005"),
        (archive(&CONFIG.replace("Custom", "Java8")), 400, "FSS.1005"),
        (archive(&CONFIG.replace("func_name: f", "func_name: 1f")), 400, "FSS.1002"),
        (archive(&CONFIG.replace("func_name: f", "func_name: f\npackage: 1p")), 400, "FSS.1004"),
        (archive(&CONFIG.replace("func_name: f", "func_name: there")), 409, "FSS.1061"),
    ] {
        import(&app, &archive, json!({})).await.refused(status, error);
    }
    for (more, status, error) in [
        (json!({ "file_type": "jar" }), 400, "FSS.1013"),
        (json!({ "file_code": "%" }), 400, "FSS.1011"),
        (json!({ "file_type": null }), 400, "FSS.0400"),
        (json!({ "file_name": null }), 400, "FSS.0400"),
        (json!({ "file_code": null }), 400, "FSS.0400"),
    ] {
        import(&app, &archive(CONFIG), more).await.refused(status, error);
    }
    assert_eq!(app.get("/fgs/functions").await.expect(200), before);
}

#[tokio::test]
async fn exports_say_what_is_exported() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    for query in ["", "?config=false", "?type=all", "?type=code&config=true", "?config=1", "?type=code&aliases=true"] {
        app.get(&format!("/fgs/functions/f/export{query}")).await.refused(400, "FSS.1001");
    }
    app.get("/fgs/functions/nobody/export?type=code").await.refused(404, "FSS.1051");
    app.get("/fgs/functions/p1:default:f:v9/export?type=code").await.refused(404, "FSS.1052");
    app.get("/fgs/functions/p2:default:f/export?type=code").await.refused(404, "FSS.1051");
    app.get("/fgs/functions/p1:default:f:latest/export?type=config").await.expect(200);
}

#[tokio::test]
async fn more_than_may_be_sent_is_refused_before_it_is_unpacked() {
    let mut options = Options::default();
    options.body_bytes = 100_000;
    let app = TestApp::with(Runtime::builder(), options).await;
    import(&app, &vec![b'P'; 100_000], json!({})).await.refused(413, "FSS.0413");
}

#[tokio::test]
async fn timers_come_along_when_that_is_asked_for() {
    let app = TestApp::new().await;
    let yaml = format!(
        "{CONFIG}triggers:\n- trigger_status: DISABLED\n  source:\n    TIMER: {{name: t, schedule_type: Rate, schedule: 3m, user_event: hi}}\n"
    );
    import(&app, &archive(&yaml), json!({})).await.expect(200);
    let with_triggers = export(&app, "f/export?config=true&code=true&triggers=true").await;
    let without = export(&app, "f/export?config=true&code=true").await;
    import(&app, &with_triggers, json!({ "func_name": "g" })).await.expect(200);
    import(&app, &without, json!({ "func_name": "h" })).await.expect(200);
    let triggers = |name: &str| app.runtime.function(&format!("p1:default:{name}")).unwrap().unwrap().triggers.clone();
    let (one, other) = (triggers("f"), triggers("g"));
    assert_eq!((one.len(), other.len(), triggers("h").len()), (1, 1, 0));
    assert_ne!(one[0].id, other[0].id);
    assert_eq!((&one[0].source, one[0].is_active), (&other[0].source, other[0].is_active));
}

#[tokio::test]
async fn what_was_imported_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let builder = || Runtime::builder().data_dir(folder.path()).clock(Clock::manual(BEGIN));
    let runtime = builder().build().await.unwrap();
    let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
    let app = TestApp { runtime, router };
    let yaml = format!("{CONFIG}tags: {{team: red}}\naliases: [{{name: edge, version: latest}}]\n");
    import(&app, &archive(&yaml), json!({})).await.expect(200);
    let before = app.runtime.function("p1:default:f").unwrap().unwrap();
    assert!(app.runtime.shutdown(Duration::from_secs(10)).await);
    drop(app);
    let runtime = loop {
        match builder().build().await {
            Ok(runtime) => break runtime,
            Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
        }
        tokio::task::yield_now().await;
    };
    assert_eq!(runtime.function("p1:default:f").unwrap().unwrap(), before);
    assert_eq!(answer(&runtime, "p1:default:f:!edge", "hello").await, "hello");
}

/// An API whose triggers fire, with a gateway that nobody serves and buckets in a folder.
async fn with_triggers(folder: &Path) -> TestApp {
    let runtime = Runtime::builder().clock(Clock::manual(BEGIN)).build().await.unwrap();
    let mut how = fngraph_triggers::Options::default();
    how.gateway = Some("http://127.0.0.1:9001".to_owned());
    how.buckets = Some(folder.to_owned());
    let mut options = Options::default();
    options.triggers = Some(Triggers::start(runtime.clone(), how).await.unwrap());
    let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), options));
    TestApp { runtime, router }
}

#[tokio::test]
async fn a_trigger_that_another_function_excludes_lets_nothing_be_imported() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_triggers(folder.path()).await;
    create(&app, "f").await;
    let gateway = json!({ "trigger_type_code": "APIG", "event_data": {
        "name": "orders", "path": "/orders", "match_mode": "SWA", "req_method": "ANY", "auth": "NONE", "protocol": "HTTP",
        "env_name": "RELEASE", "env_id": "e", "group_id": "g", "sl_domain": "", "type": 1, "backend_type": "FUNCTION",
        "func_info": { "timeout": 5000, "function_urn": "urn:fss:local:p1:function:default:f" },
    } });
    app.post("/fgs/triggers/f", gateway).await.expect(201);
    let timer = json!({ "trigger_type_code": "TIMER", "event_data": {
        "name": "often", "schedule_type": "Cron", "schedule": "0 0 8 ? * MON", "user_event": "hi",
    } });
    app.post("/fgs/triggers/f", timer).await.expect(201);
    let file = export(&app, "f/export?config=true&code=true&triggers=true").await;
    import(&app, &file, json!({ "func_name": "g" })).await.refused(409, "FSS.1147");
    app.get("/fgs/functions/g/config").await.refused(404, "FSS.1051");

    let told = |triggers: Value| {
        let kept = ["trigger_type_code", "trigger_status"];
        let mut told: Vec<_> =
            triggers.as_array().unwrap().iter().map(|it| kept.map(|name| it[name].clone())).collect();
        told.sort_by_key(|it| it[0].to_string());
        told
    };
    let before = told(app.get("/fgs/triggers/f").await.expect(200));
    app.delete("/fgs/functions/f").await.expect(204);
    import(&app, &file, json!({ "func_name": "g" })).await.expect(200);
    assert_eq!(told(app.get("/fgs/triggers/g").await.expect(200)), before);
}

#[tokio::test]
async fn triggers_of_one_archive_may_not_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let app = with_triggers(folder.path()).await;
    let apig = |name: &str| {
        format!(
            "- trigger_status: ACTIVE\n  source:\n    APIG: {{name: {name}, path: /a, match_mode: SWA, req_method: ANY, protocol: HTTP, auth: NONE, timeout: 5000}}\n"
        )
    };
    let obs = |name: &str| {
        format!(
            "- trigger_status: ACTIVE\n  source:\n    OBS: {{name: {name}, bucket: photos, events: ['s3:ObjectCreated:*']}}\n"
        )
    };
    for (triggers, status, error) in [
        (format!("{}{}", apig("one_api"), apig("other_api")), 409, "FSS.1147"),
        (format!("{}{}", obs("one"), obs("other")), 403, "FSS.1108"),
    ] {
        let file = archive(&format!("{CONFIG}triggers:\n{triggers}"));
        import(&app, &file, json!({})).await.refused(status, error);
    }
    assert_eq!(app.get("/fgs/functions").await.expect(200)["count"], 0);
    let file = archive(&format!("{CONFIG}triggers:\n{}{}", apig("one_api"), obs("one")));
    import(&app, &file, json!({})).await.expect(200);
}
