//! Durations in seconds, as the API has them; with up to three decimals where they are no whole seconds.

use serde::{Deserializer, Serializer, de};
use std::{fmt, time::Duration};

/// The longest that is read: more than any duration of a function, and few enough for every conversion.
const LONGEST: u64 = 10_000_000;

pub(super) fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    if duration.subsec_nanos() == 0 {
        serializer.serialize_u64(duration.as_secs())
    } else {
        serializer.serialize_f64(duration.as_secs_f64())
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Seconds)
}

/// Durations that may be missing.
pub(super) mod optional {
    use super::Seconds;
    use serde::{Deserialize, Deserializer, Serializer};
    use std::time::Duration;

    struct Wrapped(Duration);

    impl<'de> Deserialize<'de> for Wrapped {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Seconds).map(Self)
        }
    }

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match duration {
            Some(duration) => super::serialize(duration, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<Wrapped>::deserialize(deserializer)?.map(|wrapped| wrapped.0))
    }
}

struct Seconds;

impl de::Visitor<'_> for Seconds {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of seconds")
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        if seconds > LONGEST {
            return Err(E::invalid_value(de::Unexpected::Unsigned(seconds), &self));
        }
        Ok(Duration::from_secs(seconds))
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        let whole = u64::try_from(seconds).map_err(|_| E::invalid_value(de::Unexpected::Signed(seconds), &self))?;
        self.visit_u64(whole)
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Duration, E> {
        let invalid = || E::invalid_value(de::Unexpected::Float(seconds), &Self);
        let duration = Duration::try_from_secs_f64(seconds).ok().filter(|duration| duration.as_secs() <= LONGEST);
        let nanos = duration.ok_or_else(invalid)?.as_nanos();
        // What was written with three decimals has been a fraction to the base of two meanwhile.
        let millis = u64::try_from((nanos + 500_000) / 1_000_000).map_err(|_| invalid())?;
        Ok(Duration::from_millis(millis))
    }
}
