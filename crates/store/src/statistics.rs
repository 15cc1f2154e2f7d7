//! What happened in each minute, for each function version.

use crate::StoreFuture;
use fngraph_types::{FunctionId, VersionName};

/// What happened to one function version in one minute. Adding up two records of the same minute gives a third.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRecord {
    /// The function.
    pub function: FunctionId,
    /// The version.
    pub version: VersionName,
    /// The minute, counted from 1970.
    pub minute: i64,
    /// Invocations, whatever came of them; rejected ones too.
    pub count: u64,
    /// Invocations whose handler was called.
    pub handled: u64,
    /// Invocations that the function failed.
    pub function_errors: u64,
    /// Invocations that the platform failed.
    pub system_errors: u64,
    /// Invocations that were rejected for want of room.
    pub rejects: u64,
    /// Invocations that waited for a new instance.
    pub cold_starts: u64,
    /// The sum of the handlers' times, in microseconds.
    pub duration_sum: u64,
    /// The shortest, in microseconds. `u64::MAX` without any.
    pub duration_min: u64,
    /// The longest, in microseconds.
    pub duration_max: u64,
    /// The sum of what was billed, in milliseconds.
    pub billed_sum: u64,
    /// The sum of billed time and configured memory, in MiB milliseconds.
    pub memory_time: u64,
    /// What an instance held at most, in bytes.
    pub memory_max: u64,
    /// The most invocations at the same time.
    pub concurrency_max: u64,
    /// The most instances at the same time, besides reserved ones.
    pub elastic_max: u64,
    /// The most reserved instances at the same time.
    pub reserved_max: u64,
}

/// Which minutes to read.
#[derive(Debug, Clone, Default)]
pub struct StatisticsQuery {
    /// Of this project only.
    pub project_id: Option<String>,
    /// Of this function only.
    pub function: Option<FunctionId>,
    /// Of this version only.
    pub version: Option<VersionName>,
    /// From this minute on.
    pub from: i64,
    /// Up to and including this minute.
    pub until: i64,
}

/// Which minutes to add up.
#[derive(Debug, Clone, Default)]
pub struct PeriodQuery {
    /// Of this project only.
    pub project_id: Option<String>,
    /// Of this function only.
    pub function: Option<FunctionId>,
    /// Of these versions only; all when empty.
    pub versions: Vec<VersionName>,
    /// From this minute on.
    pub from: i64,
    /// Up to and including this minute.
    pub until: i64,
}

/// What happened in some minutes, of all functions and versions together. Where nothing happened there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// The minute that it begins with.
    pub begin: i64,
    /// As in [`MinuteRecord`], all of them.
    pub count: u64,
    /// Invocations whose handler was called.
    pub handled: u64,
    /// Invocations that the function failed.
    pub function_errors: u64,
    /// Invocations that the platform failed.
    pub system_errors: u64,
    /// Invocations that were rejected for want of room.
    pub rejects: u64,
    /// The sum of the handlers' times, in microseconds.
    pub duration_sum: u64,
    /// The shortest, in microseconds. `u64::MAX` without any.
    pub duration_min: u64,
    /// The longest, in microseconds.
    pub duration_max: u64,
    /// The sum of billed time and configured memory, in MiB milliseconds.
    pub memory_time: u64,
    /// The most invocations at the same time, added up over versions in each minute.
    pub concurrency_max: u64,
    /// The most instances at the same time, besides reserved ones, added up in the same way.
    pub elastic_max: u64,
    /// The most reserved instances at the same time, added up in the same way.
    pub reserved_max: u64,
}

/// Keeps statistics.
pub trait StatisticsStore: Send + Sync + 'static {
    /// Adds to what is stored of the same function, version and minute.
    fn add_minutes(&self, records: Vec<MinuteRecord>) -> StoreFuture<'_, ()>;

    /// The stored minutes in ascending order.
    fn minutes(&self, query: StatisticsQuery) -> StoreFuture<'_, Vec<MinuteRecord>>;

    /// Minutes added up to periods of `width` minutes, in ascending order. Periods begin with multiples of the width.
    fn periods(&self, query: PeriodQuery, width: u32) -> StoreFuture<'_, Vec<Period>>;

    /// The same for all minutes at once and each function apart, in the order of their ids.
    fn totals(&self, query: PeriodQuery) -> StoreFuture<'_, Vec<(FunctionId, Period)>>;

    /// How many invocations of these functions failed, by the function or the platform, from the minute `from` on. Of
    /// those that nothing failed of, there is none. It costs what failed, not what was called.
    fn failures(&self, functions: Vec<FunctionId>, from: i64) -> StoreFuture<'_, Vec<(FunctionId, u64)>>;

    /// Removes the minutes before `before`, and tells how many records those were.
    fn forget_minutes(&self, before: i64) -> StoreFuture<'_, u64>;
}

impl MinuteRecord {
    /// A minute in which nothing has happened yet.
    pub const fn new(function: FunctionId, version: VersionName, minute: i64) -> Self {
        Self {
            function,
            version,
            minute,
            count: 0,
            handled: 0,
            function_errors: 0,
            system_errors: 0,
            rejects: 0,
            cold_starts: 0,
            duration_sum: 0,
            duration_min: u64::MAX,
            duration_max: 0,
            billed_sum: 0,
            memory_time: 0,
            memory_max: 0,
            concurrency_max: 0,
            elastic_max: 0,
            reserved_max: 0,
        }
    }

    /// Adds what else happened: sums add up, extremes stay extremes. Whose record it is does not change.
    pub fn merge(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.count, other.count),
            (&mut self.handled, other.handled),
            (&mut self.function_errors, other.function_errors),
            (&mut self.system_errors, other.system_errors),
            (&mut self.rejects, other.rejects),
            (&mut self.cold_starts, other.cold_starts),
            (&mut self.duration_sum, other.duration_sum),
            (&mut self.billed_sum, other.billed_sum),
            (&mut self.memory_time, other.memory_time),
        ] {
            *sum = sum.saturating_add(more);
        }
        for (most, other) in [
            (&mut self.duration_max, other.duration_max),
            (&mut self.memory_max, other.memory_max),
            (&mut self.concurrency_max, other.concurrency_max),
            (&mut self.elastic_max, other.elastic_max),
            (&mut self.reserved_max, other.reserved_max),
        ] {
            *most = (*most).max(other);
        }
        self.duration_min = self.duration_min.min(other.duration_min);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_up_and_extremes_stay_extremes() {
        let nothing = MinuteRecord::new(FunctionId::local("f"), VersionName::latest(), 7);
        let one = MinuteRecord { count: 1, duration_sum: 5, duration_min: 5, duration_max: 5, ..nothing.clone() };
        let mut all = nothing.clone();
        all.merge(&one);
        assert_eq!(all, one);
        all.merge(&MinuteRecord { count: u64::MAX, duration_min: 3, duration_max: 4, memory_max: 9, ..nothing });
        assert_eq!((all.count, all.duration_min, all.duration_max, all.memory_max), (u64::MAX, 3, 5, 9));
    }
}
