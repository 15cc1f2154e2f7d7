//! What can be wrong with an event.

use std::fmt;

use image::ImageError;

/// What can be wrong with an event.
///
/// It does not implement [`std::error::Error`] on purpose: the SDK converts those into an error whose kind is the
/// name of the type, and here each variant is a kind of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThumbnailError {
    /// The thumbnail would have no width, or too much of it.
    InvalidWidth {
        /// What was asked for.
        width: u32,
        /// What is allowed.
        max: u32,
    },
    /// The image is no Base64, or it is damaged.
    InvalidImage(String),
    /// The image is of another format, or uses a feature that the codecs lack.
    UnsupportedImage(String),
    /// The image is small when packed and would fill the memory when unpacked.
    ImageTooLarge(String),
}

impl ThumbnailError {
    /// What callers match on.
    fn kind(&self) -> &'static str {
        match self {
            Self::InvalidWidth { .. } => "InvalidWidth",
            Self::InvalidImage(_) => "InvalidImage",
            Self::UnsupportedImage(_) => "UnsupportedImage",
            Self::ImageTooLarge(_) => "ImageTooLarge",
        }
    }
}

impl fmt::Display for ThumbnailError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidWidth { width, max } => write!(formatter, "the width must be 1 to {max}, and not {width}"),
            Self::InvalidImage(reason) => write!(formatter, "the image cannot be read: {reason}"),
            Self::UnsupportedImage(reason) => formatter.write_str(reason),
            Self::ImageTooLarge(reason) => write!(formatter, "the image is too large: {reason}"),
        }
    }
}

impl From<ImageError> for ThumbnailError {
    fn from(error: ImageError) -> Self {
        let reason = error.to_string();
        match error {
            ImageError::Limits(_) => Self::ImageTooLarge(reason),
            ImageError::Unsupported(_) => Self::UnsupportedImage(reason),
            ImageError::Decoding(_) | ImageError::Encoding(_) | ImageError::Parameter(_) | ImageError::IoError(_) => {
                Self::InvalidImage(reason)
            }
        }
    }
}

impl From<ThumbnailError> for fngraph_guest::Error {
    fn from(error: ThumbnailError) -> Self {
        Self::new(error.kind(), error.to_string())
    }
}
