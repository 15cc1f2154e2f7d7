//! Code as it is sent: a zip, the same bytes for the same files, so that a server can tell whether anything changed.

use crate::{
    code::Code,
    exit::{Exit, Failure, OrExit as _},
};
use anyhow::{Context as _, Result};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fngraph::Digest;
use fngraph_api::metadata::FuncCode;
use fngraph_engine::Package;
use std::{
    fs,
    io::{Cursor, Write as _},
};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// A package of code.
#[derive(Debug)]
pub(super) struct Archive {
    zip: Vec<u8>,
}

impl Archive {
    /// The zip that was read, as it is, or one of what was read.
    pub(super) fn of(code: &Code) -> Result<Self, Failure> {
        if code.path.is_file() {
            let bytes = fs::read(&code.path)
                .with_context(|| format!("read {}", code.path.display()))
                .or_exit(Exit::Refused, "")?;
            if bytes.starts_with(b"PK") {
                return Ok(Self { zip: bytes });
            }
        }
        Ok(Self { zip: compress(&code.package).context("zip the code")? })
    }

    /// What servers tell of it: the SHA-512, in hexadecimal.
    pub(super) fn digest(&self) -> String {
        Digest::of(&self.zip).to_string()
    }

    /// As it is sent.
    pub(super) fn code(&self) -> FuncCode {
        FuncCode { file: Some(BASE64_STANDARD.encode(&self.zip)), link: None }
    }
}

fn compress(package: &Package) -> Result<Vec<u8>> {
    // The moment that zips begin with, and not now.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in package.files() {
        zip.start_file(path.to_string_lossy().replace('\\', "/"), options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// The smallest module.
    const WASM: &[u8] = b"\0asm\x01\0\0\0";

    fn archive(path: &Path) -> Archive {
        Archive::of(&Code::read(path).unwrap()).unwrap()
    }

    #[test]
    fn the_same_files_make_the_same_zip() {
        let folder = tempfile::tempdir().unwrap();
        let archive_in = |name: &str| {
            let folder = folder.path().join(name);
            fs::create_dir_all(folder.join("data")).unwrap();
            fs::write(folder.join("f.wasm"), WASM).unwrap();
            fs::write(folder.join("data/words.txt"), "tea").unwrap();
            archive(&folder)
        };
        let (one, other) = (archive_in("one"), archive_in("other"));
        assert_eq!(one.digest(), other.digest());
        let package = Package::from_zip(&one.zip).unwrap();
        let files: Vec<_> = package.files().map(|(path, content)| (path.to_str().unwrap(), content.as_ref())).collect();
        assert_eq!(files, [("data/words.txt", b"tea".as_slice()), ("f.wasm", WASM)]);
    }

    #[test]
    fn a_wasm_file_is_zipped_and_a_zip_sent_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let wasm = folder.path().join("f.wasm");
        fs::write(&wasm, WASM).unwrap();
        let zipped = archive(&wasm);
        let zip = folder.path().join("f.zip");
        fs::write(&zip, &zipped.zip).unwrap();
        assert_eq!(archive(&zip).zip, zipped.zip);
    }
}
