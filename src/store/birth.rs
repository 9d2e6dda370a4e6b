//! The birth of a stored session: the name of its entry since it was created, by which a logout that comes late tells its own session
//! from the next one under the same key.
//!
//! In: a session's JSON text as it is stored. Its last member is `"_rev":"BIRTH.R1.R2…"`, as `lib/store/revision.js` writes and reads
//! it. A member of the session's own data may have the same name, so only the last one counts.

#![forbid(unsafe_code)]

const MARK: &str = ",\"_rev\":\"";
const END: &str = "\"}";
/// `MAX_LENGTH` of `lib/store/revision.js`, in bytes: a longer member is none.
const MAX_LENGTH: usize = 112;

/// `None` if the text was written without a birth.
pub fn birth_in(json_text: &str) -> Option<&str> {
    let (session, revisions) = json_text.strip_suffix(END)?.rsplit_once(MARK)?;
    let (birth, writes) = revisions.split_once('.')?;
    let (time, random) = birth.split_once('-')?;
    let is_plain = |text: &str, others: &[u8]| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || others.contains(&byte);
        !text.is_empty() && text.bytes().all(fits)
    };
    let fits = is_plain(time, b"") && is_plain(random, b"") && is_plain(writes, b".");
    (fits && json_text.len() - session.len() <= MAX_LENGTH).then_some(birth)
}
