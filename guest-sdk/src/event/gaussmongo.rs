//! Events of `GeminiDB` Mongo, which was called `GaussDB(for Mongo)` once.
//!
//! ```json
#![doc = include_str!("samples/gaussmongo.json")]
//! ```

use serde::{Deserialize, Serialize};

use super::dds::Change;

/// Documents of a collection changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GaussMongoEvent {
    /// The changes.
    pub records: Vec<Record>,
    /// The resume token of the last change, as the text of a JSON object.
    #[serde(default)]
    pub vernier: String,
}

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// What happened, in quotes: `"insert"`. Mostly [`Record::event_name`] is what you want.
    #[serde(rename = "event_name")]
    pub raw_event_name: String,
    /// The version of this shape: `1.0`.
    pub event_version: String,
    /// `gauss_mongo`.
    pub event_source: String,
    /// The region of the database.
    pub region: String,
    /// What was changed.
    pub gauss_mongo: Change,
    /// The id of the database instance.
    pub event_source_id: String,
}

impl Record {
    /// What happened, without the quotes that it is sent in: `insert`.
    pub fn event_name(&self) -> &str {
        self.raw_event_name.trim_matches('"')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: GaussMongoEvent = read(include_str!("samples/gaussmongo.json"));
        let record = &event.records[0];
        assert_eq!(record.event_name(), "insert");
        assert_eq!(record.gauss_mongo.namespace().expect("the sample names its collection").collection, "customers");
        assert_eq!(event.vernier, "{\"_data\": \"825F\"}");
    }

    #[test]
    fn event_name_without_quotes_is_read_as_well() {
        let record = Record { raw_event_name: "delete".to_owned(), ..Record::default() };
        assert_eq!(record.event_name(), "delete");
    }
}
