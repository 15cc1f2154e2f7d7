//! Functions whose initializer has run already.

use crate::support::{engine, handler, lines, run, text};
use fngraph_engine::{
    Agency, Engine, FunctionConfig, Invocation, InvokeError, Network, Package, PreparedFunction, SnapshotError,
};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, Memory};
use std::{path::Path, time::Duration};

fn package(wasm: &Path) -> Package {
    Package::from_wasm("index", std::fs::read(wasm).unwrap()).unwrap()
}

fn faults() -> Package {
    package(guests::faults())
}

/// The handler and the initializer of these names.
fn config(entry: &str, initializer: &str) -> FunctionConfig {
    let mut config = FunctionConfig::new(handler(&format!("index.{entry}")));
    config.initializer = Some(handler(&format!("index.{initializer}")));
    config.initializer_timeout = Duration::from_secs(30);
    config
}

async fn snapshot(entry: &str, initializer: &str) -> PreparedFunction {
    engine().snapshot(&faults(), &config(entry, initializer)).await.unwrap()
}

/// Why there is no snapshot.
async fn refusal(initializer: &str, configure: impl FnOnce(&mut FunctionConfig)) -> SnapshotError {
    let mut config = config("echo", initializer);
    configure(&mut config);
    let engine = engine();
    let refusal = engine.snapshot(&faults(), &config).await.unwrap_err();
    assert!(engine.load_snapshot(&faults(), &config).await.unwrap().is_none(), "nothing is kept");
    assert_eq!(engine.memory_used(), 0, "nothing lives on");
    refusal
}

#[tokio::test]
async fn an_instance_begins_as_its_initializer_left_it() {
    let function = snapshot("look_up", "start_building").await;
    for _ in 0..2 {
        let outcome = run(&function, "21").await;
        assert_eq!(text(&outcome), "42 of 30000");
        assert_eq!(outcome.receipt.initialize, Duration::ZERO);
        assert_eq!(lines(&outcome), ["looked up"], "its log level is as the initializer set it, its lines are gone");
    }
}

#[tokio::test]
async fn instances_of_a_snapshot_share_nothing_later() {
    let function = snapshot("count", "start_counting_at_ten").await;
    let mut instance = function.instantiate().await.unwrap();
    for expected in ["11", "12"] {
        assert_eq!(text(&instance.call(Invocation::new("")).await), expected);
    }
    assert_eq!(text(&run(&function, "").await), "11");
}

#[tokio::test]
async fn everything_that_handlers_do_works_in_a_snapshot() {
    let function = snapshot("use_tmp", "start_counting_at_ten").await;
    assert_eq!(text(&run(&function, "kept").await), "");
    let function = snapshot("write_log", "start_counting_at_ten").await;
    assert_eq!(lines(&run(&function, "by the logger").await), ["from stdout", "from stderr", "shown", "by the logger"]);
    let mut config = config("environment", "start_counting_at_ten");
    config.secrets.insert("PASSWORD".to_owned(), "hush".to_owned());
    let function = engine().snapshot(&faults(), &config).await.unwrap();
    let user_data = run(&function, "RUNTIME_USERDATA").await;
    assert_eq!(text(&user_data), r#"{"PASSWORD":"hush"}"#, "what it first asks for later is that of the instance");
}

#[tokio::test]
async fn chance_is_new_in_each_instance_unless_the_initializer_used_it() {
    let fresh = snapshot("draw", "start_counting_at_ten").await;
    assert_ne!(text(&run(&fresh, "").await), text(&run(&fresh, "").await));
    let frozen = snapshot("draw", "start_building").await;
    assert_eq!(text(&run(&frozen, "").await), text(&run(&frozen, "").await), "the seeds of its map are memory too");
}

#[tokio::test]
async fn an_instance_of_a_snapshot_has_its_own_context() {
    let mut config = config("context", "start_counting_at_ten");
    config.agency = Some(Agency { access_key: "AK".to_owned(), ..Agency::default() });
    let function = engine().snapshot(&faults(), &config).await.unwrap();
    let (one, other) = (run(&function, "").await, run(&function, "").await);
    assert!(text(&one).contains(r#""access_key":"AK""#), "{}", text(&one));
    assert_ne!(text(&one), text(&other), "request and instance have ids of their own");
}

#[tokio::test]
async fn a_snapshot_is_found_again_by_the_next_engine() {
    let data = tempfile::tempdir().unwrap();
    let config = config("look_up", "start_building");
    let open = || Engine::builder().instances(2).data_dir(data.path()).build().unwrap();
    open().snapshot(&faults(), &config).await.unwrap();
    let function = open().load_snapshot(&faults(), &config).await.unwrap().unwrap();
    let outcome = run(&function, "21").await;
    assert_eq!((text(&outcome), outcome.receipt.initialize), ("42 of 30000", Duration::ZERO));

    let mut other = config.clone();
    other.user_data.insert("COLOUR".to_owned(), "red".to_owned());
    assert!(open().load_snapshot(&faults(), &other).await.unwrap().is_none());
    let mut reached = config.clone();
    reached.network = Network::Allowed;
    assert!(open().load_snapshot(&faults(), &reached).await.unwrap().is_some(), "its initializer cannot see that");
}

#[tokio::test]
async fn a_changed_snapshot_is_not_loaded() {
    let data = tempfile::tempdir().unwrap();
    let config = config("look_up", "start_building");
    let engine = Engine::builder().instances(2).data_dir(data.path()).build().unwrap();
    engine.snapshot(&faults(), &config).await.unwrap();
    let artifacts = std::fs::read_dir(data.path().join("artifacts")).unwrap().next().unwrap().unwrap().path();
    for file in std::fs::read_dir(artifacts).unwrap() {
        let path = file.unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        // The byte behind the code, before the seal.
        let last = bytes.len() - 33;
        bytes[last] ^= 1;
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(engine.load_snapshot(&faults(), &config).await.unwrap().is_none());
}

#[tokio::test]
async fn what_belongs_to_one_instance_is_in_no_snapshot() {
    for (initializer, reason) in [
        ("start_printing", "such as stdout"),
        ("start_reading_code", "it used files"),
        ("start_asking_for_credentials", "credentials of its agency"),
        ("start_reading_password", "secret user data"),
        ("start_reading_environment", "its environment, which has secret user data"),
    ] {
        let refusal = refusal(initializer, |config| {
            config.agency = Some(Agency::default());
            config.secrets.insert("PASSWORD".to_owned(), "hush".to_owned());
        })
        .await;
        assert!(matches!(refusal, SnapshotError::Unrepeatable(_)), "{initializer}: {refusal:?}");
        assert_eq!(refusal.code(), ErrorCode::InvalidInitializer);
        assert!(refusal.to_string().contains(reason), "{initializer}: {refusal}");
    }
}

#[tokio::test]
async fn what_an_initializer_reads_of_other_user_data_may_be_in_a_snapshot() {
    let mut config = config("echo", "start_reading_environment");
    config.user_data.insert("COLOUR".to_owned(), "red".to_owned());
    engine().snapshot(&faults(), &config).await.unwrap();
}

#[tokio::test]
async fn an_initializer_that_fails_leaves_no_snapshot() {
    let short = Duration::from_millis(50);
    for (initializer, code) in [
        ("start_failing", ErrorCode::InitializerFailed),
        ("start_trapping", ErrorCode::InitializerFailed),
        ("start_spinning", ErrorCode::InitializerTimeout),
        ("start_sleeping", ErrorCode::InitializerTimeout),
        ("start_hoarding", ErrorCode::MemoryExceeded),
    ] {
        let refusal = refusal(initializer, |config| {
            if code == ErrorCode::InitializerTimeout {
                config.initializer_timeout = short;
            }
        })
        .await;
        let SnapshotError::Initializer(failed) = &refusal else { panic!("{initializer}: {refusal:?}") };
        assert_eq!((failed.error.code(), refusal.code()), (code, code), "{initializer}");
        if initializer == "start_failing" {
            assert!(matches!(&failed.error, InvokeError::Initializer(error) if error.error_type == "NoConfiguration"));
            assert!(failed.log.lines().len() > 0, "what it wrote is kept");
        }
    }
}

#[tokio::test]
async fn memory_beyond_the_limit_is_in_no_snapshot() {
    let engine = Engine::builder().instances(2).code_limit(4 << 20).build().unwrap();
    let mut config = config("echo", "start_hoarding");
    config.memory = Memory::mib(256).unwrap();
    let error = engine.snapshot(&faults(), &config).await.unwrap_err();
    assert!(matches!(error, SnapshotError::TooLarge { limit: 0x40_0000, .. }), "{error:?}");
}

#[tokio::test]
async fn functions_without_an_initializer_have_no_snapshot() {
    for (wasm, reason) in [
        (guests::faults(), "it has no initializer"),
        (guests::faults_http(), "it is of the kind `http`"),
        (guests::faults_command(), "it is of the kind `command`"),
    ] {
        let error = engine().snapshot(&package(wasm), &FunctionConfig::new(handler("index.echo"))).await.unwrap_err();
        assert!(matches!(error, SnapshotError::Unsupported(_)), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn an_initializer_that_is_not_there_is_named() {
    let error = engine().snapshot(&faults(), &config("echo", "start_flying")).await.unwrap_err();
    assert!(matches!(error, SnapshotError::Prepare(_)), "{error:?}");
    assert_eq!(error.code(), ErrorCode::EntryNotFound);
}

/// Code that no snapshot can be made of says so, and does not end the process.
#[tokio::test]
async fn code_that_the_instrumentation_does_not_know_is_refused() {
    let component = |body: &str| {
        format!(
            r#"(component
            {body}
            (core instance $i (instantiate $m))
            (type $error (record (field "kind" string) (field "message" string) (field "stack" (list string))))
            (export $e "error" (type $error))
            (func (export "echo") (param "event" (list u8)) (result (result (list u8) (error $e)))
                (canon lift (core func $i "handler") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
            (func (export "start") (result (result (error $e)))
                (canon lift (core func $i "start") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))"#
        )
    };
    let module = |more: &str| {
        format!(
            r#"(core module $m
                {more}
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024)
                (func (export "handler") (param i32 i32) (result i32) i32.const 0)
                (func (export "start") (result i32) i32.const 0))"#
        )
    };
    let engine = engine();
    let config = config("echo", "start");
    for (code, expected) in [
        (module(""), None),
        (module("(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))"), Some("table.set")),
        (module("(global (mut v128) (v128.const i64x2 0 0))"), Some("v128 globals")),
        (
            module("") + "(core module $n) (core instance (instantiate $n)) (core instance (instantiate $n))",
            Some("at most once"),
        ),
        (module("") + "(core module $n (memory 1)) (core instance (instantiate $n))", Some("cannot be instrumented")),
        (module("") + "(type (resource (rep i32)))", Some("resource types of its own")),
    ] {
        let wasm = wat::parse_str(component(&code)).unwrap();
        let made = engine.snapshot(&Package::from_wasm("index", wasm).unwrap(), &config).await;
        match expected {
            None => assert_eq!(text(&run(&made.unwrap(), "").await), ""),
            Some(reason) => {
                let error = made.unwrap_err().to_string();
                assert!(error.contains(reason), "{code}: {error}");
            }
        }
    }
}
