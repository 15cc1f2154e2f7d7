//! Those who hear of invocations.

use crate::scenario::{MINUTE, Scenario, code, instances, text};
use fngraph_engine::{Invocation, Outcome, Start};
use fngraph_invoker::{Cancellation, Rejection, Watch, Watched, Watcher};
use fngraph_registry::{Function, Version};
use fngraph_types::{ErrorCode, FunctionId, RequestId, TraceContext};
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::{
    num::{NonZeroU64, NonZeroU128},
    sync::Arc,
};
use tokio::sync::Semaphore;

const ID: RequestId = RequestId::from_u128(7);

/// Watches functions with the tag `watched`, and writes down what it hears.
#[derive(Clone)]
struct Listener(Arc<Heard>);

struct Heard {
    name: &'static str,
    history: Arc<Mutex<Vec<String>>>,
    /// What invocations wait for before they begin, if the tag says so.
    gate: Semaphore,
}

struct Ear {
    heard: Arc<Heard>,
    waits: bool,
    label: String,
}

struct Call {
    heard: Arc<Heard>,
    has_ended: bool,
}

impl Heard {
    fn note(&self, line: &str) {
        self.history.lock().push(format!("{} {line}", self.name));
    }
}

impl Watcher for Listener {
    fn watch(&self, function: &Arc<Function>, version: &Arc<Version>) -> Option<Arc<dyn Watch>> {
        let tag = function.tags.get("watched")?;
        let label = format!("{}:{}", function.id.name, version.name);
        Some(Arc::new(Ear { heard: Arc::clone(&self.0), waits: tag == "later", label }))
    }
}

impl Watch for Ear {
    fn begin<'a>(&'a self, invocation: &'a mut Invocation) -> BoxFuture<'a, Box<dyn Watched>> {
        Box::pin(async move {
            self.heard.note(&format!("begin {} {}", self.label, invocation.attempt));
            if self.waits {
                self.heard.gate.acquire().await.unwrap().forget();
            }
            let trace = TraceContext::new(NonZeroU128::MIN, NonZeroU64::MIN, true);
            invocation.trace.get_or_insert_with(|| Arc::new(trace));
            Box::new(Call { heard: Arc::clone(&self.heard), has_ended: false }) as Box<dyn Watched>
        })
    }
}

impl Watched for Call {
    fn end(mut self: Box<Self>, end: Result<&Outcome, &Rejection>) {
        self.has_ended = true;
        self.heard.note(&match end {
            Ok(outcome) => match outcome.receipt.error {
                None => "success".to_owned(),
                Some(code) => format!("failure {code}"),
            },
            Err(rejection) => format!("rejection {}", rejection.code()),
        });
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.has_ended {
            self.heard.note("dropped");
        }
    }
}

/// A scenario with two watchers, `a` and `b`, of its function `f`.
struct Theatre {
    scenario: Scenario,
    heard: Arc<Heard>,
    history: Arc<Mutex<Vec<String>>>,
}

impl Theatre {
    async fn new(tag: Option<&str>) -> Self {
        let history = Arc::new(Mutex::default());
        let listener = |name| {
            let heard = Heard { name, history: Arc::clone(&history), gate: Semaphore::new(0) };
            Listener(Arc::new(heard))
        };
        let (a, b) = (listener("a"), listener("b"));
        let heard = Arc::clone(&a.0);
        b.0.gate.add_permits(100);
        let scenario = Scenario::with(|options| {
            options.watchers.add(Arc::new(a));
            options.watchers.add(Arc::new(b));
        })
        .await;
        let theatre = Self { scenario, heard, history };
        if let Some(tag) = tag {
            theatre.tag(tag).await;
        }
        theatre
    }

    async fn tag(&self, value: &str) {
        let tags = [("watched".to_owned(), value.to_owned())].into();
        self.scenario.registry.add_tags(&FunctionId::local("f"), tags).await.unwrap();
    }

    fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.history.lock())
    }

    /// Waits until the first watcher knows of a call.
    async fn began(&self) {
        while self.history.lock().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn watchers_stand_around_an_invocation_like_shells() {
    let theatre = Theatre::new(Some("now")).await;
    theatre.scenario.answer("f", "hello").await;
    assert_eq!(theatre.heard(), ["a begin f:latest 0", "b begin f:latest 0", "b success", "a success"]);
    assert_eq!(code(theatre.scenario.call("f", "fail").await), ErrorCode::FunctionFailed);
    assert_eq!(theatre.heard()[2..], ["b failure FSS.4002", "a failure FSS.4002"]);
}

#[tokio::test]
async fn they_hear_of_each_attempt_of_an_asynchronous_invocation() {
    let theatre = Theatre::new(Some("now")).await;
    theatre.scenario.configure(|config| config.max_retries = 1).await;
    theatre.scenario.accept("fail 1").await;
    theatre.scenario.advance(MINUTE).await;
    let heard: Vec<_> = theatre.heard().into_iter().filter(|line| line.starts_with('a')).collect();
    assert_eq!(heard, ["a begin f:latest 0", "a failure FSS.4002", "a begin f:latest 1", "a success"]);
}

#[tokio::test]
async fn they_hear_of_invocations_that_reach_no_instance() {
    let theatre = Theatre::new(Some("now")).await;
    theatre.scenario.scale("f", instances(0)).await;
    let code = code(theatre.scenario.call("f", "hello").await);
    assert_eq!(theatre.heard()[2..], [format!("b rejection {code}"), format!("a rejection {code}")]);
}

#[tokio::test]
async fn what_is_watched_changes_from_one_call_to_the_next_and_instances_stay() {
    let theatre = Theatre::new(None).await;
    assert_eq!(theatre.scenario.answer("f", "who").await, ("1".to_owned(), Start::Cold));
    assert_eq!(theatre.heard(), [""; 0]);
    theatre.tag("now").await;
    assert_eq!(theatre.scenario.answer("f", "who").await, ("1".to_owned(), Start::Warm));
    assert_eq!(theatre.heard().len(), 4);
    theatre
        .scenario
        .registry
        .remove_tags(&FunctionId::local("f"), [("watched".to_owned(), None)].into())
        .await
        .unwrap();
    assert_eq!(theatre.scenario.answer("f", "who").await, ("1".to_owned(), Start::Warm));
    assert_eq!(theatre.heard(), [""; 0]);
}

#[tokio::test]
async fn the_function_sees_the_trace_context_that_a_watcher_gave() {
    let theatre = Theatre::new(None).await;
    assert_eq!(theatre.scenario.answer("f", "trace").await.0, "none");
    theatre.tag("now").await;
    let given = "00-00000000000000000000000000000001-0000000000000001-01";
    assert_eq!(theatre.scenario.answer("f", "trace").await.0, given);
}

#[tokio::test]
async fn an_invocation_waits_until_its_watchers_let_it_begin() {
    let theatre = Theatre::new(Some("later")).await;
    let call = theatre.scenario.begin("f", "hello");
    theatre.began().await;
    assert_eq!(theatre.scenario.fake.counts().starts, 0);
    theatre.heard.gate.add_permits(1);
    assert_eq!(text(call.await.unwrap()), "hello");
}

#[tokio::test]
async fn an_invocation_that_waits_for_a_watcher_can_be_cancelled() {
    let theatre = Theatre::new(Some("later")).await;
    let mut invocation = Invocation::new("hello");
    invocation.request_id = ID;
    let call = theatre.scenario.begin_with("f", invocation);
    theatre.began().await;
    assert_eq!(theatre.scenario.invoker.cancel(ID).await.unwrap(), Cancellation::Cancelled);
    assert_eq!(code(call.await.unwrap()), ErrorCode::Cancelled);
    assert_eq!(theatre.heard(), ["a begin f:latest 0"], "it never began, so nothing ended");
    theatre.scenario.assert_quiet();
}

#[tokio::test]
async fn shutting_down_ends_what_waits_for_a_watcher() {
    let theatre = Theatre::new(Some("later")).await;
    let call = theatre.scenario.begin("f", "hello");
    theatre.began().await;
    theatre.scenario.invoker.shutdown(MINUTE).await;
    assert_eq!(code(call.await.unwrap()), ErrorCode::Unavailable);
}

#[tokio::test]
async fn nobody_is_told_of_the_end_when_the_caller_goes_away() {
    let theatre = Theatre::new(Some("now")).await;
    let call = theatre.scenario.begin("f", "hold");
    theatre.scenario.calls(1).await;
    drop(call);
    theatre.scenario.live(0).await;
    let mut heard = theatre.heard();
    heard.sort();
    assert_eq!(heard, ["a begin f:latest 0", "a dropped", "b begin f:latest 0", "b dropped"]);
}

#[tokio::test]
async fn what_watches_a_version_goes_with_it() {
    let theatre = Theatre::new(Some("now")).await;
    theatre.scenario.answer("f", "hello").await;
    let watching = |theatre: &Theatre| Arc::strong_count(&theatre.heard) - 2;
    assert_eq!(watching(&theatre), 1, "one version, one watch");
    theatre.scenario.update("f", "new code").await;
    theatre.scenario.answer("f", "hello").await;
    assert_eq!(watching(&theatre), 1, "the one of the old code is gone");
    theatre.scenario.registry.delete(&FunctionId::local("f")).await.unwrap();
    assert_eq!(watching(&theatre), 0);
}
