//! The programs that tests start and people run: the command line and the embedding example.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fngraph_guest_build::target_dir;

use crate::shell::{cargo, run};

/// Tells the tests in which folder the programs are. `fngraph_test_support::programs` reads it.
pub(crate) const FOLDER: &str = "PROGRAMS_UNDER_TEST";

/// The package of the program `fngraph`.
pub(crate) const CLI: &str = "fngraph-cli";

/// Builds every program that tests start, and answers the folder that they are in.
///
/// Package by package, as the README's commands do: each choice of packages has features of its own, and one that is
/// built together with others is built again for a command that names it alone.
pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    build_one(root, CLI)?;
    build_one(root, "fngraph-embed")
}

/// Builds the program of one package, and answers the folder that it is in.
pub(crate) fn build_one(root: &Path, package: &str) -> Result<PathBuf> {
    run(cargo(root, ".").args(["build", "--package", package]))?;
    // The guests' folder is inside the root's target folder.
    Ok(target_dir(root).parent().context("find the target folder")?.join("debug"))
}
