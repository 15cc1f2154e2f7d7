//! The wire, as the manual has it: requests and answers that stand in the files beside this one.
//!
//! `tests/README.md` tells what a case may say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod case;
mod codes;
mod pattern;
mod placeholder;
mod run;

use std::{fs, path::PathBuf};

/// One test for each file.
macro_rules! conformance {
    ($($name:ident)+) => {
        $(
            #[test]
            fn $name() {
                run::file(stringify!($name));
            }
        )+

        const FILES: &[&str] = &[$(stringify!($name)),+];
    };
}

conformance! {
    aliases
    applications
    archive
    asynchronous
    authentication
    code
    create_function
    dependencies
    events
    functions
    invocations
    logs
    metrics
    quotas
    reservations
    snapshots
    tags
    templates
    topics
    tracing
    triggers
    versions
}

/// The folder with the cases.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance")
}

/// A file that nobody reads proves nothing.
#[test]
fn every_file_of_cases_is_run() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    names.sort();
    assert_eq!(names, FILES);
}
