//! Egg's signatures: HMAC-SHA256 (RFC 2104, FIPS 180-4) under the app key, in URL-safe base64 without
//! padding (43 characters). The keyed state is computed once and copied for each message.
//!
//! In: the message in pieces. Out: the signature, or whether one fits. Proves that a holder of the app key
//! wrote the message; hides nothing, and an old message stays valid for as long as its key.

#![forbid(unsafe_code)]

use crate::base64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Characters of a signature: 32 bytes in base64 without padding.
pub const SIGNATURE_CHARS: usize = 43;

/// One app key, ready to sign. The keyed state is wiped on drop.
pub struct SignKey(Hmac<Sha256>);

impl SignKey {
    /// `app_key`: the UTF-8 bytes of a string in `app.keys`, of any length.
    #[must_use]
    #[allow(clippy::expect_used, reason = "RFC 2104 takes keys of any length")]
    pub fn derive(app_key: &[u8]) -> Self {
        Self(Hmac::new_from_slice(app_key).expect("HMAC takes keys of any length"))
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        self.0.clone().chain_update(message).finalize().into_bytes().into()
    }

    /// Appends the signature of `message`.
    pub fn sign(&self, message: &[u8], to: &mut Vec<u8>) {
        base64::encode_url_safe_no_pad(&self.mac(message), to);
    }

    /// Compares in constant time. `signature` is text as received; only the exact spelling that
    /// [`SignKey::sign`] gives counts, as in egg-cookies.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8], scratch: &mut Vec<u8>) -> bool {
        // its length is no secret, and most wrong signatures are cheap to turn down here
        if signature.len() != SIGNATURE_CHARS {
            return false;
        }
        scratch.clear();
        self.sign(message, scratch);
        scratch.as_slice().ct_eq(signature).into()
    }
}

#[cfg(test)]
mod tests;
