#![no_main]
//! Cookies one after the other: each gives a session exactly where it surely holds one. The first byte chooses the mode; of each text the first byte chooses who encrypted or
//! signed the rest: a key, the next one, a stranger (the value comes as it is), or a key that signed another value.

use egg_session_native::open::{open_session, Content, Mode, Opened};
use egg_session_native::sign::Hash;
use egg_session_native::text::Scratch;
use egg_session_native_fuzz::base64;
use egg_session_native_fuzz::open::{self as naive, KEYRING, NAME, OLDEST};
use egg_session_native_fuzz::{choose, JsString, SEPARATOR};
use libfuzzer_sys::fuzz_target;

fn cookie(mode: Mode, text: &[u8]) -> Option<(JsString, Option<JsString>)> {
    let (by, content) = choose(text, 4)?;
    let key_index = if by == 1 { 0 } else { OLDEST };
    if mode == Mode::Encrypted {
        let value = if by < 2 { naive::encrypted_by(key_index, content) } else { JsString::new(content) };
        return Some((value, None));
    }
    // as a header has it: one byte a character
    let value = JsString(content.iter().map(|&byte| u16::from(byte)).collect());
    let signed = if by == 3 { JsString::new(&base64::encode(content)) } else { JsString(value.0.clone()) };
    let signature =
        (by != 2).then(|| JsString::new(&naive::signature_by(naive::hash_of(mode), key_index, &signed)));
    Some((value, signature))
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = choose(input, 3) else { return };
    let mode = [Mode::Encrypted, Mode::Signed(Hash::Sha256), Mode::Signed(Hash::Sha1)][usize::from(choice)];
    let scratch = &mut Scratch::default();
    for text in rest.split(|&byte| byte == SEPARATOR) {
        let Some((value, signature)) = cookie(mode, text) else { continue };
        let opened = open_session(&KEYRING, mode, &*NAME, &value, signature.as_ref(), scratch);
        let found = opened.map(|Opened { content, key_index }| match content {
            Content::Utf8(text) => (text.to_vec(), key_index),
            Content::AsGiven => panic!("a session's text is decoded"),
        });
        assert_eq!(found, naive::sure_session(mode, &value, signature.as_ref()));
    }
});
