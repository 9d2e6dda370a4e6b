//! Opens a cookie value: verifies or decrypts it, then decodes its content.
//!
//! In: the value and its signature, as a browser sent them. Out: the content and the index of the key that opened it.
//! Hostile input is not an error: the answer is `None`. Wire formats: those that [`seal`](crate::seal) writes.
//!
//! An encrypted value is read by the first of these steps that succeeds:
//!
//! 1. Decrypt with the first key, newest first, that gives *plausible* content (see [`Layer`]).
//! 2. Verify the signature with SHA-256 and read the value as signed. This keeps cookies of @eggjs/session 4 readable.
//! 3. Decrypt with the first key whose padding fits.
//!
//! egg-cookies@2.10.1 has step 3 only. The padding of a wrong key fits in 1 of 256 cases, and the original then loses
//! the session.
//!
//! Does not protect: a user can change encrypted values, which are not authenticated, and plain values. Replay is
//! possible in every mode, because expiry is part of the content and is checked in JS.

#![forbid(unsafe_code)]

use crate::base64::{self, Expect};
use crate::keyring::Keyring;
use crate::sign::Hash;
use crate::text::{Scratch, Text};

/// The protection of a cookie value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The value is encrypted with AES-256-CBC, see [`seal_cbc`](crate::seal_cbc).
    Encrypted,
    /// The value is readable. A second cookie, `NAME.sig`, has the signature of `NAME=value`, see
    /// [`sign`](crate::sign).
    Signed(Hash),
    /// The value is readable and unsigned.
    Plain,
}

/// The form of the content under the protection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    /// base64 of JSON text, as the default codec of koa-session@6.4.0 writes it. Plausible: canonical base64 of a text
    /// that begins with `{`.
    Json,
    /// Any string: an external key, or the output of a custom codec. Plausible: UTF-8 that is not empty and has no
    /// ASCII control characters.
    Value,
}

/// An opened cookie value.
#[derive(PartialEq, Eq, Debug)]
pub struct Opened<'s> {
    /// The content.
    pub content: Content<'s>,
    /// Index of the key that opened the value; 0 is the newest. Always 0 in [`Mode::Plain`], which needs no key.
    pub key_index: usize,
}

/// The content of an opened cookie.
#[derive(PartialEq, Eq, Debug)]
pub enum Content<'s> {
    /// UTF-8 that may be invalid. The caller replaces invalid bytes with U+FFFD, as `Buffer#toString` does.
    Utf8(&'s [u8]),
    /// The content is the received value, unchanged.
    AsGiven,
}

/// Opens `value`, the value of the cookie `name` as received, of any length. `signature`: the value of the cookie
/// `NAME.sig`, if the request has one.
///
/// `None` if `value` is empty or no key opens it.
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

/// Opens a cookie only if it certainly holds a session: an encrypted value needs plausible content, a signed value
/// needs a valid signature. Arguments are those of [`open`], with [`Layer::Json`].
///
/// Always `None` in [`Mode::Plain`]. [`open`] may still open an encrypted value that is `None` here, by its signature
/// or by its padding alone.
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
    /// True if the content is the value itself, false if it is in `scratch.content`.
    as_given: bool,
}

/// Decodes `scratch.given` and decrypts it with the first key that gives plausible content. Leaves the ciphertext in
/// `scratch.sealed` for [`decrypt_any`].
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
            // `append_utf8` replaces lone surrogates, whose low bytes Node would decode: read the value once more
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
