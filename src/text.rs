//! Strings that are copied out of V8 late, and only in the form that a step needs.
//!
//! Copying a string out of V8 costs as much as decrypting it, and UTF-8 four times as much as single bytes.
//! So [`open`](crate::open) asks for a string's content only when it needs it, in the form that it needs.

#![forbid(unsafe_code)]

/// A string of UTF-16 units that may contain lone surrogates, as JS has them.
pub trait Text {
    /// Appends the text as UTF-8. As in `Buffer.from(string)`, each lone surrogate becomes U+FFFD.
    fn append_utf8(&self, to: &mut Vec<u8>);

    /// Appends the low byte of each UTF-16 unit. Base64 decoding reads nothing else.
    fn append_low_bytes(&self, to: &mut Vec<u8>);
}

impl Text for str {
    fn append_utf8(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.as_bytes());
    }

    fn append_low_bytes(&self, to: &mut Vec<u8>) {
        to.extend(self.encode_utf16().map(|unit| unit as u8));
    }
}

/// Buffers that live from call to call, so that a usual call need not allocate them. They hold cookie and session text,
/// never a key, and are not wiped.
#[derive(Default)]
pub struct Scratch {
    /// A string as received, or the message that is signed.
    pub(crate) given: Vec<u8>,
    /// A signature, received or computed.
    pub(crate) signature: Vec<u8>,
    /// A computed signature to compare with.
    pub(crate) expected: Vec<u8>,
    /// Ciphertext, or its input.
    pub(crate) sealed: Vec<u8>,
    /// Decrypted bytes.
    pub(crate) plain: Vec<u8>,
    /// The answer.
    pub(crate) content: Vec<u8>,
}

impl Scratch {
    /// The largest capacity in bytes that a buffer keeps between calls. Browsers limit a cookie to 4 KiB.
    const KEPT_BYTES: usize = 64 * 1024;

    /// Frees each buffer with more than 64 KiB, which an unusually large call has left.
    pub fn trim(&mut self) {
        let Self { given, signature, expected, sealed, plain, content } = self;
        for buffer in [given, signature, expected, sealed, plain, content] {
            if buffer.capacity() > Self::KEPT_BYTES {
                *buffer = Vec::new();
            }
        }
    }
}
