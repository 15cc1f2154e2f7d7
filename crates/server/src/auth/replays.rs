//! Signatures that came already.

use fngraph_types::Timestamp;
use parking_lot::Mutex;
use std::{collections::HashMap, fmt, mem, time::Duration};

/// How many signatures a generation holds: about 6 MiB. When more come than are remembered, the oldest are forgotten
/// first, and what protects from their coming again is their date alone.
const GENERATION: usize = 1 << 17;

/// The half of a signature, which is enough to tell it from others.
type Id = [u8; 16];

/// When signatures came first.
pub(super) struct Replays {
    /// How long after it first came a signature may come again.
    repeats: Duration,
    /// For how long a signature must be remembered: until its date is refused anyway.
    memory: Duration,
    generation: usize,
    seen: Mutex<Seen>,
}

/// Two generations: the old one is forgotten as a whole, when the young one has all that still matters.
#[derive(Default)]
struct Seen {
    began: Timestamp,
    young: HashMap<Id, Timestamp>,
    old: HashMap<Id, Timestamp>,
}

impl fmt::Debug for Replays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replays").field("repeats", &self.repeats).finish_non_exhaustive()
    }
}

impl Replays {
    /// Nothing came yet. Dates up to `skew` before and after the server's time are accepted.
    pub(super) fn new(repeats: Duration, skew: Duration) -> Self {
        Self { repeats, memory: skew * 2, generation: GENERATION, seen: Mutex::default() }
    }

    /// Lets a signature that was found to be right pass. Says how long ago it first came when that is too long.
    pub(super) fn admit(&self, signature: &[u8; 32], now: Timestamp) -> Result<(), Duration> {
        if self.repeats >= self.memory {
            return Ok(());
        }
        let mut id = Id::default();
        id.copy_from_slice(&signature[..16]);
        let mut seen = self.seen.lock();
        let first = seen.young.get(&id).or_else(|| seen.old.get(&id)).copied();
        if let Some(ago) = first.map(|first| now.since(first)) {
            // Without repeats a second time within the same millisecond is one, too.
            let may_repeat = ago <= self.repeats && !self.repeats.is_zero();
            return if may_repeat { Ok(()) } else { Err(ago) };
        }
        if now.since(seen.began) > self.memory || seen.young.len() >= self.generation {
            seen.old = mem::take(&mut seen.young);
            seen.began = now;
        }
        seen.young.insert(id, now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn replays(repeats: u32, skew: u32) -> impl Fn(u8, u32) -> Result<(), Duration> {
        let replays = Replays { generation: 4, ..Replays::new(SECOND * repeats, SECOND * skew) };
        move |signature, second| replays.admit(&[signature; 32], Timestamp::EPOCH + SECOND * second)
    }

    #[test]
    fn a_signature_may_come_again_for_a_while() {
        let admit = replays(5, 10);
        assert_eq!((admit(1, 0), admit(1, 0), admit(1, 5), admit(2, 6)), (Ok(()), Ok(()), Ok(()), Ok(())));
        assert_eq!(admit(1, 6), Err(SECOND * 6));
        assert_eq!(admit(2, 7), Ok(()));
    }

    #[test]
    fn without_repeats_it_comes_once() {
        let admit = replays(0, 10);
        assert_eq!((admit(1, 0), admit(1, 0)), (Ok(()), Err(Duration::ZERO)));
    }

    #[test]
    fn it_is_remembered_until_its_date_is_refused_anyway() {
        for start in 100..160 {
            let admit = replays(5, 10);
            assert_eq!((admit(1, 100), admit(2, start), admit(3, start + 20)), (Ok(()), Ok(()), Ok(())));
            // Signed with a clock 10 s ahead, good until the server's is 10 s past that.
            assert_eq!(admit(2, start + 20), Err(SECOND * 20), "{start}");
        }
    }

    #[test]
    fn many_signatures_push_the_oldest_out() {
        let admit = replays(5, 1000);
        for signature in 0..8 {
            assert_eq!(admit(signature, u32::from(signature)), Ok(()));
        }
        assert_eq!((admit(0, 20), admit(7, 21)), (Err(SECOND * 20), Err(SECOND * 14)));
        for signature in 8..12 {
            assert_eq!(admit(signature, 22), Ok(()));
        }
        assert_eq!((admit(7, 23), admit(0, 24)), (Err(SECOND * 16), Ok(())));
    }

    #[test]
    fn nothing_is_remembered_where_nothing_is_refused() {
        let admit = replays(20, 10);
        assert_eq!((admit(1, 0), admit(1, 50)), (Ok(()), Ok(())));
    }
}
