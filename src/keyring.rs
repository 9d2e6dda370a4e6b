//! The app keys and the keys derived from them, newest first. Keys are derived once, when the keyring is made.
//!
//! In: `app.keys`. The first key seals and signs; all keys open and verify, so that keys can be rotated.
//! [`Keyring::verify`] and [`Keyring::decrypt`] answer as Keygrip does in egg-cookies@2.10.1; `verify` with SHA-1
//! answers as keygrip@1.1.0 does. Cookies go through [`open`](crate::open) and [`seal`](crate::seal).
//!
//! Does not protect a guessable app key: derivation is fast, so an attacker with one cookie can try keys offline.

#![forbid(unsafe_code)]

use crate::seal_cbc::CbcKey;
use crate::sealed::SealedKey;
use crate::sign::{Hash, SignKey};

/// The keys derived from one app key. No `Debug`, so that no log prints them.
pub struct DerivedKey {
    /// Encrypts and decrypts cookies of [`Mode::Encrypted`](crate::open::Mode::Encrypted).
    pub cbc: CbcKey,
    /// Signs and verifies cookies of [`Mode::Signed`](crate::open::Mode::Signed).
    pub sign: SignKey,
    /// Seals and opens sealed tokens.
    pub sealed: SealedKey,
}

impl DerivedKey {
    fn derive(app_key: &[u8]) -> Self {
        Self {
            cbc: CbcKey::derive(app_key),
            sign: SignKey::derive(app_key),
            sealed: SealedKey::derive(app_key),
        }
    }
}

/// The derived keys of one or more app keys, newest first.
pub struct Keyring {
    newest: DerivedKey,
    older: Vec<DerivedKey>,
}

impl Keyring {
    /// Derives the keys. `app_keys`: the bytes of each app key, newest first; a string stands for its UTF-8 bytes.
    /// `None` if `app_keys` is empty.
    #[must_use]
    pub fn derive<K: AsRef<[u8]>>(app_keys: &[K]) -> Option<Self> {
        let (newest, older) = app_keys.split_first()?;
        Some(Self {
            newest: DerivedKey::derive(newest.as_ref()),
            older: older.iter().map(|key| DerivedKey::derive(key.as_ref())).collect(),
        })
    }

    /// The key that seals and signs.
    #[must_use]
    pub fn newest(&self) -> &DerivedKey {
        &self.newest
    }

    /// Every key with its index, newest (0) first.
    pub fn each(&self) -> impl Iterator<Item = (usize, &DerivedKey)> {
        std::iter::once(&self.newest).chain(&self.older).enumerate()
    }

    /// Index of the first key under which `signature` is the signature of `message`. `signature`: text as received.
    /// `None` if no key fits.
    ///
    /// Each comparison takes constant time. The search stops at the key that fits, because its index is no secret: a
    /// signature by an older key is sent again with the newest key.
    #[must_use]
    pub fn verify(
        &self,
        hash: Hash,
        message: &[u8],
        signature: &[u8],
        scratch: &mut Vec<u8>,
    ) -> Option<usize> {
        self.each()
            .find(|(_, key)| key.sign.verify(hash, message, signature, scratch))
            .map(|(index, _)| index)
    }

    /// Decrypts `sealed` into `plain` with the first key whose padding fits. Returns the key's index, or `None` if no
    /// key fits. A wrong key fits in 1 of 256 cases.
    #[must_use]
    pub fn decrypt(&self, sealed: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
        self.each().find(|(_, key)| key.cbc.decrypt(sealed, plain)).map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests;
