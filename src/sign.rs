//! Signatures: HMAC (RFC 2104) under the app key, with SHA-256 or SHA-1 (FIPS 180-4). The keyed states are computed
//! once and copied for each message.
//!
//! In: the message, which for a cookie is `NAME=value`. Out: the signature, or true if a given signature is valid. Wire
//! format: URL-safe base64 (RFC 4648 §5) without padding, 43 characters with SHA-256, 27 with SHA-1.
//!
//! A signature proves that a holder of the app key wrote the message. It hides nothing. It does not stop replay: an old
//! message stays valid as long as its key. Collisions of SHA-1 do not help to forge an HMAC, because an attacker
//! needs the key to search for one.

#![forbid(unsafe_code)]

use crate::base64;
use hmac::digest::Output;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The hash function of a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hash {
    /// SHA-256, as in egg-cookies@2.10.1.
    Sha256,
    /// SHA-1, the default of keygrip@1.1.0, which Koa uses.
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
    /// Computes the keyed states. `app_key`: the bytes of a key in `app.keys`, of any length.
    #[must_use]
    pub fn derive(app_key: &[u8]) -> Self {
        Self { sha256: keyed(app_key), sha1: keyed(app_key) }
    }

    /// Appends the signature of `message`: [`Hash::signature_chars`] ASCII characters.
    pub fn sign(&self, hash: Hash, message: &[u8], to: &mut Vec<u8>) {
        match hash {
            Hash::Sha256 => base64::encode_url_safe_no_pad(&mac(&self.sha256, message), to),
            Hash::Sha1 => base64::encode_url_safe_no_pad(&mac(&self.sha1, message), to),
        }
    }

    /// True if `signature`, text as received, is the signature of `message`. The comparison takes constant time. As in
    /// the originals, only the exact text that [`SignKey::sign`] writes is valid. `scratch` is overwritten.
    #[must_use]
    pub fn verify(&self, hash: Hash, message: &[u8], signature: &[u8], scratch: &mut Vec<u8>) -> bool {
        // The length is no secret, and this check rejects most wrong signatures cheaply
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
