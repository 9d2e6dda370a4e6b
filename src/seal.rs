//! Seals a cookie value with the newest key.
//!
//! In: JSON text, or any string. Out: the value, and in signed mode its signature; byte for byte what
//! egg-cookies@2.10.1 sends, which neither encrypts nor signs an empty value.

#![forbid(unsafe_code)]

use crate::base64;
use crate::keyring::Keyring;
use crate::open::{Layer, Mode};
use crate::text::{Scratch, Text};

/// Seals `content`. The answer is ASCII for [`Layer::Json`]: the value, and directly behind it, if there is
/// one, the signature of [`SIGNATURE_CHARS`](crate::sign::SIGNATURE_CHARS) characters. For [`Layer::Value`]
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
        Mode::Signed => {
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
            key.sign.sign(message, answer);
        }
        Mode::Plain if layer == Layer::Json => base64::encode(given, answer),
        Mode::Plain => {}
    }
    answer
}

#[cfg(test)]
mod tests;
