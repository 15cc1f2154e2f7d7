use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Answer {
    Answer::read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[track_caller]
fn refused(text: &str, code: ErrorCode) {
    let error = Answer::read(text.as_bytes()).unwrap_err();
    assert_eq!(error.code(), code, "{text}: {error}");
}

#[test]
fn a_whole_answer_is_read() {
    let answer = read(
        r#" {"statusCode": 201, "headers": {"Content-Type": "text/plain", "x-n": 7, "x-f": 1.5, "x-b": true,
            "set-cookie": ["a=1", "b=2", 3]}, "body": "aGk=", "isBase64Encoded": true, "unknown": []}"#,
    );
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::CREATED, &b"hi"[..]));
    let values = |name: &str| -> Vec<_> {
        answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(values("content-type"), ["text/plain"]);
    assert_eq!(
        (values("x-n"), values("x-f"), values("x-b")),
        (vec!["7".into()], vec!["1.5".into()], vec!["true".into()])
    );
    assert_eq!(values("set-cookie"), ["a=1", "b=2", "3"]);
}

#[test]
fn only_the_status_is_needed() {
    for text in [
        r#"{"statusCode":204}"#,
        r#"{"statusCode":204,"headers":null,"body":null,"isBase64Encoded":null}"#,
        r#"{"statusCode":204,"headers":{},"body":"","isBase64Encoded":false}"#,
    ] {
        assert_eq!(
            read(text),
            Answer { status: StatusCode::NO_CONTENT, headers: HeaderMap::new(), body: Bytes::new() }
        );
    }
    assert_eq!(read(r#"{"statusCode":200,"body":"aGk=\n"}"#).body, "aGk=\n");
}

#[test]
fn an_object_without_a_status_says_so() {
    refused("{}", ErrorCode::StatusMissing);
    refused(r#"{"statusCode":null,"body":"x"}"#, ErrorCode::StatusMissing);
    refused(r#"{"message":"hello"}"#, ErrorCode::StatusMissing);
}

#[test]
fn what_cannot_be_sent_is_refused() {
    for text in [
        "",
        "hello",
        r#""hello""#,
        "[200]",
        "7",
        "null",
        r#"{"statusCode":200"#,
        r#"{"statusCode":200} x"#,
        r#"{"statusCode":"200"}"#,
        r#"{"statusCode":200.5}"#,
        r#"{"statusCode":-1}"#,
        r#"{"statusCode":99}"#,
        r#"{"statusCode":101}"#,
        r#"{"statusCode":600}"#,
        r#"{"statusCode":70000}"#,
        r#"{"statusCode":200,"body":{"a":1}}"#,
        r#"{"statusCode":200,"body":7}"#,
        r#"{"statusCode":200,"headers":[]}"#,
        r#"{"statusCode":200,"headers":"a: b"}"#,
        r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
        r#"{"statusCode":200,"headers":{"":"c"}}"#,
        r#"{"statusCode":200,"headers":{"a":"c\r\nd: e"}}"#,
        r#"{"statusCode":200,"headers":{"a":null}}"#,
        r#"{"statusCode":200,"headers":{"a":{}}}"#,
        r#"{"statusCode":200,"headers":{"a":[["b"]]}}"#,
        r#"{"statusCode":200,"isBase64Encoded":"true"}"#,
        r#"{"statusCode":200,"body":"not base64","isBase64Encoded":true}"#,
    ] {
        refused(text, ErrorCode::ResponseInvalid);
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Answer::read(&bytes);
    }

    #[test]
    fn any_texts_are_read_or_refused(name in "\\PC{0,10}", value in "\\PC{0,20}", body in "\\PC{0,20}", coded: bool) {
        let text = serde_json::json!({
            "statusCode": 200, "headers": {name: [value]}, "body": body, "isBase64Encoded": coded,
        });
        match Answer::read(text.to_string().as_bytes()) {
            Ok(answer) if !coded => prop_assert_eq!(answer.body, body.as_bytes()),
            Ok(answer) => prop_assert_eq!(BASE64_STANDARD.encode(&answer.body), body),
            Err(error) => prop_assert_eq!(error.code(), ErrorCode::ResponseInvalid),
        }
    }
}
