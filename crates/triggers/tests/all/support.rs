//! What the tests share.

use fngraph::{
    Bucket, BucketFeed, Builder, Clock, FunctionId, ObjectEvent, RequestQuery, RequestRecord, Runtime, Settings,
    Source, Timer, Timestamp, Timing, Trigger,
};
use fngraph_schedule::Schedule;
use fngraph_test_support::guests;
use fngraph_triggers::{Options, Triggers};
use serde_json::Value;
use std::{path::Path, time::Duration};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// When manual clocks begin: 2027-01-15, 08:00 UTC.
pub(crate) const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub(crate) fn builder(now: Timestamp) -> Builder {
    Runtime::builder().instances(50).clock(Clock::manual(now))
}

/// A runtime in memory, and its triggers.
pub(crate) async fn start() -> (Runtime, Triggers) {
    start_with(builder(BEGIN).build().await.unwrap(), |_| ()).await
}

pub(crate) async fn start_with(runtime: Runtime, configure: impl FnOnce(&mut Options)) -> (Runtime, Triggers) {
    let mut options = Options::default();
    configure(&mut options);
    let triggers = Triggers::start(runtime.clone(), options).await.unwrap();
    (runtime, triggers)
}

/// A runtime in a directory, at a moment. One that was there before may need some turns until it is gone.
pub(crate) async fn runtime_in(path: &Path, now: Timestamp) -> Runtime {
    loop {
        match builder(now).data_dir(path).build().await {
            Ok(runtime) => return runtime,
            Err(error) => assert!(error.to_string().contains("in use"), "{error}"),
        }
        tokio::task::yield_now().await;
    }
}

/// Deploys a function that writes its events to its log.
pub(crate) async fn deploy(runtime: &Runtime, urn: &str) -> FunctionId {
    deploy_entry(runtime, urn, "write_log").await
}

pub(crate) async fn deploy_entry(runtime: &Runtime, urn: &str, entry: &str) -> FunctionId {
    let settings = Settings::new(format!("index.{entry}").parse().unwrap());
    runtime.deploy(urn, std::fs::read(guests::faults()).unwrap(), settings).await.unwrap();
    runtime.function(urn).unwrap().unwrap().id.clone()
}

/// A timer whose id and name are `id`.
pub(crate) fn timer(id: &str, schedule: &str, at: Timestamp) -> Trigger {
    let timing = Timing::Cron(schedule.parse::<Schedule>().unwrap());
    Trigger::new(id, Source::Timer(Timer { name: id.to_owned(), timing, user_event: "hello".to_owned() }), at)
}

pub(crate) fn topic(id: &str, topic_urn: &str) -> Trigger {
    Trigger::new(id, Source::Topic { topic_urn: topic_urn.to_owned() }, BEGIN)
}

/// A trigger of object storage for everything in `prefix`.
pub(crate) fn bucket(id: &str, bucket: &str, prefix: &str) -> Trigger {
    let bucket = Bucket {
        feed: BucketFeed::Obs,
        name: id.to_owned(),
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        suffix: String::new(),
        events: vec![ObjectEvent::Created(None), ObjectEvent::Removed(None)],
    };
    Trigger::new(id, Source::Bucket(bucket), BEGIN)
}

/// The asynchronous requests of a function, oldest first.
pub(crate) async fn requests(runtime: &Runtime, function: &FunctionId) -> Vec<RequestRecord> {
    let query = RequestQuery {
        function: function.clone(),
        qualifier: None,
        ids: Vec::new(),
        status: None,
        active: false,
        from: Timestamp::EPOCH,
        until: Timestamp::from_millis(i64::MAX),
        offset: 0,
        limit: 100_000,
    };
    runtime.requests(query).await.unwrap().0
}

/// The events that a function of [`deploy`] was called with, oldest first.
pub(crate) async fn events(runtime: &Runtime, function: &FunctionId) -> Vec<Value> {
    let mut events = Vec::new();
    for request in requests(runtime, function).await {
        let log = runtime.log(request.id).await.unwrap();
        let text = &log.first().unwrap_or_else(|| panic!("no log: {request:?}")).text;
        let (begin, end) = (text.find('{').unwrap(), text.rfind('}').unwrap());
        events.push(serde_json::from_str(&text[begin..=end]).unwrap_or_else(|error| panic!("{error}: {text}")));
    }
    events
}

/// The same, as soon as there are `count` of them.
pub(crate) async fn events_until(runtime: &Runtime, function: &FunctionId, count: usize) -> Vec<Value> {
    let ended = async {
        loop {
            let requests = requests(runtime, function).await;
            if requests.len() >= count && requests.iter().all(|request| request.status.is_final()) {
                return events(runtime, function).await;
            }
            tokio::task::yield_now().await;
        }
    };
    // Far longer than it takes; it only passes where one is missing.
    match tokio::time::timeout(Duration::from_secs(30), ended).await {
        Ok(events) => events,
        Err(_) => panic!("{count} events, and not {:#?}", events(runtime, function).await),
    }
}
