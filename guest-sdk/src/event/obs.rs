//! Events of the Object Storage Service, in the shape of S3.
//!
//! ```json
#![doc = include_str!("samples/obs.json")]
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{encoding, lenient};

/// Objects of a bucket changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObsEvent {
    /// The changes.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One change.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Record {
    /// The version of this shape: `2.0`.
    pub event_version: String,
    /// `aws:s3`.
    pub event_source: String,
    /// The region of the bucket.
    #[serde(rename = "awsRegion")]
    pub region: String,
    /// When the object changed: RFC 3339, to the millisecond.
    pub event_time: String,
    /// What happened, such as `ObjectCreated:Put`. The trigger's setting calls the same `s3:ObjectCreated:Put`.
    pub event_name: String,
    /// Who did it.
    pub user_identity: Identity,
    /// Where it was done from.
    pub request_parameters: RequestParameters,
    /// The ids of the request, by header name.
    pub response_elements: BTreeMap<String, String>,
    /// What was changed.
    pub s3: Change,
}

/// A user of the cloud.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Identity {
    /// The user's id.
    pub principal_id: String,
}

/// Facts about the request that changed the object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequestParameters {
    /// The address of the client.
    #[serde(rename = "sourceIPAddress")]
    pub source_ip_address: String,
}

/// What was changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Change {
    /// The version of this part of the shape: `1.0`.
    #[serde(rename = "s3SchemaVersion")]
    pub schema_version: String,
    /// The id of the notification's configuration.
    pub configuration_id: String,
    /// The bucket.
    pub bucket: Bucket,
    /// The object.
    pub object: Object,
}

/// A bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Bucket {
    /// The name of the bucket.
    pub name: String,
    /// The owner of the bucket.
    pub owner_identity: Owner,
    /// `arn:aws:s3:::<name>`; the documentation's template has `arn:fss:s3:::<name>`.
    pub arn: String,
}

/// The owner of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owner {
    /// The owner's id.
    #[serde(rename = "PrincipalId", alias = "principalId")]
    pub principal_id: String,
}

/// An object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Object {
    /// The key as it was sent: URL-encoded. Mostly [`Object::decoded_key`] is what you want.
    pub key: String,
    /// The ETag of the content.
    pub e_tag: String,
    /// The size in bytes; not known for a removed object.
    #[serde(deserialize_with = "lenient::number", skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The version of the object; the text `null` in a bucket without versions.
    pub version_id: String,
    /// Orders the changes of one key: a later change has a greater one.
    pub sequencer: String,
}

impl Object {
    /// The key as it is called in the bucket: `holiday/sun set.png` for `holiday%2Fsun+set.png`.
    pub fn decoded_key(&self) -> String {
        encoding::from_url(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[test]
    fn sample_is_read() {
        let event: ObsEvent = read(include_str!("samples/obs.json"));
        let record = &event.records[0];
        assert_eq!(record.event_name, "ObjectCreated:Put");
        assert_eq!(record.request_parameters.source_ip_address, "192.0.2.53");
        assert_eq!(record.response_elements["x-amz-id-2"], "kPl5");
        assert_eq!(record.s3.bucket.name, "pictures");
        assert_eq!(record.s3.bucket.owner_identity.principal_id, "owner-1");
        assert_eq!(record.s3.object.size, Some(823_596));
        assert_eq!(record.s3.object.decoded_key(), "holiday/sun set.png");
    }

    #[test]
    fn shorter_shape_of_the_documentation_is_read() {
        let short = r#"{"Records": [{"eventName": "ObjectRemoved:Delete", "s3": {"bucket": {"name": "b"},
            "object": {"key": "k"}}}]}"#;
        let event: ObsEvent = serde_json::from_str(short).expect("the short shape is an event");
        assert_eq!(event.records[0].s3.object.size, None);
    }
}
