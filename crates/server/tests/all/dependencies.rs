//! Dependencies (manual, 7.3), and functions that use them.

use crate::{
    functions::{answer, echo, with},
    support::{BEGIN, TestApp},
};
use axum::body::Body;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::{Clock, Runtime};
use fngraph_server::{App, Auth, CodeSources, Options};
use fngraph_test_support::{guests, package};
use http::Request;
use serde_json::{Value, json};
use std::{
    fs,
    io::{Cursor, Write as _},
};
use zip::{ZipWriter, write::SimpleFileOptions};

const DEPENDENCIES: &str = "/fgs/dependencies";
const VERSIONS: &str = "/fgs/dependencies/version";

/// A zip of texts.
fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn body(name: &str, zip: &[u8]) -> Value {
    json!({ "depend_type": "zip", "runtime": "Custom", "name": name, "depend_file": BASE64_STANDARD.encode(zip) })
}

/// Uploads a version of `name` whose file `word.txt` is this.
async fn upload(app: &TestApp, name: &str, word: &str) -> Value {
    app.post(VERSIONS, body(name, &zip(&[("word.txt", word)]))).await.expect(200)
}

fn id(dependency: &Value) -> &str {
    dependency["id"].as_str().unwrap()
}

/// The path of a version.
fn version(dependency: &Value) -> String {
    format!("{DEPENDENCIES}/{}/version/{}", dependency["dep_id"].as_str().unwrap(), dependency["version"])
}

/// A request to create a function of the guest `checkout`, which reads files and imports `shop:pricing/discount`.
fn checkout(name: &str, entry: &str, dependencies: &[&str]) -> Value {
    let code = BASE64_STANDARD.encode(package(&[("checkout.wasm", guests::checkout())]));
    let change = json!({
        "handler": format!("checkout.{entry}"), "code_type": "zip", "func_code": { "file": code },
        "depend_version_list": dependencies,
    });
    with(echo(name), change)
}

async fn discounts(app: &TestApp) -> Value {
    let library = package(&[("lib/discounts.wasm", guests::discounts())]);
    app.post(VERSIONS, body("discounts", &library)).await.expect(200)
}

#[tokio::test]
async fn versions_are_uploaded_listed_shown_downloaded_and_deleted() {
    let app = TestApp::new().await;
    let file = zip(&[("word.txt", "one")]);
    let first = with(body("words", &file), json!({ "description": "some words" }));
    let first = app.post(VERSIONS, first).await.expect(200);
    let expected = json!({
        "owner": "p1", "runtime": "Custom", "size": file.len(), "name": "words", "description": "some words",
        "file_name": "words.zip", "version": 1, "last_modified": BEGIN.as_millis() / 1000, "is_shared": false,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(first[name], *value, "{name}");
    }
    assert_eq!(first["etag"].as_str().unwrap().len(), 32);
    assert_ne!(first["id"], first["dep_id"]);
    let second = upload(&app, "words", "two").await;
    assert_eq!((&second["version"], &second["dep_id"]), (&json!(2), &first["dep_id"]));

    let listed = app.get(&format!("{DEPENDENCIES}/{}/version", second["dep_id"].as_str().unwrap())).await.expect(200);
    assert_eq!((&listed["count"], &listed["next_marker"]), (&json!(2), &json!(2)));
    assert_eq!(listed["dependencies"], json!([second, first]), "newest first");

    let shown = app.get(&version(&first)).await.expect(200);
    assert_eq!(shown["link"], shown["download_link"]);
    assert_eq!(with(shown.clone(), json!({ "download_link": null })), first);
    let download = Request::get(shown["link"].as_str().unwrap()).body(Body::empty()).unwrap();
    assert_eq!(app.send(download).await.bytes, file);

    app.delete(&version(&first)).await.expect(204);
    app.get(&version(&first)).await.refused(404, "FSS.1056");
    app.delete(&version(&first)).await.refused(404, "FSS.1056");
    app.delete(&version(&second)).await.expect(204);
    assert_eq!(app.get(DEPENDENCIES).await.expect(200)["count"], 0);
}

#[tokio::test]
async fn dependencies_are_listed_by_name_page_and_filter() {
    let app = TestApp::new().await;
    for name in ["b", "a", "c"] {
        upload(&app, name, name).await;
    }
    let newest = upload(&app, "a", "again").await;
    let python = with(body("d", &zip(&[("a.py", "")])), json!({ "runtime": "Python3.9" }));
    app.post(VERSIONS, python).await.expect(200);

    let names = async |query: &str| {
        let list = app.get(&format!("{DEPENDENCIES}?{query}")).await.expect(200);
        let names = list["dependencies"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned());
        (names.collect::<String>(), list["next_marker"].as_u64().unwrap(), list["count"].as_u64().unwrap())
    };
    let check = async |query: &str, expected: &str, next: u64, count: u64| {
        assert_eq!(names(query).await, (expected.to_owned(), next, count), "{query}");
    };
    check("", "abcd", 4, 4).await;
    check("marker=1&maxitems=2", "bc", 3, 4).await;
    check("marker=0&limit=3", "abc", 3, 4).await;
    check("marker=4&maxitems=2", "", 4, 4).await;
    check("runtime=Python3.9", "d", 1, 1).await;
    check("name=b", "b", 1, 1).await;
    check("ispublic=false&dependency_type=private", "abcd", 4, 4).await;
    check("ispublic=true", "", 0, 0).await;
    check("dependency_type=public", "", 0, 0).await;
    for wrong in ["marker=x", "maxitems=-1", "ispublic=perhaps", "dependency_type=secret"] {
        app.get(&format!("{DEPENDENCIES}?{wrong}")).await.refused(400, "FSS.1001");
    }
    let first = &app.get(DEPENDENCIES).await.expect(200)["dependencies"][0];
    assert_eq!((&first["id"], &first["version"]), (&newest["dep_id"], &json!(2)));
}

#[tokio::test]
async fn older_operations_see_a_dependency_that_has_one_version() {
    let app = TestApp::new().await;
    let created = app.post(DEPENDENCIES, body("words", &zip(&[("word.txt", "one")]))).await.expect(200);
    app.post(DEPENDENCIES, body("words", &zip(&[("word.txt", "two")]))).await.refused(409, "FSS.1065");
    let path = format!("{DEPENDENCIES}/{}", id(&created));
    assert_eq!(app.get(&path).await.expect(200), created);
    let by_own_id = format!("{DEPENDENCIES}/{}", created["dep_id"].as_str().unwrap());
    assert_eq!(app.get(&by_own_id).await.expect(200)["id"], created["dep_id"]);

    let changed = with(body("phrases", &zip(&[("word.txt", "three")])), json!({ "description": "more" }));
    let changed = app.put(&path, changed).await.expect(200);
    assert_eq!((&changed["id"], &changed["name"]), (&created["id"], &json!("phrases")));
    assert_ne!(changed["etag"], created["etag"]);
    upload(&app, "words", "other").await;
    app.put(&path, body("words", &zip(&[("a", "")]))).await.refused(409, "FSS.1065");

    upload(&app, "phrases", "four").await;
    app.put(&path, body("phrases", &zip(&[("a", "")]))).await.refused(400, "FSS.1441");
    app.delete(&path).await.refused(400, "FSS.1441");
    app.delete(&format!("{path}/version/2")).await.expect(204);

    app.post("/fgs/functions", checkout("f", "read_file", &[id(&created)])).await.refused(400, "FSS.1011");
    let function = with(echo("f"), json!({ "depend_list": [id(&created)] }));
    app.post("/fgs/functions", function).await.expect(200);
    app.put(&path, body("phrases", &zip(&[("a", "")]))).await.refused(412, "FSS.1033");
    app.delete(&path).await.refused(412, "FSS.1033");
    app.delete("/fgs/functions/f").await.expect(204);
    app.delete(&path).await.expect(204);
    for missing in [app.get(&path).await, app.delete(&path).await, app.put(&path, body("a", b"PK")).await] {
        missing.refused(404, "FSS.1056");
    }
}

#[tokio::test]
async fn what_is_wrong_has_its_code() {
    let app = TestApp::new().await;
    let good = body("words", &zip(&[("a", "")]));
    let bomb = zip(&[("a", &"\0".repeat(301 << 20))]);
    let mut linked = ZipWriter::new(Cursor::new(Vec::new()));
    linked.add_symlink("a", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let linked = linked.finish().unwrap().into_inner();
    for (change, status, code) in [
        (json!({ "depend_type": "tar" }), 400, "FSS.1032"),
        (json!({ "depend_type": null }), 400, "FSS.0400"),
        (json!({ "runtime": "Cobol85" }), 400, "FSS.1005"),
        (json!({ "name": "1st" }), 400, "FSS.1024"),
        (json!({ "name": "end-" }), 400, "FSS.1024"),
        (json!({ "name": "a".repeat(97) }), 400, "FSS.1024"),
        (json!({ "description": "a".repeat(513) }), 400, "FSS.1019"),
        (json!({ "depend_file": null }), 400, "FSS.1024"),
        (json!({ "depend_file": "no base64!" }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode("no zip") }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode(zip(&[])) }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode(zip(&[("../a", "")])) }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode(zip(&[("a~", "")])) }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode(linked) }), 400, "FSS.1024"),
        (json!({ "depend_file": BASE64_STANDARD.encode(bomb) }), 400, "FSS.1024"),
        (json!({ "depend_file": "A".repeat(56 << 20) }), 413, "FSS.1071"),
        (json!({ "depend_type": "obs" }), 400, "FSS.1010"),
        (json!({ "depend_type": "obs", "depend_link": "file:///etc/passwd" }), 400, "FSS.1010"),
    ] {
        app.post(VERSIONS, with(good.clone(), change.clone())).await.refused(status, code);
        app.post(DEPENDENCIES, with(good.clone(), change)).await.refused(status, code);
    }
    assert_eq!(app.get(DEPENDENCIES).await.expect(200)["count"], 0);
    let words = upload(&app, "words", "one").await;
    for number in ["0", "2", "99"] {
        let path = format!("{DEPENDENCIES}/{}/version/{number}", id(&words));
        app.get(&path).await.refused(404, "FSS.1056");
        app.delete(&path).await.refused(404, "FSS.1056");
    }
    app.get(&format!("{DEPENDENCIES}/{}/version/latest", id(&words))).await.refused(400, "FSS.0400");
    app.get(&format!("{DEPENDENCIES}/nobody/version")).await.refused(404, "FSS.1056");
}

#[tokio::test]
async fn files_are_fetched_from_where_the_configuration_allows() {
    let folder = tempfile::tempdir().unwrap();
    let file = zip(&[("word.txt", "one")]);
    fs::write(folder.path().join("words.zip"), &file).unwrap();
    fs::write(folder.path().join("words.txt"), "no zip").unwrap();
    let mut options = Options::default();
    options.code_sources = CodeSources::new([format!("file://{}", folder.path().display())]).unwrap();
    let app = TestApp::with(Runtime::builder(), options).await;
    let request = |name: &str| {
        let link = format!("file://{}/{name}", folder.path().display());
        with(body("words", b""), json!({ "depend_type": "obs", "depend_file": null, "depend_link": link }))
    };
    app.post(VERSIONS, request("none.zip")).await.refused(404, "FSS.1054");
    app.post(VERSIONS, request("words.txt")).await.refused(400, "FSS.1024");
    let created = app.post(VERSIONS, request("words.zip")).await.expect(200);
    assert_eq!((&created["file_name"], &created["size"]), (&json!("words.zip"), &json!(file.len())));
}

#[tokio::test]
async fn a_function_finds_the_files_of_its_dependencies() {
    let app = TestApp::new().await;
    let library = discounts(&app).await;
    let (one, two) = (upload(&app, "words", "one").await, upload(&app, "words", "two").await);
    let created = app.post("/fgs/functions", checkout("f", "read_file", &[id(&library), id(&one)])).await.expect(200);
    assert_eq!(created["depend_version_list"], json!([library["id"], one["id"]]));
    assert_eq!(created["depend_list"], json!([library["dep_id"], one["dep_id"]]));
    assert_eq!(
        (&created["dependencies"][1]["name"], &created["dependencies"][1]["version"]),
        (&json!("words"), &json!(1))
    );
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "one");

    // A published version keeps what it has.
    app.runtime.publish("p1:default:f", Some("v1")).await.unwrap();
    let both = json!({ "depend_version_list": [library["id"], one["id"], two["id"]] });
    let changed = app.put("/fgs/functions/f/config", both).await.expect(200);
    assert_eq!(changed["depend_version_list"], json!([library["id"], one["id"], two["id"]]));
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "two", "the last one counts");
    assert_eq!(answer(&app.runtime, "p1:default:f:v1", "word.txt").await, "one");
    let order = json!({ "depend_version_list": [library["id"], two["id"], one["id"]] });
    app.put("/fgs/functions/f/config", order).await.expect(200);
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "one");
    app.put("/fgs/functions/f/config", json!({ "description": "the same" })).await.expect(200);
    let shown = app.get("/fgs/functions/f/code").await.expect(200);
    assert_eq!(shown["depend_version_list"], json!([library["id"], two["id"], one["id"]]));
    assert!(shown["dependencies"][0]["link"].as_str().unwrap().contains("/packages/"));

    // Code that brings the file itself: the dependency's takes precedence.
    let mut code = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [("checkout.wasm", fs::read(guests::checkout()).unwrap()), ("word.txt", b"own".to_vec())] {
        code.start_file(name, SimpleFileOptions::default()).unwrap();
        code.write_all(&content).unwrap();
    }
    let code = BASE64_STANDARD.encode(code.finish().unwrap().into_inner());
    let update = json!({ "code_type": "zip", "func_code": { "file": code } });
    let updated = app.put("/fgs/functions/f/code", update.clone()).await.expect(200);
    assert_eq!(updated["depend_version_list"].as_array().unwrap().len(), 3);
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "one");
    let without = with(update, json!({ "depend_version_list": [library["id"]] }));
    app.put("/fgs/functions/f/code", without).await.expect(200);
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "own");
    let config = app.get("/fgs/functions/f/config").await.expect(200);
    assert_eq!(config["depend_version_list"], json!([library["id"]]));

    app.delete(&version(&two)).await.expect(204);
    let refusal = app.delete(&version(&one)).await;
    refusal.refused(412, "FSS.1440");
    let text = refusal.json()["error_msg"].as_str().unwrap().to_owned();
    assert!(text.starts_with("Specified dependency version is used by 1 functions"), "{text}");
    app.delete("/fgs/functions/p1:default:f:v1").await.expect(204);
    app.delete(&version(&one)).await.expect(204);
}

#[tokio::test]
async fn one_library_serves_two_functions() {
    let app = TestApp::new().await;
    app.post("/fgs/functions", checkout("f", "total", &[])).await.refused(400, "FSS.1011");
    let library = discounts(&app).await;
    for name in ["f", "g"] {
        // The dependency's own id stands for its newest version.
        let created = app.post("/fgs/functions", checkout(name, "total", &[library["dep_id"].as_str().unwrap()])).await;
        assert_eq!(created.expect(200)["depend_version_list"], json!([library["id"]]));
        let total = answer(&app.runtime, &format!("p1:default:{name}"), r#"{"cents": 1000, "group": "member"}"#).await;
        assert_eq!(total, r#"{"total":900}"#);
    }
    app.delete(&version(&library)).await.refused(412, "FSS.1440");
    // Without the library the code does not run, so that nothing changes.
    app.put("/fgs/functions/f/config", json!({ "depend_version_list": [] })).await.refused(400, "FSS.1011");

    // Such a function has no snapshot, and runs as ever.
    app.put("/fgs/functions/f/config", json!({ "initializer_handler": "checkout.prepare" })).await.expect(200);
    app.runtime.publish("p1:default:f", Some("v1")).await.unwrap();
    app.post("/fgs/functions/p1:default:f:v1/snapshots/enable", Value::Null).await.expect(200);
    app.runtime.settle().await;
    let state = app.get("/fgs/functions/p1:default:f:v1/snapshots/state").await.expect(200);
    assert_eq!(state, json!({ "state": "failed", "code": "FSS.1404" }));
    let total = answer(&app.runtime, "p1:default:f:v1", r#"{"cents": 1000, "group": "student"}"#).await;
    assert_eq!(total, r#"{"total":500}"#);
}

#[tokio::test]
async fn dependencies_that_are_not_there_or_too_many_are_refused() {
    let app = TestApp::new().await;
    let words = upload(&app, "words", "one").await;
    let request = |list: Value| with(echo("f"), json!({ "depend_version_list": list }));
    app.post("/fgs/functions", request(json!(["nobody"]))).await.refused(404, "FSS.1056");
    app.post("/fgs/functions", request(json!([words["id"], words["id"]]))).await.refused(400, "FSS.1024");
    let mut ids = Vec::new();
    for number in 0..21 {
        ids.push(upload(&app, &format!("d{number}"), "").await["id"].clone());
    }
    app.post("/fgs/functions", request(json!(ids))).await.refused(403, "FSS.1045");
    app.post("/fgs/functions", request(json!(ids[1..]))).await.expect(200);
    app.put("/fgs/functions/f/config", json!({ "depend_list": ["nobody"] })).await.refused(404, "FSS.1056");
    app.put("/fgs/functions/f/config", json!({ "depend_version_list": ids })).await.refused(403, "FSS.1045");

    // What another project has is not there.
    let other = Request::get(format!("/v2/p2/fgs/dependencies/{}", id(&words))).body(Body::empty()).unwrap();
    app.send(other).await.refused(404, "FSS.1056");
}

#[tokio::test]
async fn dependencies_and_their_functions_outlive_the_server() {
    let data = tempfile::tempdir().unwrap();
    let start = async || {
        let clock = Clock::manual(BEGIN);
        let runtime = Runtime::builder().data_dir(data.path()).clock(clock).build().await.unwrap();
        let router = fngraph_server::router(App::new(runtime.clone(), Auth::open(), Options::default()));
        TestApp { runtime, router }
    };
    let app = start().await;
    let (library, words) = (discounts(&app).await, upload(&app, "words", "one").await);
    app.post("/fgs/functions", checkout("f", "read_file", &[id(&library), id(&words)])).await.expect(200);
    let listed = app.get(DEPENDENCIES).await.expect(200);
    app.runtime.shutdown(std::time::Duration::from_secs(10)).await;
    drop(app);

    let app = start().await;
    assert_eq!(app.get(DEPENDENCIES).await.expect(200), listed);
    assert_eq!(app.runtime.registry().sweep_code().await.unwrap(), 0);
    assert_eq!(answer(&app.runtime, "p1:default:f", "word.txt").await, "one");
    app.delete(&version(&words)).await.refused(412, "FSS.1440");
}
