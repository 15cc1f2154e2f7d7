//! Extensions and the telemetry API (manual, 6): real processes, which tell the test what they hear.

use crate::{
    deployed::{deploy, deploy_with},
    support::{BEGIN, TestApp},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph::{Clock, FunctionId, Outcome, Runtime, Start, Version};
use fngraph_server::{ExtensionFiles, ExtensionOptions, ExtensionPorts, ExtensionSource, Extensions, Options};
use futures::future::{BoxFuture, FutureExt as _};
use serde_json::{Value, json};
use std::{
    io::{Cursor, Write as _},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// How long a test waits for a process before it fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// The same files for every version.
struct Package(ExtensionFiles);

impl ExtensionSource for Package {
    fn has_dependencies(&self, _version: &Version) -> bool {
        true
    }

    fn files<'a>(
        &'a self,
        _function: &'a FunctionId,
        _version: &'a Version,
    ) -> BoxFuture<'a, Result<ExtensionFiles, String>> {
        futures::future::ready(Ok(self.0.clone())).boxed()
    }
}

/// An API whose functions have extensions.
struct Accompanied {
    app: TestApp,
    extensions: Extensions,
    folder: TempDir,
}

impl Accompanied {
    /// With these scripts, by their names.
    async fn new(scripts: &[(&str, String)]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut options = ExtensionOptions::new(folder.path().join("extensions"));
        options.ports = ExtensionPorts::Assigned;
        let extensions = Extensions::new(options, Clock::manual(BEGIN));
        let builder = Runtime::builder().watcher(Arc::new(extensions.clone()));
        let app = TestApp::with(builder, Options::default()).await;
        let files = scripts.iter().map(|(name, text)| (format!("extension/{name}"), Bytes::from(text.clone())));
        let program = ("extension/ext.py".to_owned(), Bytes::from_static(include_bytes!("extensions/ext.py")));
        let files = files.chain([program]).map(|(path, content)| (PathBuf::from(path), content)).collect();
        extensions.attach(Arc::new(Package(files)));
        Self { app, extensions, folder }
    }

    async fn invoke(&self, function: &str, event: &str) -> Outcome {
        let urn = format!("p1:default:{function}");
        timeout(PATIENCE, self.app.runtime.invoke(&urn, event.to_owned())).await.unwrap().unwrap()
    }

    /// Ends everything, and the files are gone.
    async fn shutdown(self) {
        self.app.runtime.shutdown(Duration::ZERO).await;
        timeout(PATIENCE, self.extensions.shutdown()).await.unwrap();
        let left: Vec<_> = std::fs::read_dir(self.folder.path().join("extensions")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// What an extension tells the test.
struct Told(Lines<BufReader<TcpStream>>);

impl Told {
    async fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = timeout(PATIENCE, listener.accept()).await.unwrap().unwrap();
        Self(BufReader::new(stream).lines())
    }

    /// The next line; none when the extension has ended.
    async fn next(&mut self) -> Option<Value> {
        let line = timeout(PATIENCE, self.0.next_line()).await.unwrap().unwrap()?;
        Some(serde_json::from_str(&line).unwrap())
    }

    /// The next line that has this field: its value.
    async fn next_with(&mut self, field: &str) -> Value {
        loop {
            let line = self.next().await.unwrap_or_else(|| panic!("the extension told no {field}"));
            if let Some(value) = line.get(field) {
                return value.clone();
            }
        }
    }

    /// The bodies of posts to this path until one satisfies `is_last`.
    async fn posts(&mut self, path: &str, is_last: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut bodies = Vec::new();
        while !bodies.last().is_some_and(&is_last) {
            let line = self.next().await.unwrap_or_else(|| panic!("there was no more than {bodies:?}"));
            if line["path"] == path {
                bodies.push(line["body"].clone());
            }
        }
        bodies
    }

    /// Events until one of this name.
    async fn events(&mut self, last: &str) -> Vec<Value> {
        let is_last = |batch: &Value| batch.as_array().unwrap().iter().any(|event| event["name"] == last);
        let batches = self.posts("/", is_last).await;
        batches.into_iter().flat_map(|batch| batch.as_array().unwrap().clone()).collect()
    }
}

fn python(name: &str, test: &TcpListener, protests: bool) -> String {
    let (address, protests) = (test.local_addr().unwrap(), if protests { "protests" } else { "obeys" });
    format!("#!/bin/sh\nexec python3 ext.py {name} {address} {protests}\n")
}

async fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

#[tokio::test]
async fn an_extension_registers_hears_of_invocations_and_ends_with_the_server() {
    let test = listener().await;
    // Without `#!` it is the shell's.
    let script = python("extensionDemo.sh", &test, false).replace("#!/bin/sh\n", "");
    let accompanied = Accompanied::new(&[("extensionDemo.sh", script)]).await;
    deploy(&accompanied.app, "f", "echo").await;
    let first = accompanied.invoke("f", "1").await;
    let mut told = Told::accept(&test).await;
    let answer = json!({
        "functionName": "f", "functionVersion": "latest", "handler": "index.echo",
        "errorInfo": {"errorType": "", "errorMessage": ""},
    });
    let second = accompanied.invoke("f", "2").await;
    let post = |outcome: &Outcome| {
        let id = outcome.receipt.request_id.to_string();
        let urn = "urn:fss:local:p1:function:default:f:latest";
        let body = json!({"tracelId": id, "traceId": id, "invokedFunctionUrn": urn});
        json!({"extension": "extensionDemo.sh", "path": "/extension/invoke", "body": body})
    };
    // That it has registered it may tell after it has heard of the first call already.
    let mut lines = vec![told.next().await.unwrap(), told.next().await.unwrap(), told.next().await.unwrap()];
    let registered = lines.iter().position(|line| line["registered"] == json!([200, answer])).unwrap();
    lines.remove(registered);
    assert_eq!(lines, [post(&first), post(&second)]);
    let ((), ended) = tokio::join!(accompanied.shutdown(), told.next_with("ended"));
    assert_eq!((ended, told.next().await), (json!(true), None));
}

#[tokio::test]
async fn telemetry_has_everything_from_the_first_cold_start_on() {
    let test = listener().await;
    let script = python("extensionTelemetry.sh", &test, true);
    let accompanied = Accompanied::new(&[("extensionTelemetry.sh", script)]).await;
    deploy(&accompanied.app, "f", "write_log").await;
    let first = accompanied.invoke("f", "[Function]this is a simple log.").await;
    let mut told = Told::accept(&test).await;
    let line = told.next().await.unwrap();
    let variables = line["environment"].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    // Shells and Python set some themselves.
    let variables: Vec<_> =
        variables.filter(|name| !["LC_CTYPE", "OLDPWD", "PWD", "SHLVL", "_"].contains(name)).collect();
    assert_eq!(variables, ["EXTENSION_API_ADDR", "EXTENSION_PORT", "PATH", "RUNTIME_CODE_ROOT"]);
    assert_eq!(line["folder"], json!(["ext.py", "extensionTelemetry.sh"]));
    assert_eq!(told.next_with("subscribed").await[0], 200);
    let refused = told.next_with("refused").await;
    assert_eq!(
        refused,
        json!({
            "no name": [400, "MissingHeader"],
            "no address": [400, "MissingHeader"],
            "another name": [400, "UnknownExtension"],
            "another host": [400, "InvalidAddress"],
            "another port": [400, "InvalidAddress"],
            "not registered": [400, "NotRegistered"],
            "again": [400, "AlreadyRegistered"],
            "port of others": [400, "InvalidAddress"],
            "more": [400, "InvalidSubscription"],
            "too long": [400, "InvalidSubscription"],
            "elsewhere": [404, "NotFound"],
            "get": [405, "MethodNotAllowed"],
            "subscribed again": [400, "AlreadySubscribed"],
        })
    );
    // What it hears of the first call may have come before it told of all that.
    let second = accompanied.invoke("f", "[Function]another").await;
    assert_eq!(second.receipt.start, Start::Warm);
    let second_id = second.receipt.request_id.to_string();
    let is_last = |batch: &Value| {
        let mut events = batch.as_array().unwrap().iter();
        events.any(|event| event["name"] == "platform.report" && event["traceId"] == second_id.as_str())
    };
    let batches = told.posts("/", is_last).await;
    let events: Vec<_> = batches.iter().flat_map(|batch| batch.as_array().unwrap()).collect();
    let of_second: Vec<_> = events.iter().filter(|event| event["traceId"] == second_id.as_str()).collect();
    let names: Vec<_> = of_second.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["platform.start", "platform.RuntimeDone", "platform.report"]);
    assert_eq!(of_second[2]["metrics"]["memorySize"], 128);
    assert!(events.iter().any(|event| event["logs"] == "[Function]another"), "{events:?}");
    assert!(events.iter().all(|event| event["traceId"] != json!(null) || event["logs"] != json!(null)), "{events:?}");
    assert_eq!(first.receipt.start, Start::Cold);
    accompanied.shutdown().await;
}

#[tokio::test]
async fn what_was_before_the_subscription_is_not_lost() {
    let test = listener().await;
    let scripts = [("extensionT.sh", python("extensionT.sh", &test, true))];
    let accompanied = Accompanied::new(&scripts).await;
    deploy(&accompanied.app, "f", "write_log").await;
    let outcome = accompanied.invoke("f", "[Function]hello").await;
    let mut told = Told::accept(&test).await;
    let id = outcome.receipt.request_id.to_string();
    let events = told.events("platform.report").await;
    let named =
        |name: &str| events.iter().find(|event| event["name"] == name).unwrap_or_else(|| panic!("{name}: {events:?}"));
    for name in ["platform.initStart", "platform.initRuntimeDone", "platform.initReport", "platform.start"] {
        assert_eq!(named(name)["traceId"], id.as_str());
    }
    assert_eq!(named("function")["logs"], "[Function]hello");
    assert_eq!(named("extension")["logs"], "[Extension]hello from extensionT.sh");
    let order: Vec<_> = events.iter().map(|event| event["name"].as_str().unwrap()).collect();
    assert_eq!(order[..4], ["extension", "platform.initStart", "platform.initRuntimeDone", "platform.initReport"]);
    accompanied.shutdown().await;
}

#[tokio::test]
async fn ten_extensions_are_started_and_no_more() {
    let marks = TempDir::new().unwrap();
    let text = |name: &str| format!("#!/bin/sh\necho x > {}/{name}\nexit 1\n", marks.path().display());
    let names: Vec<_> = (0..12).map(|number| format!("extension{number:02}.sh")).collect();
    let scripts: Vec<_> = names.iter().map(|name| (name.as_str(), text(name))).collect();
    let accompanied = Accompanied::new(&scripts).await;
    deploy(&accompanied.app, "f", "echo").await;
    drop(accompanied.invoke("f", "1").await);
    accompanied.shutdown().await;
    let mut started: Vec<_> =
        std::fs::read_dir(marks.path()).unwrap().map(|mark| mark.unwrap().file_name().into_string().unwrap()).collect();
    started.sort();
    assert_eq!(started, names[..10]);
}

#[tokio::test]
async fn a_call_does_not_wait_for_extensions_that_ended() {
    let accompanied = Accompanied::new(&[("extensionDead.sh", "exit 1".to_owned())]).await;
    deploy(&accompanied.app, "f", "echo").await;
    for event in ["1", "2"] {
        let began = tokio::time::Instant::now();
        assert_eq!(accompanied.invoke("f", event).await.result.unwrap(), event);
        assert!(began.elapsed() < Duration::from_secs(9), "nobody waited for the registration's end");
    }
    accompanied.shutdown().await;
}

#[tokio::test]
async fn functions_without_extensions_are_called_as_ever() {
    let accompanied = Accompanied::new(&[]).await;
    deploy(&accompanied.app, "f", "echo").await;
    for event in ["1", "2"] {
        assert_eq!(accompanied.invoke("f", event).await.result.unwrap(), event);
    }
    accompanied.app.runtime.shutdown(Duration::ZERO).await;
    accompanied.extensions.shutdown().await;
    assert!(!accompanied.folder.path().join("extensions").exists());
}

#[tokio::test]
async fn a_version_that_is_replaced_takes_its_extensions_with_it() {
    let test = listener().await;
    let accompanied = Accompanied::new(&[("extensionA.sh", python("extensionA.sh", &test, false))]).await;
    deploy(&accompanied.app, "f", "echo").await;
    drop(accompanied.invoke("f", "1").await);
    let mut first = Told::accept(&test).await;
    deploy(&accompanied.app, "f", "count").await;
    let (_, mut second) = tokio::join!(accompanied.invoke("f", "1"), Told::accept(&test));
    assert_eq!(first.next_with("ended").await, json!(true));
    assert_eq!(second.next_with("registered").await[1]["handler"], "index.count");
    accompanied.shutdown().await;
}

/// A zip of these files.
fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Uploads a dependency, and answers the id of its version.
async fn upload(app: &TestApp, name: &str, files: &[(&str, &[u8])]) -> String {
    let file = BASE64_STANDARD.encode(zip(files));
    let body = json!({"depend_type": "zip", "runtime": "Custom", "name": name, "depend_file": file});
    app.post("/fgs/dependencies/version", body).await.expect(200)["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn extensions_come_from_the_dependencies_of_the_version() {
    let test = listener().await;
    let accompanied = Accompanied::new(&[]).await;
    let Accompanied { app, extensions, .. } = &accompanied;
    extensions.attach(Arc::new(app.runtime.clone()));
    let (first, second) = (python("extensionA.sh", &test, false), python("extensionA.sh", &test, true));
    let program: (&str, &[u8]) = ("extension/ext.py", include_bytes!("extensions/ext.py"));
    let script = "extension/extensionA.sh";
    let ids = [
        upload(app, "one", &[(script, first.as_bytes()), program]).await,
        upload(app, "words", &[("word.txt", b"tea")]).await,
        upload(app, "two", &[(script, second.as_bytes()), ("lib/two.txt", b"2")]).await,
    ];
    deploy_with(app, "f", "read_code", |settings| settings.dependencies = ids.to_vec()).await;
    assert_eq!(accompanied.invoke("f", "word.txt").await.result.unwrap(), "tea");
    // The later one has the word, and what the function has of its dependencies is not in the way.
    let line = Told::accept(&test).await.next().await.unwrap();
    assert_eq!(line["folder"], json!(["ext.py", "extensionA.sh"]));
    accompanied.shutdown().await;
}
