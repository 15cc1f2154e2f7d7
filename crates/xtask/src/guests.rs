//! `cargo xtask guests`: compiles the guest programs and says how large they are.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use fngraph_guest_build::{Languages, WORKSPACES, Workspace};

use crate::setup;
use crate::shell::{print, say};

pub(crate) fn run(root: &Path) -> Result<()> {
    setup::run(root)?;
    for place in WORKSPACES {
        say(&format!("guests: compiling {place}"));
        for guest in Workspace::read(&root.join(place))?.compile(root, Languages::All)? {
            let bytes = fs::metadata(&guest.wasm).with_context(|| format!("measure {}", guest.name))?.len();
            let shown = guest.wasm.strip_prefix(root).unwrap_or(&guest.wasm);
            print(&format!("{bytes:>9} bytes  {}", shown.display()));
        }
    }
    Ok(())
}
