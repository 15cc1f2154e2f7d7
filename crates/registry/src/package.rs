//! Code as it is delivered.

use crate::Invalid;
use bytes::Bytes;
use fngraph_types::{ErrorCode, limits};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The most characters of an address or a file's name. Ours: the manual names no limit, and they are held in memory.
const CHARS: usize = 2048;

/// A code package, and how it came. Bytes alone become one that came as a zip.
#[derive(Clone, PartialEq, Eq)]
pub struct Package {
    /// A zip or a wasm file: up to 300 MiB.
    pub bytes: Bytes,
    /// How it came.
    pub delivery: Delivery,
}

/// How a code package came (manual, 7.6.2 and 7.6.5). It is told again and changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// In which way.
    pub code_type: CodeType,
    /// With [`CodeType::Obs`], where it was fetched: up to 2048 characters. Default: empty.
    pub url: String,
    /// What its file was called: up to 2048 characters. Default: empty.
    pub filename: String,
}

/// In which way a code package came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeType {
    /// Within the request, from an editor.
    Inline,
    /// Within the request, as a file.
    #[default]
    Zip,
    /// By its address.
    Obs,
}

impl<T: Into<Bytes>> From<T> for Package {
    fn from(bytes: T) -> Self {
        Self { bytes: bytes.into(), delivery: Delivery::default() }
    }
}

/// Without the bytes, which are many.
impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Package").field("bytes", &self.bytes.len()).field("delivery", &self.delivery).finish()
    }
}

impl Package {
    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        let bytes = self.bytes.len() as u64;
        if !(1..=limits::PACKAGE_BYTES).contains(&bytes) {
            let rule = "a zip or a wasm file, up to 314572800 bytes (300 MiB)";
            return Err(Invalid::new(ErrorCode::InvalidCode, "size of the code package", bytes, rule));
        }
        self.delivery.validate()
    }
}

impl Delivery {
    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        let Self { code_type: _, url, filename } = self;
        for (field, text) in [("length of the code's address", url), ("length of the code's file name", filename)] {
            let chars = text.chars().count();
            if chars > CHARS {
                return Err(Invalid::new(ErrorCode::InvalidParameter, field, chars, "up to 2048 characters"));
            }
        }
        Ok(())
    }
}

impl FromStr for CodeType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "inline" => Ok(Self::Inline),
            "zip" => Ok(Self::Zip),
            "obs" => Ok(Self::Obs),
            other => {
                let rule = "`inline`, `zip` or `obs`";
                Err(Invalid::new(ErrorCode::InvalidCodeType, "code type", other, rule))
            }
        }
    }
}

impl fmt::Display for CodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inline => "inline",
            Self::Zip => "zip",
            Self::Obs => "obs",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_types_have_the_clouds_names() {
        for code_type in [CodeType::Inline, CodeType::Zip, CodeType::Obs] {
            assert_eq!(code_type.to_string().parse(), Ok(code_type));
        }
        for refused in ["jar", "Custom-Image-Swr", "ZIP", ""] {
            assert_eq!(refused.parse::<CodeType>().unwrap_err().code(), ErrorCode::InvalidCodeType);
        }
    }

    #[test]
    fn packages_have_bytes_and_short_names() {
        let delivered = |filename: &str, url: &str| {
            let delivery = Delivery { filename: filename.to_owned(), url: url.to_owned(), ..Delivery::default() };
            Package { delivery, ..Package::from("code") }.validate().map_err(|invalid| invalid.code())
        };
        assert_eq!(delivered("index.zip", "https://bucket/index.zip"), Ok(()));
        assert_eq!(delivered(&"ä".repeat(2048), ""), Ok(()));
        assert_eq!(delivered(&"ä".repeat(2049), ""), Err(ErrorCode::InvalidParameter));
        assert_eq!(delivered("", &"a".repeat(2049)), Err(ErrorCode::InvalidParameter));
        assert_eq!(Package::from("").validate().unwrap_err().code(), ErrorCode::InvalidCode);
        assert!(!format!("{:?}", Package::from("code")).contains("code\""));
    }
}
