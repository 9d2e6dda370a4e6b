//! Signatures: HMAC (RFC 2104, FIPS 180-4) under the app key, in URL-safe base64 without padding. The keyed states
//! are computed once and copied for each message.
//!
//! In: the message. Out: the signature, or whether one fits. Proves that a holder of the app key wrote the
//! message; hides nothing, and an old message stays valid for as long as its key. That SHA-1 has collisions
//! does not help to forge an HMAC: an attacker would have to know the key to look for one.

#![forbid(unsafe_code)]

use crate::base64;
use hmac::digest::Output;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The hash under a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// Egg's, of egg-cookies@2.10.1.
    Sha256,
    /// Koa's, of keygrip@1.1.0 with its defaults.
    Sha1,
}

impl Hash {
    /// Characters of a signature: 32 or 20 bytes in base64 without padding.
    #[must_use]
    pub const fn signature_chars(self) -> usize {
        match self {
            Self::Sha256 => 43,
            Self::Sha1 => 27,
        }
    }
}

/// One app key, ready to sign. The keyed states are wiped on drop.
pub struct SignKey {
    sha256: Hmac<Sha256>,
    sha1: Hmac<Sha1>,
}

impl SignKey {
    /// `app_key`: the bytes of a key in `app.keys`, of any length.
    #[must_use]
    pub fn derive(app_key: &[u8]) -> Self {
        Self { sha256: keyed(app_key), sha1: keyed(app_key) }
    }

    /// Appends the signature of `message`.
    pub fn sign(&self, hash: Hash, message: &[u8], to: &mut Vec<u8>) {
        match hash {
            Hash::Sha256 => base64::encode_url_safe_no_pad(&mac(&self.sha256, message), to),
            Hash::Sha1 => base64::encode_url_safe_no_pad(&mac(&self.sha1, message), to),
        }
    }

    /// Compares in constant time. `signature` is text as received; only the exact spelling that
    /// [`SignKey::sign`] gives counts, as in the originals.
    #[must_use]
    pub fn verify(&self, hash: Hash, message: &[u8], signature: &[u8], scratch: &mut Vec<u8>) -> bool {
        // its length is no secret, and most wrong signatures are cheap to turn down here
        if signature.len() != hash.signature_chars() {
            return false;
        }
        scratch.clear();
        self.sign(hash, message, scratch);
        scratch.as_slice().ct_eq(signature).into()
    }
}

#[allow(clippy::expect_used, reason = "RFC 2104 takes keys of any length")]
fn keyed<H: EagerHash>(app_key: &[u8]) -> Hmac<H> {
    Hmac::new_from_slice(app_key).expect("HMAC takes keys of any length")
}

fn mac<H: EagerHash>(keyed: &Hmac<H>, message: &[u8]) -> Output<Hmac<H>> {
    keyed.clone().chain_update(message).finalize().into_bytes()
}

#[cfg(test)]
mod tests;
