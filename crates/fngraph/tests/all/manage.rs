//! Functions as the cloud's API manages them: created once, then code and settings apart.

use crate::support::{BEGIN, SECOND, answer, deploy, deploy_as, faults, runtime, runtime_in, settings};
use fngraph::{
    Clock, CodeType, Delivery, DocumentRecord, ErrorCode, FunctionId, FunctionRuntime, NewFunction, Package, Runtime,
    Scaling, Settings,
};
use fngraph_test_support::guests;
use std::collections::BTreeMap;

fn new(name: &str, handler: &str, code: Vec<u8>) -> NewFunction {
    NewFunction::new(FunctionId::local(name), settings(handler), code.into(), BEGIN)
}

fn delivered(code: Vec<u8>) -> Package {
    let delivery = Delivery { code_type: CodeType::Inline, filename: "index.wasm".to_owned(), ..Delivery::default() };
    Package { delivery, ..Package::from(code) }
}

#[tokio::test]
async fn a_function_is_created_once() {
    let runtime = runtime().await;
    let scaling = Scaling { max_instances: 7.try_into().unwrap(), ..Scaling::default() };
    let first = NewFunction { scaling, code: delivered(faults()), ..new("f", "index.echo", faults()) };
    let function = runtime.create(first).await.unwrap();
    assert_eq!((function.revision, function.latest.scaling), (1, scaling));
    assert_eq!(function.latest.delivery.code_type, CodeType::Inline);
    assert_eq!(answer(&runtime, "f", "hello").await, "hello");
    // Not even code that is broken is looked at when the function exists.
    let error = runtime.create(new("f", "index.echo", b"broken".to_vec())).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FunctionExists);
}

#[tokio::test]
async fn code_that_cannot_run_has_the_code_of_what_is_wrong() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    let initialized = |entry: &str| {
        let initializer = Some(format!("index.{entry}").parse().unwrap());
        Settings { initializer, ..settings("index.echo") }
    };
    for (code, settings, expected) in [
        (b"no wasm at all".to_vec(), settings("index.echo"), ErrorCode::InvalidCode),
        (b"\0asm\x01\0\0\0\xff\xff".to_vec(), settings("index.echo"), ErrorCode::InvalidCode),
        (b"PK\x03\x04 but no zip".to_vec(), settings("index.echo"), ErrorCode::InvalidCode),
        (Vec::new(), settings("index.echo"), ErrorCode::InvalidCode),
        (faults(), settings("index.nothing"), ErrorCode::InvalidHandler),
        (faults(), initialized("nothing"), ErrorCode::InvalidInitializer),
    ] {
        let create = NewFunction { settings: settings.clone(), ..new("f", "index.echo", code.clone()) };
        let error = runtime.create(create).await.unwrap_err();
        assert_eq!(error.code(), expected, "{error}");
        assert!(runtime.function("f").unwrap().is_none());
        if settings.handler.entry() == "echo" && settings.initializer.is_none() {
            let error = runtime.update_code("echo", code).await.unwrap_err();
            assert_eq!(error.code(), expected, "{error}");
        } else {
            let error = runtime.update_settings("echo", settings).await.unwrap_err();
            assert_eq!(error.code(), expected, "{error}");
        }
    }
    assert_eq!(runtime.function("echo").unwrap().unwrap().revision, 1);
}

fn with(runtime: FunctionRuntime) -> Settings {
    Settings { runtime, ..settings("index.echo") }
}

#[tokio::test]
async fn a_runtime_runs_the_code_that_it_is_for() {
    let runtime = runtime().await;
    let [event, http, command] =
        [guests::faults(), guests::faults_http(), guests::faults_command()].map(|path| std::fs::read(path).unwrap());
    for (kind, code, fitting, other) in [
        ("event", event, FunctionRuntime::Custom, FunctionRuntime::Http),
        ("http", http.clone(), FunctionRuntime::Http, FunctionRuntime::Custom),
        ("command", command, FunctionRuntime::Custom, FunctionRuntime::Http),
    ] {
        let create = |settings| NewFunction { settings, ..new(kind, "index.echo", code.clone()) };
        let refused = |error: fngraph::Error| {
            assert_eq!(error.code(), ErrorCode::InvalidRuntime);
            let text = error.to_string();
            let named =
                format!("the runtime is `{other}`, and the code is of the kind `{kind}`, which runs with `{fitting}`");
            assert!(text.starts_with(&named), "{text}");
        };
        refused(runtime.create(create(with(other))).await.unwrap_err());
        assert!(runtime.function(kind).unwrap().is_none());
        runtime.create(create(with(fitting))).await.unwrap();
        refused(runtime.update_settings(kind, with(other)).await.unwrap_err());
        runtime.update_code(kind, code.clone()).await.unwrap();
        assert_eq!(runtime.function(kind).unwrap().unwrap().latest.settings.runtime, fitting);

        // Who deploys need not know.
        let version = runtime.deploy("deployed", code.clone(), with(other)).await.unwrap();
        assert_eq!(version.settings.runtime, fitting);
    }
    let error = runtime.update_code("event", http).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidRuntime, "{error}");
}

#[tokio::test]
async fn code_and_settings_that_do_not_fit_each_other_never_meet() {
    let runtime = runtime().await;
    let command = std::fs::read(guests::faults_command()).unwrap();
    for _ in 0..5 {
        // A command takes any initializer; the other code has no such.
        runtime.deploy("f", command.clone(), settings("index.echo")).await.unwrap();
        let mut initialized = settings("index.echo");
        initialized.initializer = Some("index.nothing".parse().unwrap());
        let (code, settings) =
            tokio::join!(runtime.update_code("f", faults()), runtime.update_settings("f", initialized));
        let codes = [code.err(), settings.err()].map(|error| error.map(|error| error.code()));
        let late = Some(ErrorCode::InvalidInitializer);
        assert!(codes == [late, None] || codes == [None, late], "who comes second is refused: {codes:?}");
        runtime.invoke("f", "echo hello").await.unwrap().result.unwrap();
    }
}

#[tokio::test]
async fn a_handler_is_renamed_in_two_steps() {
    let runtime = runtime().await;
    let hello = std::fs::read(guests::hello()).unwrap();
    runtime.deploy("f", hello, settings("index.handler")).await.unwrap();
    // Neither code has both handlers.
    runtime.update_code("f", faults()).await.unwrap();
    let missing = runtime.invoke("f", "hello").await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::EntryNotFound);
    runtime.update_settings("f", settings("index.echo")).await.unwrap();
    assert_eq!(answer(&runtime, "f", "hello").await, "hello");
}

#[tokio::test]
async fn code_and_settings_change_apart_and_at_once() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    let version = runtime.update_settings("f", settings("index.context")).await.unwrap();
    assert_eq!((version.revision, version.settings.handler.entry()), (2, "context"));
    assert!(answer(&runtime, "f", "").await.contains("\"version\":\"latest\""));
    runtime.update_settings("f", settings("hello.handler")).await.unwrap_err();
    runtime.update_settings("f", settings("index.echo")).await.unwrap();
    let version = runtime.update_code("f", delivered(faults())).await.unwrap();
    assert_eq!((version.revision, version.delivery.filename.as_str()), (3, "index.wasm"), "the code is the same");
    assert_eq!(answer(&runtime, "f", "hello").await, "hello");
}

#[tokio::test]
async fn only_latest_changes() {
    let runtime = runtime().await;
    deploy_as(&runtime, "f", "echo", |_| ()).await;
    runtime.publish("f", Some("v1")).await.unwrap();
    for (urn, expected) in [
        ("local:default:f:v1", ErrorCode::InvalidVersion),
        ("local:default:f:v2", ErrorCode::VersionNotFound),
        ("local:default:f:!prod", ErrorCode::AliasNotFound),
        ("ghost", ErrorCode::FunctionNotFound),
        ("::", ErrorCode::InvalidParameter),
    ] {
        let code = runtime.update_code(urn, b"broken".to_vec()).await.unwrap_err().code();
        let settings = runtime.update_settings(urn, settings("index.nothing")).await.unwrap_err().code();
        assert_eq!((code, settings), (expected, expected), "{urn}");
    }
    runtime.update_code("local:default:f:latest", faults()).await.unwrap();
}

async fn assert_told(runtime: &Runtime) {
    let told = answer(runtime, "f", "").await;
    for fact in [r#""colour":"hush-red""#, r#""keys":["COLOUR","OPEN"]"#] {
        assert!(told.contains(fact), "no {fact} in {told}");
    }
}

#[tokio::test]
async fn secret_user_data_reach_the_function_and_outlive_the_process() {
    let data = tempfile::tempdir().unwrap();
    let mut secretive = settings("index.context");
    secretive.user_data.insert("OPEN".to_owned(), "yes".to_owned());
    secretive.encrypted_user_data.insert("COLOUR".to_owned(), "hush-red".to_owned());
    let runtime = runtime_in(data.path(), BEGIN).await;
    runtime.deploy("f", faults(), secretive).await.unwrap();
    assert_told(&runtime).await;
    assert!(!format!("{:?}", runtime.function("f").unwrap()).contains("hush"));
    let key = runtime.derive_secret("test");
    assert!(runtime.shutdown(SECOND * 10).await);
    drop(runtime);
    for file in ["fngraph.db", "fngraph.db-wal"] {
        let bytes = std::fs::read(data.path().join(file)).unwrap_or_default();
        assert!(!bytes.windows(4).any(|window| window == b"hush"), "{file}");
    }
    let runtime = runtime_in(data.path(), BEGIN).await;
    assert_told(&runtime).await;
    assert_eq!(runtime.derive_secret("test"), key);
    assert_ne!(runtime.derive_secret("another"), key);
}

#[tokio::test]
async fn what_a_project_uses_is_counted_with_its_instances() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    deploy_as(&runtime, "other:default:echo", "echo", |_| ()).await;
    assert_eq!((runtime.instances("local"), runtime.instances("other")), (0, 0));
    answer(&runtime, "echo", "hello").await;
    assert_eq!((runtime.instances("local"), runtime.instances("other")), (1, 0));
    let usage = runtime.registry().usage("local");
    assert_eq!((usage.functions, usage.code_bytes), (1, faults().len() as u64));
}

#[tokio::test]
async fn settings_of_a_project_are_kept_apart_from_others() {
    let runtime = runtime().await;
    assert_eq!(runtime.project("p").await.unwrap(), Default::default());
    let enable = || {
        runtime.update_project("p", |settings| {
            settings.async_status_logs_since.get_or_insert(BEGIN);
        })
    };
    let enabled = enable().await.unwrap();
    assert_eq!((enabled.async_status_logs_since, enabled.lts_logs_since), (Some(BEGIN), None));
    let lts = runtime.update_project("p", |settings| settings.lts_logs_since = Some(BEGIN + SECOND));
    let (one, other) = tokio::join!(lts, enable());
    assert!(one.is_ok() && other.is_ok());
    let after = runtime.project("p").await.unwrap();
    assert_eq!((after.async_status_logs_since, after.lts_logs_since), (Some(BEGIN), Some(BEGIN + SECOND)));
    assert_eq!(runtime.project("q").await.unwrap(), Default::default());

    let (collection, key, body) = ("projects".to_owned(), "q".to_owned(), "{".to_owned());
    runtime.documents().put_document(DocumentRecord { collection, key, revision: 1, body }).await.unwrap();
    let error = runtime.project("q").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert!(error.to_string().contains("a stored project is damaged"), "{error}");
}

#[tokio::test]
async fn a_runtime_tells_its_time_and_place() {
    let clock = Clock::manual(BEGIN);
    let runtime = Runtime::builder().clock(clock).build().await.unwrap();
    runtime.advance(SECOND).await;
    assert_eq!((runtime.now(), &*runtime.scope().region), (BEGIN + SECOND, "local"));
    let tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    deploy(&runtime, "echo").await;
    runtime.registry().add_tags(&FunctionId::local("echo"), tags.clone()).await.unwrap();
    assert_eq!(runtime.function("echo").unwrap().unwrap().tags, tags);
}
