//! The clients of the cloud that the server is tested with, installed into `.cache/sdk`.
//!
//! The pins stand with the tests, in `tests/sdk`. A copy of them beside what was installed says that it is all there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::shell::{mask, run, say, stream, succeeds};

/// One language's clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sdk {
    Python,
    Node,
}

impl Sdk {
    const ALL: [Self; 2] = [Self::Python, Self::Node];

    /// Its folder in `tests/sdk` and in `.cache/sdk`.
    fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Node => "node",
        }
    }

    /// The program that must be on the machine.
    fn program(self) -> &'static str {
        match self {
            Self::Python => "python3",
            Self::Node => "npm",
        }
    }

    /// The files that say what is installed; the last one names every version.
    fn pins(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["requirements.txt"],
            Self::Node => &["package.json", "package-lock.json"],
        }
    }

    /// The modules of `tests/sdk` that need it.
    fn tests(self) -> &'static str {
        match self {
            Self::Python => "test(/^(python|otc|schema)::/)",
            Self::Node => "test(/^node::/)",
        }
    }
}

/// Installs all clients. One whose language is missing is left out, but never in CI.
pub(crate) fn install(root: &Path) -> Result<()> {
    Sdk::ALL.into_iter().try_for_each(|sdk| {
        install_one(root, sdk).with_context(|| format!("install the clients in {} (tests/sdk)", sdk.name()))
    })
}

/// What nextest is to leave out, as an expression: the tests whose clients are not there. It counts them as skipped.
pub(crate) fn left_out(root: &Path) -> Option<String> {
    let missing = Sdk::ALL.into_iter().filter(|sdk| !is_installed(root, *sdk));
    let tests: Vec<&str> = missing.map(Sdk::tests).collect();
    (!tests.is_empty()).then(|| format!("binary_id(fngraph-tests::sdk) and ({})", tests.join(" or ")))
}

fn install_one(root: &Path, sdk: Sdk) -> Result<()> {
    let (name, program) = (sdk.name(), sdk.program());
    if is_installed(root, sdk) {
        say(&format!("setup: the clients in {name} are there"));
        return Ok(());
    }
    if !succeeds(Command::new(program).arg("--version")) {
        ensure!(env::var_os("CI").is_none(), "find {program}: CI must run the tests of the clients in {name}");
        say(&format!("setup: {program} is missing; the tests of the clients in {name} will be skipped"));
        return Ok(());
    }
    let dir = root.join(".cache/sdk").join(name);
    if dir.exists() {
        fs::remove_dir_all(&dir).context("remove the old ones")?;
    }
    fs::create_dir_all(&dir).context("create their folder")?;
    say(&format!("setup: installing the cloud's clients in {name} into .cache/sdk/{name}"));
    match sdk {
        Sdk::Python => install_python(root, &dir)?,
        Sdk::Node => install_node(root, &dir)?,
    }
    // Last of all: it says that nothing is missing.
    fs::copy(pins(root, sdk), stamp(root, sdk)).context("note what was installed")?;
    say(&format!("setup: the clients in {name} are there now"));
    Ok(())
}

fn install_python(root: &Path, dir: &Path) -> Result<()> {
    run(Command::new("python3").args(["-m", "venv"]).arg(dir))
        .context("make a Python environment (its venv module is needed: on Debian, python3-venv)")?;
    let mut pip = Command::new(dir.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]);
    pip.arg("--requirement").arg(pins(root, Sdk::Python));
    stream(&mut pip, |line| say(&format!("  {}", mask(line))))
}

fn install_node(root: &Path, dir: &Path) -> Result<()> {
    for file in Sdk::Node.pins() {
        fs::copy(root.join("tests/sdk/node").join(file), dir.join(file)).with_context(|| format!("copy {file}"))?;
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(dir);
    stream(&mut npm, |line| say(&format!("  {}", mask(line))))
}

fn is_installed(root: &Path, sdk: Sdk) -> bool {
    let read = |path| fs::read(path).ok();
    read(stamp(root, sdk)).is_some_and(|installed| Some(installed) == read(pins(root, sdk)))
}

/// The file that names every version.
fn pins(root: &Path, sdk: Sdk) -> PathBuf {
    let file = sdk.pins().last().copied().unwrap_or_default();
    root.join("tests/sdk").join(sdk.name()).join(file)
}

fn stamp(root: &Path, sdk: Sdk) -> PathBuf {
    root.join(".cache/sdk").join(sdk.name()).join("installed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_installed_from_other_pins_is_not_installed() {
        let root = tempfile::tempdir().expect("a folder");
        let write = |path: PathBuf, content: &str| {
            fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
            fs::write(path, content).expect("a file");
        };
        for sdk in Sdk::ALL {
            write(pins(root.path(), sdk), "a==1");
            write(stamp(root.path(), sdk), "a==1");
        }
        assert_eq!(left_out(root.path()), None);
        write(pins(root.path(), Sdk::Node), "a==2");
        let node = "binary_id(fngraph-tests::sdk) and (test(/^node::/))";
        assert_eq!(left_out(root.path()).as_deref(), Some(node));
        fs::remove_file(stamp(root.path(), Sdk::Python)).expect("it is there");
        assert!(left_out(root.path()).is_some_and(|tests| tests.contains("python") && tests.contains("node")));
    }
}
