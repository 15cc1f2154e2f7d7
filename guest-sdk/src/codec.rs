//! Between the bytes of the contract and the types of a handler.

use std::any::{Any, type_name};
use std::mem;
use std::str::Utf8Error;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;

/// The kind of the error for an event that is not what the handler takes.
pub(crate) const INVALID_EVENT: &str = "InvalidEvent";

/// The kind of the error for an answer that JSON cannot express, such as a map whose keys are not text.
const INVALID_ANSWER: &str = "InvalidAnswer";

// `T` is told apart by its identity and not by a trait per type: this sees through aliases, and leaves every type
// that serde knows free to be an event or an answer.

/// Reads an event as a `T`: bytes and text as they are, anything else from JSON.
///
/// # Errors
/// An error of kind `InvalidEvent` when the event is no `T`.
pub fn decode<T: DeserializeOwned + 'static>(mut event: Vec<u8>) -> Result<T, Error> {
    let mut decoded = None::<T>;
    let slot: &mut dyn Any = &mut decoded;
    if let Some(bytes) = slot.downcast_mut::<Option<Vec<u8>>>() {
        *bytes = Some(mem::take(&mut event));
    } else if let Some(string) = slot.downcast_mut::<Option<String>>() {
        *string = Some(String::from_utf8(mem::take(&mut event)).map_err(|error| not_text(error.utf8_error()))?);
    }
    match decoded {
        Some(decoded) => Ok(decoded),
        None => serde_json::from_slice(&event)
            .map_err(|error| Error::new(INVALID_EVENT, format!("the event is no {}: {error}", type_name::<T>()))),
    }
}

/// Reads an event as text.
///
/// # Errors
/// An error of kind `InvalidEvent` when the event is not UTF-8.
pub fn text(event: &[u8]) -> Result<&str, Error> {
    str::from_utf8(event).map_err(not_text)
}

/// Writes an answer: bytes and text as they are, `()` as no bytes, anything else as JSON.
///
/// # Errors
/// An error of kind `InvalidAnswer` when JSON cannot express the answer.
pub fn encode<T: Serialize + 'static>(mut answer: T) -> Result<Vec<u8>, Error> {
    let any: &mut dyn Any = &mut answer;
    if let Some(bytes) = any.downcast_mut::<Vec<u8>>() {
        return Ok(mem::take(bytes));
    }
    if let Some(text) = any.downcast_mut::<String>() {
        return Ok(mem::take(text).into_bytes());
    }
    if let Some(text) = any.downcast_ref::<&'static str>() {
        return Ok(text.as_bytes().to_vec());
    }
    if any.is::<()>() {
        return Ok(Vec::new());
    }
    serde_json::to_vec(&answer)
        .map_err(|error| Error::new(INVALID_ANSWER, format!("JSON cannot express the answer: {error}")))
}

fn not_text(error: Utf8Error) -> Error {
    Error::new(INVALID_EVENT, format!("the event is no text: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    type Alias = Vec<u8>;

    #[test]
    fn bytes_and_text_are_read_as_they_are() {
        let event = || b"\"text\"".to_vec();
        assert_eq!(decode::<Alias>(event()).expect("bytes are bytes"), event());
        assert_eq!(decode::<String>(event()).expect("the bytes are UTF-8"), "\"text\"");
        assert_eq!(text(&event()).expect("the bytes are UTF-8"), "\"text\"");
    }

    #[test]
    fn other_types_are_read_from_json() {
        assert_eq!(decode::<Value>(b"[1]".to_vec()).expect("JSON"), json!([1]));
        assert_eq!(decode::<Option<u8>>(b"null".to_vec()).expect("JSON"), None);
    }

    #[test]
    fn error_of_an_event_names_the_type_and_the_place() {
        let error = decode::<Vec<u16>>(b"[1,\n\"x\"]".to_vec()).expect_err("text is no number");
        assert_eq!(error.kind(), "InvalidEvent");
        assert!(error.message().contains("Vec<u16>"), "{error}");
        assert!(error.message().contains("line 2 column 3"), "{error}");
    }

    #[test]
    fn text_that_is_no_utf8_is_an_error() {
        assert_eq!(decode::<String>(vec![0xff]).expect_err("no UTF-8").kind(), "InvalidEvent");
        assert_eq!(text(&[0xff]).expect_err("no UTF-8").kind(), "InvalidEvent");
    }

    #[test]
    fn bytes_text_and_nothing_are_written_as_they_are() {
        assert_eq!(encode::<Alias>(vec![0xff]).expect("bytes"), [0xff]);
        assert_eq!(encode("text".to_owned()).expect("text"), b"text");
        assert_eq!(encode("text").expect("text"), b"text");
        assert_eq!(encode(()).expect("nothing"), b"");
    }

    #[test]
    fn other_types_are_written_as_json() {
        assert_eq!(encode(Some("text")).expect("JSON"), b"\"text\"");
        assert_eq!(encode(json!({ "a": [1] })).expect("JSON"), b"{\"a\":[1]}");
        assert_eq!(encode(vec![256_u16]).expect("JSON"), b"[256]");
    }

    #[test]
    fn answer_that_json_cannot_express_is_an_error() {
        let error = encode(BTreeMap::from([(vec![1], 1)])).expect_err("a key must be text");
        assert_eq!(error.kind(), "InvalidAnswer");
    }
}
