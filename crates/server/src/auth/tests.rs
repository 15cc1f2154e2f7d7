use super::*;
use fngraph_api::tokens::{Reference, TokenAuth, TokenIdentity, TokenPassword, TokenScope, TokenUser};
use http::{HeaderValue, Request as HttpRequest};

const NOW: Timestamp = Timestamp::from_millis(1_795_395_723_000);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const TOKEN_KEY: [u8; 32] = [7; 32];

fn credentials(access_key: &str, project_id: Option<&str>) -> Credentials {
    Credentials {
        access_key: access_key.to_owned(),
        secret_key: Secret("SK".to_owned()),
        project_id: project_id.map(str::to_owned),
        domain: "acme".to_owned(),
    }
}

fn user(name: &str, password: &str, project_id: Option<&str>) -> User {
    User {
        name: name.to_owned(),
        password: Secret(password.to_owned()),
        domain: "acme".to_owned(),
        project_id: project_id.map(str::to_owned),
    }
}

fn auth_of(users: Vec<User>) -> Auth {
    let credentials = vec![credentials("ONE", Some("p1")), credentials("ALL", None)];
    Auth::new(AuthOptions { credentials, users, ..AuthOptions::default() }, TOKEN_KEY).unwrap()
}

fn auth() -> Auth {
    auth_of(vec![user("ann", "hush", Some("p1")), user("root", "hush", None)])
}

type Sent = HttpRequest<&'static [u8]>;

fn unsigned() -> Sent {
    HttpRequest::post("http://127.0.0.1:8080/v2/p1/fgs/functions/f/invocations?x=1").body(&b"{}"[..]).unwrap()
}

fn signed(access: &str, secret: &str, at: Timestamp) -> Sent {
    let mut request = unsigned();
    signature::sign(&mut request, signature::Key { access, secret }, at).unwrap();
    request
}

fn with_token(token: &str) -> Sent {
    let mut request = unsigned();
    request.headers_mut().insert(AUTH_TOKEN, HeaderValue::from_str(token).unwrap());
    request
}

/// Head, then body, as the server does.
fn check(auth: &Auth, sent: &Sent, now: Timestamp) -> Result<Caller, AuthError> {
    let head = auth.check_head(sent.headers(), now)?;
    let (method, uri, headers) = (sent.method().as_str(), sent.uri(), sent.headers());
    auth.check_body(head, &Request { method, uri, headers, body: sent.body() }, now)
}

fn refusal(auth: &Auth, sent: &Sent, now: Timestamp) -> String {
    let error = check(auth, sent, now).unwrap_err();
    assert_eq!(error.status(), StatusCode::UNAUTHORIZED, "{error}");
    error.to_string()
}

fn ask(name: &str, password: &str, project: Option<Reference>) -> CreateTokenBody {
    let domain = Some(Reference { id: None, name: Some("acme".to_owned()) });
    let user = TokenUser { name: name.to_owned(), password: Secret(password.to_owned()), domain };
    let identity = TokenIdentity { methods: vec!["password".to_owned()], password: Some(TokenPassword { user }) };
    CreateTokenBody { auth: TokenAuth { identity, scope: Some(TokenScope { project, domain: None }) } }
}

fn id(text: &str) -> Option<Reference> {
    Some(Reference { id: Some(text.to_owned()), name: None })
}

fn name(text: &str) -> Option<Reference> {
    Some(Reference { id: None, name: Some(text.to_owned()) })
}

#[test]
fn an_open_server_accepts_everything() {
    let auth = Auth::new(AuthOptions::default(), TOKEN_KEY).unwrap();
    assert!(auth.is_open());
    let mut malformed = unsigned();
    malformed.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("SDK-HMAC-SHA256 ?"));
    for sent in [unsigned(), malformed, signed("WHO", "KNOWS", Timestamp::EPOCH), with_token("?")] {
        let caller = check(&auth, &sent, NOW).unwrap();
        caller.check_project("p1").unwrap();
        caller.check_project("p2").unwrap();
    }
    let (_, answer) = auth.issue(&ask("who", "knows", name("local")), NOW).unwrap();
    assert_eq!(answer.token.project.unwrap().id, "local");
}

#[test]
fn a_signature_opens_the_project_of_its_key() {
    let auth = auth();
    let caller = check(&auth, &signed("ONE", "SK", NOW), NOW).unwrap();
    assert_eq!(caller, Caller { projects: Projects::One(Arc::from("p1")), domain: Arc::from("acme") });
    caller.check_project("p1").unwrap();
    let refused = caller.check_project("p2").unwrap_err();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(refused.to_string(), "the caller may not use the project `p2`");
    check(&auth, &signed("ALL", "SK", NOW), NOW).unwrap().check_project("p2").unwrap();
}

#[test]
fn strangers_are_refused() {
    let auth = auth();
    assert!(refusal(&auth, &unsigned(), NOW).starts_with("nobody knows who calls"));
    assert_eq!(refusal(&auth, &signed("WHO", "SK", NOW), NOW), "there is no access key `WHO`");
    assert_eq!(refusal(&auth, &signed("ONE", "other", NOW), NOW), "the signature is refused");
    assert!(refusal(&auth, &with_token("what.ever"), NOW).starts_with("the token is none of this server's"));

    let mut changed = signed("ONE", "SK", NOW);
    *changed.body_mut() = b"{ }";
    assert!(matches!(check(&auth, &changed, NOW), Err(AuthError::Signature(SignatureError::Mismatch))));
    let mut both = signed("WHO", "SK", NOW);
    let (token, _) = auth.issue(&ask("ann", "hush", None), NOW).unwrap();
    both.headers_mut().insert(AUTH_TOKEN, HeaderValue::from_str(&token).unwrap());
    assert_eq!(refusal(&auth, &both, NOW), "there is no access key `WHO`");
}

#[test]
fn strangers_are_refused_before_their_body_is_read() {
    let auth = auth();
    for sent in [unsigned(), signed("WHO", "SK", NOW), signed("ONE", "SK", NOW + HOUR), with_token("?")] {
        auth.check_head(sent.headers(), NOW).unwrap_err();
    }
    let head = auth.check_head(signed("ONE", "other", NOW).headers(), NOW).unwrap();
    assert_eq!(head.body_bytes(), Some(12 * 1024 * 1024));
}

#[test]
fn clocks_may_differ_by_a_quarter_of_an_hour() {
    let auth = auth();
    for at in [NOW - MINUTE * 15, NOW + MINUTE * 15] {
        check(&auth, &signed("ONE", "SK", at), NOW).unwrap();
    }
    let early = refusal(&auth, &signed("ONE", "SK", NOW - MINUTE * 16), NOW);
    assert_eq!(early, "the request was signed 960s before this server's time; 900s are allowed");
    let late = refusal(&auth, &signed("ONE", "SK", NOW + MINUTE * 16), NOW);
    assert_eq!(late, "the request was signed 960s after this server's time; 900s are allowed");
}

#[test]
fn the_same_request_may_come_again_for_five_minutes() {
    let auth = auth();
    let sent = signed("ONE", "SK", NOW);
    for minutes in [0, 0, 1, 5] {
        check(&auth, &sent, NOW + MINUTE * minutes).unwrap();
    }
    assert_eq!(refusal(&auth, &sent, NOW + MINUTE * 6), "the very same request came 360s ago: sign it anew");
    check(&auth, &signed("ONE", "SK", NOW + MINUTE * 6), NOW + MINUTE * 6).unwrap();
}

#[test]
fn a_refused_signature_is_not_remembered() {
    let auth = auth();
    let mut changed = signed("ONE", "SK", NOW);
    *changed.body_mut() = b"{ }";
    check(&auth, &changed, NOW).unwrap_err();
    check(&auth, &signed("ONE", "SK", NOW), NOW + MINUTE * 10).unwrap();
}

#[test]
fn a_token_opens_what_it_was_given_for_during_a_day() {
    let auth = auth();
    let (token, answer) = auth.issue(&ask("ann", "hush", name("cn-north-4")), NOW).unwrap();
    assert_eq!(answer.token.issued_at, "2026-11-23T01:02:03.000000Z");
    assert_eq!(answer.token.expires_at, "2026-11-24T01:02:03.000000Z");
    let project = answer.token.project.unwrap();
    assert_eq!((&*project.id, &*project.name, &*project.domain.name), ("p1", "cn-north-4", "acme"));

    let sent = with_token(&token);
    for hours in [0, 23] {
        let caller = check(&auth, &sent, NOW + HOUR * hours).unwrap();
        assert_eq!(caller, Caller { projects: Projects::One(Arc::from("p1")), domain: Arc::from("acme") });
    }
    assert!(refusal(&auth, &sent, NOW + HOUR * 24).starts_with("the token has ended"));
}

#[test]
fn a_token_of_a_user_of_every_project_is_for_what_was_asked() {
    let auth = auth();
    let projects = |project| {
        let (token, answer) = auth.issue(&ask("root", "hush", project), NOW).unwrap();
        assert_ne!(answer.token.project.is_some(), answer.token.domain.is_some());
        check(&auth, &with_token(&token), NOW).unwrap().projects
    };
    assert_eq!(projects(id("p2")), Projects::One(Arc::from("p2")));
    assert_eq!(projects(name("p3")), Projects::One(Arc::from("p3")));
    assert_eq!(projects(None), Projects::All);
}

#[test]
fn tokens_are_given_to_those_who_are_known_for_what_they_may_use() {
    let auth = auth();
    let refusal = |body: &CreateTokenBody| auth.issue(body, NOW).unwrap_err();
    assert!(matches!(refusal(&ask("ann", "wrong", None)), AuthError::Password));
    assert!(matches!(refusal(&ask("bob", "hush", None)), AuthError::Password));
    assert!(matches!(refusal(&ask("bob", "", None)), AuthError::Password));
    assert!(matches!(refusal(&ask("ann", "hush", id("p2"))), AuthError::Project(project) if project == "p2"));
    let mut elsewhere = ask("ann", "hush", None);
    elsewhere.auth.identity.password.as_mut().unwrap().user.domain = id("other");
    assert!(matches!(refusal(&elsewhere), AuthError::Password));
    let mut otherwise = ask("ann", "hush", None);
    otherwise.auth.identity.methods = vec!["totp".to_owned()];
    assert!(matches!(refusal(&otherwise), AuthError::Method));
}

#[test]
fn a_token_outlives_the_process_but_no_change_of_its_user() {
    let (token, _) = auth().issue(&ask("ann", "hush", None), NOW).unwrap();
    let sent = with_token(&token);
    check(&auth(), &sent, NOW).unwrap();
    for users in [
        vec![],
        vec![user("ann", "changed", Some("p1"))],
        vec![user("ann", "hush", Some("p2"))],
        vec![User { domain: "other".to_owned(), ..user("ann", "hush", Some("p1")) }],
        vec![user("bob", "hush", Some("p1"))],
    ] {
        assert!(matches!(check(&auth_of(users), &sent, NOW), Err(AuthError::Token)));
    }
    let options = AuthOptions { users: vec![user("ann", "hush", Some("p1"))], ..AuthOptions::default() };
    let other_key = Auth::new(options, [8; 32]).unwrap();
    assert!(matches!(check(&other_key, &sent, NOW), Err(AuthError::Token)));
}

#[test]
fn no_letter_of_a_token_can_be_changed() {
    let auth = auth();
    let (token, _) = auth.issue(&ask("ann", "hush", None), NOW).unwrap();
    check(&auth, &with_token(&token), NOW).unwrap();
    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(matches!(check(&auth, &with_token(&changed), NOW), Err(AuthError::Token)), "{changed}");
    }
    for cut in [&token[..token.len() - 1], &token[1..], "", ".", &"a.b".repeat(2000)] {
        assert!(matches!(check(&auth, &with_token(cut), NOW), Err(AuthError::Token)), "{cut}");
    }
}

#[test]
fn an_sdk_without_a_project_finds_exactly_one() {
    let list = |project: Option<&str>, name| {
        let list = projects(&Caller::new(project, "acme"), name);
        list.projects.into_iter().map(|project| (project.id, project.name)).collect::<Vec<_>>()
    };
    let pair = |id: &str, name: &str| vec![(id.to_owned(), name.to_owned())];
    assert_eq!(list(Some("p1"), Some("cn-north-4")), pair("p1", "cn-north-4"));
    assert_eq!(list(Some("p1"), None), pair("p1", "p1"));
    assert_eq!(list(None, Some("local")), pair("local", "local"));
    assert_eq!(list(None, None), []);
    assert_eq!(domains(&Caller::new(None, "acme")).domains[0].id, "acme");
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?}", auth());
    assert!(!shown.contains("hush") && !shown.contains("SK") && !shown.contains("7, 7"), "{shown}");
}
