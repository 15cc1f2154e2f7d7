//! `cargo xtask demo`: compiles the thumbnail function and runs it on a real image.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use fngraph_guest_build::{Languages, Workspace, target_dir};
use serde_json::{Value, json};

use crate::programs;
use crate::setup;
use crate::shell::{read, say};

/// The function and its sample image live together.
const FUNCTION: &str = "thumbnail";
const WORKSPACE: &str = "examples/functions";

/// The width of the thumbnail, in pixels.
const WIDTH: u32 = 96;

pub(crate) fn run(root: &Path) -> Result<()> {
    setup::targets(root)?;
    say("demo: compiling the command line `fngraph`");
    // As the tests do, so that neither compiles the engine again. The functions are compiled for release.
    let fngraph = programs::build_one(root, programs::CLI)?.join("fngraph");
    say(&format!("demo: compiling the function {WORKSPACE}/{FUNCTION} to WebAssembly"));
    let guests = Workspace::read(&root.join(WORKSPACE))?.compile(root, Languages::Only(FUNCTION))?;
    let guest = guests.first().with_context(|| format!("find the function {FUNCTION} in {WORKSPACE}"))?;

    // The guests' folder is inside the root's target folder.
    let target = target_dir(root).parent().map(Path::to_owned).context("find the target folder")?;
    let out = target.join("demo");
    fs::create_dir_all(&out).with_context(|| format!("create {}", out.display()))?;
    let sample = sample(&root.join(WORKSPACE).join(FUNCTION))?;
    let image = fs::read(&sample).with_context(|| format!("read {}", sample.display()))?;
    let event = out.join("event.json");
    let body = json!({ "image": BASE64_STANDARD.encode(&image), "width": WIDTH });
    fs::write(&event, body.to_string()).with_context(|| format!("write {}", event.display()))?;

    let shown = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    say(&format!("demo: fngraph run {} --event @{}", shown(&guest.wasm), shown(&event)));
    let mut fngraph = Command::new(fngraph);
    fngraph.arg("run").arg(&guest.wasm).arg("--event").arg(format!("@{}", event.display()));
    let answer: Value = serde_json::from_slice(&read(&mut fngraph)?).context("parse the function's answer")?;

    let thumbnail = decode(&answer)?;
    let result = out.join("thumbnail.png");
    fs::write(&result, &thumbnail).with_context(|| format!("write {}", result.display()))?;
    let (width, height) = (&answer["width"], &answer["height"]);
    say(&format!("demo: {}, {} bytes, became", shown(&sample), image.len()));
    say(&format!("demo: {}, {} bytes, {width} x {height} pixels", shown(&result), thumbnail.len()));
    Ok(())
}

/// The first image in the function's own folder.
fn sample(dir: &Path) -> Result<PathBuf> {
    let mut images: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("list {}", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().and_then(OsStr::to_str).is_some_and(|e| ["png", "jpg", "jpeg"].contains(&e)))
        .collect();
    images.sort();
    images.into_iter().next().with_context(|| format!("find a PNG or JPEG image in {}", dir.display()))
}

fn decode(answer: &Value) -> Result<Vec<u8>> {
    let encoded = answer["image"].as_str().context("find the image in the function's answer")?;
    let image = BASE64_STANDARD.decode(encoded).context("decode the image in the function's answer")?;
    ensure!(image.starts_with(b"\x89PNG"), "check the function's answer: its image is not a PNG");
    Ok(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_of_an_answer_is_decoded_and_must_be_a_png() {
        assert_eq!(decode(&json!({ "image": "iVBORw==" })).expect("it is a PNG's start"), b"\x89PNG");
        assert!(decode(&json!({ "image": "AAAA" })).is_err());
        assert!(decode(&json!({})).is_err());
    }

    #[test]
    fn the_sample_is_the_first_image_by_name() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["Cargo.toml", "b.png", "a.jpg"] {
            fs::write(dir.path().join(name), "").expect("a file");
        }
        assert_eq!(sample(dir.path()).expect("there are two"), dir.path().join("a.jpg"));
    }
}
