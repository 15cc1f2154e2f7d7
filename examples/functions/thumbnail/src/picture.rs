//! From the bytes of a picture to those of a smaller one.

use std::fmt;
use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use serde::Serialize;

use crate::ThumbnailError;

/// The longest side of an image, in pixels: four times that of a usual photograph.
const MAX_SIDE: u32 = 16_384;

/// How much of the function's memory the pixels of an image may take, as a fraction: three tenths. The worst image, a
/// progressive JPEG, needs twice that again while it is decoded; the rest is for the event and the file. With 128 MiB
/// that is a photograph of 13 million pixels.
const PIXEL_SHARE: (u64, u64) = (3, 10);

/// The largest thumbnail, in pixels, for which the sharper filter is used: on its way it takes 16 bytes for each of
/// up to twice the pixels, which is 32 MiB. The image's own pixels are gone by then.
const MAX_SHARP_PIXELS: u64 = 1 << 20;

/// Small, and no artefacts that one would see at that size.
const JPEG_QUALITY: u8 = 85;

/// The formats that are read and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Portable Network Graphics.
    Png,
    /// What cameras write.
    Jpeg,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
        })
    }
}

/// A small picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    /// The format of [`Thumbnail::bytes`].
    pub format: Format,
    /// How wide it is, in pixels.
    pub width: u32,
    /// How high it is, in pixels.
    pub height: u32,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Thumbnail {
    /// The thumbnail of an image: upright, at most that wide, never larger than the image. The memory, in MiB, is the
    /// function's, and limits how large the image may be.
    ///
    /// # Errors
    /// What is wrong with the image.
    pub fn of(image: Vec<u8>, width: u32, memory: u32) -> Result<Self, ThumbnailError> {
        let (image, format, orientation) = decode(image, (u64::from(memory) << 20) * PIXEL_SHARE.0 / PIXEL_SHARE.1)?;
        let picture = shrink(image, width, orientation);
        let (width, height) = (picture.width(), picture.height());
        Ok(Self { format, width, height, bytes: encode(picture, format)? })
    }
}

/// The pixels of an image, as they are stored, and how a camera says to turn them.
fn decode(image: Vec<u8>, max_pixel_bytes: u64) -> Result<(DynamicImage, Format, Orientation), ThumbnailError> {
    let mut reader = ImageReader::new(Cursor::new(image)).with_guessed_format().map_err(image::ImageError::from)?;
    let format = match reader.format() {
        Some(ImageFormat::Png) => Format::Png,
        Some(ImageFormat::Jpeg) => Format::Jpeg,
        _ => return Err(ThumbnailError::UnsupportedImage("the image is neither a PNG nor a JPEG".to_owned())),
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(max_pixel_bytes);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // The limits of `image` count what a decoder allocates besides the pixels, not the pixels themselves.
    let (width, height) = decoder.dimensions();
    if decoder.total_bytes() > max_pixel_bytes {
        return Err(ThumbnailError::ImageTooLarge(format!(
            "{width} x {height} pixels do not fit into the function's memory"
        )));
    }
    let orientation = decoder.orientation()?;
    Ok((DynamicImage::from_decoder(decoder)?, format, orientation))
}

/// A smaller copy, upright.
fn shrink(image: DynamicImage, width: u32, orientation: Orientation) -> DynamicImage {
    // Turned after it is small: less to turn.
    let lies = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    let stored = (image.width(), image.height());
    let upright = if lies { (stored.1, stored.0) } else { stored };
    let wanted = fit(upright, width);
    let (width, height) = if lies { (wanted.1, wanted.0) } else { wanted };

    let mut small = if (width, height) == stored {
        image
    } else if u64::from(width) * u64::from(height) > MAX_SHARP_PIXELS {
        image.thumbnail_exact(width, height)
    } else {
        // Averaging down to twice the size is fast and needs little memory; the filter is for the rest.
        let (rough_width, rough_height) = (stored.0.min(2 * width), stored.1.min(2 * height));
        let rough = image.thumbnail_exact(rough_width, rough_height);
        drop(image);
        rough.resize_exact(width, height, FilterType::CatmullRom)
    };
    small.apply_orientation(orientation);
    small
}

/// The sides of a picture that is at most that wide and keeps its ratio, but has no side of nothing.
fn fit((width, height): (u32, u32), max_width: u32) -> (u32, u32) {
    if width <= max_width {
        return (width, height);
    }
    let scaled = (u64::from(height) * u64::from(max_width) + u64::from(width / 2)) / u64::from(width);
    (max_width, u32::try_from(scaled).unwrap_or(height).max(1))
}

/// The file, with eight bits a channel, which is what screens show.
fn encode(picture: DynamicImage, format: Format) -> Result<Vec<u8>, ThumbnailError> {
    let mut bytes = Vec::new();
    match format {
        Format::Png if picture.color().has_alpha() => {
            picture.into_rgba8().write_with_encoder(PngEncoder::new(&mut bytes))?;
        }
        Format::Png => picture.into_rgb8().write_with_encoder(PngEncoder::new(&mut bytes))?,
        Format::Jpeg => {
            picture.into_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratio_is_kept_and_nothing_is_enlarged() {
        let check = |image, width, expected| assert_eq!(fit(image, width), expected, "{image:?} at {width}");
        check((400, 300), 100, (100, 75));
        check((300, 400), 100, (100, 133));
        check((1000, 1), 10, (10, 1));
        check((16_384, 16_384), 4096, (4096, 4096));
        check((50, 40), 96, (50, 40));
        check((96, 7), 96, (96, 7));
    }

    #[test]
    fn pictures_that_lie_are_turned_upright() {
        let upright = shrink(DynamicImage::new_rgb8(400, 300), 30, Orientation::Rotate90);
        assert_eq!((upright.width(), upright.height()), (30, 40));
        let upright = shrink(DynamicImage::new_rgb8(400, 300), 40, Orientation::Rotate180);
        assert_eq!((upright.width(), upright.height()), (40, 30));
    }

    #[test]
    fn large_thumbnails_are_averaged_only() {
        let large = shrink(DynamicImage::new_luma8(3000, 2000), 2000, Orientation::NoTransforms);
        assert_eq!((large.width(), large.height()), (2000, 1333));
    }
}
