//! The functions that Node calls. Each converts its arguments, calls a pure module and converts the answer.
//! `lib/engine/native/index.js`, the only caller, checks modes and the types of an app's arguments before.
//! `catch_unwind` turns a panic into a JS exception.
//!
//! The keyring crosses as an external, which is cheaper to unwrap than a class. The answer is one string; numbers
//! beside it cross in a shared array. The only globals are the buffers, and each thread has its own, so worker threads
//! share nothing.

mod texts;

use std::cell::RefCell;

use napi::bindgen_prelude::{BufferSlice, Error, External, Float64Array, Result};
use napi::Env;
use napi_derive::napi;

use crate::js_text::{JsString, JsText};
use crate::keyring::Keyring;
use crate::open::{self, Content, Layer, Mode, Opened};
use crate::seal::{self, Cookie, Lifetime};
use crate::sealed::{self, Header};
use crate::sign::Hash;
use crate::text::{Scratch, Text};

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A keyring, and the shared array in which JS reads the numbers beside an answer.
pub struct KeyringHandle {
    keyring: Keyring,
    numbers: RefCell<Float64Array>,
}

impl KeyringHandle {
    #[allow(unsafe_code, reason = "napi marks any write to a shared array so")]
    fn set_numbers(&self, values: &[f64]) {
        let mut numbers = self.numbers.borrow_mut();
        // SAFETY: the array keeps a reference, so that V8 cannot free it, and its only other user is
        // lib/engine/native/index.js on this thread, which waits for us and never hands the buffer on.
        unsafe { numbers.as_mut()[..values.len()].copy_from_slice(values) };
    }

    fn set_key_index(&self, key_index: usize) {
        self.set_numbers(&[key_index as f64]);
    }
}

fn with_scratch<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    SCRATCH.with_borrow_mut(|scratch| {
        let result = work(scratch);
        scratch.trim();
        result
    })
}

/// The mode of a number. `lib/engine/native/index.js` has the same numbers.
fn mode(number: u32) -> Mode {
    match number & 3 {
        0 => Mode::Encrypted,
        1 => Mode::Signed(Hash::Sha256),
        2 => Mode::Plain,
        _ => Mode::Signed(Hash::Sha1),
    }
}

/// Added to a mode's number: the content is any string, not base64 of JSON.
const ANY_VALUE: u32 = 4;
/// Added to a mode's number: the cookie opens only if it certainly holds a session.
const SURE_SESSION: u32 = 8;

fn format(number: u32) -> (Mode, Layer) {
    (mode(number), if number & ANY_VALUE == 0 { Layer::Json } else { Layer::Value })
}

/// The hash of a signed mode, by the mode's number.
fn hash(number: u32) -> Hash {
    match mode(number) {
        Mode::Signed(hash) => hash,
        _ => Hash::Sha256,
    }
}

/// Creates a keyring from `keys`, newest first. Its functions write the index of the key that opened to `numbers[0]`;
/// [`open_sealed`] also writes `numbers[1..4]`.
#[napi(catch_unwind)]
fn create_keyring(keys: Vec<&[u8]>, numbers: Float64Array) -> Result<External<KeyringHandle>> {
    let keyring = Keyring::derive(&keys).ok_or_else(|| Error::from_reason("a keyring needs a key"))?;
    Ok(External::new(KeyringHandle { keyring, numbers: RefCell::new(numbers) }))
}

/// See [`open::open`], and [`open::open_session`] for [`SURE_SESSION`].
#[napi(catch_unwind)]
fn open(
    env: Env,
    handle: &External<KeyringHandle>,
    format_number: u32,
    name: JsText,
    value: JsText,
    signature: Option<JsText>,
) -> Result<Option<JsString>> {
    let (keyring, signature) = (&handle.keyring, signature.as_ref());
    let (mode, layer) = format(format_number);
    with_scratch(|scratch| {
        let opened = if format_number & SURE_SESSION == 0 {
            open::open(keyring, mode, layer, &name, &value, signature, scratch)
        } else {
            open::open_session(keyring, mode, &name, &value, signature, scratch)
        };
        to_js(env, handle, &value, opened)
    })
}

/// Returns the content and writes the key's index to `numbers[0]`.
fn to_js(
    env: Env,
    handle: &KeyringHandle,
    value: &JsText,
    opened: Option<Opened<'_>>,
) -> Result<Option<JsString>> {
    let Some(Opened { content, key_index }) = opened else {
        return Ok(None);
    };
    handle.set_key_index(key_index);
    match content {
        Content::Utf8(utf8) => JsString::from_utf8(env, utf8).map(Some),
        Content::AsGiven => Ok(Some(JsString::same(value))),
    }
}

/// See [`seal::seal`].
#[napi(catch_unwind)]
fn seal(
    env: Env,
    handle: &External<KeyringHandle>,
    format_number: u32,
    name: JsText,
    content: JsText,
) -> Result<JsString> {
    let (mode, layer) = format(format_number);
    with_scratch(|scratch| {
        JsString::from_utf8(env, seal::seal(&handle.keyring, mode, layer, &name, &content, scratch))
    })
}

/// See [`seal::seal_cookie`]. There is no lifetime if `expire` is NaN.
#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments, reason = "an object would cost more to read than the call does")]
fn seal_cookie(
    env: Env,
    handle: &External<KeyringHandle>,
    mode_number: u32,
    name: JsText,
    text: JsText,
    expire: f64,
    max_age: f64,
    attributes: JsText,
) -> Result<JsString> {
    let mode = mode(mode_number);
    with_scratch(|scratch| {
        let lifetime =
            (!expire.is_nan()).then_some(Lifetime { expire: expire as u64, max_age: max_age as u64 });
        let cookie = Cookie { name: &name, text: &text, lifetime, attributes: &attributes };
        JsString::from_utf8(env, seal::seal_cookie(&handle.keyring, mode, &cookie, scratch))
    })
}

/// See [`sealed::seal`]. A time is absent if it is NaN, and the `id` if it is empty.
#[napi(catch_unwind)]
fn seal_sealed(
    env: Env,
    handle: &External<KeyringHandle>,
    name: JsText,
    text: JsText,
    created_at_ms: f64,
    expires_at_ms: f64,
    id: JsText,
) -> Result<JsString> {
    let mut id_utf8 = Vec::new();
    id.append_utf8(&mut id_utf8);
    let time = |time_ms: f64| (!time_ms.is_nan()).then_some(time_ms as u64);
    let header = Header {
        created_at_ms: time(created_at_ms),
        expires_at_ms: time(expires_at_ms),
        id: std::str::from_utf8(&id_utf8).ok().filter(|id| !id.is_empty()),
    };
    with_scratch(|scratch| {
        let token = sealed::seal(&handle.keyring, &name, &text, &header, scratch)
            .map_err(|_| Error::from_reason("the system gives no random numbers"))?;
        JsString::from_utf8(env, token)
    })
}

/// See [`sealed::open`]. The answer is the id, empty if absent, directly followed by the text. `numbers[1..4]` get the
/// times `created_at_ms` and `expires_at_ms`, NaN if absent, and the id's length in UTF-16 units.
#[napi(catch_unwind)]
fn open_sealed(
    env: Env,
    handle: &External<KeyringHandle>,
    name: JsText,
    value: JsText,
    now_ms: f64,
) -> Result<Option<JsString>> {
    with_scratch(|scratch| {
        let opened = sealed::open(&handle.keyring, &name, &value, now_ms as u64, scratch);
        let Some(sealed::Opened { header, text, key_index }) = opened else {
            return Ok(None);
        };
        let number = |time_ms: Option<u64>| time_ms.map_or(f64::NAN, |time_ms| time_ms as f64);
        let id = header.id.unwrap_or_default();
        let id_units = id.encode_utf16().count() as f64;
        handle.set_numbers(&[
            key_index as f64,
            number(header.created_at_ms),
            number(header.expires_at_ms),
            id_units,
        ]);
        if id.is_empty() {
            JsString::from_utf8(env, text.as_bytes()).map(Some)
        } else {
            JsString::from_utf8(env, [id, text].concat().as_bytes()).map(Some)
        }
    })
}

/// The signature of `data` by the newest key, with the hash of the mode.
#[napi(catch_unwind)]
fn sign(env: Env, handle: &External<KeyringHandle>, mode_number: u32, data: &[u8]) -> Result<JsString> {
    let hash = hash(mode_number);
    let mut signature = Vec::with_capacity(hash.signature_chars());
    handle.keyring.newest().sign.sign(hash, data, &mut signature);
    JsString::from_utf8(env, &signature)
}

/// Index of the first key whose signature of `data`, with the hash of the mode, is `digest`; -1 if there is none.
#[napi(catch_unwind)]
fn verify(handle: &External<KeyringHandle>, mode_number: u32, data: &[u8], digest: JsText) -> i32 {
    let hash = hash(mode_number);
    let mut signature = Vec::new();
    digest.append_utf8(&mut signature);
    let key_index = handle.keyring.verify(hash, data, &signature, &mut Vec::new());
    key_index.map_or(-1, |index| index as i32)
}

/// Encrypts `data` with the newest key.
#[napi(catch_unwind)]
fn encrypt<'env>(env: &'env Env, handle: &External<KeyringHandle>, data: &[u8]) -> Result<BufferSlice<'env>> {
    let mut buffer = data.to_vec();
    handle.keyring.newest().cbc.encrypt(&mut buffer);
    BufferSlice::copy_from(env, buffer)
}

/// Decrypts `data` with the first key whose padding fits and writes the key's index to `numbers[0]`.
#[napi(catch_unwind)]
fn decrypt<'env>(
    env: &'env Env,
    handle: &External<KeyringHandle>,
    data: &[u8],
) -> Result<Option<BufferSlice<'env>>> {
    let mut plain = Vec::new();
    let Some(key_index) = handle.keyring.decrypt(data, &mut plain) else {
        return Ok(None);
    };
    handle.set_key_index(key_index);
    BufferSlice::copy_from(env, plain).map(Some)
}
