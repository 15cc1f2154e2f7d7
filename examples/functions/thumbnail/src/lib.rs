//! Makes a small picture of a large one: PNG or JPEG in, the same format out, as Base64 within JSON.

mod error;
mod picture;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use fngraph_guest::{Context, Error};
use serde::{Deserialize, Serialize};

pub use crate::error::ThumbnailError;
pub use crate::picture::{Format, Thumbnail};

/// The widest thumbnail, in pixels: beyond it, it is none.
const MAX_WIDTH: u32 = 4096;

/// What the caller sends.
#[derive(Clone, Debug, Deserialize)]
pub struct Event {
    /// A PNG or a JPEG image, as Base64.
    pub image: String,
    /// How wide the thumbnail may be, in pixels: 1 to 4096, and 96 when it is left out.
    #[serde(default = "default_width")]
    pub width: u32,
}

/// What the caller gets.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// The thumbnail, as Base64.
    pub image: String,
    /// The format of the thumbnail, which is that of the image.
    pub format: Format,
    /// How wide the thumbnail is, in pixels: as wide as was asked for, unless the image is narrower.
    pub width: u32,
    /// How high the thumbnail is, in pixels: the sides keep their ratio.
    pub height: u32,
    /// How long the thumbnail is, in bytes, before Base64.
    pub bytes: usize,
}

/// Makes the thumbnail of an image.
///
/// # Errors
/// `InvalidWidth`, `InvalidImage`, `UnsupportedImage`, `ImageTooLarge`.
#[fngraph_guest::handler]
pub fn handler(event: Event, ctx: &Context) -> Result<Answer, Error> {
    if !(1..=MAX_WIDTH).contains(&event.width) {
        return Err(ThumbnailError::InvalidWidth { width: event.width, max: MAX_WIDTH }.into());
    }
    let image =
        BASE64_STANDARD.decode(&event.image).map_err(|error| ThumbnailError::InvalidImage(error.to_string()))?;
    // Decoding needs the memory more than the text does.
    drop(event.image);
    let thumbnail = Thumbnail::of(image, event.width, ctx.memory())?;
    let Thumbnail { format, width, height, bytes } = thumbnail;
    ctx.logger().info(format_args!("{format}, {width} x {height} pixels, {} bytes", bytes.len()));
    Ok(Answer { image: BASE64_STANDARD.encode(&bytes), format, width, height, bytes: bytes.len() })
}

fn default_width() -> u32 {
    96
}

#[cfg(test)]
mod tests;
