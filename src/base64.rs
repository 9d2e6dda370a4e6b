//! Base64 as Node reads and writes it.
//!
//! In: the characters of a JS string, as the low byte of each UTF-16 unit. Out: bytes.
//! The encoders follow RFC 4648 §4 (standard) and §5 (URL-safe). The decoders follow `Buffer.from(string, 'base64')`,
//! which was observed to have the same rules in Node 18, 20, 22 and 24:
//!
//! - both alphabets are read, also mixed in one string;
//! - the first `=` ends the input;
//! - any other character is skipped;
//! - a character above U+00FF counts as its low byte (U+0141 reads as `A`);
//! - leftover bits that do not fill a byte are dropped.
//!
//! Almost every cookie is strict base64, so a SIMD decoder goes first. The lenient loop reads what it refuses.
//! Lenient decoding gives one content many spellings: only [`decode_canonical`] tells them apart.

#![forbid(unsafe_code)]

use base64_simd::{Base64, STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

/// The alphabet that a string is expected in. It only decides which decoder goes first: both alphabets are read.
#[derive(Clone, Copy)]
pub enum Expect {
    /// `+` and `/`, as `Buffer#toString('base64')` writes.
    Standard,
    /// `-` and `_`, as egg-cookies writes encrypted values.
    UrlSafe,
}

impl Expect {
    fn strict(self) -> &'static Base64 {
        match self {
            Expect::Standard => &STANDARD,
            Expect::UrlSafe => &URL_SAFE,
        }
    }
}

/// Appends the bytes of `Buffer.from(string, 'base64')`. `low_bytes`: the low byte of each UTF-16 unit of the string.
/// Never fails: Node skips characters that are not base64.
pub fn decode(low_bytes: &[u8], expect: Expect, to: &mut Vec<u8>) {
    if expect.strict().decode_append(low_bytes, to).is_err() {
        decode_leniently(low_bytes.iter().copied(), to);
    }
}

/// Appends the bytes of `Buffer.from(bytes.toString(), 'base64')`. `utf8`: the bytes; they may be invalid UTF-8.
pub fn decode_utf8(utf8: &[u8], expect: Expect, to: &mut Vec<u8>) {
    if utf8.is_ascii() {
        decode(utf8, expect, to);
    } else {
        // The cast keeps the low byte, as Node does
        decode_leniently(String::from_utf8_lossy(utf8).encode_utf16().map(|unit| unit as u8), to);
    }
}

/// Appends the bytes if `text` is exactly what `Buffer#toString('base64')` writes for them. Else returns false and
/// leaves `to` as it was.
#[must_use]
pub fn decode_canonical(text: &[u8], to: &mut Vec<u8>) -> bool {
    STANDARD.decode_append(text, to).is_ok()
}

/// Appends standard base64 with padding: `Buffer#toString('base64')`.
pub fn encode(bytes: &[u8], to: &mut Vec<u8>) {
    STANDARD.encode_append(bytes, to);
}

/// Appends URL-safe base64 with padding, as egg-cookies@2.10.1 writes encrypted values.
pub fn encode_url_safe(bytes: &[u8], to: &mut Vec<u8>) {
    URL_SAFE.encode_append(bytes, to);
}

/// Appends URL-safe base64 without padding, as keygrip@1.1.0 writes signatures.
pub fn encode_url_safe_no_pad(bytes: &[u8], to: &mut Vec<u8>) {
    URL_SAFE_NO_PAD.encode_append(bytes, to);
}

/// The entry of [`SEXTETS`] for a character that is not base64.
const SKIPPED: u8 = 0xff;
/// The six bits of each character of both alphabets.
const SEXTETS: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut table = [SKIPPED; 256];
    let mut value = 0;
    while value < alphabet.len() {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table[b'-' as usize] = 62;
    table[b'_' as usize] = 63;
    table
};

fn decode_leniently(low_bytes: impl Iterator<Item = u8>, to: &mut Vec<u8>) {
    let mut group = 0_u32;
    let mut sextets = 0;
    let values = low_bytes.take_while(|&byte| byte != b'=').map(|byte| SEXTETS[byte as usize]);
    for sextet in values.filter(|&sextet| sextet != SKIPPED) {
        group = group << 6 | u32::from(sextet);
        sextets += 1;
        if sextets == 4 {
            to.extend_from_slice(&group.to_be_bytes()[1..]);
            (group, sextets) = (0, 0);
        }
    }
    match sextets {
        2 => to.push((group >> 4) as u8),
        3 => to.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
