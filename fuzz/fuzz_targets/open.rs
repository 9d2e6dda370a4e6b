#![no_main]
//! Any value and signature, in every mode and layer, against the rules of `src/open.rs` told plainly; and what
//! is sealed opens. The first byte chooses mode and layer, and whether the value comes as it is, encrypted by
//! an old key (so that hostile content lies under a right seal), or with the right signature.

use std::sync::LazyLock;

use egg_session_native::keyring::Keyring;
use egg_session_native::open::{open, Content, Layer, Mode, Opened};
use egg_session_native::seal::seal;
use egg_session_native::sign::SIGNATURE_CHARS;
use egg_session_native::text::Scratch;
use egg_session_native_fuzz::base64 as naive;
use egg_session_native_fuzz::{choose, texts, JsString};
use libfuzzer_sys::fuzz_target;

const KEYS: [&str; 3] =
    ["the newest test-only key", "a new test-only key", "test-only key, never used by an app"];
const OLDEST: usize = KEYS.len() - 1;

static KEYRING: LazyLock<Keyring> = LazyLock::new(|| Keyring::derive(&KEYS).expect("there are keys"));
static ALONE: LazyLock<Keyring> = LazyLock::new(|| Keyring::derive(&KEYS[OLDEST..]).expect("there is a key"));
static NAME: LazyLock<JsString> = LazyLock::new(|| JsString::new(b"EGG_SESS"));

/// Content in UTF-8, and the key's index.
type Found = Option<(Vec<u8>, usize)>;

fn found(opened: Option<Opened>, value: &JsString) -> Found {
    opened.map(|Opened { content, key_index }| match content {
        Content::Utf8(utf8) => (utf8.to_vec(), key_index),
        Content::AsGiven => (value.utf8(), key_index),
    })
}

fn signature_of(key_index: usize, value: &JsString) -> Vec<u8> {
    let message = [b"EGG_SESS=", value.utf8().as_slice()].concat();
    let (_, key) = KEYRING.each().nth(key_index).expect("there is such a key");
    let mut signature = Vec::new();
    key.sign.sign(&message, &mut signature);
    signature
}

fn verified(layer: Layer, value: &JsString, signature: Option<&JsString>) -> Found {
    let given = signature?.utf8();
    let key_index = (0..KEYS.len()).find(|&key_index| signature_of(key_index, value) == given)?;
    Some((if layer == Layer::Json { naive::decode(&value.low_bytes()) } else { value.utf8() }, key_index))
}

fn decrypted(layer: Layer, value: &JsString, signature: Option<&JsString>) -> Found {
    let sealed = naive::decode(&value.low_bytes());
    let fitting: Vec<(Vec<u8>, usize)> = KEYRING
        .each()
        .filter_map(|(key_index, key)| {
            let mut plain = Vec::new();
            key.cbc.decrypt(&sealed, &mut plain).then_some((plain, key_index))
        })
        .collect();
    let plausible = |plain: &Vec<u8>| match layer {
        Layer::Json => {
            let text = naive::decode(plain);
            naive::encode(&text) == *plain && text.starts_with(b"{")
        }
        Layer::Value => {
            let text = std::str::from_utf8(plain);
            text.is_ok_and(|text| !text.is_empty() && !text.chars().any(|c| c.is_ascii_control()))
        }
    };
    let content = |plain: Vec<u8>| match layer {
        Layer::Json => naive::decode(&JsString(utf16(&plain)).low_bytes()),
        Layer::Value => plain,
    };
    let chosen = fitting.iter().find(|(plain, _)| plausible(plain)).cloned();
    let opened = |(plain, key_index): (Vec<u8>, usize)| (content(plain), key_index);
    chosen
        .map(opened)
        .or_else(|| verified(layer, value, signature))
        .or_else(|| fitting.first().cloned().map(opened))
}

fn utf16(bytes: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(bytes).encode_utf16().collect()
}

fn expected(mode: Mode, layer: Layer, value: &JsString, signature: Option<&JsString>) -> Found {
    if value.0.is_empty() {
        return None;
    }
    match (mode, layer) {
        (Mode::Encrypted, _) => decrypted(layer, value, signature),
        (Mode::Signed, _) => verified(layer, value, signature),
        (Mode::Plain, Layer::Json) => Some((naive::decode(&value.low_bytes()), 0)),
        (Mode::Plain, Layer::Value) => Some((value.utf8(), 0)),
    }
}

/// What [`seal`] makes of a content opens as that content.
fn check_round_trip(mode: Mode, layer: Layer, content: &JsString, scratch: &mut Scratch) {
    let answer = seal(&ALONE, mode, layer, &*NAME, content, scratch).to_vec();
    if content.0.is_empty() {
        assert!(answer.is_empty());
        return;
    }
    let as_given = JsString(content.0.clone());
    let ascii = |bytes: &[u8]| JsString::new(bytes);
    let (value, signature) = match (mode, layer) {
        (Mode::Encrypted, _) | (Mode::Plain, Layer::Json) => (ascii(&answer), None),
        (Mode::Plain, Layer::Value) => (as_given, None),
        (Mode::Signed, Layer::Value) => (as_given, Some(ascii(&answer))),
        (Mode::Signed, Layer::Json) => {
            let (value, signature) = answer.split_at(answer.len() - SIGNATURE_CHARS);
            (ascii(value), Some(ascii(signature)))
        }
    };
    let opened = open(&ALONE, mode, layer, &*NAME, &value, signature.as_ref(), scratch);
    assert_eq!(found(opened, &value), Some((content.utf8(), 0)));
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = choose(input, 18) else { return };
    let mode = [Mode::Encrypted, Mode::Signed, Mode::Plain][usize::from(choice % 3)];
    let layer = [Layer::Json, Layer::Value][usize::from(choice / 3 % 2)];
    let [value, signature] = texts::<2>(rest);
    let mut signature = rest.contains(&0xff).then(|| JsString::new(signature));
    let value = if choice / 6 == 1 {
        let mut sealed = rest.to_vec();
        ALONE.newest().cbc.encrypt(&mut sealed);
        JsString::new(&naive::url_safe(&naive::encode(&sealed)))
    } else {
        JsString::new(value)
    };
    if choice / 6 == 2 {
        signature = Some(JsString::new(&signature_of(OLDEST, &value)));
    }

    let scratch = &mut Scratch::default();
    let expected = expected(mode, layer, &value, signature.as_ref());
    for _ in 0..2 {
        let opened = open(&KEYRING, mode, layer, &*NAME, &value, signature.as_ref(), scratch);
        assert_eq!(found(opened, &value), expected);
        check_round_trip(mode, layer, &value, scratch);
    }
});
