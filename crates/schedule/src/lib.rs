//! When does it fire next: the cloud's schedules, for timer triggers and for plans of reserved instances.
//!
//! A [`Schedule`] is read from a calendar expression (`0 30 12 ? * MON-FRI`), an interval (`@every 90s`) or a rate
//! (`3m`), and answers which moment fires next and which fired last. It neither reads a clock nor sleeps: moments come
//! in as arguments, so whoever waits decides how.
//!
//! ```
//! use fngraph_schedule::Schedule;
//! use fngraph_types::Timestamp;
//! use std::time::Duration;
//!
//! let noon: Schedule = "CRON_TZ=Europe/Berlin 0 0 12 ? * MON-FRI".parse()?;
//! let epoch = Timestamp::EPOCH; // a Thursday, 01:00 in Berlin
//! assert_eq!(noon.next_after(epoch, epoch), Some(epoch + Duration::from_secs(11 * 3600)));
//!
//! let often = Schedule::rate("3m")?;
//! assert_eq!(often.next_after(epoch, epoch), Some(epoch + Duration::from_secs(180)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What holds
//! - Any text parses or is refused with what to write; nothing panics.
//! - The work for one answer is bounded, also for a date that never comes: `0 0 0 31 2 ?` never fires.
//! - [`Schedule::next_after`] and [`Schedule::latest_until`] agree: between a firing and the next there is none.

mod cron;
mod error;
mod field;
mod interval;
mod schedule;

pub use error::ParseScheduleError;
pub use schedule::Schedule;
