//! The figures of a run.

use crash_plan::Call;
use std::{collections::BTreeMap, fmt, ops::Add};

/// What happened. None is lost in a report: a test that finds one fails.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Processes that were killed.
    pub(crate) rounds: u32,
    /// Kills at no particular point.
    pub(crate) at_random: u64,
    /// Kills in calls of the store.
    pub(crate) at_points: BTreeMap<Call, u64>,
    /// Requests whose callers know that they are accepted.
    pub(crate) accepted: u64,
    /// Requests that ended: also those whose callers do not know, and those of destinations.
    pub(crate) ended: u64,
    /// Attempts that count and that a kill cut off.
    pub(crate) cut_off: u64,
    /// Requests that ran more often than without a kill.
    pub(crate) ran_again: u64,
    /// Notices that came to their destinations.
    pub(crate) delivered: u64,
}

impl Add for Report {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        for (call, kills) in other.at_points {
            *self.at_points.entry(call).or_default() += kills;
        }
        Self {
            rounds: self.rounds + other.rounds,
            at_random: self.at_random + other.at_random,
            at_points: self.at_points,
            accepted: self.accepted + other.accepted,
            ended: self.ended + other.ended,
            cut_off: self.cut_off + other.cut_off,
            ran_again: self.ran_again + other.ran_again,
            delivered: self.delivered + other.delivered,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rounds, at_random, at_points, accepted, ended, cut_off, ran_again, delivered } = self;
        let points: u64 = at_points.values().sum();
        write!(f, "{rounds} rounds; {} kills: {at_random} at random, {points} at points (", at_random + points)?;
        for (place, (call, kills)) in at_points.iter().enumerate() {
            write!(f, "{}{call} {kills}", if place == 0 { "" } else { ", " })?;
        }
        write!(
            f,
            "); {accepted} accepted, 0 lost; {ended} ended, {cut_off} attempts cut off, {ran_again} requests ran again; \
             {delivered} notices delivered"
        )
    }
}
