//! HTTP requests on their way to an instance: admitted, counted and ended as all calls are.

use crate::scenario::{Scenario, code, instances, text};
use fngraph_engine::{Exchange, Invocation, Outcome, PendingResponse};
use fngraph_invoker::{Cancellation, Rejection, Request};
use fngraph_types::{ErrorCode, RequestId};

const ID: RequestId = RequestId::from_u128(7);

fn exchange() -> (Exchange, PendingResponse) {
    Exchange::new(http::Request::new(http_body_util::BodyExt::boxed_unsync(http_body_util::BodyExt::map_err(
        http_body_util::Empty::new(),
        |never: std::convert::Infallible| match never {},
    ))))
}

/// Serves an exchange; the fake's instances do what its event says.
async fn serve(scenario: &Scenario, event: &'static str) -> Result<Outcome, Rejection> {
    let mut invocation = Invocation::new(event);
    invocation.request_id = ID;
    let (exchange, response) = exchange();
    let outcome = scenario.invoker.serve(Request::new("f", invocation), exchange).await;
    assert!(response.await.is_none(), "the fake never responds");
    outcome
}

#[tokio::test]
async fn an_exchange_takes_an_instance_as_a_call_does() {
    let scenario = Scenario::new().await;
    assert_eq!(text(serve(&scenario, "one").await), "one");
    assert_eq!(text(serve(&scenario, "two").await), "two");
    let history = scenario.fake.history();
    let wanted = ["start #1 f:latest 128", "serve Exchange", "call #1 one", "serve Exchange", "call #1 two"];
    assert_eq!(history.len(), wanted.len(), "{history:?}");
    for (line, wanted) in history.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{line} is not {wanted}");
    }
    assert_eq!(scenario.invoker.vitals().invocations, 2);
    scenario.assert_quiet();
}

#[tokio::test]
async fn an_exchange_is_refused_and_cancelled_as_a_call_is() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(0)).await;
    assert_eq!(code(serve(&scenario, "x").await), ErrorCode::TooManyRequests);
    scenario.scale("f", instances(1)).await;
    let cancelled = async {
        scenario.calls(1).await;
        assert_eq!(scenario.invoker.cancel(ID).await.unwrap(), Cancellation::Cancelled);
    };
    let (served, ()) = futures::join!(serve(&scenario, "hold"), cancelled);
    assert_eq!(code(served), ErrorCode::Cancelled);
    scenario.live(0).await;
    scenario.assert_quiet();
}
