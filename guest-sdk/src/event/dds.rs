//! Events of the Document Database Service.
//!
//! ```json
#![doc = include_str!("samples/dds.json")]
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{encoding, lenient};
use crate::Error;

/// Documents of a collection changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DdsEvent {
    /// The changes.
    pub records: Vec<Record>,
}

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// `dds`.
    pub event_source: String,
    /// What happened: `insert`, `update`, `delete` and so on.
    pub event_name: String,
    /// The region of the database.
    pub region: String,
    /// The version of this shape: `1.0`.
    pub event_version: String,
    /// What was changed.
    pub dds: Change,
    /// The id of the database instance.
    pub event_source_id: String,
}

/// What was changed. The values are text that holds MongoDB's extended JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Change {
    /// The size of the change in bytes.
    pub size_bytes: String,
    /// The resume token.
    pub token: String,
    /// The document. Mostly [`Change::document`] is what you want.
    #[serde(deserialize_with = "lenient::null_as_default")]
    pub full_document: String,
    /// The collection. Mostly [`Change::namespace`] is what you want.
    pub ns: String,
}

impl Change {
    /// The document, in which extended JSON spells numbers and ids as objects: `{"$numberDouble": "36.0"}`.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when [`Change::full_document`] is not the JSON of a `T`; it is empty when a
    /// document was deleted.
    pub fn document<T: DeserializeOwned>(&self) -> Result<T, Error> {
        encoding::from_json("full_document", &self.full_document)
    }

    /// The collection that was changed.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when [`Change::ns`] does not name a collection.
    pub fn namespace(&self) -> Result<Namespace, Error> {
        encoding::from_json("ns", &self.ns)
    }
}

/// A collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Namespace {
    /// The name of the database.
    #[serde(rename = "db")]
    pub database: String,
    /// The name of the collection in the database.
    #[serde(rename = "coll")]
    pub collection: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: DdsEvent = read(include_str!("samples/dds.json"));
        let record = &event.records[0];
        assert_eq!(record.event_name, "insert");
        assert_eq!(record.dds.size_bytes, "100");
        let document: Value = record.dds.document().expect("the sample's document is JSON");
        assert_eq!(document["age"]["$numberDouble"], "36.0");
        let namespace = record.dds.namespace().expect("the sample names its collection");
        assert_eq!((namespace.database.as_str(), namespace.collection.as_str()), ("shop", "customers"));
    }

    #[test]
    fn deleted_document_is_an_error_to_read() {
        let change = Change::default();
        assert!(change.document::<Value>().expect_err("there is none").message().starts_with("full_document"));
    }
}
