//! No text makes reading a schedule panic, and none that is read takes long to find its next firing.
#![no_main]

use fngraph_schedule::Schedule;
use fngraph_types::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, i64, i64)| {
    let (text, at, anchor) = input;
    let (at, anchor) = (Timestamp::from_millis(at), Timestamp::from_millis(anchor));
    for schedule in [text.parse::<Schedule>(), Schedule::rate(text)].into_iter().flatten() {
        if let Some(next) = schedule.next_after(at, anchor) {
            assert!(next > at);
        }
        if let Some(latest) = schedule.latest_until(at, anchor) {
            assert!(latest <= at);
        }
    }
});
