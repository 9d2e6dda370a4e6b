//! The header of a sealed token: optional fields before the text, inside the encryption.
//!
//! ```text
//! header = flags [1] ‖ created at [6]? ‖ expires at [6]? ‖ ( id length [1] ‖ id )?
//! ```
//!
//! Numbers are big-endian, times are milliseconds since 1970. An unknown flag makes the token unreadable, so that a
//! later version can add a field that must not be ignored.

#![forbid(unsafe_code)]

const HAS_CREATED_AT: u8 = 1;
const HAS_EXPIRES_AT: u8 = 2;
const HAS_ID: u8 = 4;
const KNOWN_FLAGS: u8 = HAS_CREATED_AT | HAS_EXPIRES_AT | HAS_ID;
const TIME_BYTES: usize = 6;

/// The latest time that can be written, in milliseconds since 1970: the year 10889.
pub const MAX_TIME_MS: u64 = (1 << (8 * TIME_BYTES)) - 1;
/// The longest id, in bytes of UTF-8.
pub const MAX_ID_BYTES: usize = u8::MAX as usize;

/// The optional fields of a token. An absent field takes no bytes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Header<'s> {
    /// When the session began; at most [`MAX_TIME_MS`].
    pub created_at_ms: Option<u64>,
    /// From this time on the token does not open; at most [`MAX_TIME_MS`].
    pub expires_at_ms: Option<u64>,
    /// The session's id, 1 to [`MAX_ID_BYTES`] bytes of UTF-8.
    pub id: Option<&'s str>,
}

impl<'s> Header<'s> {
    /// Appends the header. The caller has checked the limits of the fields.
    pub(super) fn write(&self, to: &mut Vec<u8>) {
        let flags_at = to.len();
        to.push(0);
        let times = [(HAS_CREATED_AT, self.created_at_ms), (HAS_EXPIRES_AT, self.expires_at_ms)];
        for (flag, time_ms) in times {
            if let Some(time_ms) = time_ms {
                debug_assert!(time_ms <= MAX_TIME_MS, "checked by the caller");
                to[flags_at] |= flag;
                to.extend_from_slice(&time_ms.to_be_bytes()[8 - TIME_BYTES..]);
            }
        }
        if let Some(id) = self.id {
            debug_assert!((1..=MAX_ID_BYTES).contains(&id.len()), "checked by the caller");
            to[flags_at] |= HAS_ID;
            to.push(id.len() as u8);
            to.extend_from_slice(id.as_bytes());
        }
    }

    /// Splits the plaintext into header and text. `None` if the header is cut short or has an unknown flag, or if its
    /// id is empty or invalid UTF-8.
    pub(super) fn read(plain: &'s [u8]) -> Option<(Self, &'s [u8])> {
        let (&flags, mut rest) = plain.split_first()?;
        if flags & !KNOWN_FLAGS != 0 {
            return None;
        }
        let mut header = Self::default();
        if flags & HAS_CREATED_AT != 0 {
            header.created_at_ms = Some(take_time(&mut rest)?);
        }
        if flags & HAS_EXPIRES_AT != 0 {
            header.expires_at_ms = Some(take_time(&mut rest)?);
        }
        if flags & HAS_ID != 0 {
            let (&id_bytes, after) = rest.split_first()?;
            let (id, after) = after.split_at_checked(id_bytes.into())?;
            header.id = Some(std::str::from_utf8(id).ok().filter(|id| !id.is_empty())?);
            rest = after;
        }
        Some((header, rest))
    }
}

fn take_time(from: &mut &[u8]) -> Option<u64> {
    let (time, rest) = from.split_first_chunk::<TIME_BYTES>()?;
    *from = rest;
    Some(time.iter().fold(0, |time_ms, &byte| time_ms << 8 | u64::from(byte)))
}
