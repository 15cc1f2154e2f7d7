//! Events of the `IoT` Device Access service.
//!
//! The event of the trigger is not documented. This is the shape in which the service pushes to everybody else:
//!
//! ```json
#![doc = include_str!("samples/iotda.json")]
//! ```

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::encoding;
use crate::Error;

/// A device reported something, or something happened to it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IotdaEvent {
    /// What the event is about, such as `device.property`.
    #[serde(default)]
    pub resource: String,
    /// What happened, such as `report`.
    #[serde(default)]
    pub event: String,
    /// When it happened: UTC, as in `20260228T121212Z`.
    #[serde(default)]
    pub event_time: String,
    /// What is reported.
    pub notify_data: Notification,
}

/// What is reported.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Notification {
    /// Which device reports.
    pub header: Map<String, Value>,
    /// The report, whose shape depends on the resource.
    #[serde(rename = "body")]
    pub raw_body: Value,
}

impl Notification {
    /// The report as a `T`.
    ///
    /// # Errors
    /// An error of kind `InvalidEvent` when the report is no `T`.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Error> {
        encoding::from_value("notify_data.body", &self.raw_body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::testing::read;

    #[derive(Deserialize)]
    struct Report {
        services: Vec<Value>,
    }

    #[test]
    fn sample_is_read() {
        let event: IotdaEvent = read(include_str!("samples/iotda.json"));
        assert_eq!(event.resource, "device.property");
        assert_eq!(event.notify_data.header["device_id"], "device-1");
        let report: Report = event.notify_data.body().expect("the sample reports services");
        assert_eq!(report.services[0]["properties"]["temperature"], 21);
        assert_eq!(event.notify_data.body::<u8>().expect_err("an object is no u8").kind(), "InvalidEvent");
    }
}
