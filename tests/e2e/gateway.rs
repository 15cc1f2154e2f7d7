//! The HTTP gateway of the real server: from a deployed function to an answer at the URL that the API tells.

use crate::support::environment;
use fngraph_test_support::{Setup, guests, programs};
use serde_json::json;
use std::process::Command;

#[test]
fn an_api_answers_where_its_trigger_says() {
    let server = Setup::new().argument("--gateway").argument("127.0.0.1:0").start();
    for (name, guest, path, method) in
        [("apig", guests::apig(), "/greet/{name}", "GET"), ("router", guests::http_router(), "/hello/", "ANY")]
    {
        let mut deploy = Command::new(programs::fngraph());
        deploy.args(["deploy", guest.to_str().unwrap(), "--name", name]).env("FNGRAPH_ENDPOINT", server.endpoint());
        let deployed = deploy.env("FNGRAPH_PROJECT_ID", "local").envs(environment()).output().unwrap();
        assert!(deployed.status.success(), "{deployed:?}");
        let data = json!({
            "name": "API_test", "path": path, "req_method": method, "auth": "NONE", "type": 1, "protocol": "HTTP",
            "match_mode": if method == "ANY" { "SWA" } else { "NORMAL" }, "env_name": "RELEASE",
            "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "func_info": { "timeout": 5000 },
        });
        let body = json!({ "trigger_type_code": "APIG", "trigger_status": "ACTIVE", "event_data": data });
        let urn = format!("/v2/local/fgs/triggers/urn:fss:local:local:function:default:{name}");
        let created = server.post(&urn, &body).success(201).json();
        let url = created["event_data"]["invoke_url"].as_str().unwrap();
        let url = url.replace("{name}", "Ada") + if name == "router" { "Ada" } else { "" };
        let answer = server.get_url(&url);
        assert_eq!((answer.status, answer.text().trim()), (200, "Hello, Ada!"), "{url}");
    }
    server.stop();
}
