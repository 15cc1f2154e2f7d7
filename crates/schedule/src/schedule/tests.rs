use super::*;
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    Timestamp::from_millis(chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
}

/// The firings after `from` are these, and none lies between them, seen from either side.
fn check(schedule: &str, from: &str, expected: &[&str]) {
    let schedule: Schedule = schedule.parse().unwrap();
    let mut now = at(from);
    for firing in expected {
        let next = schedule.next_after(now, Timestamp::EPOCH).unwrap();
        assert_eq!(next, at(firing), "{schedule} after {now:?}");
        let before = Timestamp::from_millis(next.as_millis() - 1);
        let latest = schedule.latest_until(before, Timestamp::EPOCH);
        assert!(latest.is_none_or(|latest| latest <= now), "{schedule}: {latest:?} between {now:?} and {next:?}");
        assert_eq!(schedule.latest_until(next, Timestamp::EPOCH), Some(next));
        now = next;
    }
}

#[test]
fn the_documented_examples_fire_when_the_manual_says() {
    check("0 15 2 * * ?", "2024-01-01T00:00:00Z", &["2024-01-01T02:15:00Z", "2024-01-02T02:15:00Z"]);
    check("0 30 8 ? * MON-FRI", "2024-01-05T08:30:00Z", &["2024-01-08T08:30:00Z", "2024-01-09T08:30:00Z"]);
    check("0 30 9 1-3 * *", "2024-01-03T09:30:00Z", &["2024-02-01T09:30:00Z"]);
    check("0 0 12 ? JAN,FEB,MAR,APR *", "2024-04-30T12:00:00Z", &["2025-01-01T12:00:00Z"]);
    check("CRON_TZ=Europe/Berlin 0 30 12 ? * MON-FRI", "2024-01-01T00:00:00Z", &["2024-01-01T11:30:00Z"]);
    check("0 0/20 8 * *", "2024-01-01T08:20:00Z", &["2024-01-01T08:40:00Z", "2024-01-02T08:00:00Z"]);
}

#[test]
fn the_second_of_a_firing_is_not_after_itself() {
    check("* * * * *", "2024-01-01T00:00:00.999Z", &["2024-01-01T00:00:01Z", "2024-01-01T00:00:02Z"]);
    check("59 59 23 31 12", "2024-12-31T23:59:59Z", &["2025-12-31T23:59:59Z"]);
}

#[test]
fn two_restricted_days_are_alternatives() {
    // 2024-01-01 is a Monday.
    check("0 0 0 3 * MON", "2024-01-01T00:00:00Z", &["2024-01-03T00:00:00Z", "2024-01-08T00:00:00Z"]);
    check("0 0 0 */2 * MON", "2024-01-07T00:00:00Z", &["2024-01-08T00:00:00Z", "2024-01-09T00:00:00Z"]);
    check("0 0 0 ? * MON", "2024-01-01T00:00:00Z", &["2024-01-08T00:00:00Z"]);
}

#[test]
fn a_leap_day_is_found_across_a_century() {
    check("0 0 0 29 2 ?", "2096-02-29T00:00:00Z", &["2104-02-29T00:00:00Z"]);
}

#[test]
fn a_date_that_does_not_exist_never_fires() {
    for text in ["0 0 0 31 2 ?", "0 0 0 30 2 ?", "0 0 0 31 4,6,9,11 *"] {
        let never: Schedule = text.parse().unwrap();
        assert_eq!(never.next_after(at("2024-01-01T00:00:00Z"), Timestamp::EPOCH), None, "{text}");
        assert_eq!(never.latest_until(at("2024-01-01T00:00:00Z"), Timestamp::EPOCH), None, "{text}");
    }
}

#[test]
fn a_time_that_spring_leaps_over_does_not_fire_on_that_day() {
    // At 01:00 UTC on 31 March 2024 the clocks of Berlin went from 02:00 to 03:00.
    check(
        "CRON_TZ=Europe/Berlin 0 30 2 * * *",
        "2024-03-29T12:00:00Z",
        &["2024-03-30T01:30:00Z", "2024-04-01T00:30:00Z"],
    );
    check(
        "CRON_TZ=Europe/Berlin 0 0 * * * *",
        "2024-03-31T00:00:00Z",
        &["2024-03-31T01:00:00Z", "2024-03-31T02:00:00Z"],
    );
}

#[test]
fn a_time_that_autumn_repeats_fires_twice() {
    // At 01:00 UTC on 27 October 2024 the clocks of Berlin went from 03:00 to 02:00.
    check(
        "CRON_TZ=Europe/Berlin 0 30 2 * * *",
        "2024-10-26T12:00:00Z",
        &["2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z", "2024-10-28T01:30:00Z"],
    );
    check(
        "CRON_TZ=Europe/Berlin 0 0 3 27 10 ?",
        "2024-10-27T00:00:00Z",
        &["2024-10-27T02:00:00Z", "2025-10-27T02:00:00Z"],
    );
}

#[test]
fn a_repeated_midnight_keeps_the_order() {
    // At 02:31 UTC on 7 November 2010 the clocks of St. John's went from 00:01 back to 23:01 of the day before.
    check(
        "CRON_TZ=America/St_Johns 30 0,59 0,23 * * *",
        "2010-11-07T02:00:00Z",
        &[
            "2010-11-07T02:29:30Z", // 23:59:30 on the 6th
            "2010-11-07T02:30:30Z", // 00:00:30 on the 7th
            "2010-11-07T03:29:30Z", // 23:59:30 on the 6th again
            "2010-11-07T03:30:30Z", // 00:00:30 on the 7th again
        ],
    );
}

#[test]
fn a_day_that_a_zone_skips_does_not_fire() {
    // Samoa had no 30 December 2011.
    check("CRON_TZ=Pacific/Apia 0 0 12 30 12 ?", "2011-12-01T00:00:00Z", &["2012-12-29T22:00:00Z"]);
}

#[test]
fn intervals_are_counted_from_their_anchor() {
    let anchor = Timestamp::from_millis(1_234);
    for schedule in [Schedule::rate("1m").unwrap(), "@every 1m".parse().unwrap(), "@every 0.5m30s".parse().unwrap()] {
        let first = Timestamp::from_millis(61_234);
        assert_eq!(schedule.next_after(Timestamp::from_millis(-5), anchor), Some(first));
        assert_eq!(schedule.next_after(anchor, anchor), Some(first));
        assert_eq!(schedule.next_after(first, anchor), Some(Timestamp::from_millis(121_234)));
        assert_eq!(schedule.latest_until(Timestamp::from_millis(61_233), anchor), None);
        assert_eq!(schedule.latest_until(Timestamp::from_millis(121_233), anchor), Some(first));
    }
}

#[test]
fn a_rate_prints_as_the_interval_it_is() {
    let rate = Schedule::rate("30d").unwrap();
    assert_eq!(rate.to_string(), "@every 30d");
    assert_eq!(rate.to_string().parse(), Ok(rate));
}

#[test]
fn a_schedule_is_stored_as_its_text() {
    let text = "\"CRON_TZ=Asia/Shanghai 0 0 8 ? * mon\"";
    let schedule: Schedule = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&schedule).unwrap(), text);
    assert!(serde_json::from_str::<Schedule>("\"daily\"").is_err());
}

#[test]
fn other_texts_are_refused_with_what_to_write() {
    for (text, words) in [
        ("", "has 0 fields; write `second minute hour day month [weekday]`"),
        ("0 0 0 1", "has 4 fields"),
        ("0 0 0 1 1 ? 2024", "has 7 fields"),
        ("3m", "has 1 fields"),
        ("0 0 25 * * *", "the hour `25` is out of range"),
        ("CRON_TZ=Mars/Olympus 0 0 0 * * *", "`Mars/Olympus` is no time zone"),
        ("CRON_TZ=UTC", "has 0 fields"),
        ("@daily", "`@daily` is no schedule; write `@every`"),
        ("@every", "`@every` is no schedule"),
        ("@every soon", "`soon` is no duration"),
        ("@every 1ms", "`1ms` is out of range"),
    ] {
        let error = text.parse::<Schedule>().unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    assert_eq!(" ".repeat(513).parse::<Schedule>(), Err(ParseScheduleError::TooLong(513)));
}

#[test]
fn the_ends_of_time_are_no_trouble() {
    for text in ["* * * * *", "0 0 0 31 2 ?", "CRON_TZ=Asia/Kolkata 0 0 0 1 1 *", "@every 3660d"] {
        let schedule: Schedule = text.parse().unwrap();
        for millis in [i64::MIN, i64::MIN + 1, i64::MAX, i64::MAX - 1] {
            for anchor in [i64::MIN, 0, i64::MAX] {
                let (now, anchor) = (Timestamp::from_millis(millis), Timestamp::from_millis(anchor));
                let _ = (schedule.next_after(now, anchor), schedule.latest_until(now, anchor));
            }
        }
    }
}

const ZONES: [&str; 6] = [
    "",
    "CRON_TZ=Europe/Berlin ",
    "CRON_TZ=America/St_Johns ",
    "CRON_TZ=Australia/Lord_Howe ",
    "CRON_TZ=Pacific/Apia ",
    "CRON_TZ=Africa/Casablanca ",
];

fn schedules() -> impl Strategy<Value = String> {
    let time = prop_oneof!["[0-9]|[1-5][0-9]", "\\*/[1-9]", "\\*", "[1-5],[1-5]0-59/7"];
    let hour = prop_oneof!["[0-9]|1[0-9]|2[0-3]", "\\*", "0,2,23"];
    let day = prop_oneof!["\\*|\\?", "[1-9]|[12][0-9]|3[01]", "\\*/[1-9]"];
    let month = prop_oneof!["\\*", "[1-9]|1[0-2]", "MAR|OCT|feb"];
    let weekday = prop_oneof!["\\*|\\?", "[0-6]", "MON-FRI"];
    let calendar = (0..ZONES.len(), time.clone(), time, hour, day, month, weekday).prop_map(
        |(zone, second, minute, hour, day, month, weekday)| {
            format!("{}{second} {minute} {hour} {day} {month} {weekday}", ZONES[zone])
        },
    );
    prop_oneof![4 => calendar, 1 => "@every [1-9][0-9]{0,3}(s|m|h)"]
}

proptest! {
    #[test]
    fn any_text_parses_or_is_refused(text in "\\PC{0,60}|(@every )?[0-9.a-zµ]{0,12}|([-0-9*?/,A-Z]{1,4} ){4,7}") {
        let _ = Schedule::rate(&text);
        if let Ok(schedule) = text.parse::<Schedule>() {
            prop_assert_eq!(schedule.to_string(), text);
        }
    }

    #[test]
    fn a_firing_is_the_latest_until_the_next(
        text in schedules(),
        now in 1_000_000_000_000i64..2_000_000_000_000,
        anchor in 0i64..2_000_000_000_000,
    ) {
        let schedule: Schedule = text.parse().unwrap();
        let anchor = Timestamp::from_millis(anchor);
        let mut now = Timestamp::from_millis(now);
        for _ in 0..5 {
            let Some(next) = schedule.next_after(now, anchor) else { break };
            prop_assert!(next > now);
            prop_assert_eq!(schedule.latest_until(next, anchor), Some(next));
            let before = Timestamp::from_millis(next.as_millis() - 1);
            prop_assert!(schedule.latest_until(before, anchor).is_none_or(|latest| latest <= now));
            now = next;
        }
    }

    /// Against the definition: every second at which the wall clock matches.
    #[test]
    fn what_fires_is_what_the_wall_clock_shows(
        zone in 0..ZONES.len(),
        minute in 0u32..60,
        hour in 0u32..24,
        now in prop_oneof![
            1_711_800_000i64..1_711_940_000, // the weekend of March 2024 with Berlin's change
            1_729_900_000i64..1_730_080_000, // and of October
            1_289_000_000i64..1_289_180_000, // St. John's in November 2010
            1_325_000_000i64..1_325_300_000, // Samoa's lost day
        ],
    ) {
        use chrono::Timelike;
        let text = format!("{}0 {minute} {hour} * * *", ZONES[zone]);
        let schedule: Schedule = text.parse().unwrap();
        let zone: chrono_tz::Tz =
            ZONES[zone].trim().strip_prefix("CRON_TZ=").unwrap_or("UTC").parse().unwrap();
        let expected = (now + 1..now + 3 * 86_400).find(|second| {
            let shown = chrono::DateTime::from_timestamp(*second, 0).unwrap().with_timezone(&zone);
            (shown.hour(), shown.minute(), shown.second()) == (hour, minute, 0)
        });
        let next = schedule.next_after(Timestamp::from_millis(now * 1000 + 5), Timestamp::EPOCH);
        prop_assert_eq!(next.map(|next| next.as_millis() / 1000), expected);
    }
}
