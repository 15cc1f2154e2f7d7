//! The zips: folders without what a build leaves in them, the same bytes from the same files.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::manifest;

/// What is no part of an example's source.
const LEFT_OUT: [&str; 2] = ["target", "Cargo.lock"];

/// What building a function does not need of the SDK.
const LEFT_OUT_OF_SDK: [&str; 4] = ["tests", "benches", "examples", "target"];

/// Writes an example: its folder with another manifest, and what it was compiled to. Says how large the zip is.
pub(crate) fn write(zip: &Path, dir: &Path, manifest: &str, wasm: Option<&Path>) -> Result<u64> {
    let mut files = files(dir, &LEFT_OUT)?;
    for (path, content) in &mut files {
        if path == "Cargo.toml" {
            *content = manifest.as_bytes().to_owned();
        }
    }
    if let Some(wasm) = wasm {
        let stem = wasm.file_stem().and_then(|stem| stem.to_str()).context("read the name of a wasm file")?;
        // A program is compiled to a file with a dash, and handlers name crates.
        let name = format!("{}.wasm", stem.replace('-', "_"));
        files.push((name, fs::read(wasm).with_context(|| format!("read {}", wasm.display()))?));
    }
    pack(zip, &files)
}

/// Writes the SDK, with manifests that stand alone.
pub(crate) fn write_sdk(zip: &Path, dir: &Path, workspace: &str) -> Result<u64> {
    let mut files = files(dir, &LEFT_OUT_OF_SDK)?;
    let name = dir.file_name().context("find the SDK's name")?;
    for (path, content) in &mut files {
        let Some(folder) = path.strip_suffix("Cargo.toml") else { continue };
        let text = String::from_utf8(std::mem::take(content)).context("read the SDK's manifest")?;
        let text = manifest::library(&text, workspace, &Path::new(name).join(folder))
            .with_context(|| format!("prepare the SDK's {path}"))?;
        *content = text.into_bytes();
    }
    pack(zip, &files)
}

/// The files of a folder, by their paths in it, which have slashes.
fn files(dir: &Path, left_out: &[&str]) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut found, mut folders) = (Vec::new(), vec![PathBuf::new()]);
    while let Some(folder) = folders.pop() {
        let path = dir.join(&folder);
        for entry in fs::read_dir(&path).with_context(|| format!("list {}", path.display()))? {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("read the name of a file")?;
            if left_out.contains(&name.as_str()) {
                continue;
            }
            let below = folder.join(&name);
            if entry.file_type()?.is_dir() {
                folders.push(below);
            } else {
                let path = below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>();
                found.push((path.join("/"), fs::read(entry.path())?));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn pack(zip: &Path, files: &[(String, Vec<u8>)]) -> Result<u64> {
    let mut writer = ZipWriter::new(File::create(zip).with_context(|| format!("create {}", zip.display()))?);
    for (path, content) in files {
        writer.start_file(path.as_str(), SimpleFileOptions::default())?;
        writer.write_all(content)?;
    }
    let file = writer.finish().with_context(|| format!("write {}", zip.display()))?;
    Ok(file.metadata()?.len())
}
