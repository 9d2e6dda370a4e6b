//! What the fuzz targets share: how an input is cut up, and oracles that are slow and plain.
//!
//! An input is one byte that chooses, then texts with [`SEPARATOR`] between them, so that seeds can be read
//! and written by hand. A text is UTF-8; where it is broken, JS would have a lone surrogate.

#![forbid(unsafe_code)]

pub mod base64;
pub mod json;
pub mod open;

use egg_session_native::text::Text;

/// Ends a text of an input. No UTF-8 has this byte.
pub const SEPARATOR: u8 = 0xff;

const LONE_SURROGATE: u16 = 0xd800;
const REPLACEMENT: u16 = 0xfffd;

/// The chosen one of so many ways, and the rest of the input. Letters count from `a`.
pub fn choose(input: &[u8], ways: u8) -> Option<(u8, &[u8])> {
    let (&choice, rest) = input.split_first()?;
    Some((choice.wrapping_sub(b'a') % ways, rest))
}

/// The input cut into so many texts; what is missing is empty, and the last one takes what is left.
pub fn texts<const COUNT: usize>(input: &[u8]) -> [&[u8]; COUNT] {
    let mut parts = input.splitn(COUNT, |&byte| byte == SEPARATOR);
    [(); COUNT].map(|()| parts.next().unwrap_or_default())
}

/// A string as JS has it.
pub struct JsString(pub Vec<u16>);

impl JsString {
    /// Where `text` is not UTF-8, a lone surrogate stands.
    pub fn new(text: &[u8]) -> Self {
        let units = String::from_utf8_lossy(text).encode_utf16().collect::<Vec<_>>();
        Self(units.into_iter().map(|unit| if unit == REPLACEMENT { LONE_SURROGATE } else { unit }).collect())
    }

    /// As `Buffer.from(string)`.
    pub fn utf8(&self) -> Vec<u8> {
        String::from_utf16_lossy(&self.0).into_bytes()
    }

    /// As `Buffer.from(string, 'latin1')`.
    pub fn low_bytes(&self) -> Vec<u8> {
        self.0.iter().map(|&unit| unit as u8).collect()
    }
}

impl Text for JsString {
    fn append_utf8(&self, to: &mut Vec<u8>) {
        to.extend(self.utf8());
    }

    fn append_low_bytes(&self, to: &mut Vec<u8>) {
        to.extend(self.low_bytes());
    }
}
