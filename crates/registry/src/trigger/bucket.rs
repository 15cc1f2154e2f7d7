//! Triggers that follow a bucket.

use super::TriggerKind;
use crate::Invalid;
use serde::{Deserialize, Serialize};

/// A trigger that follows a bucket: what happens to which objects calls the function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Through which service, and so in which shape, the events come.
    pub feed: BucketFeed,
    /// Its name, up to 255 characters.
    pub name: String,
    /// The bucket: 3 to 63 lower-case letters, digits, `-` and `.`.
    pub bucket: String,
    /// What the keys of objects begin with, up to 1024 characters. Default: anything.
    #[serde(default)]
    pub prefix: String,
    /// What they end with, up to 1024 characters. Default: anything.
    #[serde(default)]
    pub suffix: String,
    /// What has to happen, at least one thing.
    pub events: Vec<ObjectEvent>,
}

/// Through which service events come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BucketFeed {
    /// From object storage itself, in the shape of S3's notifications.
    Obs,
    /// Through the event grid, as `CloudEvents`.
    EventGrid {
        /// The channel's id.
        #[serde(default)]
        channel_id: String,
        /// The channel's name.
        #[serde(default)]
        channel_name: String,
        /// The source: `HC.OBS.DWR`.
        source_name: String,
        /// The agency that it uses.
        #[serde(default)]
        agency: String,
        /// Whether keys in events are percent-encoded. Default: no.
        #[serde(default)]
        encodes_keys: bool,
    },
}

impl BucketFeed {
    pub(super) fn kind(&self) -> TriggerKind {
        match self {
            Self::Obs => TriggerKind::Obs,
            Self::EventGrid { .. } => TriggerKind::EventGrid,
        }
    }
}

/// Something that happens to an object, or a class of such things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectEvent {
    /// It was created: in this way, or, without one, in any.
    Created(Option<Creation>),
    /// It was removed: in this way, or, without one, in any.
    Removed(Option<Removal>),
}

/// How an object came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Creation {
    /// It was put there.
    Put,
    /// It was posted by a form.
    Post,
    /// It was copied.
    Copy,
    /// Its last part came.
    CompleteMultipartUpload,
}

/// How an object went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// It was deleted.
    Delete,
    /// It was marked as deleted, in a bucket that keeps versions.
    DeleteMarkerCreated,
}

impl ObjectEvent {
    /// Whether it includes another.
    pub fn includes(self, other: Self) -> bool {
        match (self, other) {
            (Self::Created(None), Self::Created(_)) | (Self::Removed(None), Self::Removed(_)) => true,
            (one, other) => one == other,
        }
    }
}

impl Bucket {
    /// Whether something that happened to the object `key` of the bucket makes the trigger fire.
    pub fn wants(&self, event: ObjectEvent, key: &str) -> bool {
        key.starts_with(&self.prefix)
            && key.ends_with(&self.suffix)
            && self.events.iter().any(|wanted| wanted.includes(event))
    }

    /// Whether one thing could make both fire.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins = |one: &str, other: &str| one.starts_with(other) || other.starts_with(one);
        let ends = |one: &str, other: &str| one.ends_with(other) || other.ends_with(one);
        self.bucket == other.bucket
            && begins(&self.prefix, &other.prefix)
            && ends(&self.suffix, &other.suffix)
            && self.events.iter().any(|one| other.events.iter().any(|two| one.includes(*two) || two.includes(*one)))
    }

    pub(super) fn validate(&self) -> Result<(), Invalid> {
        let invalid = |field, given: &str, rule| Invalid::new(self.feed.kind().invalid(), field, given, rule);
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let bucket = &self.bucket;
        let named = (3..=63).contains(&bucket.len()) && bucket.chars().all(word) && !bucket.contains("..");
        if !named || !bucket.starts_with(edge) || !bucket.ends_with(edge) {
            let rule = "3 to 63 lower-case letters, digits, `-` and `.`, with a letter or digit at both ends";
            return Err(invalid("bucket", bucket, rule));
        }
        if self.events.is_empty() {
            return Err(invalid("list of events", "", "at least one event, such as `s3:ObjectCreated:*`"));
        }
        for (field, given) in [("prefix", &self.prefix), ("suffix", &self.suffix)] {
            if given.chars().count() > 1024 {
                return Err(invalid(field, given, "up to 1024 characters"));
            }
        }
        if self.name.is_empty() || self.name.chars().count() > 255 {
            return Err(invalid("trigger's name", &self.name, "1 to 255 characters"));
        }
        Ok(())
    }
}
