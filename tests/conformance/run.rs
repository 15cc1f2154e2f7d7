//! Runs the cases of a file against a server of their own.

use crate::{
    case::{Case, File, Given},
    pattern::differences,
    placeholder::Placeholders,
};
use fngraph_test_support::{Setup, TestServer, http::Answer};
use serde_json::{Value, json};
use std::{thread, time::Duration};

/// How often a case that comes true by and by is tried, and how long is waited in between: half a minute in all.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(50);

/// Runs a file, and fails with every case that went wrong.
#[track_caller]
pub(crate) fn file(name: &str) {
    let file = File::read(name);
    assert!(!file.cases.is_empty(), "{name} has cases");
    let setup = file.expect_log.iter().fold(Setup::new().config(&file.config), |setup, text| setup.expect_log(text));
    let server = setup.start();
    let mut placeholders = Placeholders::default();
    placeholders.set("project", file.project.clone());
    placeholders.set("nobody", format!("urn:fss:local:{}:function:default:nobody", file.project));
    for (function, given) in &file.functions {
        let urn = create(&server, &file.project, &placeholders, function, given);
        placeholders.set(function, urn);
    }
    let mut failures = Vec::new();
    for case in &file.cases {
        if let Err(failure) = try_case(&server, case, &file.project, &mut placeholders) {
            failures.push(format!("{name}: {} ({}): {failure}", case.name, case.section));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases failed\n\n{}",
        failures.len(),
        file.cases.len(),
        failures.join("\n\n")
    );
    server.stop();
}

/// Creates a function and answers its URN, without a version.
fn create(server: &TestServer, project: &str, placeholders: &Placeholders, name: &str, given: &Given) -> String {
    let guest = given.handler.split('.').next().unwrap();
    let code = placeholders.fill(&format!("{{zip:{guest}}}"));
    let mut body = json!({
        "func_name": name, "package": "default", "runtime": "Custom", "timeout": 30, "memory_size": 128,
        "handler": given.handler, "code_type": "zip", "code_filename": format!("{guest}.zip"),
        "func_code": {"file": code},
    });
    if !given.more.is_empty() {
        let more: Value = serde_json::from_str(&placeholders.fill(&given.more)).unwrap();
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    let created = server.post(&format!("/v2/{project}/fgs/functions"), &body).success(200).json();
    created["func_urn"].as_str().unwrap().trim_end_matches(":latest").to_owned()
}

fn try_case(server: &TestServer, case: &Case, project: &str, placeholders: &mut Placeholders) -> Result<(), String> {
    let mut tries = if case.eventually { TRIES } else { 1 };
    let answer = loop {
        let answer = send(server, case, project, placeholders);
        let wrong = wrong(case, &answer, placeholders);
        tries -= 1;
        if wrong.is_empty() {
            break answer;
        }
        if tries == 0 {
            return Err(format!("{}\n{answer}", wrong.join("\n")));
        }
        thread::park_timeout(PAUSE);
    };
    for (name, source) in &case.save {
        let value = match source.strip_prefix('/') {
            Some(_) => answer
                .json()
                .pointer(source)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
            None => answer.header(source).map(str::to_owned),
        };
        placeholders.set(name, value.ok_or_else(|| format!("there is no {source}\n{answer}"))?);
    }
    Ok(())
}

fn send(server: &TestServer, case: &Case, project: &str, placeholders: &Placeholders) -> Answer {
    let (method, path) = case.request.split_once(' ').expect("a request is a method and a path");
    let path = placeholders.fill(path);
    let path = if path.starts_with('/') { path } else { format!("/v2/{project}/{path}") };
    let body = case.body.as_ref().map(|body| placeholders.fill(body));
    let mut headers: Vec<(&str, String)> =
        case.headers.iter().map(|(name, value)| (name.as_str(), placeholders.fill(value))).collect();
    if body.is_some() && !case.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type")) {
        headers.push(("content-type", "application/json".to_owned()));
    }
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    server.send(method, &path, &headers, body.as_deref().map(str::as_bytes))
}

/// All that is wrong with an answer.
fn wrong(case: &Case, answer: &Answer, placeholders: &Placeholders) -> Vec<String> {
    let mut wrong = Vec::new();
    if answer.status != case.status {
        wrong.push(format!("status: {} was expected, and {} came", case.status, answer.status));
    }
    if answer.header("x-request-id").is_none_or(str::is_empty) {
        wrong.push("x-request-id: every answer has one".to_owned());
    }
    let pattern = match (&case.error_code, &case.answer) {
        (Some(code), None) => Some(json!({"error_code": code, "error_msg": "{string}"})),
        (None, Some(pattern)) => {
            let pattern = placeholders.fill(pattern);
            Some(serde_json::from_str(&pattern).unwrap_or_else(|error| panic!("{}: {error}: {pattern}", case.name)))
        }
        (None, None) => None,
        (Some(_), Some(_)) => panic!("{}: an answer is an error or it is not", case.name),
    };
    if let Some(pattern) = pattern {
        match serde_json::from_slice(&answer.body) {
            Ok(actual) => wrong.extend(differences(&pattern, &actual)),
            Err(error) => wrong.push(format!("the body is no JSON: {error}")),
        }
    }
    for (name, pattern) in &case.answer_headers {
        let actual = answer.header(name).map_or(Value::Null, Value::from);
        let found = differences(&Value::from(placeholders.fill(pattern)), &actual);
        wrong.extend(found.into_iter().map(|difference| format!("header {name}: {difference}")));
    }
    wrong
}
