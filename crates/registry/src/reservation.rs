//! Instances that are kept ready, and plans that change their number.

use crate::Invalid;
use fngraph_schedule::Schedule;
use fngraph_types::{ErrorCode, Timestamp, limits};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many instances of a version or an alias are kept ready (manual, 7.11.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// The number when no plan says otherwise: 0 to 1000.
    pub count: u32,
    /// Whether instances that serve nobody are given no CPU. Default: no.
    #[serde(default)]
    pub idle_mode: bool,
    /// Plans by the clock. Default: none.
    #[serde(default)]
    pub cron: Vec<CronTactic>,
    /// Plans by utilisation. Default: none.
    #[serde(default)]
    pub metric: Vec<MetricTactic>,
    /// When it was last written. Firings before that are of no account.
    pub modified_at: Timestamp,
}

/// A plan by the clock: each firing sets the number, which holds until another firing or the end of the plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CronTactic {
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// When it fires. Intervals count from `start`.
    pub schedule: Schedule,
    /// The number a firing sets: at least the reservation's own, at most 1000.
    pub count: u32,
    /// The first moment at which it may fire.
    pub start: Timestamp,
    /// The last moment at which it may fire, and at which its number holds.
    pub expires: Timestamp,
}

/// A plan by utilisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetricTactic {
    /// Its name, 1 to 60 characters.
    pub name: String,
    /// The utilisation of the reserved instances to keep to, in percent: 1 to 99.
    pub threshold: u32,
    /// The fewest instances: at least the reservation's own number, at most 1000.
    pub min: u32,
}

/// The most plans of one reservation. The cloud's limit is not documented; ours bounds what each look at it costs.
const TACTICS: usize = 100;

impl Reservation {
    /// A number without plans.
    pub fn new(count: u32, at: Timestamp) -> Self {
        Self { count, idle_mode: false, cron: Vec::new(), metric: Vec::new(), modified_at: at }
    }

    /// Whether it reserves nothing, now or later.
    pub fn is_empty(&self) -> bool {
        self.count == 0 && self.cron.is_empty() && self.metric.is_empty()
    }

    /// How many instances the clock asks for at this moment: what the latest firing said whose plan is still valid,
    /// or else the count. Of firings at the same moment the one later in the list wins. Utilisation is not looked at.
    ///
    /// It depends on nothing but the moments, so it is the same after a restart.
    pub fn target(&self, now: Timestamp) -> u32 {
        let firings = self.cron.iter().filter_map(|tactic| {
            let firing = tactic.schedule.latest_until(now, tactic.start)?;
            let counts = firing >= tactic.start && firing > self.modified_at && now <= tactic.expires;
            counts.then_some((firing, tactic.count))
        });
        // Of equal ones `max_by_key` gives the last.
        firings.max_by_key(|(firing, _)| *firing).map_or(self.count, |(_, count)| count)
    }

    /// The next moment after `now` at which [`Reservation::target`] may be another; none when it stays for good.
    pub fn next_change(&self, now: Timestamp) -> Option<Timestamp> {
        let moment = Duration::from_millis(1);
        let changes = self.cron.iter().filter(|tactic| now <= tactic.expires).flat_map(|tactic| {
            let from = now.max(self.modified_at).max(tactic.start - moment);
            let firing = tactic.schedule.next_after(from, tactic.start).filter(|firing| *firing <= tactic.expires);
            [firing, Some(tactic.expires + moment)]
        });
        changes.flatten().filter(|change| *change > now).min()
    }

    /// The most instances that it may ask for by itself.
    pub(crate) fn peak(&self) -> u32 {
        let cron = self.cron.iter().map(|tactic| tactic.count);
        let metric = self.metric.iter().map(|tactic| tactic.min);
        cron.chain(metric).fold(self.count, u32::max)
    }

    /// Whether the reservation keeps those rules that can be seen without its function.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), Invalid> {
        if self.count > limits::INSTANCES {
            let rule = "0 to 1000";
            return Err(Invalid::new(ErrorCode::TooManyReserved, "number of reserved instances", self.count, rule));
        }
        let tactics = self.cron.len() + self.metric.len();
        if tactics > TACTICS {
            return Err(refused("number of plans", tactics, "up to 100"));
        }
        self.cron.iter().try_for_each(|tactic| self.validate_cron(tactic))?;
        self.metric.iter().try_for_each(|tactic| self.validate_metric(tactic))
    }

    fn validate_cron(&self, tactic: &CronTactic) -> Result<(), Invalid> {
        validate_name(&tactic.name)?;
        self.validate_number("number of a plan", tactic.count)?;
        if tactic.start > tactic.expires {
            let given = format!("{} to {}", tactic.start.as_millis(), tactic.expires.as_millis());
            return Err(refused("validity of a plan", given, "a start before the end"));
        }
        Ok(())
    }

    fn validate_metric(&self, tactic: &MetricTactic) -> Result<(), Invalid> {
        validate_name(&tactic.name)?;
        if !(1..=99).contains(&tactic.threshold) {
            return Err(refused("threshold of a plan", tactic.threshold, "1 to 99 percent"));
        }
        self.validate_number("fewest instances of a plan", tactic.min)
    }

    fn validate_number(&self, field: &'static str, number: u32) -> Result<(), Invalid> {
        if number > limits::INSTANCES {
            return Err(Invalid::new(ErrorCode::TooManyReserved, field, number, "up to 1000"));
        }
        if number < self.count {
            return Err(refused(field, number, "at least the number of reserved instances without a plan"));
        }
        Ok(())
    }
}

fn validate_name(name: &str) -> Result<(), Invalid> {
    let chars = name.chars().count();
    if (1..=60).contains(&chars) { Ok(()) } else { Err(refused("name of a plan", name, "1 to 60 characters")) }
}

fn refused(field: &'static str, given: impl std::fmt::Display, rule: &'static str) -> Invalid {
    Invalid::new(ErrorCode::InvalidParameter, field, given, rule)
}

#[cfg(test)]
mod tests;
