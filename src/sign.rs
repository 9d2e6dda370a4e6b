//! Signatures: HMAC (RFC 2104) under the app key, in URL-safe base64 without padding. Egg's have SHA-256 (FIPS 180-4), 43
//! characters, as in egg-cookies@2.10.1; Koa's have SHA-1, 27 characters, as in keygrip@1.1.0. The keyed state is
//! computed once and copied for each message.
//!
//! In: the message in pieces. Out: the signature, or whether one fits. Proves that a holder of the app key
//! wrote the message; hides nothing, and an old message stays valid for as long as its key.
//!
//! SHA-1's collisions do not weaken its HMAC, which needs no collision resistance (RFC 6151, section 2.3, says the
//! same of MD5).

#![forbid(unsafe_code)]

use crate::base64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Characters of Egg's signature: 32 bytes in base64 without padding.
pub const SIGNATURE_CHARS: usize = 43;
/// Characters of Koa's signature: 20 bytes in base64 without padding.
pub const SHA1_SIGNATURE_CHARS: usize = 27;

/// One app key, ready to sign with one hash. The keyed state is wiped on drop.
pub struct SignKey<M = Hmac<Sha256>>(M);

/// One app key, ready to sign as Keygrip does.
pub type Sha1SignKey = SignKey<Hmac<Sha1>>;

impl<M: Mac + KeyInit + Clone> SignKey<M> {
    /// `app_key`: the bytes of a key in `app.keys`, of any length.
    #[must_use]
    #[allow(clippy::expect_used, reason = "RFC 2104 takes keys of any length")]
    pub fn derive(app_key: &[u8]) -> Self {
        Self(<M as KeyInit>::new_from_slice(app_key).expect("HMAC takes keys of any length"))
    }

    fn mac(&self, message: &[u8]) -> impl AsRef<[u8]> + use<M> {
        self.0.clone().chain_update(message).finalize().into_bytes()
    }

    /// Appends the signature of `message`.
    pub fn sign(&self, message: &[u8], to: &mut Vec<u8>) {
        base64::encode_url_safe_no_pad(self.mac(message).as_ref(), to);
    }

    /// Compares in constant time. `signature` is text as received; only the exact spelling that
    /// [`SignKey::sign`] gives counts, as in egg-cookies and in Keygrip.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8], scratch: &mut Vec<u8>) -> bool {
        // its length is no secret, and most wrong signatures are cheap to turn down here
        if signature.len() != (M::output_size() * 4).div_ceil(3) {
            return false;
        }
        scratch.clear();
        self.sign(message, scratch);
        scratch.as_slice().ct_eq(signature).into()
    }
}

#[cfg(test)]
mod tests;
