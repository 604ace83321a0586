//! What counts as tokens in a request, in every dialect that has an endpoint for that.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// One thing to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Countable<'a> {
    /// A message begins; the system prompt is one. What follows belongs to it.
    Message,
    /// Text, including the JSON of schemas and arguments.
    Text(&'a str),
    /// An image.
    Image {
        /// Width and height in pixels, if the first bytes contain them; `None` for an image that is only a URL.
        size: Option<(u32, u32)>,
    },
    /// A file that is not text.
    File {
        /// The file's length; `None` for a file that is only a URL.
        bytes: Option<usize>,
    },
}

/// How much of an image is decoded at first. The size is at the beginning; in a JPEG, after the camera's metadata.
const IMAGE_HEADER_BYTES: usize = 64 * 1024;

/// Base64 that accepts a part of a document: it need not end where its bits do.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Returns the size of the image `base64`, from its first bytes, or from all of them if those do not contain it.
pub(crate) fn image_size(base64: &str) -> Option<(u32, u32)> {
    let data = base64.as_bytes();
    [data.get(..IMAGE_HEADER_BYTES), Some(data)].into_iter().flatten().find_map(|base64| {
        let size = imagesize::blob_size(&LENIENT.decode(base64).ok()?).ok()?;
        Some((u32::try_from(size.width).ok()?, u32::try_from(size.height).ok()?))
    })
}
