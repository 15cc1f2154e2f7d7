//! What the repository must not hold: large files, and paths of somebody's machine.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::shell::read;

/// Every clone carries a file for ever; samples and fixtures can be made smaller than this.
const MAX_BYTES: u64 = 1_000_000;

/// The user of the cloud's own containers, whose home folder is part of the function model.
const CLOUD_HOME: &str = "snuser";

/// Folders under which people keep their work. Written in two parts, so that this file does not find itself.
const WORK_PLACES: [&str; 3] = [concat!("/", "home/"), concat!("/", "root/"), concat!("/", "work/")];

pub(super) fn check(root: &Path) -> Result<Vec<String>> {
    // Also what is about to be committed.
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let listed = String::from_utf8(read(&mut git)?).context("read the names of the files")?;
    let mut findings = Vec::new();
    for name in listed.split('\0').filter(|name| !name.is_empty()) {
        let path = root.join(name);
        // Deleted but not yet committed so, or a link to a folder.
        if !path.is_file() {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("read {name}"))?;
        if bytes.len() as u64 > MAX_BYTES {
            findings.push(format!("{name}: {} bytes, more than {MAX_BYTES}", bytes.len()));
        }
        // What is not text has no lines to look at.
        let Ok(text) = str::from_utf8(&bytes) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(place) = machine_path(line) {
                findings.push(format!("{name}:{}: a path of one machine ({place}…)", number + 1));
            }
        }
    }
    Ok(findings)
}

/// The start of an absolute path below somebody's own folder, if the line has one.
fn machine_path(line: &str) -> Option<&'static str> {
    WORK_PLACES.into_iter().find(|place| {
        line.match_indices(place).any(|(at, _)| {
            // Within a longer path or an address it is something else.
            let starts = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-/*}".contains(c));
            let rest = &line[at + place.len()..];
            let name: &str = rest.split(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).next().unwrap_or("");
            starts && !name.is_empty() && name != CLOUD_HOME
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_are_found_and_others_are_not() {
        let check = |line: &str, found: bool| assert_eq!(machine_path(line).is_some(), found, "{line}");
        for place in WORK_PLACES {
            check(&format!("see {place}main/x.rs"), true);
            check(&format!("\"{place}a\""), true);
            check(&format!("/mnt{place}a"), false);
            check(&format!("https://a.example{place}a"), false);
            check(place, false);
        }
        check(&format!("HOME={}{CLOUD_HOME}/x", WORK_PLACES[0]), false);
        check("examples/work/a", false);
    }
}
