//! A script that talks to a server.

use fngraph_test_support::{Setup, TestServer, guests, package};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Whom the server knows when it checks signatures.
pub(crate) const ACCESS_KEY: &str = "AKTESTTESTTESTTESTTE";
pub(crate) const SECRET_KEY: &str = "SKtestSKtestSKtestSKtestSKtestSKtestSKtest";
pub(crate) const PROJECT: &str = "0123456789abcdef0123456789abcdef";

/// The same person, with a name and a password for tokens.
const USER: &str = "ada";
const PASSWORD: &str = "Analytical-Engine-1843";
const DOMAIN: &str = "lovelace";

/// Whether the server checks who sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    Signatures,
    Nothing,
}

/// How a server with these checks is started.
pub(crate) fn setup(checks: Checks) -> Setup {
    match checks {
        Checks::Nothing => Setup::new(),
        Checks::Signatures => Setup::new().config(&format!(
            "gateway = \"127.0.0.1:0\"\n\n[[credentials]]\naccess_key = \"{ACCESS_KEY}\"\nsecret_key = \"{SECRET_KEY}\"\nproject_id = \"{PROJECT}\"\n\n\
             [[users]]\nname = \"{USER}\"\npassword = \"{PASSWORD}\"\ndomain = \"{DOMAIN}\"\nproject_id = \"{PROJECT}\"\n"
        )),
    }
}

/// Runs a Python script against a server of its own.
#[track_caller]
pub(crate) fn python(script: &str, checks: Checks) {
    let setup = setup(checks);
    let server = setup.start();
    let mut python = Command::new(installed("python").join("bin/python"));
    // Compiled scripts would be written beside them.
    python.args(["-B", "-W", "ignore"]).arg(scripts().join("python").join(script));
    run(&mut python, &setup, &server);
    server.stop();
}

/// Runs a Node script against a server of its own.
#[track_caller]
pub(crate) fn node(script: &str, checks: Checks) {
    let setup = setup(checks);
    let server = setup.start();
    let mut node = Command::new("node");
    node.arg(scripts().join("node").join(script)).env("SDK_FOLDER", installed("node"));
    run(&mut node, &setup, &server);
    server.stop();
}

/// Runs a client that is told in its environment where the server is, who it is itself, and where functions are.
#[track_caller]
pub(crate) fn run(client: &mut Command, setup: &Setup, server: &TestServer) {
    for (name, guest) in [
        ("checkout", guests::checkout()),
        ("discounts", guests::discounts()),
        ("faults", guests::faults()),
        ("hello", guests::hello()),
        ("word_count", guests::word_count()),
    ] {
        let zip = setup.directory().join(name).with_extension("zip");
        fs::write(&zip, package(&[(&format!("{name}.wasm"), guest)])).unwrap();
        client.env(format!("{}_ZIP", name.to_uppercase()), zip);
    }
    let both = setup.directory().join("both.zip");
    fs::write(&both, package(&[("hello.wasm", guests::hello()), ("faults.wasm", guests::faults())])).unwrap();
    client.env("BOTH_ZIP", both);
    // A proxy of the machine would not find the server.
    for name in ["http_proxy", "https_proxy", "all_proxy"] {
        client.env_remove(name).env_remove(name.to_uppercase());
    }
    client.envs([
        ("ENDPOINT", server.endpoint()),
        ("PROJECT_ID", PROJECT),
        ("ACCESS_KEY", ACCESS_KEY),
        ("SECRET_KEY", SECRET_KEY),
        ("USER_NAME", USER),
        ("USER_PASSWORD", PASSWORD),
        ("USER_DOMAIN", DOMAIN),
    ]);
    let output = client.output().unwrap();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "the client ended with {}\n{said}\n{complained}", output.status);
}

/// The scripts.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk")
}

/// Where the clients of a language are installed.
#[track_caller]
pub(crate) fn installed(language: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = root.join(".cache/sdk").join(language);
    assert!(folder.join("installed").exists(), "the clients in {language} are missing: run cargo xtask setup");
    folder
}
