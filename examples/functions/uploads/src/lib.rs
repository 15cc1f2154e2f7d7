//! Says what was uploaded to a bucket ([`uploaded`]), and reads what a topic tells about it ([`announced`]).

use fngraph_guest::event::{ObsEvent, SmnEvent};
use fngraph_guest::{Context, Error};
use serde::Serialize;

/// From when on an object is too large, unless the user data `MAX_BYTES` says otherwise.
const MAX_BYTES: u64 = 10_000_000;

/// What was uploaded.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The objects, in the order of the event.
    pub uploads: Vec<Upload>,
    /// How many of them are too large.
    pub too_large: usize,
}

/// An object that was uploaded.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// Its bucket.
    pub bucket: String,
    /// Its key, decoded.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// When it was uploaded.
    pub time: String,
}

/// What a topic told.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Read {
    /// How many messages were read.
    pub messages: usize,
}

/// Says what was uploaded. Objects that were removed are none of its business.
///
/// # Errors
/// `InvalidLimit` when the user data `MAX_BYTES` is no number.
#[fngraph_guest::handler]
pub fn uploaded(event: ObsEvent, ctx: &Context) -> Result<Report, Error> {
    let max_bytes = max_bytes(ctx)?;
    let mut report = Report { uploads: Vec::new(), too_large: 0 };
    for record in event.records.into_iter().filter(|record| record.event_name.contains("ObjectCreated")) {
        let object = &record.s3.object;
        let (key, bytes) = (object.decoded_key(), object.size.unwrap_or_default());
        if bytes > max_bytes {
            ctx.logger().warn(format_args!("{key} has {bytes} bytes, more than {max_bytes}"));
            report.too_large += 1;
        }
        report.uploads.push(Upload { bucket: record.s3.bucket.name, key, bytes, time: record.event_time });
    }
    ctx.logger().info(format_args!("{} uploads", report.uploads.len()));
    Ok(report)
}

/// Reads the messages of a topic into the log.
///
/// # Errors
/// None of its own.
#[fngraph_guest::handler]
pub fn announced(event: SmnEvent, ctx: &Context) -> Result<Read, Error> {
    for record in &event.records {
        ctx.logger().info(format_args!("{}: {}", record.smn.subject, record.smn.message));
    }
    Ok(Read { messages: event.records.len() })
}

fn max_bytes(ctx: &Context) -> Result<u64, Error> {
    let Some(text) = ctx.user_data("MAX_BYTES") else { return Ok(MAX_BYTES) };
    text.parse().map_err(|_| Error::new("InvalidLimit", format!("MAX_BYTES is `{text}`, which is no number of bytes")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(max_bytes: &str) -> Result<(Report, usize), Error> {
        let event = serde_json::from_str(include_str!("../event.json")).expect("the sample is an event of a bucket");
        let ctx = Context::builder().user_data("MAX_BYTES", max_bytes).build();
        uploaded(event, &ctx).map(|report| (report, ctx.logged().len()))
    }

    #[test]
    fn upload_is_reported_with_its_decoded_key() {
        let (report, lines) = report("1000000").expect("the limit is a number");
        assert_eq!((report.uploads.len(), report.too_large, lines), (1, 0, 1));
        let upload = &report.uploads[0];
        assert_eq!((upload.bucket.as_str(), upload.key.as_str()), ("pictures", "holiday/sun set.png"));
        assert_eq!(upload.bytes, 823_596);
    }

    #[test]
    fn large_upload_is_reported_and_logged() {
        let (report, lines) = report("1000").expect("the limit is a number");
        assert_eq!((report.uploads.len(), report.too_large, lines), (1, 1, 2));
    }

    #[test]
    fn removal_is_no_upload() {
        let text = include_str!("../event.json").replace("ObjectCreated:Put", "ObjectRemoved:Delete");
        let event = serde_json::from_str(&text).expect("the sample is an event of a bucket");
        let report = uploaded(event, &Context::builder().build()).expect("there is a default");
        assert_eq!(report.uploads, []);
    }

    #[test]
    fn limit_that_is_no_number_is_an_error() {
        assert_eq!(report("much").expect_err("it is no number").kind(), "InvalidLimit");
    }

    #[test]
    fn messages_are_logged() {
        let event = serde_json::from_str(include_str!("../message.json")).expect("the sample is a message");
        let ctx = Context::builder().build();
        assert_eq!(announced(event, &ctx).expect("it has no errors"), Read { messages: 1 });
        assert_eq!(ctx.logged()[0].message, "alarm: disk is full");
    }
}
