//! Instances that are there before they are needed.

use crate::{
    fake::{Starting, error},
    scenario::{BEGIN, MINUTE, SECOND, Scenario, instances, text, version},
};
use fngraph_engine::{InvokeError, Start};
use fngraph_invoker::VersionCensus;
use fngraph_registry::{RegistryError, Reservation};
use fngraph_types::{ErrorCode, FunctionId, Qualifier};

async fn reserved(count: u32) -> Scenario {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation::new(count, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.counts().live, count, "they are there before the first call");
    scenario
}

#[tokio::test]
async fn reserved_instances_are_made_ahead_and_serve_first() {
    let scenario = reserved(2).await;
    let calls = [(); 3].map(|()| scenario.begin("f", "hold"));
    scenario.calls(3).await;
    let census =
        VersionCensus { version: version("latest"), in_flight: 3, elastic: 1, reserved: 2, reserved_target: 2 };
    assert_eq!(scenario.census(), census);
    let vitals = scenario.invoker.vitals();
    assert_eq!((vitals.elastic_instances, vitals.reserved_instances), (1, 2));
    let mut starts = Vec::new();
    for call in calls {
        scenario.fake.release("hold");
        starts.push(call.await.unwrap().unwrap().receipt.start);
    }
    assert_eq!(starts, [Start::Reserved, Start::Reserved, Start::Cold]);
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Reserved, "an idle elastic one is second");
}

#[tokio::test]
async fn a_reserved_instance_that_dies_is_replaced() {
    let scenario = reserved(2).await;
    for event in ["trap", "timeout"] {
        let _ = scenario.call("f", event).await.unwrap();
        scenario.invoker.settle().await;
        assert_eq!((scenario.fake.counts().live, scenario.census().reserved), (2, 2));
        assert_eq!(scenario.census().elastic, 0);
    }
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Reserved);
}

#[tokio::test]
async fn a_reserved_instance_of_a_dropped_call_is_replaced() {
    let scenario = reserved(1).await;
    let call = scenario.begin("f", "hold");
    scenario.calls(1).await;
    drop(call);
    scenario.fake.until(|counts| counts.starts == 2).await;
    scenario.live(1).await;
    assert_eq!(scenario.census().reserved, 1);
}

#[tokio::test]
async fn reclaim_and_idleness_leave_reserved_instances_alone() {
    let scenario = reserved(2).await;
    scenario.advance(MINUTE * 60).await;
    assert_eq!(scenario.fake.counts().live, 2);
    assert_eq!(scenario.fake.counts().starts, 2);
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Reserved);
}

#[tokio::test]
async fn fewer_reserved_instances_are_elastic_ones_until_they_are_reclaimed() {
    let scenario = reserved(3).await;
    scenario.reserve("latest", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!((scenario.census().reserved, scenario.census().elastic), (1, 2));
    scenario.advance(MINUTE * 2).await;
    assert_eq!((scenario.census().reserved, scenario.census().elastic), (1, 0));
    scenario.reserve("latest", Reservation::new(0, BEGIN)).await;
    scenario.advance(MINUTE * 2).await;
    assert_eq!(scenario.fake.counts().live, 0);
}

#[tokio::test]
async fn instances_that_are_there_are_reserved_before_others_are_started() {
    let scenario = Scenario::new().await;
    scenario.answer("f", "hello").await;
    scenario.reserve("latest", Reservation::new(2, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.counts().starts, 2);
    assert_eq!((scenario.census().reserved, scenario.census().elastic), (2, 0));
}

#[tokio::test]
async fn a_reservation_that_does_not_start_is_tried_again_after_a_pause() {
    let scenario = Scenario::new().await;
    scenario.fake.script((0..2).map(|_| Starting::Fails(InvokeError::Initializer(error()))));
    scenario.reserve("latest", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.counts().starts, 1);
    scenario.advance(SECOND * 9).await;
    assert_eq!(scenario.fake.counts().starts, 1, "broken code does not keep the machine busy");
    scenario.advance(SECOND * 30).await;
    assert_eq!((scenario.fake.counts().starts, scenario.fake.counts().live), (3, 1));
    assert_eq!(scenario.census().reserved, 1);
}

#[tokio::test]
async fn calls_are_served_while_a_reservation_is_being_started() {
    let scenario = Scenario::new().await;
    scenario.fake.script([Starting::Hangs]);
    scenario.reserve("latest", Reservation::new(1, BEGIN)).await;
    scenario.fake.until(|counts| counts.starting == 1).await;
    assert_eq!(scenario.answer("f", "who").await, ("2".to_owned(), Start::Cold));
    scenario.fake.release("start");
    scenario.live(2).await;
    assert_eq!(scenario.answer("f", "who").await, ("1".to_owned(), Start::Reserved));
}

#[tokio::test]
async fn each_version_and_alias_reserves_its_own() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    scenario.alias("prod", "v1", None).await;
    scenario.reserve("!prod", Reservation::new(2, BEGIN)).await;
    scenario.reserve("v2", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    let reserved = |name| scenario.census_of(name).reserved;
    assert_eq!((reserved("latest"), reserved("v1"), reserved("v2")), (0, 2, 1));
    for urn in ["local:default:f:!prod", "local:default:f:v1", "local:default:f:v2"] {
        assert_eq!(scenario.answer(urn, "hello").await.1, Start::Reserved, "{urn}");
    }
    assert_eq!(scenario.answer("f", "hello").await.1, Start::Cold);
}

#[tokio::test]
async fn the_reservation_of_an_alias_follows_it_to_another_version() {
    let scenario = Scenario::new().await;
    scenario.publish("v1").await;
    scenario.publish("v2").await;
    scenario.alias("prod", "v1", None).await;
    scenario.reserve("!prod", Reservation::new(1, BEGIN)).await;
    scenario.invoker.settle().await;
    let id = FunctionId::local("f");
    let alias = fngraph_registry::Alias::new("prod".parse().unwrap(), version("v2"), BEGIN);
    scenario.registry.update_alias(&id, alias).await.unwrap();
    scenario.invoker.settle().await;
    assert_eq!(scenario.answer("local:default:f:!prod", "hello").await.1, Start::Reserved);
    assert_eq!(scenario.census_of("v1").reserved_target, 0);
    scenario.advance(MINUTE * 2).await;
    assert_eq!(scenario.fake.counts().live, 1);
}

#[tokio::test]
async fn what_the_model_does_not_allow_has_its_code() {
    let scenario = Scenario::new().await;
    let id = FunctionId::local("f");
    scenario.publish("v1").await;
    scenario.alias("prod", "v1", None).await;
    let reserve = async |qualifier: &str, count| {
        let qualifier: Qualifier = qualifier.parse().unwrap();
        scenario.registry.reserve(&id, &qualifier, Reservation::new(count, BEGIN)).await
    };
    reserve("!prod", 1).await.unwrap();
    let code = |result: Result<_, RegistryError>| result.map(|_: ()| ()).unwrap_err().code();
    assert_eq!(code(reserve("v1", 1).await), ErrorCode::ReleaseReserved);
    assert_eq!(code(reserve("latest", 1001).await), ErrorCode::TooManyReserved);
    assert_eq!(code(reserve("latest", 950).await), ErrorCode::TooManyReserved, "the project has 900");
    assert_eq!(code(reserve("v2", 1).await), ErrorCode::VersionNotFound);
    assert_eq!(code(reserve("!beta", 1).await), ErrorCode::AliasNotFound);
    let changed = scenario.registry.update_code(&id, &version("v1"), "other".into(), BEGIN).await;
    assert_eq!(changed.unwrap_err().code(), ErrorCode::ReservedInstancesExist);
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.counts().live, 1, "what was refused changed nothing");
}

#[tokio::test]
async fn idle_mode_is_kept() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", Reservation { idle_mode: true, ..Reservation::new(1, BEGIN) }).await;
    let function = scenario.registry.function(&FunctionId::local("f")).unwrap();
    assert_eq!(function.reserved_for(&version("latest"), BEGIN), (1, true));
}

#[tokio::test]
async fn more_may_be_reserved_than_may_run() {
    let scenario = Scenario::new().await;
    scenario.scale("f", instances(1)).await;
    scenario.reserve("latest", Reservation::new(2, BEGIN)).await;
    scenario.invoker.settle().await;
    assert_eq!(scenario.fake.counts().live, 2);
    assert_eq!(text(scenario.call("f", "hello").await), "hello");
    assert_eq!(scenario.census().reserved, 2);
}
