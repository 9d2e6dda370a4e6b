//! Opens a cookie value: verify or decrypt, then decode what lies under it.
//!
//! In: the value (and signature) as a browser sent it. Out: the content and the key that opened it, or
//! `None`: hostile input is an answer, not an error.
//!
//! Each key is tried on an encrypted value, newest first. egg-cookies takes the first key whose padding fits. The padding
//! of a wrong key fits in 1 of 256 cases, and then the session is lost. Here the first key with *plausible* content
//! wins. Without one, a valid signature counts, so that cookies that Egg 4 signed stay readable. The first key
//! whose padding fits comes last.

#![forbid(unsafe_code)]

use crate::base64::{self, Expect};
use crate::keyring::Keyring;
use crate::sign::Hash;
use crate::text::{Scratch, Text};

/// The protection of a cookie value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// AES-256-CBC, see [`seal_cbc`](crate::seal_cbc).
    Encrypted,
    /// As it is, with a signature over `NAME=value` in a second cookie, see [`sign`](crate::sign).
    Signed(Hash),
    /// As it is.
    Plain,
}

/// The content under the protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// base64 of JSON text, as koa-session's default codec writes it. Plausible: canonical base64 of a text
    /// that begins with `{`.
    Json,
    /// Any string: an external key, or a custom codec's work. Plausible: UTF-8 without control characters.
    Value,
}

/// An opened cookie value.
#[derive(PartialEq, Eq, Debug)]
pub struct Opened<'s> {
    /// The content.
    pub content: Content<'s>,
    /// Which key opened it; 0 is the newest, and also stands for "none needed".
    pub key_index: usize,
}

/// The content of an opened cookie.
#[derive(PartialEq, Eq, Debug)]
pub enum Content<'s> {
    /// UTF-8 that may be broken. Readers get U+FFFD in its place, as from `Buffer#toString`.
    Utf8(&'s [u8]),
    /// The value itself, unchanged.
    AsGiven,
}

/// Opens `value`. `signature`: the value of the cookie `NAME.sig`, if one came.
pub fn open<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    mode: Mode,
    layer: Layer,
    name: &T,
    value: &T,
    signature: Option<&T>,
    scratch: &'s mut Scratch,
) -> Option<Opened<'s>> {
    let found = match mode {
        Mode::Encrypted => {
            scratch.given.clear();
            value.append_low_bytes(&mut scratch.given);
            if scratch.given.is_empty() {
                return None;
            }
            decrypt_plausible(keyring, layer, scratch)
                .or_else(|| verify(keyring, Hash::Sha256, layer, name, value, signature?, scratch))
                .or_else(|| decrypt_any(keyring, layer, scratch))
        }
        Mode::Signed(hash) => verify(keyring, hash, layer, name, value, signature?, scratch),
        Mode::Plain => read_plain(layer, value, scratch),
    };
    let Found { key_index, as_given } = found?;
    let content = if as_given { Content::AsGiven } else { Content::Utf8(&scratch.content) };
    Some(Opened { content, key_index })
}

/// Opens a cookie that holds a session for certain. For an encrypted value only plausible content counts; [`open`] may
/// still open a value for which this answers `None`, by its signature or by padding alone.
pub fn open_session<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    mode: Mode,
    name: &T,
    value: &T,
    signature: Option<&T>,
    scratch: &'s mut Scratch,
) -> Option<Opened<'s>> {
    let Found { key_index, .. } = match mode {
        Mode::Encrypted => {
            scratch.given.clear();
            value.append_low_bytes(&mut scratch.given);
            decrypt_plausible(keyring, Layer::Json, scratch)
        }
        Mode::Signed(hash) => verify(keyring, hash, Layer::Json, name, value, signature?, scratch),
        Mode::Plain => None,
    }?;
    Some(Opened { content: Content::Utf8(&scratch.content), key_index })
}

struct Found {
    key_index: usize,
    /// Otherwise the content is in `scratch.content`.
    as_given: bool,
}

/// Decodes `scratch.given` and leaves the ciphertext in `scratch.sealed`.
fn decrypt_plausible(keyring: &Keyring, layer: Layer, scratch: &mut Scratch) -> Option<Found> {
    let Scratch { given, sealed, plain, content, .. } = scratch;
    sealed.clear();
    base64::decode(given, Expect::UrlSafe, sealed);
    let opens = |plain: &mut Vec<u8>, content: &mut Vec<u8>| match layer {
        Layer::Json => {
            content.clear();
            base64::decode_canonical(plain, content) && content.first() == Some(&b'{')
        }
        Layer::Value => {
            let plausible = is_printable(plain);
            if plausible {
                std::mem::swap(plain, content);
            }
            plausible
        }
    };
    let (key_index, _) =
        keyring.each().find(|(_, key)| key.cbc.decrypt(sealed, plain) && opens(plain, content))?;
    Some(Found { key_index, as_given: false })
}

/// Decrypts `scratch.sealed` as egg-cookies does: with the first key whose padding fits.
fn decrypt_any(keyring: &Keyring, layer: Layer, scratch: &mut Scratch) -> Option<Found> {
    let Scratch { sealed, plain, content, .. } = scratch;
    let key_index = keyring.decrypt(sealed, plain)?;
    content.clear();
    match layer {
        Layer::Json => base64::decode_utf8(plain, Expect::Standard, content),
        Layer::Value => content.extend_from_slice(plain),
    }
    Some(Found { key_index, as_given: false })
}

fn verify<T: Text + ?Sized>(
    keyring: &Keyring,
    hash: Hash,
    layer: Layer,
    name: &T,
    value: &T,
    given_signature: &T,
    scratch: &mut Scratch,
) -> Option<Found> {
    let Scratch { given: message, signature, expected, content, .. } = scratch;
    message.clear();
    name.append_utf8(message);
    message.push(b'=');
    let value_start = message.len();
    value.append_utf8(message);
    if message.len() == value_start {
        return None;
    }
    signature.clear();
    given_signature.append_utf8(signature);
    let key_index = keyring.verify(hash, message, signature, expected)?;
    if layer == Layer::Json {
        content.clear();
        let value_utf8 = &message[value_start..];
        if value_utf8.is_ascii() {
            base64::decode(value_utf8, Expect::Standard, content);
        } else {
            // UTF-8 has lost the low byte of a lone surrogate, so the value is read once more
            let mut low_bytes = Vec::new();
            value.append_low_bytes(&mut low_bytes);
            base64::decode(&low_bytes, Expect::Standard, content);
        }
    }
    Some(Found { key_index, as_given: layer == Layer::Value })
}

fn read_plain<T: Text + ?Sized>(layer: Layer, value: &T, scratch: &mut Scratch) -> Option<Found> {
    let Scratch { given, content, .. } = scratch;
    given.clear();
    value.append_low_bytes(given);
    if given.is_empty() {
        return None;
    }
    if layer == Layer::Json {
        content.clear();
        base64::decode(given, Expect::Standard, content);
    }
    Some(Found { key_index: 0, as_given: layer == Layer::Value })
}

fn is_printable(plain: &[u8]) -> bool {
    // no early exit, so that the compiler can vectorise the loop
    let has_control = plain.iter().fold(false, |found, byte| found | byte.is_ascii_control());
    !plain.is_empty() && !has_control && std::str::from_utf8(plain).is_ok()
}

#[cfg(test)]
mod tests;
