#![no_main]
//! Any value and signature, in every mode and layer, against the rules of `src/open.rs` told plainly; and what
//! is sealed opens. The first byte chooses mode and layer, and whether the value comes as it is, encrypted by
//! an old key (so that hostile content lies under a right seal), or with the right signature.

use egg_session_native::open::{open, Content, Layer, Mode, Opened};
use egg_session_native::seal::seal;
use egg_session_native::sign::Hash;
use egg_session_native::text::Scratch;
use egg_session_native_fuzz::open::{self as naive, Found, ALONE, KEYRING, NAME, OLDEST};
use egg_session_native_fuzz::{choose, texts, JsString};
use libfuzzer_sys::fuzz_target;

const MODES: [Mode; 4] = [Mode::Encrypted, Mode::Signed(Hash::Sha256), Mode::Plain, Mode::Signed(Hash::Sha1)];

fn found(opened: Option<Opened>, value: &JsString) -> Found {
    opened.map(|Opened { content, key_index }| match content {
        Content::Utf8(utf8) => (utf8.to_vec(), key_index),
        Content::AsGiven => (value.utf8(), key_index),
    })
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
        (Mode::Signed(_), Layer::Value) => (as_given, Some(ascii(&answer))),
        (Mode::Signed(hash), Layer::Json) => {
            let (value, signature) = answer.split_at(answer.len() - hash.signature_chars());
            (ascii(value), Some(ascii(signature)))
        }
    };
    let opened = open(&ALONE, mode, layer, &*NAME, &value, signature.as_ref(), scratch);
    assert_eq!(found(opened, &value), Some((content.utf8(), 0)));
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = choose(input, 24) else { return };
    let mode = MODES[usize::from(choice % 4)];
    let layer = [Layer::Json, Layer::Value][usize::from(choice / 4 % 2)];
    let [value, signature] = texts::<2>(rest);
    let mut signature = rest.contains(&0xff).then(|| JsString::new(signature));
    let value = if choice / 8 == 1 { naive::encrypted_by(OLDEST, rest) } else { JsString::new(value) };
    if choice / 8 == 2 {
        signature = Some(JsString::new(&naive::signature_by(naive::hash_of(mode), OLDEST, &value)));
    }

    let scratch = &mut Scratch::default();
    let expected = naive::opened(mode, layer, &value, signature.as_ref());
    for _ in 0..2 {
        let opened = open(&KEYRING, mode, layer, &*NAME, &value, signature.as_ref(), scratch);
        assert_eq!(found(opened, &value), expected);
        check_round_trip(mode, layer, &value, scratch);
    }
});
