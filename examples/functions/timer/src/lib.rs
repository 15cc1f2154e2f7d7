//! Answers a timer: says which report is due, and for which day.
//!
//! The trigger's user event names the report, as plain text or as JSON with more wishes. A nightly timer reports
//! about the day before, in the time zone of the timer.

mod date;

use fngraph_guest::event::TimerEvent;
use fngraph_guest::{Context, Error};
use serde::{Deserialize, Serialize};

use crate::date::Date;

/// The report that is due.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The timer that fired.
    pub timer: String,
    /// Which report it is.
    pub report: String,
    /// The first day of the report: `YYYY-MM-DD`.
    pub from: String,
    /// The last day of the report: `YYYY-MM-DD`.
    pub until: String,
}

/// What the trigger's user event asks for, when it is JSON.
#[derive(Debug, Deserialize)]
struct Wish {
    report: String,
    #[serde(default = "one_day")]
    days: u16,
}

/// Says which report is due.
///
/// # Errors
/// `InvalidTime` when the event has no date, `InvalidWish` when the user event asks for nothing or for no days.
#[fngraph_guest::handler]
pub fn handler(event: TimerEvent, ctx: &Context) -> Result<Due, Error> {
    let fired = Date::parse(&event.time)
        .ok_or_else(|| Error::new("InvalidTime", format!("`{}` does not begin with a date", event.time)))?;
    let wish = wish(&event)?;
    let until = fired.before(1);
    let from = fired.before(wish.days);
    // A report that was sent twice is worth knowing about, and only the log can tell.
    if ctx.attempt() > 0 {
        ctx.logger().warn(format_args!("attempt {} at {}", ctx.attempt() + 1, wish.report));
    }
    ctx.logger().info(format_args!("{} is due for {from} to {until}", wish.report));
    Ok(Due { timer: event.trigger_name, report: wish.report, from: from.to_string(), until: until.to_string() })
}

fn wish(event: &TimerEvent) -> Result<Wish, Error> {
    let text = event.user_event.trim();
    let wish = if text.starts_with('{') {
        event.json().map_err(|error| Error::new("InvalidWish", error.message()))?
    } else {
        Wish { report: text.to_owned(), days: one_day() }
    };
    if wish.report.is_empty() || wish.days == 0 {
        return Err(Error::new("InvalidWish", "the user event must name a report, of one day or more"));
    }
    Ok(wish)
}

fn one_day() -> u16 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: &str, user_event: &str) -> TimerEvent {
        TimerEvent {
            time: time.to_owned(),
            trigger_name: "nightly".to_owned(),
            user_event: user_event.to_owned(),
            ..TimerEvent::default()
        }
    }

    fn check(time: &str, user_event: &str, report: &str, from: &str, until: &str) {
        let due = handler(event(time, user_event), &Context::builder().build()).expect("a report is due");
        let expected = ["nightly", report, from, until];
        assert_eq!([&due.timer, &due.report, &due.from, &due.until], expected, "{time} {user_event}");
    }

    #[test]
    fn report_is_about_the_day_before() {
        check("2026-03-01T08:30:00+08:00", "sales", "sales", "2026-02-28", "2026-02-28");
        check("2024-03-01T00:00:00Z", " stock ", "stock", "2024-02-29", "2024-02-29");
    }

    #[test]
    fn json_asks_for_more_days() {
        check("2026-01-03T01:00:00Z", r#"{"report": "sales"}"#, "sales", "2026-01-02", "2026-01-02");
        check("2026-01-03T01:00:00Z", r#"{"report": "sales", "days": 7}"#, "sales", "2025-12-27", "2026-01-02");
    }

    #[test]
    fn wrong_events_are_typed_errors() {
        let kind = |time: &str, user_event: &str| {
            let error = handler(event(time, user_event), &Context::builder().build()).expect_err("nothing is due");
            error.kind().to_owned()
        };
        assert_eq!(kind("soon", "sales"), "InvalidTime");
        assert_eq!(kind("2026-01-03T01:00:00Z", ""), "InvalidWish");
        assert_eq!(kind("2026-01-03T01:00:00Z", r#"{"report": 1}"#), "InvalidWish");
        assert_eq!(kind("2026-01-03T01:00:00Z", r#"{"report": "sales", "days": 0}"#), "InvalidWish");
    }

    #[test]
    fn another_attempt_is_logged() {
        let ctx = Context::builder().attempt(1).build();
        handler(event("2026-01-03T01:00:00Z", "sales"), &ctx).expect("a report is due");
        let messages: Vec<_> = ctx.logged().into_iter().map(|line| line.message).collect();
        assert_eq!(messages, ["attempt 2 at sales", "sales is due for 2026-01-02 to 2026-01-02"]);
    }

    #[test]
    fn sample_event_is_answered() {
        let event = serde_json::from_str(include_str!("../event.json")).expect("the sample is a TIMER event");
        let due = handler(event, &Context::builder().build()).expect("a report is due");
        assert_eq!((due.from.as_str(), due.until.as_str()), ("2026-02-22", "2026-02-28"));
    }
}
