use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, Rgba};
use serde_json::json;

use super::*;

/// The committed photograph.
const PHOTO: &[u8] = include_bytes!("../photo.png");

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("memory can be written");
    bytes.into_inner()
}

fn run(image: &[u8], width: u32) -> Result<Answer, Error> {
    handler(Event { image: BASE64_STANDARD.encode(image), width }, &Context::builder().build())
}

fn pixels(answer: &Answer) -> DynamicImage {
    let bytes = BASE64_STANDARD.decode(&answer.image).expect("the answer is Base64");
    assert_eq!(bytes.len(), answer.bytes);
    let picture = image::load_from_memory(&bytes).expect("the answer is an image");
    assert_eq!((picture.width(), picture.height()), (answer.width, answer.height));
    picture
}

#[test]
fn photograph_becomes_small_and_keeps_its_looks() {
    let photo = image::load_from_memory(PHOTO).expect("the photograph is a PNG").into_rgb8();
    let answer = run(PHOTO, 96).expect("the photograph has a thumbnail");
    assert_eq!((answer.format, answer.width, answer.height), (Format::Png, 96, 96 * photo.height() / photo.width()));
    assert!(answer.bytes < PHOTO.len());
    let small = pixels(&answer).into_rgb8();
    // Where the sky is brighter than the ground in the one, it is in the other.
    let brightness = |pixel: &Rgb<u8>| pixel.0.iter().map(|channel| u32::from(*channel)).sum::<u32>();
    assert!(brightness(small.get_pixel(48, 2)) > brightness(small.get_pixel(48, 60)));
    assert!(brightness(photo.get_pixel(photo.width() / 2, 10)) > brightness(small.get_pixel(48, 60)));
}

#[test]
fn format_of_the_image_is_kept() {
    let image = DynamicImage::from(image::RgbImage::from_pixel(200, 100, Rgb([200, 30, 30])));
    for (format, named) in [(ImageFormat::Png, Format::Png), (ImageFormat::Jpeg, Format::Jpeg)] {
        let answer = run(&file(&image, format), 50).expect("the image has a thumbnail");
        assert_eq!((answer.format, answer.width, answer.height), (named, 50, 25));
        let [red, green, blue] = pixels(&answer).into_rgb8().get_pixel(25, 12).0;
        assert!(red > 190 && green < 40 && blue < 40, "{red} {green} {blue}");
    }
}

#[test]
fn transparency_is_kept() {
    let image = DynamicImage::from(image::RgbaImage::from_pixel(64, 64, Rgba([0, 0, 255, 0])));
    let answer = run(&file(&image, ImageFormat::Png), 16).expect("the image has a thumbnail");
    assert_eq!(pixels(&answer).into_rgba8().get_pixel(8, 8).0[3], 0);
}

#[test]
fn image_that_is_small_enough_stays_as_large_as_it_is() {
    let answer = run(&file(&DynamicImage::new_luma8(20, 30), ImageFormat::Png), 96).expect("it has a thumbnail");
    assert_eq!((answer.width, answer.height), (20, 30));
}

#[test]
fn width_has_a_default_and_bounds() {
    let sample: Event = serde_json::from_str(include_str!("../event.json")).expect("the sample is an event");
    let answer = handler(sample.clone(), &Context::builder().build()).expect("the sample has a thumbnail");
    assert_eq!((answer.format, answer.width), (Format::Jpeg, sample.width));

    let event: Event = serde_json::from_value(json!({ "image": "" })).expect("the width has a default");
    assert_eq!(event.width, 96);
    for width in [0, 4097] {
        assert_eq!(run(PHOTO, width).expect_err("the width is out of bounds").kind(), "InvalidWidth");
    }
}

#[test]
fn wrong_images_are_typed_errors() {
    let check = |image: &[u8], kind: &str| assert_eq!(run(image, 96).expect_err("the image is wrong").kind(), kind);
    check(b"", "UnsupportedImage");
    check(b"GIF89a\x01\0\x01\0", "UnsupportedImage");
    check(&PHOTO[..PHOTO.len() / 2], "InvalidImage");
    check(b"\xff\xd8\xff\xe0", "InvalidImage");

    let event = Event { image: "no Base64".to_owned(), width: 96 };
    assert_eq!(handler(event, &Context::builder().build()).expect_err("it is no Base64").kind(), "InvalidImage");
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    // A few hundred bytes that claim 60,000 x 60,000 pixels, then 16,000 x 16,000, which only the memory forbids.
    for side in [60_000_u32, 16_000] {
        let mut bomb = file(&DynamicImage::new_rgb8(1, 1), ImageFormat::Png);
        bomb[16..20].copy_from_slice(&side.to_be_bytes());
        bomb[20..24].copy_from_slice(&side.to_be_bytes());
        let crc = crc32(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        assert_eq!(run(&bomb, 96).expect_err("it would not fit").kind(), "ImageTooLarge", "{side}");
    }
}

/// The checksum of PNG's chunks.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}
