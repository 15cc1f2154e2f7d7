//! Moments, as events write them.

use chrono::{DateTime, Utc};
use fngraph::Timestamp;

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.as_millis()).unwrap_or_default()
}

/// `2018-01-09T07:11:40Z`.
pub(crate) fn seconds(at: Timestamp) -> String {
    utc(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `2018-01-09T07:11:40.352Z`.
pub(crate) fn millis(at: Timestamp) -> String {
    utc(at).format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `Tue Jan 09 2018 07:11:40 GMT+0000 (UTC)`, as JavaScript prints dates.
pub(crate) fn javascript(at: Timestamp) -> String {
    utc(at).format("%a %b %d %Y %H:%M:%S GMT+0000 (UTC)").to_string()
}

/// `2018-01-09T15:11:40+08:00`, in a zone.
pub(crate) fn in_zone(at: Timestamp, zone: chrono_tz::Tz) -> String {
    utc(at).with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_in_the_clouds_examples() {
        let at = Timestamp::from_millis(1_515_481_900_352);
        assert_eq!(seconds(at), "2018-01-09T07:11:40Z");
        assert_eq!(millis(at), "2018-01-09T07:11:40.352Z");
        assert_eq!(javascript(at), "Tue Jan 09 2018 07:11:40 GMT+0000 (UTC)");
        assert_eq!(in_zone(at, chrono_tz::Asia::Shanghai), "2018-01-09T15:11:40+08:00");
        assert_eq!(in_zone(at, chrono_tz::UTC), "2018-01-09T07:11:40+00:00");
    }
}
