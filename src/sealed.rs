//! The sealed format, version 1: authenticated and encrypted, bound to the cookie's name. `docs/format.md`
//! specifies it; `lib/engine/portable/sealed.js` does the same on node:crypto.
//!
//! ```text
//! token = "v1=" base64url( key id [4] ‖ nonce [24] ‖ XAES-256-GCM( header ‖ text ) ), no padding
//! ```
//!
//! In: any text and a [`Header`]. Out: a token of ASCII characters that a cookie can carry (RFC 6265 §4.1.1). The
//! nonces of XAES-256-GCM (C2SP) are long enough to be random for any practical number of tokens under one key.
//! HKDF-SHA256 (RFC 5869) derives the encryption key and the key id from the app key.
//!
//! A token proves that a holder of the app key sealed this text for a cookie of this name. It hides the text but not
//! its length. It does not stop replay: an old token stays valid until it expires or its key is removed.

#![forbid(unsafe_code)]

pub mod header;

use base64_simd::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::Sha256;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use xaes_256_gcm::Xaes256Gcm;
use zeroize::{Zeroize, Zeroizing};

use crate::keyring::Keyring;
use crate::text::{Scratch, Text};
pub use header::Header;

/// The beginning of every token. Node's base64 decoder stops at `=`, so to a reader of the older formats a token is one
/// byte long and does not open.
const PREFIX: &[u8] = b"v1=";
const KEY_INFO: &[u8] = b"egg-session-native sealed v1 encryption key";
const KEY_ID_INFO: &[u8] = b"egg-session-native sealed v1 key id";
const KEY_BYTES: usize = 32;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// One app key, ready to seal and open. The key schedule is wiped on drop.
pub struct SealedKey {
    id: [u8; KEY_ID_BYTES],
    cipher: Xaes256Gcm,
}

impl SealedKey {
    /// Derives encryption key and key id. `app_key`: the bytes of a key in `app.keys`, of any length.
    #[must_use]
    pub fn derive(app_key: &[u8]) -> Self {
        let (mut pseudorandom_key, hkdf) = Hkdf::<Sha256>::extract(None, app_key);
        pseudorandom_key.zeroize();
        let key = Zeroizing::new(expand::<KEY_BYTES>(&hkdf, KEY_INFO));
        Self { id: expand(&hkdf, KEY_ID_INFO), cipher: Xaes256Gcm::new((&*key).into()) }
    }
}

#[allow(clippy::expect_used, reason = "RFC 5869 gives up to 8,160 bytes")]
fn expand<const BYTES: usize>(hkdf: &Hkdf<Sha256>, info: &[u8]) -> [u8; BYTES] {
    let mut derived = [0; BYTES];
    hkdf.expand(info, &mut derived).expect("a key is shorter than what HKDF can give");
    derived
}

/// The content of an opened token.
#[derive(PartialEq, Eq)]
pub struct Opened<'s> {
    /// The header that was sealed with the text.
    pub header: Header<'s>,
    /// The text, as it was sealed.
    pub text: &'s str,
    /// Index of the key that opened the token; 0 is the newest.
    pub key_index: usize,
}

/// Seals `text` with the newest key for the cookie `name`, under a nonce from the system's random source. The answer is
/// the token, in ASCII.
///
/// The caller checks the limits of the header's fields. Fails only if the random source fails.
pub fn seal<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    name: &T,
    text: &T,
    header: &Header<'_>,
    scratch: &'s mut Scratch,
) -> Result<&'s [u8], getrandom::Error> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    Ok(seal_with_nonce(keyring, name, text, header, &nonce, scratch))
}

/// Private, because two texts under the same key and nonce would reveal each other.
#[allow(clippy::expect_used, reason = "GCM takes 64 GiB, and strings of JS end long before")]
fn seal_with_nonce<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    name: &T,
    text: &T,
    header: &Header<'_>,
    nonce: &[u8; NONCE_BYTES],
    scratch: &'s mut Scratch,
) -> &'s [u8] {
    let Scratch { given: associated, sealed: body, content: token, .. } = scratch;
    let key = &keyring.newest().sealed;
    write_associated_data(&key.id, name, associated);
    body.clear();
    body.extend_from_slice(&key.id);
    body.extend_from_slice(nonce);
    let plain_start = body.len();
    header.write(body);
    text.append_utf8(body);
    let tag = key
        .cipher
        .encrypt_inout_detached(nonce.into(), associated, (&mut body[plain_start..]).into())
        .expect("a string is short enough for GCM");
    body.extend_from_slice(&tag);
    token.clear();
    token.extend_from_slice(PREFIX);
    URL_SAFE_NO_PAD.encode_append(body.as_slice(), token);
    token
}

/// Opens a token. `value`: as received, of any length. `now_ms`: the time in milliseconds since 1970.
///
/// `None` if no key has sealed the token for the cookie `name`, if the header has an unknown flag, or if the token has
/// expired.
pub fn open<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    name: &T,
    value: &T,
    now_ms: u64,
    scratch: &'s mut Scratch,
) -> Option<Opened<'s>> {
    let Scratch { given, sealed: body, plain, content: associated, .. } = scratch;
    given.clear();
    value.append_utf8(given);
    let base64 = given.strip_prefix(PREFIX)?;
    body.clear();
    // Strict, also about the unused bits of the last character: one token has one spelling
    URL_SAFE_NO_PAD.decode_append(base64, body).ok()?;
    let (key_id, sealed) = body.split_first_chunk::<KEY_ID_BYTES>()?;
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (sealed, tag) = sealed.split_last_chunk::<TAG_BYTES>()?;
    write_associated_data(key_id, name, associated);
    // Two keys share an id with a chance of 1 in 2³²; then the tag decides
    let (key_index, _) = keyring.each().filter(|(_, key)| key.sealed.id == *key_id).find(|(_, key)| {
        plain.clear();
        plain.extend_from_slice(sealed);
        let buffer = plain.as_mut_slice().into();
        key.sealed.cipher.decrypt_inout_detached(nonce.into(), associated, buffer, tag.into()).is_ok()
    })?;
    let (header, text) = Header::read(plain)?;
    if header.expires_at_ms.is_some_and(|expires_at_ms| now_ms >= expires_at_ms) {
        return None;
    }
    Some(Opened { header, text: std::str::from_utf8(text).ok()?, key_index })
}

/// Writes the associated data, which the tag authenticates: the prefix, the key id and the cookie's name.
fn write_associated_data<T: Text + ?Sized>(key_id: &[u8; KEY_ID_BYTES], name: &T, to: &mut Vec<u8>) {
    to.clear();
    to.extend_from_slice(PREFIX);
    to.extend_from_slice(key_id);
    name.append_utf8(to);
}

#[cfg(test)]
mod tests;
