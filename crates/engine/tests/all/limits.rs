//! Time, memory, disk, size: what a function may use, and the code its caller gets when it wants more.

use crate::support::{engine, error, faults, faults_with, handler, lines, run, text};
use fngraph_engine::{Engine, FunctionConfig, Invocation, InvokeError, Network, Package};
use fngraph_test_support::guests;
use fngraph_types::{ErrorCode, Memory, limits};
use std::{net::TcpListener, time::Duration};

const SHORT: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_busy_loop_ends_with_the_timeout_and_a_stack() {
    let function = faults_with("spin", |config| config.timeout = SHORT).await;
    let mut instance = function.instantiate().await.unwrap();
    let outcome = instance.call(Invocation::new("")).await;
    assert_eq!(error(&outcome).code(), ErrorCode::Timeout);
    let InvokeError::Timeout { limit, stack } = error(&outcome) else { panic!("{outcome:?}") };
    assert_eq!(*limit, SHORT);
    assert!(stack.iter().any(|frame| frame.contains("spin")), "{stack:?}");
    assert!(!instance.is_alive());
}

#[tokio::test]
async fn a_sleep_ends_with_the_timeout() {
    let function = faults_with("doze", |config| config.timeout = SHORT).await;
    let outcome = run(&function, "").await;
    assert_eq!(error(&outcome).code(), ErrorCode::Timeout);
}

#[tokio::test]
async fn an_initializer_has_a_timeout_of_its_own() {
    for entry in ["start_spinning", "start_sleeping"] {
        let function = faults_with("echo", |config| {
            config.initializer = Some(handler(&format!("index.{entry}")));
            config.initializer_timeout = SHORT;
        })
        .await;
        assert_eq!(error(&run(&function, "").await).code(), ErrorCode::InitializerTimeout, "{entry}");
    }
}

#[tokio::test]
async fn a_busy_guest_leaves_room_for_other_tasks_of_the_same_thread() {
    // This runtime has one thread: the second function only runs because the first one yields.
    let spin = faults_with("spin", |config| config.timeout = Duration::from_secs(60)).await;
    let echo = faults("echo").await;
    let spinning = run(&spin, "");
    tokio::select! {
        outcome = spinning => panic!("it spins: {outcome:?}"),
        outcome = run(&echo, "here") => assert_eq!(text(&outcome), "here"),
    }
}

#[tokio::test]
async fn a_dropped_call_ends_the_instance() {
    let function = faults_with("spin", |config| config.timeout = Duration::from_secs(60)).await;
    let mut instance = function.instantiate().await.unwrap();
    tokio::select! {
        biased;
        outcome = instance.call(Invocation::new("")) => panic!("it spins: {outcome:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert!(!instance.is_alive());
    assert_eq!(error(&instance.call(Invocation::new("")).await), &InvokeError::InstanceEnded);
}

#[tokio::test]
async fn more_memory_than_configured_is_a_failure_of_its_own() {
    let outcome = run(&faults("hog").await, "").await;
    assert_eq!(error(&outcome).code(), ErrorCode::MemoryExceeded);
    let InvokeError::Memory { wanted, limit } = error(&outcome) else { panic!("{outcome:?}") };
    assert!(*limit == Memory::DEFAULT.bytes() && wanted > limit);
    let used = outcome.receipt.memory_used;
    assert!(used <= *limit && used > limit / 2, "{used} bytes of memory were used");
}

#[tokio::test]
async fn a_function_that_copes_with_little_memory_succeeds() {
    let function = faults("hog_politely").await;
    let mut instance = function.instantiate().await.unwrap();
    for _ in 0..2 {
        assert_eq!(text(&instance.call(Invocation::new("")).await), "I can live with that");
    }
    let later = instance.call(Invocation::new("panic")).await;
    assert_eq!(error(&later).code(), ErrorCode::FunctionFailed, "an old refusal explains no new failure");
}

#[tokio::test]
async fn more_memory_is_there_when_it_is_configured() {
    let function = faults_with("answer", |config| config.memory = Memory::mib(512).unwrap()).await;
    let outcome = run(&function, "6000000").await;
    assert_eq!(outcome.receipt.bytes_out, 6_000_000);
}

#[tokio::test]
async fn a_result_of_the_limit_passes_and_one_byte_more_does_not() {
    let function = faults("answer").await;
    let outcome = run(&function, &limits::RESULT_BYTES.to_string()).await;
    assert_eq!(outcome.receipt.bytes_out, limits::RESULT_BYTES);
    for bytes in [limits::RESULT_BYTES + 1, 40_000_000] {
        let outcome = run(&function, &bytes.to_string()).await;
        assert_eq!(error(&outcome).code(), ErrorCode::ResultTooLarge, "{bytes}");
    }
}

#[tokio::test]
async fn an_event_of_the_limit_passes_and_one_byte_more_does_not() {
    let function = faults("count").await;
    let mut instance = function.instantiate().await.unwrap();
    let too_large = instance.call(Invocation::new(vec![b'x'; limits::EVENT_BYTES + 1])).await;
    assert_eq!(error(&too_large).code(), ErrorCode::RequestTooLarge);
    let outcome = instance.call(Invocation::new(vec![b'x'; limits::EVENT_BYTES])).await;
    assert_eq!(text(&outcome), "1", "the refused event never reached the function");
}

#[tokio::test]
async fn tmp_has_a_quota() {
    for entry in ["fill_tmp", "fill_tmp_with_files", "hide_in_tmp"] {
        let function = faults_with(entry, |config| config.tmp_bytes = 1024 * 1024).await;
        let outcome = run(&function, "").await;
        assert_eq!(error(&outcome), &InvokeError::Disk { limit: 1024 * 1024 }, "{entry}");
        assert_eq!(error(&outcome).code(), ErrorCode::DiskExceeded);
    }
}

#[tokio::test]
async fn space_in_tmp_can_be_used_again() {
    let function = faults_with("reuse_tmp", |config| config.tmp_bytes = 1024 * 1024).await;
    assert_eq!(text(&run(&function, "").await), "");
}

#[tokio::test]
async fn a_flood_of_log_lines_is_bounded_and_the_newest_stay() {
    let engine = Engine::builder().instances(2).log_limit(4096).build().unwrap();
    let package = Package::read(guests::faults()).unwrap();
    let artifact = engine.compile(&package, &handler("faults.flood_log")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("faults.flood_log"))).unwrap();
    let outcome = run(&function, "1000").await;
    assert_eq!(lines(&outcome).last(), Some(&"line 999"));
    assert!(outcome.log.dropped() > 900, "{}", outcome.log.dropped());
}

#[tokio::test]
async fn the_network_is_denied_unless_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let denied = run(&faults("dial").await, &address).await;
    assert_eq!(error(&denied).code(), ErrorCode::FunctionFailed);
    let allowed = faults_with("dial", |config| config.network = Network::Allowed).await;
    assert_eq!(text(&run(&allowed, &address).await), "");
}

#[tokio::test]
async fn a_full_host_says_so_and_has_room_again_later() {
    let engine = Engine::builder().instances(1).build().unwrap();
    let package = Package::read(guests::faults()).unwrap();
    let artifact = engine.compile(&package, &handler("faults.echo")).await.unwrap();
    let function = artifact.prepare(FunctionConfig::new(handler("faults.echo"))).unwrap();
    let first = function.instantiate().await.unwrap();
    let full = function.instantiate().await.unwrap_err();
    assert_eq!(full.error.code(), ErrorCode::TooManyRequests);
    assert!(full.error.is_retryable());
    drop(first);
    function.instantiate().await.unwrap();
}

#[tokio::test]
async fn options_outside_their_range_are_refused() {
    let error = Engine::builder().instances(0).build().unwrap_err();
    assert!(error.to_string().contains("`instances` is 0"), "{error}");
    let _ = engine();
}
