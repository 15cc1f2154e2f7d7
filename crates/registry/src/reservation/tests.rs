use super::*;
use proptest::prelude::*;

const HOUR: i64 = 3_600_000;

fn hour(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour * HOUR)
}

fn tactic(schedule: &str, count: u32, start: i64, expires: i64) -> CronTactic {
    CronTactic {
        name: format!("to-{count}"),
        schedule: schedule.parse().unwrap(),
        count,
        start: hour(start),
        expires: hour(expires),
    }
}

/// Eight to twenty-one: a hundred instances; ten over night; two without a plan.
fn office() -> Reservation {
    Reservation {
        cron: vec![tactic("0 0 8 * * ?", 100, 0, 72), tactic("0 0 21 * * ?", 10, 0, 72)],
        ..Reservation::new(2, hour(0))
    }
}

#[test]
fn a_firing_sets_the_number_and_it_holds() {
    let reservation = office();
    for (at, expected) in [(0, 2), (7, 2), (8, 100), (20, 100), (21, 10), (31, 10), (32, 100), (72, 10), (73, 2)] {
        assert_eq!(reservation.target(hour(at)), expected, "at {at}:00");
    }
}

#[test]
fn changes_are_firings_and_ends() {
    let reservation = office();
    let mut changes = vec![hour(0)];
    while let Some(next) = reservation.next_change(*changes.last().unwrap()) {
        changes.push(next);
    }
    let end = hour(72) + Duration::from_millis(1);
    assert_eq!(changes[1..], [hour(8), hour(21), hour(32), hour(45), hour(56), hour(69), end]);
}

#[test]
fn firings_outside_the_validity_or_before_the_last_change_do_not_count() {
    let mut reservation = Reservation { cron: vec![tactic("0 0 * * * ?", 5, 10, 20)], ..Reservation::new(1, hour(0)) };
    for (at, expected) in [(9, 1), (10, 5), (20, 5), (21, 1)] {
        assert_eq!(reservation.target(hour(at)), expected, "at {at}:00");
    }
    reservation.modified_at = hour(12);
    for (at, expected) in [(10, 1), (12, 1), (13, 5)] {
        assert_eq!(reservation.target(hour(at)), expected, "at {at}:00");
    }
    assert_eq!(reservation.next_change(hour(2)), Some(hour(13)));
}

#[test]
fn of_firings_at_the_same_moment_the_later_in_the_list_wins() {
    let reservation = Reservation {
        cron: vec![tactic("0 0 8 * * ?", 7, 0, 99), tactic("0 0 8 * * ?", 3, 0, 99)],
        ..Reservation::new(0, hour(0))
    };
    assert_eq!(reservation.target(hour(9)), 3);
}

#[test]
fn a_plan_that_ends_gives_way_to_one_that_is_still_valid() {
    let reservation = Reservation {
        cron: vec![tactic("0 0 1 * * ?", 4, 0, 99), tactic("0 0 2 * * ?", 9, 0, 3)],
        ..Reservation::new(0, hour(0))
    };
    assert_eq!([hour(1), hour(2), hour(4)].map(|now| reservation.target(now)), [4, 9, 4]);
}

#[test]
fn intervals_count_from_the_start_of_the_plan() {
    let reservation = Reservation { cron: vec![tactic("@every 2h", 6, 3, 99)], ..Reservation::new(0, hour(0)) };
    assert_eq!(reservation.next_change(hour(0)), Some(hour(5)));
    assert_eq!([hour(4), hour(5)].map(|now| reservation.target(now)), [0, 6]);
}

fn check(change: impl FnOnce(&mut Reservation), expected: Option<ErrorCode>) {
    let mut reservation = office();
    reservation.metric.push(MetricTactic { name: "busy".to_owned(), threshold: 80, min: 2 });
    change(&mut reservation);
    assert_eq!(reservation.validate().err().map(|invalid| invalid.code()), expected, "{reservation:?}");
}

#[test]
fn numbers_and_names_have_ranges() {
    check(|_| {}, None);
    check(|r| *r = Reservation::new(1000, hour(0)), None);
    check(|r| *r = Reservation::new(1001, hour(0)), Some(ErrorCode::TooManyReserved));
    check(|r| r.cron[0].count = 1001, Some(ErrorCode::TooManyReserved));
    check(|r| r.metric[0].min = 1001, Some(ErrorCode::TooManyReserved));
    for change in [
        (|r| r.cron[0].count = 1) as fn(&mut Reservation),
        |r| r.cron[0].name.clear(),
        |r| r.cron[0].name = "a".repeat(61),
        |r| r.cron[0].start = hour(73),
        |r| r.metric[0].name.clear(),
        |r| r.metric[0].threshold = 0,
        |r| r.metric[0].threshold = 100,
        |r| r.metric[0].min = 1,
        |r| r.cron = vec![r.cron[0].clone(); 101],
    ] {
        check(change, Some(ErrorCode::InvalidParameter));
    }
}

#[test]
fn only_a_number_or_a_plan_reserves_something() {
    assert!(Reservation::new(0, hour(0)).is_empty());
    assert!(!Reservation::new(1, hour(0)).is_empty());
    assert!(!Reservation { count: 0, ..office() }.is_empty());
}

proptest! {
    #[test]
    fn the_target_changes_only_at_announced_moments(
        plans in prop::collection::vec((0..24i64, 1..9u32, 0..60i64, 0..60i64), 0..4),
        modified in 0..40i64,
        from in 0..50i64,
    ) {
        let cron = plans.into_iter().map(|(at, count, a, b)| {
            tactic(&format!("0 0 {at} * * ?"), count, a.min(b), a.max(b))
        });
        let reservation = Reservation { cron: cron.collect(), ..Reservation::new(0, hour(modified)) };
        let target = reservation.target(hour(from));
        let next = reservation.next_change(hour(from)).unwrap_or_else(|| hour(200));
        prop_assert!(next > hour(from));
        let mut now = hour(from);
        while now < next {
            prop_assert_eq!(reservation.target(now), target, "at {:?} before {:?}", now, next);
            now = now + Duration::from_secs(900);
        }
    }
}
