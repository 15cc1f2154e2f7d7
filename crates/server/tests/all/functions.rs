//! The life of functions (manual, 7.6.1 to 7.6.3).

use crate::support::{BEGIN, TestApp};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{Additional, Alias, Routing, Runtime};
use fngraph_server::Options;
use fngraph_test_support::guests;
use serde_json::{Value, json};
use std::io::{Cursor, Write as _};
use zip::{ZipWriter, write::SimpleFileOptions};

/// The guest `faults`, as base64.
pub(crate) fn faults() -> String {
    BASE64_STANDARD.encode(std::fs::read(guests::faults()).unwrap())
}

/// A zip of one wasm file.
pub(crate) fn zipped(name: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(format!("{name}.wasm"), SimpleFileOptions::default()).unwrap();
    zip.write_all(&std::fs::read(guests::faults()).unwrap()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A request to create a function that answers the event.
pub(crate) fn echo(name: &str) -> Value {
    json!({
        "func_name": name, "package": "default", "runtime": "Custom", "timeout": 30, "handler": "index.echo",
        "memory_size": 256, "code_type": "inline", "func_code": { "file": faults() },
    })
}

/// An object with members of another instead of its own; null removes.
pub(crate) fn with(mut object: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(name);
        } else {
            object[name] = value.clone();
        }
    }
    object
}

pub(crate) async fn create(app: &TestApp, name: &str) -> Value {
    app.post("/fgs/functions", echo(name)).await.expect(200)
}

pub(crate) async fn answer(runtime: &Runtime, urn: &str, event: &'static str) -> String {
    let outcome = runtime.invoke(urn, event).await.unwrap();
    String::from_utf8(outcome.result.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_function_is_created_and_answers() {
    let app = TestApp::new().await;
    let created = create(&app, "f").await;
    let expected = json!({
        "func_urn": "urn:fss:local:p1:function:default:f:latest", "func_name": "f", "namespace": "p1", "package": "default",
        "runtime": "Custom", "timeout": 30, "handler": "index.echo", "memory_size": 256, "cpu": 400, "version": "latest",
        "code_type": "inline", "code_filename": "index.wasm", "type": "v2", "ephemeral_storage": 512,
        "last_modified": "2025-01-01T00:00:00Z", "strategy_config": { "concurrency": 400, "concurrent_num": 1 },
        "depend_version_list": [], "enable_dynamic_memory": false, "reserved_instance_count": 0,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(created[name], *value, "{name}");
    }
    let code = std::fs::read(guests::faults()).unwrap();
    assert_eq!(created["code_size"], code.len());
    assert_eq!(created["digest"].as_str().unwrap().len(), 128);
    assert_eq!(created["resource_id"], format!("{}:f", created["func_id"].as_str().unwrap()));
    assert!(created["image_name"].as_str().unwrap().starts_with("latest-250101000000@"), "{}", created["image_name"]);
    assert_eq!(created["user_data"], Value::Null);
    assert_eq!(answer(&app.runtime, "p1:default:f", "hello").await, "hello");
}

#[tokio::test]
async fn everything_configured_is_answered_and_secrets_are_not() {
    let app = TestApp::new().await;
    let configured = json!({
        "handler": "index.context", "description": "it tells", "initializer_timeout": 7,
        "pre_stop_timeout": 9, "enable_dynamic_memory": true, "xrole": "reader", "app_xrole": "runner",
        "gpu_memory": 1024, "gpu_type": "any", "domain_names": "db.local", "is_stateful_function": true,
        "enterprise_project_id": "0", "lts_custom_tag": { "team": "shop" },
        "func_vpc": { "vpc_id": "v1", "subnet_id": "s1" },
        "mount_config": {
            "mount_user": { "user_id": -1, "user_group_id": -1 },
            "func_mounts": [{ "mount_type": "sfsTurbo", "mount_resource": "268", "local_mount_path": "/mnt" }],
        },
        "network_controller": { "disable_public_network": true },
    });
    let sent = json!({
        "user_data": r#"{"COLOUR":"green","SIZE":"1"}"#, "encrypted_user_data": r#"{"PASSWORD":"hunter2"}"#,
        "log_config": { "group_id": "g1", "stream_id": "s1" },
    });
    let request = with(with(echo("f"), configured.clone()), sent);
    let created = app.post("/fgs/functions", request).await.expect(200);
    let shown = app.get("/fgs/functions/f/config").await.expect(200);
    assert_eq!(created, shown);
    for (name, value) in configured.as_object().unwrap() {
        if !name.ends_with("_timeout") {
            assert_eq!(shown[name], *value, "{name}");
        }
    }
    assert_eq!(shown["user_data"], r#"{"COLOUR":"green","SIZE":"1"}"#);
    assert_eq!(shown["encrypted_user_data"], r#"{"PASSWORD":""}"#);
    assert_eq!((&shown["log_group_id"], &shown["log_stream_id"]), (&json!("g1"), &json!("s1")));
    assert!(!shown.to_string().contains("hunter2"));
    let told = answer(&app.runtime, "p1:default:f", "").await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["colour"], "green", "{told}");
    assert!(told["keys"].to_string().contains("PASSWORD"), "{told}");
}

#[tokio::test]
async fn what_cannot_be_created_is_refused_and_changes_nothing() {
    let long = |count: usize| "a".repeat(count);
    let pairs = |count: usize| {
        let pairs: serde_json::Map<_, _> = (0..count).map(|number| (format!("k{number}"), json!("v"))).collect();
        Value::from(Value::Object(pairs).to_string())
    };
    let mount = |user: i64, count: usize, path: &str| {
        let mounts = vec![json!({ "mount_type": "sfs", "mount_resource": "1", "local_mount_path": path }); count];
        json!({ "mount_config": { "mount_user": { "user_id": user, "user_group_id": -1 }, "func_mounts": mounts } })
    };
    let cases = [
        (json!({ "func_name": "1f" }), 400, "FSS.1002"),
        (json!({ "func_name": long(61) }), 400, "FSS.1002"),
        (json!({ "func_name": null }), 400, "FSS.0400"),
        (json!({ "handler": "index." }), 400, "FSS.1003"),
        (json!({ "handler": long(129) }), 400, "FSS.1003"),
        (json!({ "handler": "index.nobody" }), 400, "FSS.1003"),
        (json!({ "package": "1p" }), 400, "FSS.1004"),
        (json!({ "runtime": "Python3.9" }), 400, "FSS.1005"),
        (json!({ "runtime": "http" }), 400, "FSS.1005"),
        (json!({ "runtime": "Custom Image" }), 400, "FSS.1005"),
        (json!({ "code_type": "jar" }), 400, "FSS.1006"),
        (json!({ "code_type": "Custom-Image-Swr" }), 400, "FSS.1006"),
        (json!({ "code_type": "tar" }), 400, "FSS.1006"),
        (json!({ "code_type": null }), 400, "FSS.1006"),
        (json!({ "memory_size": 100 }), 400, "FSS.1007"),
        (json!({ "memory_size": -128 }), 400, "FSS.1007"),
        (json!({ "memory_size": "128" }), 400, "FSS.0400"),
        (json!({ "timeout": 2 }), 400, "FSS.1008"),
        (json!({ "timeout": 259_201 }), 400, "FSS.1008"),
        (json!({ "user_data": "a=b" }), 400, "FSS.1009"),
        (json!({ "user_data": "[]" }), 400, "FSS.1009"),
        (json!({ "user_data": r#"{"a":1}"# }), 400, "FSS.1009"),
        (json!({ "user_data": r#"{"1a":"b"}"# }), 400, "FSS.1009"),
        (json!({ "encrypted_user_data": "hunter2" }), 400, "FSS.1009"),
        (json!({ "user_data": pairs(21) }), 400, "FSS.1017"),
        (json!({ "user_data": json!({ "a": long(4096) }).to_string() }), 400, "FSS.1018"),
        (json!({ "code_type": "obs", "code_url": "https://example.com/f.zip" }), 400, "FSS.1010"),
        (json!({ "code_type": "obs" }), 400, "FSS.1010"),
        (json!({ "func_code": { "file": "!!" } }), 400, "FSS.1011"),
        (json!({ "func_code": { "file": BASE64_STANDARD.encode("(module (fun") } }), 400, "FSS.1011"),
        (json!({ "func_code": { "file": BASE64_STANDARD.encode("(module)") } }), 400, "FSS.1011"),
        (json!({ "func_code": { "file": BASE64_STANDARD.encode("PK nonsense") } }), 400, "FSS.1011"),
        (json!({ "func_code": { "file": "" } }), 400, "FSS.1012"),
        (json!({ "func_code": null }), 400, "FSS.1012"),
        (json!({ "code_type": "zip" }), 400, "FSS.1013"),
        (json!({ "description": long(513) }), 400, "FSS.1019"),
        (mount(0, 1, "/mnt"), 400, "FSS.1075"),
        (mount(65535, 1, "/mnt"), 400, "FSS.1075"),
        (mount(-1, 6, "/mnt"), 403, "FSS.1049"),
        (mount(-1, 1, "mnt"), 400, "FSS.1039"),
        (json!({ "gpu_memory": 1000 }), 400, "FSS.0400"),
        (json!({ "type": "v3" }), 400, "FSS.0400"),
        (json!({ "initializer_handler": "index." }), 400, "FSS.1404"),
        (json!({ "initializer_handler": "index.nobody" }), 400, "FSS.1404"),
        (json!({ "initializer_timeout": 0 }), 400, "FSS.1405"),
        (json!({ "initializer_timeout": 301 }), 400, "FSS.1405"),
        (json!({ "pre_stop_timeout": 91 }), 400, "FSS.0400"),
        (json!({ "depend_version_list": ["1"] }), 404, "FSS.1056"),
    ];
    let app = TestApp::new().await;
    for (changes, status, code) in cases {
        let answer = app.post("/fgs/functions", with(echo("f"), changes.clone())).await;
        let given = changes.to_string().chars().take(100).collect::<String>();
        let body = answer.json();
        assert_eq!((answer.status.as_u16(), body["error_code"].as_str()), (status, Some(code)), "{given}: {body}");
        assert!(!body.to_string().contains("hunter2"), "{body}");
    }
    assert_eq!(app.runtime.functions(None).len(), 0);

    create(&app, "f").await;
    app.post("/fgs/functions", echo("f")).await.refused(409, "FSS.1061");
    app.post("/fgs/functions", json!([])).await.refused(400, "FSS.0400");
}

#[tokio::test]
async fn a_large_package_is_refused() {
    let mut options = Options::default();
    options.body_bytes = 80 << 20;
    let app = TestApp::with(Runtime::builder(), options).await;
    let file = "A".repeat((50 << 20) / 3 * 4 + 8);
    let request = with(echo("f"), json!({ "func_code": { "file": file } }));
    app.post("/fgs/functions", request).await.refused(413, "FSS.1071");
}

#[tokio::test]
async fn text_form_and_zip_run_too() {
    let app = TestApp::new().await;
    let text = r#"(module (memory (export "memory") 1) (func (export "_start")))"#;
    let command = json!({ "handler": "bootstrap", "func_code": { "file": BASE64_STANDARD.encode(text) } });
    let created = app.post("/fgs/functions", with(echo("command"), command)).await.expect(200);
    assert_eq!(created["code_filename"], "bootstrap.wasm");
    assert_eq!(answer(&app.runtime, "p1:default:command", "").await, "");

    let file = BASE64_STANDARD.encode(std::fs::read(guests::faults_http()).unwrap());
    let http = json!({ "runtime": "http", "handler": "bootstrap", "func_code": { "file": file } });
    let created = app.post("/fgs/functions", with(echo("http"), http)).await.expect(200);
    assert_eq!(created["runtime"], "http");

    let file = BASE64_STANDARD.encode(zipped("src/main"));
    let zip = json!({
        "handler": "src/main.echo", "code_type": "zip", "code_filename": "f.zip", "func_code": { "file": file },
    });
    let created = app.post("/fgs/functions", with(echo("zipped"), zip)).await.expect(200);
    assert_eq!((&created["code_type"], &created["code_filename"]), (&json!("zip"), &json!("f.zip")));
    assert_eq!(answer(&app.runtime, "p1:default:zipped", "hello").await, "hello");
}

#[tokio::test]
async fn functions_are_listed_by_pages() {
    let app = TestApp::new().await;
    for (package, name) in [("default", "a"), ("default", "b"), ("shop", "a"), ("shop", "c")] {
        let request = with(echo(name), json!({ "package": package }));
        app.post("/fgs/functions", request).await.expect(200);
    }
    for (query, names, next, count) in [
        ("", "default:a default:b shop:a shop:c", 4, 4),
        ("?maxitems=0", "default:a default:b shop:a shop:c", 4, 4),
        ("?maxitems=401&marker=", "default:a default:b shop:a shop:c", 4, 4),
        ("?maxitems=3", "default:a default:b shop:a", 3, 4),
        ("?maxitems=3&marker=3", "shop:c", 4, 4),
        ("?marker=9", "", 4, 4),
        ("?package_name=shop", "shop:a shop:c", 2, 2),
        ("?package_name=nobody", "", 0, 0),
        ("?func_name=a", "default:a shop:a", 2, 2),
        ("?func_name=a&package_name=shop", "shop:a", 1, 1),
    ] {
        let list = app.get(&format!("/fgs/functions{query}")).await.expect(200);
        let function = |item: &Value| {
            assert!(item["func_urn"].as_str().unwrap().ends_with(":latest"), "{item}");
            format!("{}:{}", item["package"].as_str().unwrap(), item["func_name"].as_str().unwrap())
        };
        let found: Vec<_> = list["functions"].as_array().unwrap().iter().map(function).collect();
        assert_eq!(found.join(" "), names, "{query}");
        assert_eq!((&list["next_marker"], &list["count"]), (&json!(next), &json!(count)), "{query}");
    }
    for query in ["maxitems=-1", "maxitems=x", "marker=-1", "marker=x"] {
        app.get(&format!("/fgs/functions?{query}")).await.refused(400, "FSS.1001");
    }
}

#[tokio::test]
async fn projects_see_their_own_functions_only() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let request = |path: &str| {
        let request = http::Request::get(format!("/v2/p2/fgs/functions{path}"));
        request.body(axum::body::Body::empty()).unwrap()
    };
    assert_eq!(app.send(request("")).await.expect(200)["count"], 0);
    app.send(request("/f/config")).await.refused(404, "FSS.1051");
    app.send(request("/p1:default:f/config")).await.refused(404, "FSS.1051");
    app.send(request("/urn:fss:local:p1:function:default:f/code")).await.refused(404, "FSS.1051");
}

#[tokio::test]
async fn versions_and_functions_are_deleted_by_the_rules() {
    let app = TestApp::new().await;
    create(&app, "f").await;
    let publish = async |version: &str, description: &str| {
        app.put("/fgs/functions/f/config", json!({ "description": description })).await.expect(200);
        app.runtime.publish("p1:default:f", Some(version)).await.unwrap();
    };
    publish("v1", "one").await;
    publish("v2", "two").await;
    publish("v3", "three").await;
    app.runtime.alias("p1:default:f", alias("prod", "v1", Some("v2"))).await.unwrap();
    app.runtime.alias("p1:default:f", alias("next", "v3", None)).await.unwrap();

    app.delete("/fgs/functions/p1:default:f:latest").await.refused(400, "FSS.1015");
    app.delete("/fgs/functions/p1:default:f:v2").await.refused(403, "FSS.1094");
    app.delete("/fgs/functions/p1:default:f:v9").await.refused(404, "FSS.1052");
    app.delete("/fgs/functions/p1:default:f:!nobody").await.refused(404, "FSS.1053");
    app.delete("/fgs/functions/nobody").await.refused(404, "FSS.1051");
    app.delete("/fgs/functions/a:b:c:d:e").await.refused(400, "FSS.0400");

    // An alias stands for its version.
    assert_eq!(app.delete("/fgs/functions/p1:default:f:!next").await.expect(204), Value::Null);
    app.get("/fgs/functions/p1:default:f:v3/config").await.refused(404, "FSS.1052");
    app.delete("/fgs/functions/urn%3Afss%3Alocal%3Ap1%3Afunction%3Adefault%3Af%3Av1").await.expect(204);
    app.delete("/fgs/functions/p1:default:f:v2").await.expect(204);
    app.delete("/fgs/functions/f").await.expect(204);
    app.get("/fgs/functions/f/config").await.refused(404, "FSS.1051");

    // A new function of an old name is another one.
    let id = create(&app, "f").await["func_id"].clone();
    app.delete("/fgs/functions/f").await.expect(204);
    app.runtime.advance(std::time::Duration::from_secs(1)).await;
    assert_ne!(create(&app, "f").await["func_id"], id);
    assert!(app.runtime.now() > BEGIN);
}

fn alias(name: &str, version: &str, additional: Option<&str>) -> Alias {
    let additional =
        additional.map(|version| Additional { version: version.parse().unwrap(), routing: Routing::Weight(10) });
    Alias {
        name: name.parse().unwrap(),
        version: version.parse().unwrap(),
        additional,
        description: String::new(),
        modified_at: BEGIN,
    }
}
