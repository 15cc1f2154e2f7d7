//! Talking to the person and running other programs.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::{env, thread};

use anyhow::{Context, Result, ensure};

/// The programs that `setup` installs, below the root of the repository.
pub(crate) const TOOLS: &str = ".cache/tools";

/// Says something to the person.
#[expect(clippy::print_stderr, reason = "the one place from which xtask talks")]
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// Prints a result.
#[expect(clippy::print_stdout, reason = "the one place from which xtask prints results")]
pub(crate) fn print(text: &str) {
    println!("{text}");
}

/// A cargo that finds the installed tools, in the folder `dir` of the repository.
pub(crate) fn cargo(root: &Path, dir: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root.join(dir)).env("PATH", path_with_tools(root));
    // `cargo run` describes xtask's own package to us; to another package's build script that would be a lie.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a command; its output goes where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = describe(command);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("start {name}"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// Runs a command and answers its output; its errors go where ours go.
pub(crate) fn read(command: &mut Command) -> Result<Vec<u8>> {
    let name = describe(command);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("start {name}"))?;
    ensure!(output.status.success(), "{name} failed ({})", output.status);
    Ok(output.stdout)
}

/// Runs a command silently and says whether it succeeded; one that cannot be started did not.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
}

/// Runs a command and hands over each line it writes to either stream, as it comes.
pub(crate) fn stream(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<()> {
    let name = describe(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("start {name}"))?;
    let stdout = child.stdout.take().context("take the standard output")?;
    let stderr = child.stderr.take().context("take the standard error")?;
    thread::scope(|scope| {
        // A rendezvous: a program that writes faster than we print has to wait.
        let (sender, lines) = mpsc::sync_channel(0);
        let other = sender.clone();
        scope.spawn(move || forward(stdout, &sender));
        scope.spawn(move || forward(stderr, &other));
        lines.iter().for_each(|line: String| on_line(&line));
    });
    let status = child.wait().with_context(|| format!("wait for {name}"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

/// Hides addresses: where this machine fetches from is nobody's business, and it differs from machine to machine.
pub(crate) fn mask(line: &str) -> String {
    line.split(' ').map(|word| if is_address(word) { "<address>" } else { word }).collect::<Vec<_>>().join(" ")
}

fn is_address(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = word.split(['/', ':']).next().unwrap_or_default();
    let known_suffix = [".com", ".dev", ".io", ".net", ".org"].iter().any(|suffix| host.ends_with(suffix));
    // Cargo keeps what it fetched in folders called after where it came from.
    word.contains("://") || word.contains("/registry/") || (known_suffix && host != "crates.io")
}

fn forward(stream: impl Read, lines: &mpsc::SyncSender<String>) {
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned();
        if lines.send(line).is_err() {
            return;
        }
    }
}

fn path_with_tools(root: &Path) -> OsString {
    let own = env::var_os("PATH").unwrap_or_default();
    // Last, so that what the person has installed wins.
    let folders = env::split_paths(&own).chain([root.join(TOOLS).join("bin")]);
    env::join_paths(folders).unwrap_or(own)
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = [program].into_iter().chain(command.get_args().take(3));
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_masked_and_the_rest_is_kept() {
        let check = |line: &str, masked: &str| assert_eq!(mask(line), masked);
        check("info: downloading component rust-std", "info: downloading component rust-std");
        check("could not download 'https://a.example/x' to 'y'", "could not download <address> to 'y'");
        check("lookup of mirror.example.org:443 failed", "lookup of <address> failed");
        check("compiling /x/.cargo/registry/src/index.example-1/a/lib.rs", "compiling <address>");
        check("Updating crates.io index", "Updating crates.io index");
        check("rustc 1.95.0 (wasm32-wasip2)", "rustc 1.95.0 (wasm32-wasip2)");
    }

    #[test]
    fn both_streams_are_handed_over_and_a_failure_is_told() {
        let mut lines = Vec::new();
        let result = stream(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]), |line| {
            lines.push(line.to_owned());
        });
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
        assert!(result.expect_err("it exits with 3").to_string().contains("failed"));
    }
}
