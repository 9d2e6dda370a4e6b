//! Seals a cookie value with the newest key.
//!
//! In: JSON text, or any string. Out: the value, and in a signed mode its signature. Wire formats, byte for byte those
//! of egg-cookies@2.10.1 and, for SHA-1, of cookies@0.9.1 with keygrip@1.1.0:
//!
//! ```text
//! content    = base64( JSON text ), or any string
//! Encrypted    value = base64url( AES-256-CBC( content ) ), with padding
//! Signed       value = content, NAME.sig = base64url( HMAC( NAME "=" value ) ), without padding
//! Plain        value = content
//! ```
//!
//! egg-cookies neither encrypts nor signs an empty value. cookies@0.9.1 signs one; the caller does that with
//! [`SignKey::sign`](crate::sign::SignKey::sign).
//!
//! Does not protect: encrypted values are not authenticated, signed values are readable, plain values are neither
//! hidden nor protected. Replay is possible in every mode. [`sealed`](crate::sealed) hides and authenticates.

#![forbid(unsafe_code)]

use crate::base64;
use crate::keyring::Keyring;
use crate::open::{Layer, Mode};
use crate::text::{Scratch, Text};

/// Seals `content` for the cookie `name`. The answer is ASCII:
///
/// - [`Layer::Json`]: the value, in a signed mode directly followed by the signature, which has
///   [`Hash::signature_chars`](crate::sign::Hash::signature_chars) characters.
/// - [`Layer::Value`]: the encrypted value, or the signature alone, because the value stays as given. Empty in
///   [`Mode::Plain`].
///
/// The answer for an empty `content` is empty.
pub fn seal<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    mode: Mode,
    layer: Layer,
    name: &T,
    content: &T,
    scratch: &'s mut Scratch,
) -> &'s [u8] {
    let Scratch { given, sealed, content: answer, .. } = scratch;
    let key = keyring.newest();
    given.clear();
    content.append_utf8(given);
    answer.clear();
    if given.is_empty() {
        return answer;
    }
    match mode {
        Mode::Encrypted => {
            let plain = match layer {
                Layer::Json => {
                    sealed.clear();
                    base64::encode(given, sealed);
                    sealed
                }
                Layer::Value => given,
            };
            key.cbc.encrypt(plain);
            base64::encode_url_safe(plain, answer);
        }
        Mode::Signed(hash) => {
            let message = sealed;
            message.clear();
            name.append_utf8(message);
            message.push(b'=');
            let value_start = message.len();
            match layer {
                Layer::Json => {
                    base64::encode(given, message);
                    answer.extend_from_slice(&message[value_start..]);
                }
                Layer::Value => message.extend_from_slice(given),
            }
            key.sign.sign(hash, message, answer);
        }
        Mode::Plain if layer == Layer::Json => base64::encode(given, answer),
        Mode::Plain => {}
    }
    answer
}

/// A session's lifetime. As in koa-session@6.4.0, it is the last two members of the session's JSON.
#[derive(Clone, Copy)]
pub struct Lifetime {
    /// The member `_expire`, in milliseconds since 1970.
    pub expire: u64,
    /// The member `_maxAge`, in milliseconds.
    pub max_age: u64,
}

impl Lifetime {
    /// Adds the two members. `object`: JSON text of an object, without white space outside its values.
    fn append_to(self, object: &mut Vec<u8>) {
        let Self { expire, max_age } = self;
        object.pop();
        let comma = if object.len() > 1 { "," } else { "" };
        let members = format!(r#"{comma}"_expire":{expire},"_maxAge":{max_age}}}"#);
        object.extend_from_slice(members.as_bytes());
    }
}

/// A session's cookie that [`seal_cookie`] writes.
pub struct Cookie<'t, T: Text + ?Sized> {
    /// The cookie's name.
    pub name: &'t T,
    /// The session's JSON text: an object without white space outside its values.
    pub text: &'t T,
    /// The lifetime to add to the text; `None` if the text already has it.
    pub lifetime: Option<Lifetime>,
    /// The rest of the Set-Cookie line, from the first `;` on.
    pub attributes: &'t T,
}

/// Seals a session and writes its Set-Cookie line, as UTF-8. In a signed mode the line of `NAME.sig`, with the same
/// attributes, follows directly.
pub fn seal_cookie<'s, T: Text + ?Sized>(
    keyring: &Keyring,
    mode: Mode,
    cookie: &Cookie<'_, T>,
    scratch: &'s mut Scratch,
) -> &'s [u8] {
    let Scratch { given, sealed, signature, content: answer, .. } = scratch;
    let key = keyring.newest();
    given.clear();
    cookie.text.append_utf8(given);
    if let Some(lifetime) = cookie.lifetime {
        lifetime.append_to(given);
    }
    answer.clear();
    cookie.name.append_utf8(answer);
    answer.push(b'=');
    signature.clear();
    match mode {
        Mode::Encrypted => {
            sealed.clear();
            base64::encode(given, sealed);
            key.cbc.encrypt(sealed);
            base64::encode_url_safe(sealed, answer);
        }
        Mode::Signed(hash) => {
            base64::encode(given, answer);
            key.sign.sign(hash, answer, signature);
        }
        Mode::Plain => base64::encode(given, answer),
    }
    cookie.attributes.append_utf8(answer);
    if !signature.is_empty() {
        cookie.name.append_utf8(answer);
        answer.extend_from_slice(b".sig=");
        answer.extend_from_slice(signature);
        cookie.attributes.append_utf8(answer);
    }
    answer
}

#[cfg(test)]
mod tests;
