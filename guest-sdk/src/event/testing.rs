//! What every event's test checks besides its fields.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Reads a sample. On the way it makes sure that no field of the sample is lost, that writing and reading again
/// changes nothing, that unknown fields do no harm, and that another trigger's event is refused.
#[track_caller]
pub(super) fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(sample: &str) -> T {
    let event: T = serde_json::from_str(sample).expect("the sample is an event");
    let written = serde_json::to_value(&event).expect("an event is JSON");
    let mut sample: Value = serde_json::from_str(sample).expect("the sample is JSON");
    assert_covered("", &sample, &written);
    assert_eq!(serde_json::from_value::<T>(written).expect("a written event is an event"), event);

    sample["a_field_of_tomorrow"] = json!({ "x": 1 });
    serde_json::from_value::<T>(sample).expect("unknown fields are ignored");
    assert!(serde_json::from_str::<T>(r#"{"message": "not from a trigger"}"#).is_err());
    event
}

/// Asserts that `written` has a value wherever the sample has one.
#[track_caller]
fn assert_covered(path: &str, sample: &Value, written: &Value) {
    match sample {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = format!("{path}.{name}");
                match written.get(name) {
                    Some(written) => assert_covered(&path, value, written),
                    None => assert!(value.is_null(), "{path} is lost"),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                assert_covered(&path, item, written.get(index).unwrap_or_else(|| panic!("{path} is lost")));
            }
        }
        _ => {}
    }
}
