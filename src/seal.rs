//! Seals a cookie value with the newest key.
//!
//! In: JSON text, or any string. Out: the value, and in signed mode its signature; byte for byte what
//! egg-cookies@2.10.1 sends, which neither encrypts nor signs an empty value. Signatures with SHA-1 are those of
//! cookies@0.9.1 and keygrip@1.1.0; they sign an empty value, too, which is left to the caller.

#![forbid(unsafe_code)]

use crate::base64;
use crate::keyring::Keyring;
use crate::open::{Layer, Mode};
use crate::text::{Scratch, Text};

/// Seals `content`. The answer is ASCII for [`Layer::Json`]: the value, and directly behind it, if there is
/// one, the signature of [`Hash::signature_chars`](crate::sign::Hash::signature_chars). For [`Layer::Value`]
/// it is the encrypted value or the signature alone, since the value stays as it was given.
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

/// A session's lifetime in koa-session's form: the last two members of the session's own JSON.
#[derive(Clone, Copy)]
pub struct Lifetime {
    /// Milliseconds since 1970.
    pub expire: u64,
    /// Milliseconds.
    pub max_age: u64,
}

impl Lifetime {
    /// `object` is the JSON text of an object, without white space.
    fn append_to(self, object: &mut Vec<u8>) {
        let Self { expire, max_age } = self;
        object.pop();
        let comma = if object.len() > 1 { "," } else { "" };
        let members = format!(r#"{comma}"_expire":{expire},"_maxAge":{max_age}}}"#);
        object.extend_from_slice(members.as_bytes());
    }
}

/// A session's cookie on its way out.
pub struct Cookie<'t, T: Text + ?Sized> {
    /// Its name.
    pub name: &'t T,
    /// Its JSON text.
    pub text: &'t T,
    /// The lifetime, if the text does not have it yet.
    pub lifetime: Option<Lifetime>,
    /// The rest of the header line, from the first `;` on.
    pub attributes: &'t T,
}

/// Seals a session and writes its Set-Cookie line. In a signed mode the signature's line is directly behind it, with
/// the same attributes.
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
