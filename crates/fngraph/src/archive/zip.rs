//! Writing zips: the same bytes for the same content.

use bytes::Bytes;
use std::io::{Cursor, Write as _};
use zip::{CompressionMethod, DateTime, ZipWriter, result::ZipResult, write::SimpleFileOptions};

/// A zip with a YAML file and the code.
pub(super) fn write(name: &str, yaml: &str, files: &[(String, &Bytes)]) -> ZipResult<Bytes> {
    // The moment that zips begin with, and not now.
    let deflated = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, deflated)?;
    zip.write_all(yaml.as_bytes())?;
    for (name, content) in files {
        // A zip within the zip is compressed already.
        let is_zip = content.starts_with(b"PK");
        let options = if is_zip { deflated.compression_method(CompressionMethod::Stored) } else { deflated };
        zip.start_file(name.as_str(), options)?;
        zip.write_all(content)?;
    }
    Ok(zip.finish()?.into_inner().into())
}
