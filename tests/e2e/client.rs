//! The commands that talk to a server, against the real one.

use crate::support::{Ran, environment};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph_test_support::{Setup, TestServer, guests, programs};
use serde_json::{Value, json};
use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// How often something that comes true by and by is asked for, and the pause in between: half a minute in all.
const TRIES: u32 = 300;
const PAUSE: Duration = Duration::from_millis(100);

/// A person at a terminal, whose home has no profiles unless the test writes some.
struct Person {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Person {
    /// Somebody who has typed this address.
    fn at(endpoint: &str) -> Self {
        Self::new(vec![("FNGRAPH_ENDPOINT", endpoint.to_owned())])
    }

    fn new(variables: Vec<(&'static str, String)>) -> Self {
        Self { home: tempfile::tempdir().unwrap(), variables }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(programs::fngraph());
        // What is set for people and for other tests would be configuration.
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("FNGRAPH_")) {
                command.env_remove(name);
            }
        }
        command.args(args).current_dir(self.home.path()).stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.home.path()).envs(environment());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    #[track_caller]
    fn types(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Deploys one of the handlers of the guest that has many.
    #[track_caller]
    fn deploys(&self, name: &str, handler: &str, more: &[&str]) -> Ran {
        let wasm = guests::faults().to_str().unwrap();
        let hooks = ["--initializer", "none", "--pre-stop", "none"];
        self.types(&[&["deploy", wasm, "--name", name, "--handler", handler], hooks.as_slice(), more].concat())
    }

    /// Types this until it prints what is wanted.
    #[track_caller]
    fn waits_for(&self, args: &[&str], is_there: impl Fn(&str) -> bool) -> String {
        for _ in 0..TRIES {
            let ran = self.types(args).success();
            if is_there(&ran.stdout) {
                return ran.stdout;
            }
            thread::park_timeout(PAUSE);
        }
        panic!("{args:?} never printed it: {:#?}", self.types(args));
    }
}

/// A folder with the code of `hello`, which other files beside it make another package.
fn package(home: &Path, version: &str) -> String {
    let folder = home.join("package");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(guests::hello(), folder.join("hello.wasm")).unwrap();
    fs::write(folder.join("VERSION"), version).unwrap();
    folder.to_str().unwrap().to_owned()
}

const ADA: &str = r#"{"name": "Ada"}"#;
const HELLO_ADA: &str = r#"{"message":"Hello, Ada!"}"#;

#[test]
fn a_function_is_deployed_invoked_published_and_deleted() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let ran = ada.types(&["list"]).success();
    assert_eq!((ran.stdout.as_str(), ran.stderr.contains("no functions")), ("", true), "{ran:?}");

    let first = package(ada.home.path(), "1");
    let ran = ada.types(&["deploy", &first, "--timeout", "10s"]).success();
    assert_eq!(ran.stdout, "urn:fss:local:local:function:default:hello:latest\n");
    assert!(ran.stderr.contains("created hello: runtime Custom, handler hello.handler"), "{ran:?}");
    let ran = ada.types(&["deploy", &first]).success();
    assert!(ran.stderr.contains("hello is so already"), "{ran:?}");

    let ran = ada.types(&["invoke", "hello", "--event", ADA]).success();
    assert_eq!(ran.stdout, HELLO_ADA);
    assert!(ran.stderr.contains("Finish invoke request"), "the summary is talk: {ran:?}");
    let ran = ada.types(&["list"]).success();
    assert!(ran.stdout.contains("\nhello  Custom   hello.handler  128 MB  10 s"), "{ran:?}");

    assert_eq!(
        ada.types(&["versions", "hello", "--publish", "v1", "--description", "the first"]).success().stdout,
        "urn:fss:local:local:function:default:hello:v1\n"
    );
    let ran = ada.types(&["alias", "hello", "prod", "v1"]).success();
    assert!(ran.stderr.contains("hello@prod leads to v1"), "{ran:?}");

    let second = package(ada.home.path(), "2");
    let ran = ada.types(&["deploy", &second, "--memory", "256", "--publish", "v2"]).success();
    assert_eq!(ran.stdout, "urn:fss:local:local:function:default:hello:v2\n");
    assert!(ran.stderr.contains("updated hello: code, memory_size"), "{ran:?}");
    // Once more changes nothing, and is no failure.
    let ran = ada.types(&["deploy", &second, "--publish", "v2", "--alias", "next"]).success();
    assert!(ran.stderr.contains("hello:v2 was published with this before"), "{ran:?}");
    assert!(ran.stderr.contains("hello@next leads to v2"), "{ran:?}");
    let ran = ada.types(&["alias", "hello", "next", "--delete"]).success();
    assert!(ran.stderr.contains("deleted the alias next"), "{ran:?}");

    ada.types(&["alias", "hello", "prod", "v1", "--weight", "v2=10", "--description", "for all"]).success();
    let ran = ada.types(&["alias", "hello"]).success();
    assert!(ran.stdout.contains("prod   v1, 10 % to v2") && ran.stdout.contains("for all"), "{ran:?}");
    let ran = ada.types(&["versions", "hello"]).success();
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), 4, "{ran:?}");
    assert!(lines[2].starts_with("v2") && lines[2].contains("prod (10 %)"), "{ran:?}");
    assert!(lines[3].starts_with("v1") && lines[3].contains("the first"), "{ran:?}");
    assert_eq!(ada.types(&["invoke", "hello@prod", "--event", ADA]).success().stdout, HELLO_ADA);

    let ran = ada.types(&["reserve", "hello@prod", "2"]).success();
    assert!(ran.stderr.contains("2 instances of hello@prod are reserved"), "{ran:?}");
    let ran = ada.types(&["reserve"]).success();
    assert!(ran.stdout.contains("hello@prod  2         2"), "{ran:?}");
    let ran = ada.types(&["status", "hello"]).success();
    assert!(ran.stdout.contains("reserved    2 of hello@prod"), "{ran:?}");
    ada.types(&["reserve", "hello@prod", "0"]).success();
    assert_eq!(ada.types(&["reserve"]).success().stdout, "");

    ada.types(&["delete", "hello@prod"]).failure(2, "--delete");
    ada.types(&["alias", "hello", "prod", "--delete"]).success();
    ada.types(&["delete", "hello:v1"]).success();
    ada.types(&["invoke", "hello:v1", "--event", ADA]).failure(9, "FSS.1052");
    ada.types(&["delete", "hello"]).success();
    ada.types(&["status", "hello"]).failure(9, "fngraph list");
    server.stop();
}

#[test]
fn a_function_is_deployed_with_the_dependencies_that_its_code_imports() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    for more in [None, Some(("word.txt", guests::hello()))] {
        let files: Vec<_> = [("lib/discounts.wasm", guests::discounts())].into_iter().chain(more).collect();
        let zip = BASE64_STANDARD.encode(fngraph_test_support::package(&files));
        let body = json!({"depend_type": "zip", "runtime": "Custom", "name": "discounts", "depend_file": zip});
        let _ = server.post("/v2/local/fgs/dependencies/version", &body).success(200);
    }
    let code = guests::checkout().to_str().unwrap();
    let deploy = ["deploy", code, "--handler", "total"];
    ada.types(&deploy).failure(3, "shop:pricing/discount");
    ada.types(&[&deploy[..], &["--dependency", "words"]].concat()).failure(9, "no dependency `words`");
    ada.types(&[&deploy[..], &["--dependency", "discounts:9"]].concat()).failure(9, "FSS.1056");
    let ran = ada.types(&[&deploy[..], &["--dependency", "discounts:1"]].concat()).success();
    assert!(ran.stderr.contains("created checkout"), "{ran:?}");
    let order = r#"{"cents": 1000, "group": "student"}"#;
    assert_eq!(ada.types(&["invoke", "checkout", "--event", order]).success().stdout, r#"{"total":500}"#);

    // It stays so, and then has the newest one.
    let again = [&deploy[..], &["--name", "checkout"]].concat();
    let ran = ada.types(&again).success();
    assert!(ran.stderr.contains("is so already"), "{ran:?}");
    let ran = ada.types(&[&again[..], &["--dependency", "discounts"]].concat()).success();
    assert!(ran.stderr.contains("updated checkout: depend_version_list"), "{ran:?}");
    server.stop();
}

#[test]
fn a_function_is_exported_and_imported() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let code = package(ada.home.path(), "1");
    let secret = "--encrypted-user-data";
    ada.types(&["deploy", &code, secret, "PASSWORD=hunter2", "--publish", "v1", "--alias", "prod"]).success();
    let ran = ada.types(&["export", "hello", "--aliases"]).success();
    assert!(ran.stdout.is_empty() && ran.stderr.contains("exported hello to hello.zip"), "{ran:?}");
    let yaml = ada.types(&["export", "hello", "-", "--config-only"]).success().stdout;
    assert!(yaml.contains("handler: hello.handler") && !yaml.contains("hunter2"), "{yaml}");
    let ran = ada.types(&["export", "hello:v1", "v1.zip", "--output", "json"]).success();
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap()["file"], "v1.zip");

    let ran = ada.types(&["import", "hello.zip", "shop/copy"]).success();
    assert_eq!(ran.stdout, "urn:fss:local:local:function:shop:copy:latest\n");
    assert!(ran.stderr.contains("no value for `PASSWORD`"), "{ran:?}");
    assert_eq!(ada.types(&["invoke", "shop/copy@prod", "--event", ADA]).success().stdout, HELLO_ADA);
    let ran = ada.types(&["import", "v1.zip", "second", secret, "PASSWORD=hunter3"]).success();
    assert!(!ran.stderr.contains("PASSWORD"), "{ran:?}");

    ada.types(&["import", "hello.zip"]).failure(2, "FSS.1061");
    ada.types(&["import", "nothing.zip"]).failure(2, "fngraph export");
    ada.types(&["import", "hello.zip", "copy:v1"]).failure(2, "names a version");
    ada.types(&["export", "nobody"]).failure(9, "FSS.1051");
    server.stop();
}

#[test]
fn triggers_are_created_switched_and_deleted() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let code = package(ada.home.path(), "1");
    ada.types(&["deploy", &code, "--alias", "prod"]).success();
    let ran = ada.types(&["trigger", "list", "hello"]).success();
    assert!(ran.stdout.is_empty() && ran.stderr.contains("hello has no triggers"), "{ran:?}");

    let ran = ada.types(&["trigger", "create", "hello", "TIMER", "schedule=3h", "name=often"]).success();
    assert!(ran.stderr.contains("created the trigger TIMER often of hello"), "{ran:?}");
    let id = ran.stdout.trim().to_owned();
    let create = ["trigger", "create", "hello@prod", "SMN", "topic_urn=urn:smn:local:local:orders"];
    let created = ada.types(&[&create[..], &["--output", "json"]].concat()).success().json();
    assert_eq!(created["event_data"]["topic_urn"], "urn:smn:local:local:orders");
    let ran = ada.types(&["trigger", "list", "hello"]).success();
    assert!(ran.stdout.contains("TIMER  often  ACTIVE  3h") && ran.stdout.contains("orders"), "{ran:?}");
    let listed = ada.types(&["trigger", "list", "hello@prod", "--output", "json"]).success().json();
    assert_eq!(listed["triggers"], json!([created]));

    let ran = ada.types(&["trigger", "disable", "hello", "often"]).success();
    assert!(ran.stderr.contains("the trigger TIMER often of hello is DISABLED"), "{ran:?}");
    ada.types(&["trigger", "enable", "hello", &id[..8]]).success();
    let ran = ada.types(&["trigger", "delete", "hello", &id]).success();
    assert!(ran.stderr.contains("deleted the trigger TIMER often of hello"), "{ran:?}");

    ada.types(&["trigger", "delete", "hello", &id]).failure(9, "has no trigger");
    ada.types(&["trigger", "create", "hello", "TIMER", "schedule=61m"]).failure(2, "FSS.1109");
    ada.types(&["trigger", "create", "hello", "KAFKA", "batch_size=many"]).failure(2, "do not fit");
    ada.types(&["trigger", "create", "nobody", "TIMER", "schedule=1m"]).failure(9, "FSS.1051");
    ada.types(&["trigger", "create", "hello", "TIMER", "schedule"]).failure(2, "KEY=VALUE");
    server.stop();
}

#[test]
fn everything_is_json_when_that_is_asked_for() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let json = |args: &[&str]| ada.types(&[args, &["--output", "json", "--quiet"]].concat()).success().json();

    let code = package(ada.home.path(), "1");
    let deployed = json(&["deploy", &code, "--name", "shop/hello", "--user-data", "A=1", "--alias", "prod"]);
    assert_eq!(deployed["action"], "created");
    let version = deployed["version"].as_str().unwrap();
    assert_eq!(deployed["urn"], format!("urn:fss:local:local:function:shop:hello:{version}"));
    assert_eq!((&deployed["alias"]["name"], &deployed["alias"]["version"]), (&json!("prod"), &json!(version)));
    assert_eq!(deployed["digest"].as_str().unwrap().len(), 128);
    let again = json(&["deploy", &code, "--name", "shop/hello", "--user-data", "A=2", "--max-instances", "7"]);
    assert_eq!((&again["action"], &again["updated"]), (&json!("updated"), &json!(["strategy_config", "user_data"])));
    assert_eq!(again["digest"], deployed["digest"], "the same files are the same code");

    let invoked = json(&["invoke", "shop/hello", "--event", ADA]);
    assert_eq!((&invoked["result"], &invoked["error"]), (&json!(HELLO_ADA), &Value::Null));
    assert!(invoked["request_id"].is_string() && invoked["billed_millis"].is_u64(), "{invoked}");
    assert_eq!(json(&["list"])["functions"][0]["func_name"], "hello");
    assert_eq!(json(&["list", "--package", "other"])["functions"], json!([]));
    assert_eq!(json(&["versions", "shop/hello"])["versions"].as_array().unwrap().len(), 2);
    assert_eq!(json(&["alias", "shop/hello"])["aliases"][0]["name"], "prod");
    assert_eq!(json(&["alias", "shop/hello", "prod"])["version"], json!(version));
    assert_eq!(json(&["reserve", "shop/hello@prod", "1"])["count"], 1);
    let reserved = json(&["reserve", "shop/hello"]);
    assert_eq!(reserved["reservations"][0]["count_now"], 1, "{reserved}");
    let status = json(&["status", "shop/hello"]);
    assert_eq!(status["function"]["strategy_config"]["concurrency"], 7, "{status}");
    assert_eq!((&status["reserved"][0]["count"], &status["active_requests"]), (&json!(1), &json!(0)), "{status}");
    json(&["reserve", "shop/hello@prod", "0"]);

    let accepted = json(&["invoke", "shop/hello", "--event", ADA, "--async"]);
    let id = accepted["request_id"].as_str().unwrap();
    assert_eq!(json(&["status", "shop/hello", id, "--wait"])["status"], "SUCCESS");
    let log = ada.waits_for(&["logs", "shop/hello", "--request", id, "--output", "json"], |log| !log.is_empty());
    let entry: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(entry["request_id"], id);

    assert_eq!(json(&["alias", "shop/hello", "prod", "--delete"])["deleted"], "prod");
    assert_eq!(json(&["delete", "shop/hello"])["deleted"], "urn:fss:local:local:function:shop:hello");
    server.stop();
}

#[test]
fn what_a_function_writes_is_shown() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    ada.deploys("talker", "write_log", &[]).success();
    let ran = ada.types(&["invoke", "talker", "--event", "tea"]).success();
    assert!(!ran.stderr.contains("from stdout"), "{ran:?}");
    let ran = ada.types(&["invoke", "talker", "--event", "tea", "--tail"]).success();
    assert!(ran.stderr.contains("from stdout") && ran.stderr.contains("tea"), "{ran:?}");
    let calls = |log: &str| log.matches("from stdout").count();
    ada.waits_for(&["logs", "talker", "--since", "10m"], |log| calls(log) == 2);
    assert_eq!(calls(&ada.types(&["logs", "talker", "--limit", "1"]).success().stdout), 1);
    assert_eq!(calls(&ada.types(&["logs", "talker", "--since", "2999-01-01T00:00:00"]).success().stdout), 0);

    // Whoever follows sees what was, and then what comes.
    let mut follower = ada.command(&["logs", "talker", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.by_ref().filter(|line| line.contains("from stdout")).take(2).count(), 2);
    ada.types(&["invoke", "talker", "--event", "more tea"]).success();
    assert!(lines.any(|line| line.contains("more tea")));
    follower.kill().unwrap();
    follower.wait().unwrap();
    server.stop();
}

#[test]
fn each_failure_has_its_exit_code_and_says_what_to_type() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    ada.deploys("fails", "fail", &[]).success();
    ada.types(&["invoke", "fails"]).failure(1, "FSS.4002: OutOfTea: no tea is left");
    let ran = ada.types(&["invoke", "fails", "--output", "json"]);
    assert_eq!((ran.status, &ran.json()["error"]["type"]), (1, &json!("OutOfTea")), "{ran:?}");
    let id = ada.types(&["invoke", "fails", "--async"]).success().stdout;
    ada.types(&["status", "fails", id.trim(), "--wait"]).failure(1, "FSS.4002");
    ada.types(&["status", "fails", id.trim()]).success();
    ada.types(&["status", "fails", "960d089c-0000-4000-8000-00000000000a"]).failure(9, "no asynchronous request");

    ada.deploys("slow", "spin", &["--timeout", "3s"]).success();
    ada.types(&["invoke", "slow"]).failure(4, "FSS.4010").failure(4, "--timeout");
    ada.types(&["invoke", "nobody"]).failure(9, "fngraph list");
    ada.types(&["invoke", "slow@prod"]).failure(9, "fngraph alias");
    ada.types(&["versions", "slow", "--publish", "v1"]).success();
    ada.types(&["versions", "slow", "--publish", "v2"]).failure(2, "FSS.1016");

    ada.types(&["deploy", "none.wasm"]).failure(3, "none.wasm");
    let router = guests::http_router().to_str().unwrap();
    ada.types(&["deploy", router, "--name", "slow"]).failure(3, "runtime");
    ada.types(&["deploy", router, "--name", "1st"]).failure(2, "FSS.1002");
    let wasm = guests::faults().to_str().unwrap();
    ada.types(&["deploy", wasm, "--name", "many"]).failure(3, "--handler");

    server.stop();
    ada.types(&["list"]).failure(8, "fngraph serve");
}

#[test]
fn a_handler_that_was_chosen_stays() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    ada.deploys("chosen", "echo", &[]).success();
    let wasm = guests::faults().to_str().unwrap();
    let hooks = ["--initializer", "none", "--pre-stop", "none"];
    let ran = ada.types(&[&["deploy", wasm, "--name", "chosen"], hooks.as_slice()].concat()).success();
    assert!(ran.stderr.contains("chosen is so already"), "{ran:?}");
    assert_eq!(ada.types(&["invoke", "chosen", "--event", "tea"]).success().stdout, "tea");
    ada.deploys("chosen", "count", &["--dynamic-memory", "true"]).success();
    let ran = ada.types(&["invoke", "chosen", "--memory", "256"]).success();
    assert_eq!(ran.stdout, "1");
    assert!(ran.stderr.contains("billing memory: 256MB"), "{ran:?}");
    server.stop();
}

#[test]
fn a_handler_that_new_code_lacks_is_changed_with_it() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let folder = package(ada.home.path(), "1");
    fs::copy(guests::faults(), Path::new(&folder).join("faults.wasm")).unwrap();
    ada.types(&["deploy", &folder, "--name", "two", "--handler", "hello.handler"]).success();
    let ran = ada.deploys("two", "echo", &[]).success();
    assert!(ran.stderr.contains("updated two: code, handler"), "{ran:?}");
    assert_eq!(ada.types(&["invoke", "two", "--event", "tea"]).success().stdout, "tea");
    server.stop();
}

#[test]
fn http_functions_get_requests() {
    let server = TestServer::start();
    let ada = Person::at(server.endpoint());
    let ran = ada.types(&["deploy", guests::http_router().to_str().unwrap(), "--name", "router"]).success();
    assert!(ran.stderr.contains("runtime http"), "{ran:?}");
    let ran = ada.types(&["invoke", "router"]).success();
    assert!(ran.stdout.contains("200"), "{ran:?}");
    server.stop();
}

const CREDENTIALS: &str = r#"
[[credentials]]
access_key = "AK"
secret_key = "SK"
project_id = "p1"

[[users]]
name = "ada"
password = "tea"
domain = "shop"
project_id = "p1"
"#;

#[test]
fn requests_are_signed_with_the_credentials_of_a_profile() {
    let server = Setup::new().config(CREDENTIALS).start();
    Person::at(server.endpoint()).types(&["list"]).failure(8, "FNGRAPH_ACCESS_KEY");

    let ada = Person::new(Vec::new());
    let folder = ada.home.path().join("fngraph");
    fs::create_dir(&folder).unwrap();
    let profile = |secret: &str| {
        let endpoint = server.endpoint();
        let text = format!(
            "default = 'test'\n[profiles.test]\nendpoint = '{endpoint}'\nproject_id = 'p1'\n\
             access_key = 'AK'\nsecret_key = '{secret}'\n[profiles.local]\nendpoint = '{endpoint}'\n"
        );
        fs::write(folder.join("profiles.toml"), text).unwrap();
    };
    profile("SK");
    let ran = ada.types(&["deploy", guests::hello().to_str().unwrap(), "--name", "hello"]).success();
    assert_eq!(ran.stdout, "urn:fss:local:p1:function:default:hello:latest\n");
    assert!(ran.stderr.contains("chmod 600"), "others can read the secret: {ran:?}");
    assert_eq!(ada.types(&["invoke", "hello", "--event", ADA]).success().stdout, HELLO_ADA);
    ada.types(&["reserve", "hello", "1"]).success();
    ada.types(&["logs", "hello", "--since", "1m", "--limit", "5"]).success();
    ada.types(&["status", "hello"]).success();
    ada.types(&["list", "--project-id", "p2"]).failure(8, "FSS.0403");
    ada.types(&["list", "--profile", "local"]).failure(8, "FSS.0401");
    ada.types(&["list", "--profile", "nobody"]).failure(2, "local");
    profile("another");
    ada.types(&["list"]).failure(8, "signature");

    let body = json!({"auth": {
        "identity": {"methods": ["password"], "password": {"user": {
            "name": "ada", "password": "tea", "domain": {"name": "shop"}}}},
        "scope": {"project": {"id": "p1"}},
    }});
    let answer = server.post("/v3/auth/tokens", &body).success(201);
    let token = answer.header("x-subject-token").unwrap().to_owned();
    let bob = Person::new(vec![
        ("FNGRAPH_ENDPOINT", server.endpoint().to_owned()),
        ("FNGRAPH_PROJECT_ID", "p1".to_owned()),
        ("FNGRAPH_TOKEN", token),
    ]);
    assert!(bob.types(&["list"]).success().stdout.contains("hello"));
    bob.types(&["delete", "hello"]).success();
    server.stop();
}

#[test]
fn a_server_with_its_own_certificate_is_trusted_by_the_profile() {
    let setup = Setup::new();
    let signed = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let path = |name: &str| setup.directory().join(name).to_str().unwrap().to_owned();
    fs::write(path("server.pem"), signed.cert.pem()).unwrap();
    fs::write(path("server.key"), signed.signing_key.serialize_pem()).unwrap();
    let tls = format!("[tls]\ncertificate = '{}'\nkey = '{}'\n", path("server.pem"), path("server.key"));
    let server = setup.clone().config(&tls).start();
    assert!(server.endpoint().starts_with("https://"));

    Person::at(server.endpoint()).types(&["list"]).failure(8, "`certificate` in the profile");
    let profiles = path("profiles.toml");
    let text = format!("[profiles.tls]\nendpoint = '{}'\ncertificate = 'server.pem'\n", server.endpoint());
    fs::write(&profiles, text).unwrap();
    Person::new(Vec::new()).types(&["list", "--profiles", &profiles, "--profile", "tls"]).success();
    server.stop();
}
