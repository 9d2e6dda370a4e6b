//! Does one operation of the engine N times, for `benchmark/instructions.js` to count instructions of:
//! `instructions OPERATION BYTES N`, where BYTES is about the length of the session's JSON.

use std::hint::black_box;

use egg_session_native::keyring::Keyring;
use egg_session_native::open::{self, Layer, Mode};
use egg_session_native::seal;
use egg_session_native::sealed::{self, Header};
use egg_session_native::sign::Hash;
use egg_session_native::text::{Scratch, Text};

const NAME: &Ascii = &Ascii("EGG_SESS");
const SIGNED: Mode = Mode::Signed(Hash::Sha256);
const NOW_MS: u64 = 1_795_000_000_000;

/// A string that is copied as it is, as V8's strings of single bytes are.
struct Ascii<'a>(&'a str);

impl Text for Ascii<'_> {
    fn append_utf8(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(self.0.as_bytes());
    }

    fn append_low_bytes(&self, to: &mut Vec<u8>) {
        self.append_utf8(to);
    }
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(operation), Some(bytes), Some(times)) = (args.next(), args.next(), args.next()) else {
        panic!("instructions OPERATION BYTES N");
    };
    let number = |text: String| text.parse::<usize>().unwrap_or_else(|_| panic!("{text} is no number"));
    run(&operation, &Ascii(&session(number(bytes))), number(times));
}

fn run(operation: &str, text: &Ascii<'_>, times: usize) {
    let Some(keyring) = Keyring::derive(&["benchmark key"]) else { panic!("a key is a keyring") };
    let mut scratch = Scratch::default();
    match operation {
        "seal" | "sign" => {
            let mode = if operation == "seal" { Mode::Encrypted } else { SIGNED };
            for _ in 0..times {
                black_box(seal::seal(&keyring, mode, Layer::Json, NAME, black_box(text), &mut scratch));
            }
        }
        "open" => {
            let sealed =
                seal::seal(&keyring, Mode::Encrypted, Layer::Json, NAME, text, &mut scratch).to_vec();
            let value = &Ascii(utf8(&sealed));
            for _ in 0..times {
                let opened = open::open(
                    &keyring,
                    Mode::Encrypted,
                    Layer::Json,
                    NAME,
                    black_box(value),
                    None,
                    &mut scratch,
                );
                assert!(black_box(opened).is_some(), "its own cookie opens");
            }
        }
        "verify" => {
            let signed = seal::seal(&keyring, SIGNED, Layer::Json, NAME, text, &mut scratch).to_vec();
            let (value, signature) = utf8(&signed).split_at(signed.len() - Hash::Sha256.signature_chars());
            let (value, signature) = (&Ascii(value), &Ascii(signature));
            for _ in 0..times {
                let opened = open::open(
                    &keyring,
                    SIGNED,
                    Layer::Json,
                    NAME,
                    black_box(value),
                    Some(signature),
                    &mut scratch,
                );
                assert!(black_box(opened).is_some(), "its own cookie opens");
            }
        }
        "seal_sealed" => {
            for _ in 0..times {
                let sealed = sealed::seal(&keyring, NAME, black_box(text), &header(), &mut scratch);
                assert!(black_box(sealed).is_ok(), "the system has random numbers");
            }
        }
        "open_sealed" => {
            let Ok(token) = sealed::seal(&keyring, NAME, text, &header(), &mut scratch).map(<[u8]>::to_vec)
            else {
                panic!("the system has random numbers")
            };
            let token = &Ascii(utf8(&token));
            for _ in 0..times {
                let opened = sealed::open(&keyring, NAME, black_box(token), NOW_MS, &mut scratch);
                assert!(opened.is_some(), "its own token opens");
            }
        }
        _ => panic!("unknown operation {operation}"),
    }
}

fn header() -> Header<'static> {
    Header { created_at_ms: Some(NOW_MS), expires_at_ms: Some(NOW_MS + 86_400_000), id: None }
}

fn utf8(ascii: &[u8]) -> &str {
    std::str::from_utf8(ascii).unwrap_or_else(|_| panic!("cookies are ASCII"))
}

/// A user's session with a cart that grows to about `bytes`.
fn session(bytes: usize) -> String {
    let mut text =
        String::from(r#"{"userId":1000001,"name":"Ada Lovelace","roles":["admin","editor"],"cart":["#);
    for item in 0.. {
        text.push_str(&format!(r#"{{"sku":"item-{item:04}","count":{},"price":19.5}}"#, item % 7));
        if text.len() + 60 > bytes {
            break;
        }
        text.push(',');
    }
    text.push_str(r#"],"_expire":1795086400000,"_maxAge":86400000}"#);
    text
}
