//! The app keys with everything derived from them, newest first, derived once.
//!
//! In: `app.keys`. The first key seals and signs, all of them open and verify, so that keys can be rotated.
//! The methods here are Keygrip's words in egg-cookies and Koa, with their answers; cookies go through
//! [`open`](crate::open) and [`seal`](crate::seal).

#![forbid(unsafe_code)]

use crate::seal_cbc::CbcKey;
use crate::sealed::SealedKey;
use crate::sign::{Hash, SignKey};

/// What one app key gives. No `Debug`: nothing of it may be printed.
pub struct DerivedKey {
    /// For encrypted cookies.
    pub cbc: CbcKey,
    /// For signed cookies.
    pub sign: SignKey,
    /// For sealed cookies.
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

/// One or more keys, newest first.
pub struct Keyring {
    newest: DerivedKey,
    older: Vec<DerivedKey>,
}

impl Keyring {
    /// `app_keys`: the bytes of each, newest first; of a string those of its UTF-8. `None` without a key.
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

    /// Index of the first key under which `signature` is that of `message`. Which key it was is no secret
    /// (an old key's signature is sent again with the newest), so the search may stop there.
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

    /// Decrypts with the first key whose padding fits, into `plain`.
    #[must_use]
    pub fn decrypt(&self, sealed: &[u8], plain: &mut Vec<u8>) -> Option<usize> {
        self.each().find(|(_, key)| key.cbc.decrypt(sealed, plain)).map(|(index, _)| index)
    }
}

#[cfg(test)]
mod tests;
