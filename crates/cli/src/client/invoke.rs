//! `fngraph invoke`: an event to a function on a server.

use super::{
    call::{Answer, Client},
    open,
    refusal::{self, Refusal},
};
use crate::{
    args::{Format, InvokeArgs},
    config::{Config, Event},
    exit::{Exit, Failure},
    output::{Accent, Output},
};
use anyhow::Error;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use fngraph_api::{
    Content as _, Empty, Json, Raw,
    config::ShowFunctionConfig,
    headers::{
        BILLING_DURATION, CFF_REQUEST_ID, FUNCTION_ERROR_CODE, FUNCTION_LOG, INSTANCE_MEMORY, INVOKE_SUMMARY, LOG_TYPE,
    },
    invocations::{AcceptedInvocation, AsyncInvokeFunction, InvokeFunction},
};
use fngraph_engine::Kind;
use fngraph_types::ErrorCode;
use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

/// Invokes the function and prints what came of it.
pub(super) fn invoke(arguments: InvokeArgs, config: &Config) -> Result<(), Failure> {
    let event = Event::resolve(arguments.event.as_ref())?;
    let client = open(&arguments.server, &config.output)?;
    let kind = if arguments.event.is_none() { kind(&client, &arguments)? } else { Kind::Event };
    let event = Raw(event.bytes(kind));
    let path = client.function(&arguments.function);
    let headers = headers(&arguments);

    if arguments.is_async {
        let answer = client.invoke::<AsyncInvokeFunction>(&path, event, headers)?;
        return accepted(&client, &answer, &arguments, &config.output);
    }
    let answer = client.invoke::<InvokeFunction>(&path, event, headers)?;
    let (document, failure) = Document::read(&client, &answer);
    match arguments.server.output {
        Format::Json => config.output.json(&document)?,
        Format::Text => {
            for line in document.log.as_deref().unwrap_or_default().lines() {
                config.output.note(config.output.paint(Accent::Faint, line));
            }
            if failure.is_none() {
                config.output.data(&answer.body)?;
            }
            if let Some(summary) = &document.summary {
                config.output.note(summary.trim_end());
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

/// Which kind of function it is, as far as its default event goes.
fn kind(client: &Client, arguments: &InvokeArgs) -> Result<Kind, Failure> {
    let path = client.function(&arguments.function);
    let Json(metadata) = client.call::<ShowFunctionConfig>(&path, &Empty {}, Empty {})?;
    Ok(if metadata.runtime == "http" { Kind::Http } else { Kind::Event })
}

fn headers(arguments: &InvokeArgs) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers: Vec<_> =
        arguments.header.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
    if arguments.tail {
        headers.push((LOG_TYPE, HeaderValue::from_static("tail")));
    }
    if let Some(memory) = arguments.memory {
        headers.push((INSTANCE_MEMORY, HeaderValue::from(memory.as_mib())));
    }
    headers
}

/// The id of the request is the data.
fn accepted(client: &Client, answer: &Answer, arguments: &InvokeArgs, output: &Output) -> Result<(), Failure> {
    if !(200..300).contains(&answer.status) {
        return Err(refused(client, answer));
    }
    let Ok(Json(accepted)) = Json::<AcceptedInvocation>::read(&answer.body) else {
        return Err(client.unknown(answer.status));
    };
    match arguments.server.output {
        Format::Json => output.json(&accepted)?,
        Format::Text => {
            output.line(&accepted.request_id)?;
            let function = &arguments.function;
            output.note(format_args!("`fngraph status {function} {} --wait` waits for its end", accepted.request_id));
        }
    }
    Ok(())
}

fn refused(client: &Client, answer: &Answer) -> Failure {
    Refusal::read(answer.status, &answer.body).map_or_else(|| client.unknown(answer.status), Failure::from)
}

/// What `--output json` prints.
#[derive(Debug, Serialize)]
struct Document {
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    /// The result, when it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<String>,
    /// The result, when it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    result_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorReport>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billed_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    /// The end of what the function wrote, with `--tail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
}

/// Why there is no result, as `fngraph run` tells it.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct ErrorReport {
    code: String,
    r#type: String,
    message: String,
    stack: Vec<String>,
}

/// An error of the function's own, in the cloud's shape.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reported {
    error_message: String,
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    stack_trace: Vec<String>,
}

impl Document {
    /// Reads an answer to an invocation, and the failure that it is, if it is one.
    fn read(client: &Client, answer: &Answer) -> (Self, Option<Failure>) {
        let header = |name: HeaderName| Some(answer.headers.get(name)?.to_str().ok()?.to_owned());
        let filled = |name| header(name).filter(|value| !value.is_empty());
        let log = header(FUNCTION_LOG).and_then(|log| BASE64_STANDARD.decode(log).ok());
        let mut document = Self {
            request_id: filled(CFF_REQUEST_ID),
            result: None,
            result_base64: None,
            error: None,
            billed_millis: filled(BILLING_DURATION).and_then(|millis| millis.parse().ok()),
            summary: filled(INVOKE_SUMMARY),
            log: log.map(|log| String::from_utf8_lossy(&log).into_owned()),
        };
        let code = filled(FUNCTION_ERROR_CODE).filter(|code| code != "0");
        if code.is_none() && answer.status == 200 {
            match std::str::from_utf8(&answer.body) {
                Ok(text) => document.result = Some(text.to_owned()),
                Err(_) => document.result_base64 = Some(BASE64_STANDARD.encode(&answer.body)),
            }
            return (document, None);
        }
        let reported = serde_json::from_slice::<Reported>(&answer.body).ok();
        let (error, failure) = match reported {
            Some(reported) => of_function(code, reported),
            None => {
                let failure = refused(client, answer);
                (of_platform(code, &answer.body, &failure), failure)
            }
        };
        document.error = Some(error);
        (document, Some(failure))
    }
}

fn of_function(code: Option<String>, reported: Reported) -> (ErrorReport, Failure) {
    let code = code.unwrap_or_else(|| ErrorCode::FunctionFailed.to_string());
    let known = refusal::code(&code).unwrap_or(ErrorCode::FunctionFailed);
    let Reported { error_message: message, error_type: r#type, stack_trace: stack } = reported;
    let text = if r#type.is_empty() { message.clone() } else { format!("{type}: {message}") };
    let failure = Failure::new(Exit::for_code(known), Error::msg(text).context(code.clone()))
        .details(stack.iter().map(|frame| format!("at {frame}")));
    (ErrorReport { code, r#type, message, stack }, failure)
}

fn of_platform(code: Option<String>, body: &Bytes, failure: &Failure) -> ErrorReport {
    let refusal = Refusal::read(0, body);
    let code = refusal.as_ref().map(|refusal| refusal.code.clone()).or(code).unwrap_or_default();
    let r#type = refusal::code(&code).map(|code| format!("{code:?}")).unwrap_or_default();
    let message = refusal.map_or_else(|| format!("{:#}", failure.error), |refusal| refusal.message);
    ErrorReport { code, r#type, message, stack: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::profile::{Target, Written};
    use http::HeaderMap;

    fn read(status: u16, code: &str, body: &'static [u8]) -> (Document, Option<Failure>) {
        let arguments = crate::args::RemoteArgs {
            endpoint: Some("http://127.0.0.1:1".to_owned()),
            project_id: None,
            profile: None,
            profiles: None,
            output: Format::Text,
        };
        let client = Client::new(Target::resolve(&arguments, Written::default()).unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(FUNCTION_ERROR_CODE, code.parse().unwrap());
        headers.insert(FUNCTION_LOG, BASE64_STANDARD.encode("hello\n").parse().unwrap());
        headers.insert(BILLING_DURATION, HeaderValue::from(3));
        Document::read(&client, &Answer { status, headers, body: Bytes::from_static(body) })
    }

    #[test]
    fn a_result_is_told_with_what_the_headers_say() {
        let (document, failure) = read(200, "0", b"tea");
        assert!(failure.is_none());
        let expected = serde_json::json!({"result": "tea", "billed_millis": 3, "log": "hello\n"});
        assert_eq!(serde_json::to_value(document).unwrap(), expected);
        assert_eq!(read(200, "0", b"\xff").0.result_base64.as_deref(), Some("/w=="));
    }

    #[test]
    fn an_error_of_the_function_keeps_its_own_words() {
        let body = br#"{"errorMessage": "no tea", "errorType": "OutOfTea", "stackTrace": ["handler"]}"#;
        let (document, failure) = read(500, "FSS.4002", body);
        let failure = failure.unwrap();
        assert_eq!(failure.exit, Exit::Function);
        assert_eq!(format!("{:#}", failure.error), "FSS.4002: OutOfTea: no tea");
        assert_eq!(failure.details, ["at handler"]);
        let error = document.error.unwrap();
        assert_eq!(
            (error.code.as_str(), error.r#type.as_str(), error.message.as_str()),
            ("FSS.4002", "OutOfTea", "no tea")
        );
    }

    #[test]
    fn other_failures_are_known_by_their_code() {
        for (status, code, body, exit) in [
            (500, "FSS.4010", br#"{"error_code": "FSS.4010", "error_msg": "too slow"}"#.as_slice(), Exit::Timeout),
            (404, "FSS.1051", br#"{"error_code": "FSS.1051", "error_msg": "no function"}"#, Exit::NotFound),
            (404, "0", b"<html>", Exit::Server),
        ] {
            let (document, failure) = read(status, code, body);
            assert_eq!(failure.unwrap().exit, exit, "{code}");
            assert!(document.result.is_none() && document.error.is_some(), "{document:?}");
        }
        let timeout = read(500, "FSS.4010", br#"{"error_code": "FSS.4010", "error_msg": "too slow"}"#).0.error.unwrap();
        assert_eq!((timeout.r#type.as_str(), timeout.message.as_str()), ("Timeout", "too slow"));
    }
}
