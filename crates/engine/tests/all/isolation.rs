//! What one instance does is never seen by another.

use crate::support::{artifact, engine, error, faults, handler, run, text};
use fngraph_engine::{Engine, FunctionConfig, Invocation, Package};
use fngraph_test_support::guests;
use std::fs;

#[tokio::test]
async fn a_secret_of_one_instance_is_never_seen_by_the_next() {
    let artifact = artifact(&engine(), guests::faults()).await;
    let leave = artifact.prepare(FunctionConfig::new(handler("index.leave_secret"))).unwrap();
    let find = artifact.prepare(FunctionConfig::new(handler("index.find_secret"))).unwrap();
    // Often enough to get the same slot of the pool again.
    for _ in 0..50 {
        let _ = run(&leave, "").await;
        assert_eq!(text(&run(&find, "").await), "false");
    }
}

#[tokio::test]
async fn tmp_lives_as_long_as_its_instance() {
    let function = faults("use_tmp").await;
    let mut instance = function.instantiate().await.unwrap();
    assert_eq!(text(&instance.call(Invocation::new("first")).await), "");
    assert_eq!(text(&instance.call(Invocation::new("second")).await), "first");
    assert_eq!(text(&run(&function, "third").await), "");
}

#[test]
fn nothing_of_tmp_is_left_when_the_runtime_has_ended() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::builder().instances(1).data_dir(data.path()).build().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let package = Package::read(guests::faults()).unwrap();
        let artifact = engine.compile(&package, &handler("faults.use_tmp")).await.unwrap();
        let function = artifact.prepare(FunctionConfig::new(handler("faults.use_tmp"))).unwrap();
        assert_eq!(text(&run(&function, "kept").await), "");
    });
    drop(runtime);
    assert_eq!(fs::read_dir(data.path().join("tmp")).unwrap().count(), 0);
}

#[tokio::test]
async fn the_code_can_be_read_and_not_written() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(guests::faults(), folder.path().join("index.wasm")).unwrap();
    fs::write(folder.path().join("data.txt"), "from the package").unwrap();
    let package = Package::read(folder.path()).unwrap();
    let engine = engine();
    let artifact = engine.compile(&package, &handler("index.read_code")).await.unwrap();
    let read = artifact.prepare(FunctionConfig::new(handler("index.read_code"))).unwrap();
    assert_eq!(text(&run(&read, "data.txt").await), "from the package");
    error(&run(&read, "../../../etc/passwd").await);
    let write = artifact.prepare(FunctionConfig::new(handler("index.write_code"))).unwrap();
    error(&run(&write, "x").await);
}

#[tokio::test]
async fn folders_that_were_never_used_are_taken_over_and_others_are_not() {
    let data = tempfile::tempdir().unwrap();
    let engine = Engine::builder().instances(2).data_dir(data.path()).build().unwrap();
    let folders = || fs::read_dir(data.path().join("tmp")).unwrap().map(|entry| entry.unwrap().path());
    // A WASI 0.1 program asks for its folders at every start.
    let package = Package::read(guests::faults_command()).unwrap();
    let artifact = engine.compile(&package, &handler("bootstrap")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("bootstrap"))).unwrap();
    let _ = run(&function, "echo first").await;
    let unused: Vec<_> = folders().collect();
    assert_eq!(unused.len(), 1);
    let _ = run(&function, "echo second").await;
    assert_eq!(folders().collect::<Vec<_>>(), unused);
    let _ = run(&function, "touch").await;
    let _ = run(&function, "echo third").await;
    assert!(folders().any(|folder| !unused.contains(&folder)), "the used folder is not used again");
    assert_eq!(text(&run(&function, "list").await), "", "and nothing of it is seen");
}
