use super::*;
use crate::args::Format;
use tempfile::TempDir;

const FILE: &str = r#"
default = "cloud"

[profiles.cloud]
endpoint = "https://functiongraph.cn-north-4.myhuaweicloud.com/"
project_id = "p1"
access_key = "AK"
secret_key = "hush"

[profiles.other]
endpoint = "http://other.example"
token = "hush"
certificate = "ca.pem"
"#;

struct Case {
    folder: TempDir,
    arguments: RemoteArgs,
    environment: Written,
}

impl Case {
    fn new(file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profiles.toml");
        fs::write(&path, file).unwrap();
        let arguments =
            RemoteArgs { endpoint: None, project_id: None, profile: None, profiles: Some(path), output: Format::Text };
        Self { folder, arguments, environment: Written::default() }
    }

    fn profile(mut self, name: &str) -> Self {
        self.arguments.profile = Some(name.to_owned());
        self
    }

    fn endpoint(mut self, url: &str) -> Self {
        self.arguments.endpoint = Some(url.to_owned());
        self
    }

    #[cfg(unix)]
    fn mode(self, mode: u32) -> Self {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(self.folder.path().join("profiles.toml"), fs::Permissions::from_mode(mode)).unwrap();
        self
    }

    fn resolve(&self) -> Result<Target, Failure> {
        Target::resolve(&self.arguments, self.environment.clone())
    }

    #[track_caller]
    fn refused(self, text: &str) {
        let failure = self.resolve().unwrap_err();
        let shown = format!("{:#} {:?} {:?}", failure.error, failure.details, failure.hint);
        assert_eq!(failure.exit, Exit::Usage, "{shown}");
        assert!(shown.contains(text) && !shown.contains("hush"), "{shown}");
    }
}

fn key() -> Credentials {
    Credentials::Key { access: "AK".to_owned(), secret: Secret("hush".to_owned()) }
}

#[test]
fn without_anything_the_local_server_is_asked_unsigned() {
    let target = Case::new("").resolve().unwrap();
    assert_eq!((target.endpoint.as_str(), &target.scope), (LOCAL_ENDPOINT, &Scope::default()));
    assert_eq!((target.credentials, target.certificate, target.warnings), (Credentials::None, None, vec![]));
}

#[test]
fn the_file_s_own_choice_is_used_when_nothing_is_named() {
    let target = Case::new(FILE).resolve().unwrap();
    assert_eq!(target.endpoint, "https://functiongraph.cn-north-4.myhuaweicloud.com");
    assert_eq!(target.scope, Scope { region: "cn-north-4".into(), project_id: "p1".into() });
    assert_eq!(target.credentials, key());
}

#[test]
fn an_endpoint_alone_gets_nothing_of_the_file() {
    let target = Case::new(FILE).endpoint("http://127.0.0.1:1/").resolve().unwrap();
    assert_eq!(target.endpoint, "http://127.0.0.1:1");
    assert_eq!((target.scope, target.credentials), (Scope::default(), Credentials::None));
}

#[test]
fn a_profile_that_is_named_keeps_what_is_not_given() {
    let mut case = Case::new(FILE).endpoint("http://[::1]:1").profile("other");
    case.arguments.project_id = Some("p2".to_owned());
    let target = case.resolve().unwrap();
    assert_eq!((target.endpoint.as_str(), &*target.scope.project_id), ("http://[::1]:1", "p2"));
    assert_eq!(target.credentials, Credentials::Token(Secret("hush".to_owned())));
    assert_eq!(target.certificate, Some(case.folder.path().join("ca.pem")));
}

#[test]
fn the_environment_s_credentials_stand_in_for_the_profile_s() {
    let mut case = Case::new(FILE).profile("other");
    case.environment =
        Written { access_key: Some("AK".to_owned()), secret_key: Some(Secret("hush".to_owned())), token: None };
    assert_eq!(case.resolve().unwrap().credentials, key());
    case.environment.secret_key = None;
    case.refused("not complete");
}

#[test]
fn mistakes_in_the_file_are_named_without_its_secrets() {
    Case::new("[profiles.a]\nsecret_kee = 'hush'").refused("line 2: unknown field `secret_kee`");
    Case::new("default = 'a'\nsecret = 'hush'").refused("unknown field `secret`");
    Case::new("[profiles.a]\ntoken = hush").refused("line 2");
    Case::new("default = 'a'\n[profiles.a]\naccess_key = 'AK'").refused("not complete");
    Case::new("default = 'a'\n[profiles.a]\naccess_key='AK'\nsecret_key='hush'\ntoken='hush'").refused("too many");
    Case::new(FILE).profile("nobody").refused("cloud");
    let mut case = Case::new("");
    case.arguments.profiles = Some("no/such.toml".into());
    case.refused("no/such.toml");
}

#[test]
fn endpoints_are_addresses() {
    for endpoint in ["localhost:8080", "ftp://example", "http://", "http://user:hush@host", "http://host/?a=b"] {
        let failure = Case::new("").endpoint(endpoint).resolve().unwrap_err();
        assert_eq!(failure.exit, Exit::Usage, "{endpoint}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_with_secrets_that_others_can_read_is_warned_about() {
    let warnings = |case: Case| case.resolve().unwrap().warnings;
    assert_eq!(warnings(Case::new(FILE).mode(0o600)), Vec::<String>::new());
    assert!(warnings(Case::new(FILE).mode(0o640))[0].contains("chmod 600"));
    let harmless = "default = 'a'\n[profiles.a]\nproject_id = 'p1'";
    assert_eq!(warnings(Case::new(harmless).mode(0o644)), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_token_over_a_plain_line_is_warned_about() {
    let warnings = |case: Case| case.mode(0o600).profile("other").resolve().unwrap().warnings;
    assert!(warnings(Case::new(FILE))[0].contains("without encryption"));
    for endpoint in ["https://other.example", "http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1"] {
        assert_eq!(warnings(Case::new(FILE).endpoint(endpoint)), Vec::<String>::new(), "{endpoint}");
    }
}
