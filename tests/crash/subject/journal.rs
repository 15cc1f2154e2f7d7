//! What the process did, where it outlives the process.

use anyhow::{Context, Result};
use crash_plan::Note;
use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::Path,
};

/// A file with a line for each note. A kill leaves what was written, though not always the whole of the last line.
#[derive(Debug)]
pub(crate) struct Journal(File);

impl Journal {
    pub(crate) fn create(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().append(true).create_new(true).open(path);
        Ok(Self(file.with_context(|| format!("create the journal {}", path.display()))?))
    }

    /// Writes a line with one call, so that lines of several threads do not mix.
    pub(crate) fn write(&self, note: Note) {
        (&self.0).write_all(format!("{note}\n").as_bytes()).expect("the journal can be written");
    }
}
