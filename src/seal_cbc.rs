//! Egg's encryption, as in egg-cookies@2.10.1: AES-256-CBC with PKCS#7 padding.
//!
//! In: any bytes. Out: raw ciphertext; the caller encodes it in base64. Key (32 bytes) and IV (16 bytes) are both
//! derived from the app key by OpenSSL's `EVP_BytesToKey` (MD5, no salt, one round).
//!
//! Hides the value. Does not authenticate it: a user can flip bits and change the session. The IV is the same for all
//! cookies, so equal values give equal ciphertext, and equal beginnings give equal blocks. The module exists because
//! every existing Egg cookie has this format.

#![forbid(unsafe_code)]

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit, KeyInit};
use aes::{Aes256Dec, Aes256Enc};
use md5::{Digest, Md5};
use zeroize::{Zeroize, Zeroizing};

/// Block length of AES in bytes.
pub const BLOCK_BYTES: usize = 16;
const KEY_BYTES: usize = 32;

/// One app key, ready to encrypt and decrypt. Key schedules and IV are wiped on drop.
pub struct CbcKey {
    encryptor: Aes256Enc,
    decryptor: Aes256Dec,
    iv: Zeroizing<[u8; BLOCK_BYTES]>,
}

impl CbcKey {
    /// Derives key and IV. `app_key`: the bytes of a key in `app.keys`, of any length.
    #[must_use]
    pub fn derive(app_key: &[u8]) -> Self {
        let stretched = evp_bytes_to_key(app_key);
        let (key, iv_bytes) = stretched.split_at(KEY_BYTES);
        let mut iv = Zeroizing::new([0; BLOCK_BYTES]);
        iv.copy_from_slice(iv_bytes);
        Self::new(key, iv)
    }

    #[allow(clippy::expect_used, reason = "the length is fixed above, and by the vectors' filter in tests")]
    fn new(key: &[u8], iv: Zeroizing<[u8; BLOCK_BYTES]>) -> Self {
        let encryptor = Aes256Enc::new_from_slice(key).expect("an AES-256 key has 32 bytes");
        let decryptor = Aes256Dec::new_from_slice(key).expect("an AES-256 key has 32 bytes");
        Self { encryptor, decryptor, iv }
    }

    /// Encrypts the whole of `buffer` in place and lengthens it by the padding, 1 to 16 bytes.
    pub fn encrypt(&self, buffer: &mut Vec<u8>) {
        let plain_bytes = buffer.len();
        buffer.resize(plain_bytes / BLOCK_BYTES * BLOCK_BYTES + BLOCK_BYTES, 0);
        let encryptor = cbc::Encryptor::inner_iv_init(&self.encryptor, (&*self.iv).into());
        let padded = encryptor.encrypt_padded::<Pkcs7>(buffer, plain_bytes);
        debug_assert!(padded.is_ok(), "the buffer was lengthened to whole blocks");
    }

    /// Decrypts `sealed`, of any length, into `plain`. False if the length is not a number of whole blocks or the
    /// padding does not fit; then the content of `plain` is arbitrary. The padding of a wrong key fits in 1 of 256
    /// cases.
    #[must_use]
    pub fn decrypt(&self, sealed: &[u8], plain: &mut Vec<u8>) -> bool {
        if sealed.is_empty() || !sealed.len().is_multiple_of(BLOCK_BYTES) {
            return false;
        }
        plain.clear();
        plain.extend_from_slice(sealed);
        let decryptor = cbc::Decryptor::inner_iv_init(&self.decryptor, (&*self.iv).into());
        let Ok(plain_bytes) = decryptor.decrypt_padded::<Pkcs7>(plain).map(<[u8]>::len) else {
            return false;
        };
        plain.truncate(plain_bytes);
        true
    }
}

/// Key ‖ IV = D₁ ‖ D₂ ‖ D₃, where D₁ = MD5(app key) and Dᵢ = MD5(Dᵢ₋₁ ‖ app key).
fn evp_bytes_to_key(app_key: &[u8]) -> Zeroizing<[u8; KEY_BYTES + BLOCK_BYTES]> {
    let mut stretched = Zeroizing::new([0; KEY_BYTES + BLOCK_BYTES]);
    let mut hash = Md5::new();
    for chunk in stretched.chunks_exact_mut(16) {
        hash.update(app_key);
        let mut digest = hash.finalize_reset();
        chunk.copy_from_slice(&digest);
        hash.update(digest);
        digest.zeroize();
    }
    stretched
}

#[cfg(test)]
mod tests;
