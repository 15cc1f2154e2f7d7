//! Synchronous invocation.

use crate::support::{deploy, runtime};
use fngraph::Start;

#[tokio::test]
async fn the_first_call_is_cold_and_the_next_one_warm() {
    let runtime = runtime().await;
    deploy(&runtime, "echo").await;
    for start in [Start::Cold, Start::Warm] {
        let outcome = runtime.invoke("echo", "hello").await.unwrap();
        assert_eq!(outcome.result.unwrap(), "hello");
        assert_eq!(outcome.receipt.start, start);
    }
    let metrics = runtime.metrics();
    assert_eq!((metrics.invocations, metrics.cold_starts, metrics.elastic_instances), (2, 1, 1));
}
