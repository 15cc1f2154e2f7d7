use super::*;
use proptest::prelude::*;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// 2027-01-15, 08:00 UTC.
const BEGIN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn table() -> Timetable {
    Timetable::new(Tz::UTC)
}

fn function(name: &str) -> FunctionId {
    FunctionId::local(name)
}

/// An active timer whose id and name are `id`.
fn timer(id: &str, timing: &str, since: Timestamp) -> Trigger {
    let timing = match timing.strip_prefix("rate ") {
        Some(rate) => Timing::Rate(fngraph_schedule::Schedule::rate(rate).unwrap()),
        None => Timing::Cron(timing.parse().unwrap()),
    };
    let timer = fngraph::Timer { name: id.to_owned(), timing, user_event: String::new() };
    Trigger::new(id, Source::Timer(timer), since)
}

fn late(_: &Qualifier) -> Duration {
    MINUTE * 5
}

/// Everything that fires until `until`, with a clock that stops at each moment: ids, and seconds since `BEGIN`.
fn fired(table: &mut Timetable, until: Timestamp) -> Vec<(String, i64)> {
    let mut all = Vec::new();
    while let Some(due) = table.due().filter(|due| *due <= until) {
        all.extend(told(table.take(due)));
    }
    all
}

fn told(rings: Vec<Ring>) -> Vec<(String, i64)> {
    let seconds = |moment: Timestamp| (moment.as_millis() - BEGIN.as_millis()) / 1000;
    rings.into_iter().map(|ring| (ring.timer.name.clone(), seconds(ring.moment))).collect()
}

#[track_caller]
fn check(fired: &[(String, i64)], expected: &[(&str, i64)]) {
    let fired: Vec<_> = fired.iter().map(|(id, at)| (id.as_str(), *at)).collect();
    assert_eq!(fired, expected);
}

#[test]
fn timers_fire_in_the_order_of_their_moments_and_then_of_their_coming() {
    let mut table = table();
    let triggers = [timer("b", "@every 20s", BEGIN), timer("a", "@every 30s", BEGIN), timer("c", "0 * * * * *", BEGIN)];
    table.changed(&function("f"), &triggers, BEGIN, late);
    let expected = [("b", 20), ("a", 30), ("b", 40), ("b", 60), ("a", 60), ("c", 60)];
    let mut fired = fired(&mut table, BEGIN + MINUTE);
    fired[3..].sort_by_key(|(id, _)| ["b", "a", "c"].iter().position(|known| known == id));
    check(&fired, &expected);
}

#[test]
fn a_rate_counts_from_when_the_timer_was_set() {
    let mut table = table();
    let set = BEGIN + Duration::from_secs(17);
    table.changed(&function("f"), &[timer("a", "rate 1m", set)], set, late);
    check(&fired(&mut table, BEGIN + MINUTE * 3), &[("a", 77), ("a", 137)]);
}

#[test]
fn what_does_not_concern_a_timer_leaves_its_moment_alone() {
    let mut table = table();
    table.changed(&function("f"), &[timer("a", "@every 10s", BEGIN)], BEGIN, late);
    check(&fired(&mut table, BEGIN + SECOND * 10), &[("a", 10)]);
    let Source::Timer(mut renamed) = timer("a", "@every 10s", BEGIN).source else { unreachable!() };
    renamed.name = "other".to_owned();
    let triggers = [Trigger::new("a", Source::Timer(renamed), BEGIN), timer("b", "@every 7s", BEGIN + SECOND * 10)];
    table.changed(&function("f"), &triggers, BEGIN + SECOND * 10, late);
    check(&fired(&mut table, BEGIN + SECOND * 20), &[("b", 17), ("other", 20)]);
}

#[test]
fn timers_that_are_disabled_deleted_or_of_a_deleted_function_do_not_fire() {
    let mut table = table();
    let all = [timer("a", "@every 10s", BEGIN), timer("b", "@every 10s", BEGIN)];
    table.changed(&function("f"), &all, BEGIN, late);
    table.changed(&function("g"), &[timer("c", "@every 10s", BEGIN)], BEGIN, late);
    let disabled = Trigger { is_active: false, ..all[0].clone() };
    // It is due and was not taken yet.
    table.changed(&function("f"), &[disabled, all[1].clone()], BEGIN + SECOND * 11, late);
    check(&told(table.take(BEGIN + SECOND * 11)), &[("c", 10), ("b", 10)]);
    table.changed(&function("f"), &all[..1], BEGIN + SECOND * 11, late);
    table.changed(&function("g"), &[], BEGIN + SECOND * 11, late);
    table.changed(&function("f"), &[], BEGIN + SECOND * 12, late);
    assert_eq!((table.due(), table.timers.len(), table.by_function.len(), table.due.len()), (None, 0, 0, 0));
}

#[test]
fn of_what_was_missed_the_latest_is_due_at_once_unless_it_is_too_old_or_before_the_timer_was_set() {
    let check = |timing: &str, since: Timestamp, now: Timestamp, expected: Option<i64>| {
        let mut table = table();
        table.changed(&function("f"), &[timer("a", timing, since)], now, late);
        let fired = told(table.take(now));
        assert_eq!(fired.first().map(|(_, at)| *at), expected, "{timing} since {since:?} at {now:?}");
        assert!(table.due().is_some_and(|due| due > now), "{timing}: the next one is yet to come");
    };
    check("0 0 * * * *", BEGIN, BEGIN + HOUR + MINUTE * 5, Some(3600));
    check("0 0 * * * *", BEGIN, BEGIN + HOUR + MINUTE * 5 + SECOND, None);
    check("0 * * * * *", BEGIN, BEGIN + HOUR + SECOND, Some(3600));
    check("0 0 * * * *", BEGIN + HOUR + SECOND, BEGIN + HOUR + MINUTE, None);
    check("0 0 * * * *", BEGIN + HOUR, BEGIN + HOUR + MINUTE, None);
    check("@every 1h", BEGIN, BEGIN + MINUTE, None);
    check("@every 1h", BEGIN, BEGIN + HOUR, Some(3600));
}

#[test]
fn a_clock_that_jumps_forward_fires_each_timer_once_and_says_that_moments_were_skipped() {
    let mut table = table();
    let triggers = [timer("a", "@every 10s", BEGIN), timer("b", "@every 1h", BEGIN)];
    table.changed(&function("f"), &triggers, BEGIN, late);
    let rings = table.take(BEGIN + HOUR + SECOND);
    assert_eq!(rings.iter().map(|ring| ring.skipped).collect::<Vec<_>>(), [true, false]);
    check(&told(rings), &[("a", 3600), ("b", 3600)]);
    assert_eq!(table.due(), Some(BEGIN + HOUR + SECOND * 10));
}

#[test]
fn a_zone_that_changes_to_summer_time_leaps_over_a_time_and_one_that_changes_back_repeats_it() {
    // Midnight before 28 March and 31 October 2027, UTC.
    for (midnight, expected) in [(1_806_192_000_000, vec![]), (1_824_940_800_000, vec![30, 90])] {
        let midnight = Timestamp::from_millis(midnight);
        let mut table = table();
        let timer = timer("a", "CRON_TZ=Europe/Berlin 0 30 2 * * *", midnight);
        table.changed(&function("f"), &[timer], midnight, late);
        let mut minutes = Vec::new();
        while let Some(due) = table.due().filter(|due| *due < midnight + HOUR * 12) {
            for ring in table.take(due) {
                assert_eq!(ring.timer.zone, Tz::Europe__Berlin);
                minutes.push(ring.moment.since(midnight).as_secs() / 60);
            }
        }
        assert_eq!(minutes, expected);
    }
}

#[test]
fn ten_thousand_timers_fire_each_at_its_moments() {
    let mut table = table();
    for number in 0..1000u32 {
        let name = format!("f{number}");
        let one = |slot: u32| {
            let since = BEGIN + Duration::from_millis(u64::from(number * 10 + slot));
            timer(&format!("{name}-{slot}"), &format!("@every {}s", 1 + (number + slot) % 60), since)
        };
        let triggers: Vec<_> = (0..10).map(one).collect();
        table.changed(&function(&name), &triggers, BEGIN, late);
    }
    let mut counts = HashMap::new();
    let mut last = BEGIN;
    // The last one was set 10 s after the first one.
    while let Some(due) = table.due().filter(|due| *due <= BEGIN + MINUTE * 2 + SECOND * 10) {
        assert!(due >= last, "moments ascend");
        last = due;
        for ring in table.take(due) {
            assert_eq!(ring.moment, due);
            *counts.entry(ring.timer.name.clone()).or_insert(0u64) += 1;
        }
    }
    assert_eq!(counts.len(), 10_000);
    for number in 0..1000u32 {
        for slot in 0..10 {
            let period = u64::from(1 + (number + slot) % 60) * 1000;
            let runs = 130_000 - u64::from(number * 10 + slot);
            assert_eq!(counts[&format!("f{number}-{slot}")], runs / period, "f{number}-{slot}");
        }
    }
}

proptest! {
    #[test]
    fn a_timer_fires_at_the_moments_of_its_schedule(
        timing in prop_oneof![
            (1..100u32).prop_map(|seconds| format!("@every {seconds}s")),
            (0..60u32, 0..60u32).prop_map(|(second, minute)| format!("{second} {minute} * * * *")),
            (1..30u32).prop_map(|step| format!("CRON_TZ=Asia/Kathmandu */{step} * * * * *")),
            (1..5u32).prop_map(|minutes| format!("rate {minutes}m")),
        ],
        offset in 0..100_000u64,
        steps in prop::collection::vec(1..30_000u64, 1..20),
    ) {
        let since = BEGIN + Duration::from_millis(offset);
        let trigger = timer("a", &timing, since);
        let Source::Timer(timer) = &trigger.source else { unreachable!() };
        let mut table = table();
        table.changed(&function("f"), std::slice::from_ref(&trigger), since, late);
        let (mut now, mut fired) = (since, Vec::new());
        for step in steps {
            let until = now + Duration::from_millis(step);
            // As the driver does: it stops at each moment that is due.
            while let Some(due) = table.due().filter(|due| *due <= until) {
                fired.extend(table.take(due).into_iter().map(|ring| ring.moment));
            }
            now = until;
        }
        let mut expected = Vec::new();
        let mut at = since;
        while let Some(next) = timer.timing.next_after(at, since).filter(|next| *next <= now) {
            expected.push(next);
            at = next;
        }
        prop_assert_eq!(fired, expected);
    }
}
