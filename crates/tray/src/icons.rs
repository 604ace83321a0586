//! The forms of the icon, as pictures. `./dev icons` draws them from `icons/tray`.

use std::io::Cursor;

/// Which form the icon has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IconForm {
    /// The gateway runs.
    Normal,
    /// Something needs the person.
    Attention,
    /// The gateway is off.
    Off,
}

macro_rules! drawn {
    ($form:literal) => {
        [
            include_bytes!(concat!("../../../icons/tray/", $form, "-22.png")).as_slice(),
            include_bytes!(concat!("../../../icons/tray/", $form, "-24.png")).as_slice(),
            include_bytes!(concat!("../../../icons/tray/", $form, "-32.png")).as_slice(),
            include_bytes!(concat!("../../../icons/tray/", $form, "-48.png")).as_slice(),
        ]
    };
}

const NORMAL: [&[u8]; 4] = drawn!("normal");
const ATTENTION: [&[u8]; 4] = drawn!("attention");
const OFF: [&[u8]; 4] = drawn!("off");

/// A square picture.
pub(crate) struct Picture {
    /// Width and height in pixels.
    pub(crate) side: u32,
    /// Four bytes for each pixel.
    pub(crate) rgba: Vec<u8>,
}

impl IconForm {
    /// Returns the form in all sizes, the smallest first.
    pub(crate) fn pictures(self) -> Vec<Picture> {
        let drawn = match self {
            Self::Normal => NORMAL,
            Self::Attention => ATTENTION,
            Self::Off => OFF,
        };
        drawn.into_iter().map(picture).collect()
    }
}

fn picture(drawn: &[u8]) -> Picture {
    let mut reader = png::Decoder::new(Cursor::new(drawn)).read_info().expect("the picture is a PNG");
    let mut rgba = vec![0; reader.output_buffer_size().expect("the picture is small")];
    let info = reader.next_frame(&mut rgba).expect("the picture is whole");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    assert_eq!(info.width, info.height, "the picture is square");
    Picture { side: info.width, rgba }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_differ_in_each_size() {
        let [normal, attention, off] =
            [IconForm::Normal, IconForm::Attention, IconForm::Off].map(IconForm::pictures);
        for (at, side) in [22, 24, 32, 48].into_iter().enumerate() {
            for icon in [&normal[at], &attention[at], &off[at]] {
                assert_eq!(icon.side, side);
                // One colour, some of it covered.
                let opaque: Vec<&[u8]> = icon.rgba.chunks(4).filter(|pixel| pixel[3] == 255).collect();
                // Where two strokes meet it is rounded.
                let is_grey = |pixel: &&[u8]| pixel[..3].iter().all(|value| value.abs_diff(0x80) <= 2);
                assert!(opaque.iter().all(is_grey), "{opaque:?}");
                assert!(!opaque.is_empty());
            }
            assert!(normal[at].rgba != attention[at].rgba && normal[at].rgba != off[at].rgba);
        }
    }
}
