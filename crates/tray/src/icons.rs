//! The forms of the icon, as pictures for the session bus. `./dev icons` draws them from `icons/tray`.

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

impl IconForm {
    /// Returns the form in all sizes, in the byte order that the bus has them in.
    pub(crate) fn pixmaps(self) -> Vec<ksni::Icon> {
        let drawn = match self {
            Self::Normal => NORMAL,
            Self::Attention => ATTENTION,
            Self::Off => OFF,
        };
        drawn.into_iter().map(pixmap).collect()
    }
}

fn pixmap(drawn: &[u8]) -> ksni::Icon {
    let mut reader = png::Decoder::new(Cursor::new(drawn)).read_info().expect("the picture is a PNG");
    let mut data = vec![0; reader.output_buffer_size().expect("the picture is small")];
    let info = reader.next_frame(&mut data).expect("the picture is whole");
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Rgba, png::BitDepth::Eight));
    let (pixels, _) = data.as_chunks_mut::<4>();
    for pixel in pixels {
        // From RGBA to ARGB.
        pixel.rotate_right(1);
    }
    let side = |pixels: u32| i32::try_from(pixels).expect("the picture is small");
    ksni::Icon { width: side(info.width), height: side(info.height), data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_differ_in_each_size() {
        let [normal, attention, off] =
            [IconForm::Normal, IconForm::Attention, IconForm::Off].map(IconForm::pixmaps);
        for (at, side) in [22, 24, 32, 48].into_iter().enumerate() {
            for icon in [&normal[at], &attention[at], &off[at]] {
                assert_eq!((icon.width, icon.height), (side, side));
                // One colour, some of it covered: the alpha comes first.
                let opaque: Vec<&[u8]> = icon.data.chunks(4).filter(|pixel| pixel[0] == 255).collect();
                // Where two strokes meet it is rounded.
                let is_grey = |pixel: &&[u8]| pixel[1..].iter().all(|value| value.abs_diff(0x80) <= 2);
                assert!(opaque.iter().all(is_grey), "{opaque:?}");
                assert!(!opaque.is_empty());
            }
            assert!(normal[at].data != attention[at].data && normal[at].data != off[at].data);
        }
    }
}
