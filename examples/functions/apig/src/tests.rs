use super::*;

fn request(method: &str, path: &str) -> ApigEvent {
    ApigEvent { http_method: method.to_owned(), path: path.to_owned(), ..ApigEvent::default() }
}

fn answer_to(request: ApigEvent) -> ApigResponse {
    handler(request, &Context::builder().request_id("id-1").build()).expect("every request has an answer")
}

fn check(request: ApigEvent, status: u16, body: &str) -> ApigResponse {
    let response = answer_to(request);
    assert_eq!((response.status_code, response.body.as_str()), (status, body));
    response
}

#[test]
fn name_comes_from_the_query() {
    let mut event = request("GET", "/greet");
    event.query_string_parameters.insert("name".to_owned(), "Ada".into());
    check(event.clone(), 200, "Hello, Ada!\n");
    event.query_string_parameters.insert("language".to_owned(), "fr".into());
    check(event, 200, "Bonjour, Ada!\n");
}

#[test]
fn name_comes_from_the_path_and_the_language_from_a_header() {
    let mut event = request("GET", "/greet/Ada");
    event.path_parameters.insert("name".to_owned(), "Ada".to_owned());
    event.headers.insert("accept-language".to_owned(), "de-CH, en;q=0.5".into());
    let response = check(event, 200, "Hallo, Ada!\n");
    assert_eq!(response.headers["vary"], "accept-language");
    assert_eq!(response.headers["x-request-id"], "id-1");
}

#[test]
fn name_comes_from_the_body_as_a_gateway_sends_it() {
    let event = ApigEvent {
        raw_body: "eyJuYW1lIjogIkFkYSIsICJsYW5ndWFnZSI6ICJ6aCJ9".to_owned(),
        is_base64_encoded: true,
        ..request("POST", "/greet")
    };
    let response = check(event, 201, r#"{"message":"你好, Ada!"}"#);
    assert_eq!(response.headers["content-type"], "application/json");
}

#[test]
fn name_comes_from_the_body_as_the_console_sends_it() {
    let event = ApigEvent { raw_body: r#"{"name": "Ada"}"#.to_owned(), ..request("POST", "/greet") };
    check(event, 201, r#"{"message":"Hello, Ada!"}"#);
}

#[test]
fn pixel_is_sent_as_bytes() {
    let response = answer_to(request("GET", "/pixel"));
    assert!(response.is_base64_encoded);
    assert!(response.body.starts_with("R0lGODlh"), "{}", response.body);
    assert_eq!(response.headers["content-type"], "image/gif");
}

#[test]
fn wrong_requests_are_answers_and_not_failures() {
    check(request("GET", "/greet"), 400, "whom? /greet/{name} or /greet?name=\n");
    assert_eq!(answer_to(request("POST", "/greet")).status_code, 400);
    check(request("GET", "/"), 404, "there is nothing here\n");
    check(request("GET", ""), 404, "there is nothing here\n");
    let response = check(request("DELETE", "/greet/Ada"), 405, "this path has other methods\n");
    assert_eq!(response.headers["allow"], "GET, POST");
}

#[test]
fn sample_event_is_answered() {
    let event = serde_json::from_str(include_str!("../event.json")).expect("the sample is an APIG event");
    check(event, 200, "Bonjour, Ada!\n");
}
