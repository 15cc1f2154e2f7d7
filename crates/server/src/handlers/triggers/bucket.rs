//! Triggers that follow a bucket.

use super::{
    answer,
    read::{Said, some},
};
use crate::failure::Failure;
use fngraph::{Bucket, BucketFeed, Creation, ObjectEvent, Removal, Source};
use fngraph_api::triggers::TriggerEventData;
use serde_json::{Map, Value};

/// The event grid's source for object storage.
const STORAGE: &str = "HC.OBS.DWR";

/// The events, as object storage writes them.
const EVENTS: [(&str, &str, ObjectEvent); 8] = [
    ("ObjectCreated", "*", ObjectEvent::Created(None)),
    ("ObjectCreated", "Put", ObjectEvent::Created(Some(Creation::Put))),
    ("ObjectCreated", "Post", ObjectEvent::Created(Some(Creation::Post))),
    ("ObjectCreated", "Copy", ObjectEvent::Created(Some(Creation::Copy))),
    ("ObjectCreated", "CompleteMultipartUpload", ObjectEvent::Created(Some(Creation::CompleteMultipartUpload))),
    ("ObjectRemoved", "*", ObjectEvent::Removed(None)),
    ("ObjectRemoved", "Delete", ObjectEvent::Removed(Some(Removal::Delete))),
    ("ObjectRemoved", "DeleteMarkerCreated", ObjectEvent::Removed(Some(Removal::DeleteMarkerCreated))),
];

/// Reads an event in each of the manual's forms: `s3:ObjectCreated:*`, `ObjectCreated`, `Put`,
/// `OBS:DWR:ObjectCreated:COPY`.
fn event(text: &str) -> Option<ObjectEvent> {
    let text = text.trim();
    let rest = text.strip_prefix("s3:").or_else(|| text.strip_prefix("OBS:DWR:")).unwrap_or(text);
    let found = EVENTS.into_iter().find(|(class, way, _)| match rest.split_once(':') {
        Some((given_class, given_way)) => given_class == *class && given_way.eq_ignore_ascii_case(way),
        None => (rest == *class && *way == "*") || (rest == *way && *way != "*"),
    });
    found.map(|(_, _, event)| event)
}

/// The event grid's feed, if it is one of object storage.
pub(super) fn event_grid(said: Said<'_>) -> Result<Option<BucketFeed>, Failure> {
    let data = said.data;
    let source = said.text("event_data.source_name", data.source_name.as_ref(), "a source, such as `HC.OBS.DWR`")?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Ok((source == STORAGE).then(|| BucketFeed::EventGrid {
        channel_id: text(&data.channel_id),
        channel_name: text(&data.channel_name),
        source_name: source.to_owned(),
        agency: text(&data.agency),
        encodes_keys: data.key_encode.unwrap_or_default(),
    }))
}

/// What was said, as the registry keeps it.
pub(super) fn read(said: Said<'_>, feed: BucketFeed, id: &str) -> Result<(Source, Map<String, Value>), Failure> {
    let data = said.data;
    let (member, name, given) = spelling(&feed, data);
    let place = format!("event_data.{member}");
    let rule = "events such as `s3:ObjectCreated:*`, `ObjectRemoved`, `Put` or `OBS:DWR:ObjectCreated:COPY`";
    let given = given.filter(|given| !given.is_empty()).ok_or_else(|| said.missing(&place, rule))?;
    let events = given.iter().map(|text| event(text).ok_or_else(|| said.refused(&place, text, rule)));
    let bucket = Bucket {
        name: some(name).unwrap_or(id).to_owned(),
        bucket: said.text("event_data.bucket", data.bucket.as_ref(), "the bucket's name")?.to_owned(),
        prefix: data.prefix.clone().unwrap_or_default(),
        suffix: data.suffix.clone().unwrap_or_default(),
        events: events.collect::<Result<_, _>>()?,
        feed,
    };
    Ok((Source::Bucket(bucket), Map::from_iter([(member.to_owned(), Value::from(given.clone()))])))
}

/// What feeds spell in different ways: how the list of events is called, the trigger's name, and the events.
fn spelling<'a>(
    feed: &BucketFeed,
    data: &'a TriggerEventData,
) -> (&'static str, Option<&'a String>, Option<&'a Vec<String>>) {
    match feed {
        BucketFeed::Obs => ("events", data.name.as_ref(), data.events.as_ref()),
        BucketFeed::EventGrid { .. } => ("event_types", data.trigger_name.as_ref(), data.event_types.as_ref()),
    }
}

/// What the registry keeps, as it was said.
pub(super) fn event_data(bucket: &Bucket, details: &Map<String, Value>) -> TriggerEventData {
    let mut data = TriggerEventData {
        bucket: Some(bucket.bucket.clone()),
        prefix: answer::said(&bucket.prefix),
        suffix: answer::said(&bucket.suffix),
        ..TriggerEventData::default()
    };
    let name = Some(bucket.name.clone());
    match &bucket.feed {
        BucketFeed::Obs => {
            data.name = name;
            data.events = Some(events(details.get("events"), bucket, |class, way| format!("s3:{class}:{way}")));
        }
        BucketFeed::EventGrid { channel_id, channel_name, source_name, agency, encodes_keys } => {
            let write = |class: &str, way: &str| format!("OBS:DWR:{class}:{}", way.to_ascii_uppercase());
            data.trigger_name = name;
            data.event_types = Some(events(details.get("event_types"), bucket, write));
            data.channel_id = answer::said(channel_id);
            data.channel_name = answer::said(channel_name);
            data.source_name = Some(source_name.clone());
            data.agency = answer::said(agency);
            data.key_encode = Some(*encodes_keys);
        }
    }
    data
}

/// The events as their creator wrote them, as long as that is what they are; else as this writes them.
fn events(written: Option<&Value>, bucket: &Bucket, write: impl Fn(&str, &str) -> String) -> Vec<String> {
    let written = written.and_then(Value::as_array);
    let written: Vec<_> = written.into_iter().flatten().filter_map(Value::as_str).collect();
    if written.iter().map(|text| event(text)).eq(bucket.events.iter().copied().map(Some)) {
        return written.into_iter().map(str::to_owned).collect();
    }
    let names = bucket.events.iter().filter_map(|event| EVENTS.iter().find(|(_, _, one)| one == event));
    names.map(|(class, way, _)| write(class, way)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_in_each_form() {
        let (any, put) = (ObjectEvent::Created(None), ObjectEvent::Created(Some(Creation::Put)));
        let copy = ObjectEvent::Created(Some(Creation::Copy));
        let marked = ObjectEvent::Removed(Some(Removal::DeleteMarkerCreated));
        for (text, event) in [
            ("s3:ObjectCreated:*", any),
            ("ObjectCreated:*", any),
            ("ObjectCreated", any),
            ("s3:ObjectCreated:Put", put),
            ("ObjectCreated:Put", put),
            ("Put", put),
            ("OBS:DWR:ObjectCreated:PUT", put),
            ("OBS:DWR:ObjectCreated:COPY", copy),
            ("ObjectRemoved", ObjectEvent::Removed(None)),
            ("DeleteMarkerCreated", marked),
            ("OBS:DWR:ObjectRemoved:DeleteMarkerCreated", marked),
        ] {
            assert_eq!(super::event(text), Some(event), "{text}");
        }
        for text in ["", "*", "put", "s3:", "ObjectCreated:", "ObjectCreated:Delete", "ObjectMoved", "s3:s3:Put:Put"] {
            assert_eq!(super::event(text), None, "{text}");
        }
    }

    #[test]
    fn events_are_written_as_they_were_or_as_their_service_does() {
        let events = vec![ObjectEvent::Created(None), ObjectEvent::Removed(Some(Removal::Delete))];
        let (name, text) = ("n".to_owned(), String::new);
        let bucket =
            Bucket { feed: BucketFeed::Obs, bucket: name.clone(), name, prefix: text(), suffix: text(), events };
        let write = |class: &str, way: &str| format!("s3:{class}:{way}");
        let written = Value::from(vec!["ObjectCreated", "Delete"]);
        assert_eq!(super::events(Some(&written), &bucket, write), ["ObjectCreated", "Delete"]);
        for other in [None, Some(&Value::from(vec!["Delete", "ObjectCreated"])), Some(&Value::from(7))] {
            assert_eq!(super::events(other, &bucket, write), ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]);
        }
    }
}
