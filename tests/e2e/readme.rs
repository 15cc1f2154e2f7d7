//! The commands of the README, as they stand there.

use crate::support::{Ran, environment, root};
use fngraph_test_support::{Setup, programs};
use std::{env, fs, path::PathBuf, process::Command};

/// Lines that are not run here, because they run these tests, install for good, or never end.
const LEFT_OUT: [&str; 3] = ["cargo xtask test", "cargo install", "fngraph serve"];

/// Where the README's server listens. Ours listens where there is room.
const ENDPOINT: &str = "http://127.0.0.1:8080";

/// A block of commands of a README.
struct Block {
    /// Whether it is to be run in the repository; other blocks follow each other in one folder of their own.
    in_repository: bool,
    is_python: bool,
    commands: String,
}

/// The blocks between "```sh" (or "```sh repository", or "```python") and "```".
fn blocks(readme: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let (in_repository, is_python) = match line {
            "```sh" => (false, false),
            "```sh repository" => (true, false),
            "```python" => (false, true),
            _ => continue,
        };
        let commands = lines.by_ref().take_while(|line| *line != "```");
        let commands = commands.filter(|line| !LEFT_OUT.iter().any(|left_out| line.starts_with(left_out)));
        let commands = commands.collect::<Vec<_>>().join("\n");
        blocks.push(Block { in_repository, is_python, commands });
    }
    blocks
}

#[test]
fn the_commands_of_the_readme_work() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = env::join_paths(
        [programs::fngraph().parent().unwrap().to_owned()]
            .into_iter()
            .chain(env::split_paths(&env::var_os("PATH").unwrap())),
    )
    .unwrap();
    let blocks = blocks(&readme);
    assert!(blocks.len() >= 3, "the README has commands");
    let server = Setup::new().argument("--gateway").argument("127.0.0.1:0").start();
    for Block { in_repository, is_python, commands } in blocks {
        let commands = commands.replace(ENDPOINT, server.endpoint());
        let mut bash = match sdk_python() {
            Some(python) if is_python => Command::new(python),
            None if is_python => continue,
            _ => Command::new("bash"),
        };
        let flags: &[&str] = if is_python { &["-c"] } else { &["-euo", "pipefail", "-c"] };
        bash.args(flags).arg(&commands).env("PATH", &path).env("FNGRAPH_ENDPOINT", server.endpoint());
        bash.env_remove(programs::FOLDER);
        if in_repository {
            bash.current_dir(root()).env("FNGRAPH_DATA_DIR", &environment()[0].1);
        } else {
            bash.current_dir(folder.path()).envs(environment());
        }
        let ran = Ran::of(bash.output().unwrap());
        assert_eq!(ran.status, 0, "{commands}\n{ran:#?}");
    }
}

/// A Python that has the cloud's SDK. Where there is none, the tests of the SDK say so.
fn sdk_python() -> Option<PathBuf> {
    let python = root().join(".cache/sdk/python/bin/python");
    python.exists().then_some(python)
}

/// Links that point into the repository lead somewhere.
#[test]
fn the_links_of_the_readmes_lead_somewhere() {
    for readme in ["README.md", "crates/README.md", "benches/README.md", "tests/README.md", "guest-sdk/README.md"] {
        let text = fs::read_to_string(root().join(readme)).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link) {
            if link.starts_with("http") || link.starts_with('#') {
                continue;
            }
            let target: PathBuf = root().join(readme).parent().unwrap().join(link.split('#').next().unwrap());
            assert!(target.exists(), "{readme} links to {link}");
        }
    }
}
