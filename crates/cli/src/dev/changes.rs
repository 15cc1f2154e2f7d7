//! When changes are worth a build: not each of them alone, and not only after the last of an endless row.

use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Notify,
    time::{Instant, timeout, timeout_at},
};

/// How long nothing must change before a build begins: an editor saves several files, or one in several steps, within
/// some milliseconds. Longer makes people wait, shorter builds half of a change.
const QUIET: Duration = Duration::from_millis(50);

/// How long a build is put off at most when changes do not end.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether something changed. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes(Arc<Notify>);

impl Changes {
    /// Something changed just now.
    pub(super) fn mark(&self) {
        self.0.notify_one();
    }

    /// Waits for a change, and until nothing changes any more. What changed while nobody waited counts.
    pub(super) async fn settled(&self) {
        self.0.notified().await;
        let latest = Instant::now() + PATIENCE;
        let quiet = async { while timeout(QUIET, self.0.notified()).await.is_ok() {} };
        // Either way it is time.
        let _ = timeout_at(latest, quiet).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::iter;
    use tokio::time::sleep;

    const NEVER: Duration = Duration::from_secs(3600);

    /// Changes at these moments, and tells when the next build may begin after `from`, which is when one ended; all in
    /// milliseconds.
    async fn check(moments: impl IntoIterator<Item = u64>, from: u64, expected: Option<u64>) {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let changes = Changes::default();
        let changing = async {
            for moment in moments {
                tokio::time::sleep_until(at(moment)).await;
                changes.mark();
            }
            sleep(NEVER).await;
        };
        let waiting = async {
            tokio::time::sleep_until(at(from)).await;
            changes.settled().await;
            start.elapsed().as_millis()
        };
        let settled = tokio::select! {
            millis = waiting => Some(u64::try_from(millis).unwrap()),
            () = changing => None,
        };
        // The clock of the test counts in milliseconds and rounds up.
        let is_close = |(settled, expected): (u64, u64)| settled.abs_diff(expected) <= 1;
        assert_eq!(settled.is_some(), expected.is_some());
        assert!(settled.zip(expected).is_none_or(is_close), "{settled:?} is not {expected:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_change_nothing_is_built() {
        check([], 0, None).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_built_after_a_moment_of_quiet() {
        check([10], 0, Some(60)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn changes_that_follow_each_other_are_built_together() {
        check([10, 40, 80, 120], 0, Some(170)).await;
        check([10, 100], 0, Some(60)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn changes_without_end_are_built_all_the_same() {
        check((0..).map(|step| 10 + 40 * step), 0, Some(1010)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_during_a_build_starts_another_one_after_it() {
        check([10, 2000], 5000, Some(5050)).await;
        check(iter::once(4990), 5000, Some(5050)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_built_is_not_built_again() {
        let changes = Changes::default();
        changes.mark();
        changes.settled().await;
        assert!(timeout(NEVER, changes.settled()).await.is_err());
    }
}
