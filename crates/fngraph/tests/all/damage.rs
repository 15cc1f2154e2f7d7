//! Files and rows that are gone or damaged.

use crate::support::{BEGIN, MINUTE, SECOND, answer, code, deploy, deploy_as, runtime_in, status};
use fngraph::{AsyncConfig, ErrorCode, FunctionId, RequestStatus, Runtime, Scaling};
use fngraph_store::{FunctionRecord, FunctionStore as _, Sqlite};
use std::{fs, path::Path};

/// Shuts down, and waits until the directory is free.
async fn close(runtime: Runtime, data: &Path) {
    assert!(runtime.shutdown(MINUTE).await);
    drop(runtime);
    while Sqlite::open(data).is_err() {
        tokio::task::yield_now().await;
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

#[tokio::test]
async fn a_missing_or_damaged_artifact_is_compiled_again() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    close(runtime, data.path()).await;
    let runtime = runtime_in(data.path(), BEGIN).await;
    assert_eq!(answer(&runtime, "echo", "as it was").await, "as it was");
    close(runtime, data.path()).await;
    let artifacts = data.path().join("engine");
    for file in files(&artifacts).into_iter().filter(|file| fs::metadata(file).unwrap().len() > 100_000) {
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
    }
    let runtime = runtime_in(data.path(), BEGIN).await;
    assert_eq!(answer(&runtime, "echo", "damaged").await, "damaged");
    close(runtime, data.path()).await;
    fs::remove_dir_all(&artifacts).unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    assert_eq!(answer(&runtime, "echo", "gone").await, "gone");
}

#[tokio::test]
async fn a_missing_or_damaged_package_is_said_to_be_gone_until_it_is_deployed_again() {
    for damage in [(|path: &Path| fs::remove_file(path)) as fn(&Path) -> _, |path| fs::write(path, "damaged")] {
        let data = tempfile::tempdir().unwrap();
        let runtime = runtime_in(data.path(), BEGIN).await;
        deploy(&runtime, "echo").await;
        close(runtime, data.path()).await;
        for file in files(&data.path().join("code")) {
            damage(&file).unwrap();
        }
        let runtime = runtime_in(data.path(), BEGIN).await;
        assert_eq!(code(runtime.invoke("echo", "hello").await), ErrorCode::CodeNotFound);
        let id = runtime.invoke_async("echo", "hello").await.unwrap();
        runtime.settle().await;
        let record = status(&runtime, id).await;
        assert_eq!((record.status, record.error_code), (RequestStatus::Fail, ErrorCode::CodeNotFound.number()));
        deploy(&runtime, "echo").await;
        assert_eq!(answer(&runtime, "echo", "hello").await, "hello");
    }
}

#[tokio::test]
async fn a_damaged_function_disturbs_no_other() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    deploy_as(&runtime, "other", "echo", |_| ()).await;
    runtime.scale("other", Scaling { max_instances: 0.try_into().unwrap(), concurrency: 1 }).await.unwrap();
    let disabled = Scaling { max_instances: 0.try_into().unwrap(), concurrency: 1 };
    runtime.scale("echo", disabled).await.unwrap();
    let config = AsyncConfig { max_age: MINUTE * 60, ..AsyncConfig::new(BEGIN) };
    runtime.configure_async("echo", Some(config)).await.unwrap();
    let ids = [runtime.invoke_async("echo", "1").await.unwrap(), runtime.invoke_async("other", "2").await.unwrap()];
    let revision = runtime.function("echo").unwrap().unwrap().revision;
    close(runtime, data.path()).await;
    let store = Sqlite::open(data.path()).unwrap();
    let record = FunctionRecord { id: FunctionId::local("echo"), revision: revision + 1, document: "{".to_owned() };
    store.put_function(record).await.unwrap();
    drop(store);
    let runtime = runtime_in(data.path(), BEGIN + SECOND).await;
    runtime.scale("other", Scaling::default()).await.unwrap();
    assert_eq!(code(runtime.invoke("echo", "hello").await), ErrorCode::FunctionNotFound);
    assert_eq!(answer(&runtime, "other", "hello").await, "hello");
    runtime.advance(SECOND * 5).await;
    assert_eq!(status(&runtime, ids[0]).await.status, RequestStatus::Fail);
    assert_eq!(status(&runtime, ids[1]).await.status, RequestStatus::Success);
    let error = runtime.publish("echo", None).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Internal);
    assert!(error.to_string().contains("damaged"), "{error}");
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_not_touched() {
    let data = tempfile::tempdir().unwrap();
    let runtime = runtime_in(data.path(), BEGIN).await;
    deploy(&runtime, "echo").await;
    close(runtime, data.path()).await;
    let database = data.path().join("fngraph.db");
    fs::write(&database, "this is no database, and it is longer than a header of one would have to be to be read.....")
        .unwrap();
    let error = Runtime::builder().data_dir(data.path()).build().await.unwrap_err();
    assert!(error.to_string().contains("damaged"), "{error}");
    assert!(fs::read_to_string(&database).unwrap().starts_with("this is no database"));
}
