//! Makes the two sample images of this example: `photo.png`, and the small JPEG within `event.json`.
//!
//! A landscape at dusk, out of arithmetic that every machine does alike: no `sin`, no random numbers.

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::{Rgb, RgbImage};

const WIDTH: u16 = 336;
const HEIGHT: u16 = 224;

/// A colour with room for sums.
type Colour = [f32; 3];

/// A line of hills: its colour, where it runs, how rough it is and how much of the evening's haze lies before it.
struct Hills {
    seed: u32,
    base: f32,
    amplitude: f32,
    scale: f32,
    colour: Colour,
    haze: f32,
}

/// From far to near.
const HILLS: [Hills; 4] = [
    Hills { seed: 11, base: 0.50, amplitude: 0.16, scale: 2.6, colour: [0.36, 0.38, 0.55], haze: 0.55 },
    Hills { seed: 23, base: 0.60, amplitude: 0.15, scale: 3.4, colour: [0.24, 0.30, 0.42], haze: 0.32 },
    Hills { seed: 37, base: 0.72, amplitude: 0.13, scale: 4.3, colour: [0.15, 0.24, 0.24], haze: 0.13 },
    Hills { seed: 53, base: 0.86, amplitude: 0.10, scale: 5.5, colour: [0.08, 0.14, 0.09], haze: 0.03 },
];

const ZENITH: Colour = [0.16, 0.28, 0.56];
const HORIZON: Colour = [0.99, 0.72, 0.46];
const SUN: Colour = [1.0, 0.96, 0.80];
const CLOUD: Colour = [0.98, 0.83, 0.74];

fn main() -> Result<(), Box<dyn Error>> {
    let photo = RgbImage::from_fn(WIDTH.into(), HEIGHT.into(), |x, y| {
        let (x, y) = (coordinate(x, WIDTH), coordinate(y, HEIGHT));
        Rgb(pixel(x, y).map(channel))
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));

    let mut png = Vec::new();
    photo.write_with_encoder(PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::Adaptive))?;
    fs::write(folder.join("photo.png"), png)?;

    let small = imageops::resize(&photo, 120, 80, imageops::FilterType::CatmullRom);
    let mut jpeg = Vec::new();
    small.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 80))?;
    let event = format!("{{\n  \"image\": \"{}\",\n  \"width\": 48\n}}\n", BASE64_STANDARD.encode(jpeg));
    fs::write(folder.join("event.json"), event)?;
    Ok(())
}

/// A pixel's place: 0 to 1 along the height, and in the same measure along the width.
fn coordinate(pixel: u32, side: u16) -> f32 {
    let pixel = u16::try_from(pixel).unwrap_or(side);
    f32::from(pixel) / f32::from(HEIGHT)
}

fn pixel(x: f32, y: f32) -> Colour {
    let mut colour = sky(x, y);
    for hills in &HILLS {
        let ridge = hills.base - hills.amplitude * (noise(x * hills.scale, 0.5, 5, hills.seed) - 0.35);
        if y > ridge {
            let ground = ground(hills, x, y, y - ridge);
            // Half a pixel of the ridge lets the sky through, so that the edge is not a staircase.
            let cover = ((y - ridge) * f32::from(HEIGHT)).min(1.0);
            colour = mix(colour, ground, cover);
        }
    }
    // Lenses are darker in the corners.
    let (dx, dy) = (x - 0.75, y - 0.5);
    colour.map(|value| value * (1.0 - 0.22 * (dx * dx + dy * dy)))
}

fn sky(x: f32, y: f32) -> Colour {
    let height = (y / 0.62).min(1.0);
    let mut colour = mix(ZENITH, HORIZON, height * height * (1.4 - 0.4 * height));

    let (dx, dy) = (x - 1.02, y - 0.37);
    let distance = (dx * dx + dy * dy).sqrt();
    let glow = 0.030 / (distance * distance + 0.045);
    colour = mix(colour, SUN, (glow * 0.75).min(0.8));
    let disc = ((0.046 - distance) * f32::from(HEIGHT) * 0.7).clamp(0.0, 1.0);
    colour = mix(colour, [1.0, 0.99, 0.93], disc);

    // Clouds are drawn out along the horizon, and thin where the sky is high.
    let cloud = (noise(x * 2.2, y * 8.0, 5, 7) - 0.52).max(0.0) * 2.6;
    mix(colour, CLOUD, cloud.min(0.75) * (1.0 - disc))
}

fn ground(hills: &Hills, x: f32, y: f32, depth: f32) -> Colour {
    // Near hills show their woods, far ones do not.
    let detail = 1.0 - hills.haze;
    let woods = noise(x * 22.0 * hills.scale / 4.0, y * 30.0, 4, hills.seed + 1) - 0.5;
    let slope = noise(x * hills.scale * 1.7 + depth * 3.0, y * 4.0, 3, hills.seed + 2) - 0.5;
    let light = 1.0 + detail * (0.55 * woods + 0.7 * slope) - 0.35 * depth;
    // The sun's side of every ridge catches the last light.
    let rim = (0.02 - depth).max(0.0) * 14.0 * detail;
    let lit = hills.colour.map(|value| (value * light).max(0.0));
    let warm = mix(lit, [0.85, 0.55, 0.32], rim);
    mix(warm, HORIZON, hills.haze * (0.75 + 0.8 * depth).min(1.0))
}

/// Noise of several octaves: 0 to 1.
fn noise(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut total, mut scale) = (0.0, 0.5, 0.0, 1.0);
    for octave in 0..octaves {
        sum += weight * smooth_noise(x * scale, y * scale, seed * 101 + octave);
        total += weight;
        weight *= 0.5;
        scale *= 2.0;
    }
    sum / total
}

/// Random values on a grid, and smooth ways between them.
fn smooth_noise(x: f32, y: f32, seed: u32) -> f32 {
    let ((cell_x, x), (cell_y, y)) = (split(x), split(y));
    let row = |cell_y| lerp(random(cell_x, cell_y, seed), random(cell_x + 1, cell_y, seed), x);
    lerp(row(cell_y), row(cell_y + 1), y)
}

/// The cell of a place, and how far it is into the cell, eased at both ends.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places are small and not negative")]
fn split(place: f32) -> (u32, f32) {
    let within = place - place.floor();
    (place as u32, within * within * (3.0 - 2.0 * within))
}

/// A value from 0 to 1 that looks random and is not.
fn random(x: u32, y: u32, seed: u32) -> f32 {
    let mut hash = x.wrapping_mul(0x9e37_79b1) ^ y.wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
    hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
    let [high, low, ..] = (hash ^ (hash >> 15)).to_be_bytes();
    f32::from(u16::from_be_bytes([high, low])) / f32::from(u16::MAX)
}

fn lerp(from: f32, to: f32, share: f32) -> f32 {
    from + (to - from) * share
}

fn mix(from: Colour, to: Colour, share: f32) -> Colour {
    [lerp(from[0], to[0], share), lerp(from[1], to[1], share), lerp(from[2], to[2], share)]
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is clamped before")]
fn channel(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8
}
