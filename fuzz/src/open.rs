//! Opening a cookie by the rules of `src/open.rs`, told plainly: every way is gone, then the first that counts
//! is taken.

use std::sync::LazyLock;

use egg_session_native::keyring::Keyring;
use egg_session_native::open::{Layer, Mode};
use egg_session_native::sign::Hash;

use crate::base64;
use crate::JsString;

/// Newest first.
pub const KEYS: [&str; 3] =
    ["the newest test-only key", "a new test-only key", "test-only key, never used by an app"];
/// The index of the key that the golden cookies are under.
pub const OLDEST: usize = KEYS.len() - 1;

/// Of all [`KEYS`].
pub static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::derive(&KEYS).expect("there are keys"));
/// Of the oldest key alone.
pub static ALONE: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::derive(&KEYS[OLDEST..]).expect("there is a key"));
/// The cookie's name.
pub static NAME: LazyLock<JsString> = LazyLock::new(|| JsString::new(b"EGG_SESS"));

/// Content in UTF-8, and the key's index.
pub type Found = Option<(Vec<u8>, usize)>;

/// A value as the key of that index encrypts it, whatever the content.
pub fn encrypted_by(key_index: usize, content: &[u8]) -> JsString {
    let (_, key) = KEYRING.each().nth(key_index).expect("there is such a key");
    let mut sealed = content.to_vec();
    key.cbc.encrypt(&mut sealed);
    JsString::new(&base64::url_safe(&base64::encode(&sealed)))
}

/// The hash of a mode's signatures; where a signature is beside the point, Egg's.
pub fn hash_of(mode: Mode) -> Hash {
    match mode {
        Mode::Signed(hash) => hash,
        Mode::Encrypted | Mode::Plain => Hash::Sha256,
    }
}

/// The signature of a value by the key of that index.
pub fn signature_by(hash: Hash, key_index: usize, value: &JsString) -> Vec<u8> {
    let message = [b"EGG_SESS=", value.utf8().as_slice()].concat();
    let (_, key) = KEYRING.each().nth(key_index).expect("there is such a key");
    let mut signature = Vec::new();
    key.sign.sign(hash, &message, &mut signature);
    signature
}

/// What [`open`](egg_session_native::open::open) has to answer.
pub fn opened(mode: Mode, layer: Layer, value: &JsString, signature: Option<&JsString>) -> Found {
    if value.0.is_empty() {
        return None;
    }
    match (mode, layer) {
        (Mode::Encrypted, _) => {
            let fitting = fitting(value);
            let first = fitting.first().cloned();
            plausible(layer, fitting)
                .or_else(|| verified(Hash::Sha256, layer, value, signature))
                .or_else(|| first.map(|(plain, key_index)| (content(layer, plain), key_index)))
        }
        (Mode::Signed(hash), _) => verified(hash, layer, value, signature),
        (Mode::Plain, Layer::Json) => Some((base64::decode(&value.low_bytes()), 0)),
        (Mode::Plain, Layer::Value) => Some((value.utf8(), 0)),
    }
}

/// What surely is a session: content of [`Layer::Json`] that is plausible or signed.
pub fn sure_session(mode: Mode, value: &JsString, signature: Option<&JsString>) -> Found {
    match mode {
        _ if value.0.is_empty() => None,
        Mode::Encrypted => plausible(Layer::Json, fitting(value)),
        Mode::Signed(hash) => verified(hash, Layer::Json, value, signature),
        Mode::Plain => None,
    }
}

/// What each key makes of an encrypted value, where its padding fits.
fn fitting(value: &JsString) -> Vec<(Vec<u8>, usize)> {
    let sealed = base64::decode(&value.low_bytes());
    let decrypted = KEYRING.each().map(|(key_index, key)| {
        let mut plain = Vec::new();
        key.cbc.decrypt(&sealed, &mut plain).then_some((plain, key_index))
    });
    decrypted.flatten().collect()
}

fn plausible(layer: Layer, fitting: Vec<(Vec<u8>, usize)>) -> Found {
    let is_plausible = |plain: &[u8]| match layer {
        Layer::Json => {
            let text = base64::decode(plain);
            base64::encode(&text) == plain && text.starts_with(b"{")
        }
        Layer::Value => {
            let text = std::str::from_utf8(plain);
            text.is_ok_and(|text| !text.is_empty() && !text.chars().any(|c| c.is_ascii_control()))
        }
    };
    let chosen = fitting.into_iter().find(|(plain, _)| is_plausible(plain));
    chosen.map(|(plain, key_index)| (content(layer, plain), key_index))
}

fn content(layer: Layer, plain: Vec<u8>) -> Vec<u8> {
    match layer {
        Layer::Json => {
            let units = String::from_utf8_lossy(&plain).encode_utf16().collect();
            base64::decode(&JsString(units).low_bytes())
        }
        Layer::Value => plain,
    }
}

fn verified(hash: Hash, layer: Layer, value: &JsString, signature: Option<&JsString>) -> Found {
    let given = signature?.utf8();
    let key_index = (0..KEYS.len()).find(|&key_index| signature_by(hash, key_index, value) == given)?;
    let content = if layer == Layer::Json { base64::decode(&value.low_bytes()) } else { value.utf8() };
    Some((content, key_index))
}
