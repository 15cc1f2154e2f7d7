//! Reservations that change with the time of day, and with use.

use crate::scenario::{BEGIN, MINUTE, SECOND, Scenario};
use fngraph_registry::{CronTactic, MetricTactic, Reservation};
use fngraph_types::Timestamp;
use std::time::Duration;

fn cron(schedule: &str, count: u32, until: Duration) -> CronTactic {
    CronTactic {
        name: schedule.to_owned(),
        schedule: schedule.parse().unwrap(),
        count,
        start: BEGIN,
        expires: BEGIN + until,
    }
}

async fn targets(scenario: &Scenario, steps: &[(Duration, u32)]) {
    let mut now = BEGIN;
    for (after, expected) in steps {
        scenario.advance((BEGIN + *after).since(now)).await;
        now = BEGIN + *after;
        assert_eq!(scenario.clock.now(), now);
        let census = scenario.census();
        assert_eq!((census.reserved_target, census.reserved), (*expected, *expected), "after {after:?}");
    }
}

#[tokio::test]
async fn a_firing_sets_the_number_and_it_holds_until_the_next_one() {
    let scenario = Scenario::new().await;
    let plans = vec![cron("0 10 8 * * ?", 4, MINUTE * 60), cron("0 20 8 * * ?", 2, MINUTE * 60)];
    scenario.reserve("latest", Reservation { cron: plans, ..Reservation::new(1, BEGIN) }).await;
    let almost = Duration::from_millis(1);
    targets(
        &scenario,
        &[
            (SECOND, 1),
            (MINUTE * 10 - almost, 1),
            (MINUTE * 10 + SECOND, 4),
            (MINUTE * 20 - almost, 4),
            (MINUTE * 20 + SECOND, 2),
            (MINUTE * 60, 2),
            (MINUTE * 60 + SECOND * 2, 1),
            (MINUTE * 60 * 24 + MINUTE * 15, 1),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_plan_fires_each_day_until_it_expires() {
    let scenario = Scenario::new().await;
    let day = MINUTE * 60 * 24;
    let plans = vec![cron("0 0 9 * * ?", 3, day * 2), cron("0 0 18 * * ?", 1, day * 2)];
    scenario.reserve("latest", Reservation { cron: plans, ..Reservation::new(0, BEGIN) }).await;
    let hours = |hours: u32| MINUTE * 60 * hours + SECOND;
    targets(&scenario, &[(SECOND, 0), (hours(1), 3), (hours(10), 1), (hours(25), 3), (hours(34), 1), (hours(48), 0)])
        .await;
}

#[tokio::test]
async fn time_that_leaps_over_a_firing_does_not_miss_it() {
    let scenario = Scenario::new().await;
    let plans = vec![cron("0 10 8 * * ?", 4, MINUTE * 60)];
    scenario.reserve("latest", Reservation { cron: plans, ..Reservation::new(1, BEGIN) }).await;
    scenario.advance(MINUTE * 30).await;
    assert_eq!(scenario.census().reserved, 4);
}

fn by_use(threshold: u32, min: u32) -> Reservation {
    let tactic = MetricTactic { name: "use".to_owned(), threshold, min };
    Reservation { metric: vec![tactic], ..Reservation::new(1, BEGIN) }
}

#[tokio::test]
async fn a_plan_by_use_keeps_the_utilisation_below_its_threshold() {
    let scenario = Scenario::new().await;
    scenario.reserve("latest", by_use(50, 2)).await;
    scenario.advance(SECOND).await;
    assert_eq!(scenario.census().reserved, 2, "its own minimum");
    let calls: Vec<_> = (0..4).map(|_| scenario.begin("f", "hold")).collect();
    scenario.calls(4).await;
    scenario.advance(SECOND).await;
    assert_eq!(scenario.census().reserved_target, 8, "four calls are half of eight");
    for call in calls {
        scenario.fake.release("hold");
        crate::scenario::text(call.await.unwrap());
    }
    scenario.advance(SECOND).await;
    assert_eq!(scenario.census().reserved, 8, "it stays for a window");
    scenario.advance(MINUTE * 2).await;
    assert_eq!(scenario.census().reserved, 2, "a whole window needed less");
    scenario.advance(MINUTE * 3).await;
    assert_eq!(scenario.fake.counts().live, 2);
}

#[tokio::test]
async fn of_several_plans_the_largest_number_counts() {
    let scenario = Scenario::new().await;
    let mut reservation = by_use(50, 3);
    reservation.cron = vec![cron("0 10 8 * * ?", 5, MINUTE * 60)];
    scenario.reserve("latest", reservation).await;
    targets(&scenario, &[(SECOND, 3), (MINUTE * 11, 5), (MINUTE * 61, 3)]).await;
}

#[tokio::test]
async fn a_plan_that_begins_later_does_nothing_before() {
    let scenario = Scenario::new().await;
    let start = |tactic: CronTactic, start: Timestamp| CronTactic { start, ..tactic };
    let plans = vec![start(cron("0 * * * * ?", 5, MINUTE * 60), BEGIN + MINUTE * 30)];
    scenario.reserve("latest", Reservation { cron: plans, ..Reservation::new(1, BEGIN) }).await;
    targets(&scenario, &[(MINUTE * 29, 1), (MINUTE * 30 + SECOND, 5)]).await;
}
