#![no_main]
//! Cookies one after the other through a small cache of opened ones: each gets the answer that it would get
//! without a cache. The first byte chooses the mode; of each text the first byte chooses who encrypted or
//! signed the rest: a key, the next one, a stranger (the value comes as it is), or a key that signed another value.

use egg_session_native::open::{open_session, Mode, Session};
use egg_session_native::opened_cache::{OpenedCache, MAX_COOKIE_BYTES};
use egg_session_native::text::Scratch;
use egg_session_native_fuzz::base64;
use egg_session_native_fuzz::open::{self as naive, Found, KEYRING, NAME, OLDEST};
use egg_session_native_fuzz::{choose, JsString, SEPARATOR};
use libfuzzer_sys::fuzz_target;

const CAPACITY: usize = 3;

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
    let signature = (by != 2).then(|| JsString::new(&naive::signature_by(key_index, &signed)));
    Some((value, signature))
}

fuzz_target!(|input: &[u8]| {
    let Some((choice, rest)) = choose(input, 2) else { return };
    let mode = [Mode::Encrypted, Mode::Signed][usize::from(choice)];
    let mut cache = OpenedCache::new(CAPACITY);
    let mut kept: [Found; CAPACITY] = [const { None }; CAPACITY];
    let scratch = &mut Scratch::default();
    for text in rest.split(|&byte| byte == SEPARATOR) {
        let Some((value, signature)) = cookie(mode, text) else { continue };
        let expected = naive::sure_session(mode, &value, signature.as_ref());
        // the second time it is kept, the third time it is known
        for time in 1..=3 {
            match open_session(&KEYRING, &mut cache, mode, &*NAME, &value, signature.as_ref(), scratch) {
                None => assert!(expected.is_none()),
                Some(Session::Known(place)) => {
                    assert_eq!(kept[place.slot], expected);
                    assert_eq!(expected.as_ref().map(|(_, key_index)| *key_index), Some(place.key_index));
                }
                Some(Session::New { text, key_index, slot }) => {
                    let new = Some((text.to_vec(), key_index));
                    assert_eq!(new, expected);
                    let is_long = value.0.len() > MAX_COOKIE_BYTES / 2;
                    assert!(time < 3 || is_long, "known from the third time on");
                    if let Some(slot) = slot {
                        kept[slot] = new;
                    }
                }
            }
        }
    }
});
