#![no_main]
//! The sealed format. The first byte chooses what the rest is: a value as a browser sends it, the bytes of a
//! token behind the right key id, the plaintext under a right seal (made here with the primitives alone), or
//! the session of a round trip that is spoiled thereafter.

use std::sync::LazyLock;

use egg_session_native::keyring::Keyring;
use egg_session_native::sealed::header::{Header, MAX_ID_BYTES, MAX_TIME_MS};
use egg_session_native::sealed::{open, seal, Opened};
use egg_session_native::text::Scratch;
use egg_session_native_fuzz::base64 as naive;
use egg_session_native_fuzz::{choose, texts, JsString};
use hkdf::Hkdf;
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use xaes_256_gcm::Xaes256Gcm;

const APP_KEY: &str = "test-only key";
const NOW_MS: u64 = 1_767_323_045_678;
const NAME: &[u8] = b"EGG_SESS";
const NUMBERS_BYTES: usize = 20;

static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::derive(&[APP_KEY]).expect("there is a key"));
static ROTATED: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::derive(&["a new test-only key", APP_KEY]).expect("there are keys"));
static STRANGER: LazyLock<Keyring> =
    LazyLock::new(|| Keyring::derive(&["a stranger's test-only key"]).expect("there is a key"));

/// Key id and cipher of the app key, by the specification.
static KEY: LazyLock<([u8; 4], Xaes256Gcm)> = LazyLock::new(|| {
    let hkdf = Hkdf::<Sha256>::new(None, APP_KEY.as_bytes());
    let (mut key, mut id) = ([0; 32], [0; 4]);
    hkdf.expand(b"egg-session-native sealed v1 encryption key", &mut key).expect("short enough");
    hkdf.expand(b"egg-session-native sealed v1 key id", &mut id).expect("short enough");
    (id, Xaes256Gcm::new(&key.into()))
});

fn token_of(body: &[u8]) -> JsString {
    let base64 = naive::no_pad(naive::url_safe(&naive::encode(body)));
    JsString::new(&[b"v1=", base64.as_slice()].concat())
}

fn opens(keyring: &Keyring, name: &[u8], value: &JsString) -> bool {
    open(keyring, &JsString::new(name), value, 0, &mut Scratch::default()).is_some()
}

fn seal_plain(plain: &[u8]) -> JsString {
    let (id, cipher) = &*KEY;
    let nonce = [7; 24];
    let associated = [b"v1=", id.as_slice(), NAME].concat();
    let mut sealed = plain.to_vec();
    let buffer = sealed.as_mut_slice().into();
    let tag = cipher.encrypt_inout_detached(&nonce.into(), &associated, buffer).expect("short enough");
    token_of(&[id.as_slice(), &nonce, &sealed, &tag].concat())
}

/// Created at, expires at, id and text, as `docs/format.md` tells.
type Session<'s> = (Option<u64>, Option<u64>, Option<&'s str>, &'s str);

fn read_naively(plain: &[u8]) -> Option<Session<'_>> {
    let flags = *plain.first()?;
    let mut at = 1;
    let mut field = |present: bool, length: usize| {
        let start = at;
        at += if present { length } else { 0 };
        plain.get(start..at)
    };
    let time = |bytes: &[u8]| {
        let number = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        u64::from_str_radix(&number, 16).ok()
    };
    let created_at_ms = time(field(flags & 1 != 0, 6)?);
    let expires_at_ms = time(field(flags & 2 != 0, 6)?);
    let id_length = field(flags & 4 != 0, 1)?.first().copied().unwrap_or(0);
    let id = std::str::from_utf8(field(flags & 4 != 0, id_length.into())?).ok()?;
    let text = std::str::from_utf8(&plain[at..]).ok()?;
    let is_right = flags < 8 && (flags & 4 == 0 || !id.is_empty());
    is_right.then_some((created_at_ms, expires_at_ms, (flags & 4 != 0).then_some(id), text))
}

fn check_plain(plain: &[u8]) {
    let mut scratch = Scratch::default();
    let opened = open(&KEYRING, &JsString::new(NAME), &seal_plain(plain), NOW_MS, &mut scratch);
    let opened = opened.map(|Opened { header, text, key_index }| {
        assert_eq!(key_index, 0);
        (header.created_at_ms, header.expires_at_ms, header.id, text)
    });
    let lives = |session: &Session| session.1.is_none_or(|expires_at_ms| NOW_MS < expires_at_ms);
    assert_eq!(opened, read_naively(plain).filter(lives));
}

/// `numbers`: created at (8 bytes), expires at (8), which bit to flip (2), where to cut (2).
fn check_round_trip(numbers: &[u8; NUMBERS_BYTES], text: &[u8], id: &[u8]) {
    let number = |at: usize, length: usize| {
        numbers[at..at + length].iter().fold(0, |value, &byte| value << 8 | u64::from(byte))
    };
    let time = |time_ms: u64| Some(time_ms % (2 * MAX_TIME_MS)).filter(|&time_ms| time_ms <= MAX_TIME_MS);
    let id = std::str::from_utf8(id).ok().filter(|id| (1..=MAX_ID_BYTES).contains(&id.len()));
    let header = Header { created_at_ms: time(number(0, 8)), expires_at_ms: time(number(8, 8)), id };
    let (name, text) = (JsString::new(NAME), JsString::new(text));
    let mut scratch = Scratch::default();
    let token =
        seal(&KEYRING, &name, &text, &header, &mut scratch).expect("there are random numbers").to_vec();
    let value = JsString::new(&token);

    let opened = open(&ROTATED, &name, &value, NOW_MS, &mut scratch);
    let expired = header.expires_at_ms.is_some_and(|expires_at_ms| expires_at_ms <= NOW_MS);
    match opened {
        None => assert!(expired),
        Some(opened) => {
            assert!(!expired && opened.header == header && opened.key_index == 1);
            assert_eq!(opened.text.as_bytes(), text.utf8());
        }
    }

    if header.expires_at_ms != Some(0) {
        assert!(opens(&KEYRING, NAME, &value));
    }
    assert!(!opens(&STRANGER, NAME, &value) && !opens(&KEYRING, b"EGG_SESS2", &value));
    let mut flipped = token.clone();
    let bit = number(16, 2) as usize % (token.len() * 8);
    flipped[bit / 8] ^= 1 << (bit % 8);
    let flipped: String = flipped.into_iter().map(char::from).collect();
    assert!(!opens(&KEYRING, NAME, &JsString::new(flipped.as_bytes())));
    let cut = number(18, 2) as usize % token.len();
    assert!(!opens(&KEYRING, NAME, &JsString::new(&token[..cut])));
}

fuzz_target!(|input: &[u8]| {
    match choose(input, 4) {
        None => {}
        Some((0, value)) => assert!(!opens(&KEYRING, NAME, &JsString::new(value))),
        Some((1, body)) => assert!(!opens(&KEYRING, NAME, &token_of(&[KEY.0.as_slice(), body].concat()))),
        Some((2, plain)) => check_plain(plain),
        Some((_, rest)) => {
            let Some((numbers, rest)) = rest.split_first_chunk() else { return };
            let [text, id] = texts::<2>(rest);
            check_round_trip(numbers, text, id);
        }
    }
});
