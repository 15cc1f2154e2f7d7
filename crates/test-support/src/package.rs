//! Code packages, as people upload them.

use std::{
    fs,
    io::{Cursor, Write as _},
    path::Path,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A zip with these files: the name that each has in it, and where its content is.
///
/// # Panics
///
/// Panics if a file cannot be read.
#[must_use]
pub fn package(files: &[(&str, &Path)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, path) in files {
        let content = fs::read(path).unwrap_or_else(|error| panic!("read {}: {error}", path.display()));
        zip.start_file(*name, SimpleFileOptions::default()).expect("a zip in memory takes any file");
        zip.write_all(&content).expect("a zip in memory takes any file");
    }
    zip.finish().expect("a zip in memory can be finished").into_inner()
}
