//! The colour of an account as a dot, for the menu.

use crate::colours::PALETTE;

/// Width and height of a dot with its margin, in pixels.
const SIZE: u32 = 16;

/// The radius of a dot in pixels.
const RADIUS: f64 = 5.0;

/// Draws a dot of a colour as a PNG, the format of pictures in a menu.
pub(super) fn dot(colour: usize) -> Vec<u8> {
    let [red, green, blue] = PALETTE[colour % PALETTE.len()];
    let centre = f64::from(SIZE) / 2.0 - 0.5;
    let mut pixels = Vec::new();
    for y in 0..SIZE {
        for x in 0..SIZE {
            let distance = (f64::from(x) - centre).hypot(f64::from(y) - centre);
            // Smooth over the one pixel that the edge goes through.
            let cover = (RADIUS + 0.5 - distance).clamp(0.0, 1.0);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is 0 to 255")]
            let alpha = (cover * 255.0).round() as u8;
            pixels.extend([red, green, blue, alpha]);
        }
    }
    let mut picture = Vec::new();
    let mut encoder = png::Encoder::new(&mut picture, SIZE, SIZE);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.expect("the pixels fit the size, and memory takes them");
    picture
}
