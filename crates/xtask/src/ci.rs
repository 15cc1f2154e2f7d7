//! `cargo xtask ci`: lint, then test.

use std::path::Path;

use anyhow::Result;

use crate::{lint, test};

pub(crate) fn run(root: &Path) -> Result<()> {
    // A failed lint does not hide what the tests would say.
    let linted = lint::run(root);
    test::run(root)?;
    linted
}
