use super::*;
use crate::sign::Hash;
use crate::testing::{rows, unhex_utf8};

const SHA256: Mode = Mode::Signed(Hash::Sha256);
const SHA1: Mode = Mode::Signed(Hash::Sha1);
const MODES: [Mode; 4] = [Mode::Encrypted, SHA256, SHA1, Mode::Plain];

#[allow(clippy::expect_used, reason = "one key is given")]
fn seal_with(app_key: &str, mode: Mode, layer: Layer, content: &str) -> String {
    let keyring = Keyring::derive(&[app_key]).expect("a keyring");
    let mut scratch = Scratch::default();
    // a first call leaves its traces in the buffers
    seal(&keyring, SHA256, Layer::Json, "other", "{\"a\":\"longer than most\"}", &mut scratch);
    String::from_utf8_lossy(seal(&keyring, mode, layer, "EGG_SESS", content, &mut scratch)).into_owned()
}

#[test]
fn writes_what_egg_cookies_writes() {
    for row in rows(include_str!("../../__test__/vectors/engine_egg_cookies.tsv")) {
        let (app_key, text) = (unhex_utf8(row[0]), unhex_utf8(row[1]));
        let [encrypted, signed, signature] = [row[2], row[3], row[4]];
        assert_eq!(seal_with(&app_key, Mode::Encrypted, Layer::Json, &text), encrypted);
        assert_eq!(seal_with(&app_key, SHA256, Layer::Json, &text), format!("{signed}{signature}"));
        assert_eq!(seal_with(&app_key, Mode::Plain, Layer::Json, &text), signed);
        // base64 text as the value gives the same cookie as its JSON text
        assert_eq!(seal_with(&app_key, Mode::Encrypted, Layer::Value, signed), encrypted);
        assert_eq!(seal_with(&app_key, SHA256, Layer::Value, signed), signature);
        assert_eq!(signature.len(), Hash::Sha256.signature_chars());
    }
}

#[test]
fn writes_what_koas_cookies_writes() {
    for row in rows(include_str!("../../__test__/vectors/engine_koa_cookies.tsv")) {
        let (app_key, text) = (unhex_utf8(row[0]), unhex_utf8(row[1]));
        let [value, signature] = [row[2], row[3]];
        assert_eq!(seal_with(&app_key, SHA1, Layer::Json, &text), format!("{value}{signature}"));
        assert_eq!(seal_with(&app_key, SHA1, Layer::Value, value), signature);
        assert_eq!(signature.len(), Hash::Sha1.signature_chars());
    }
}

#[test]
fn an_empty_value_stays_empty_and_unsigned() {
    for mode in MODES {
        for layer in [Layer::Json, Layer::Value] {
            assert_eq!(seal_with("key", mode, layer, ""), "");
        }
    }
}

/// Asserts that `seal_cookie` gives the value and signature that `seal` gives for `whole_text`, each with the
/// attributes.
#[allow(clippy::expect_used, reason = "one key is given")]
fn assert_cookie(mode: Mode, text: &str, lifetime: Option<Lifetime>, whole_text: &str) {
    let name = "EGG_SESS";
    let attributes = "; path=/; domain=\u{e9}.example";
    let keyring = Keyring::derive(&["key"]).expect("a keyring");
    let mut scratch = Scratch::default();
    // a first call leaves its traces in the buffers
    seal(&keyring, SHA256, Layer::Json, "other", "{\"a\":\"longer than most\"}", &mut scratch);
    let cookie = Cookie { name, text, lifetime, attributes };
    let whole = String::from_utf8_lossy(seal_cookie(&keyring, mode, &cookie, &mut scratch)).into_owned();
    let sealed = seal_with("key", mode, Layer::Json, whole_text);
    if let Mode::Signed(hash) = mode {
        let (value, signature) = sealed.split_at(sealed.len() - hash.signature_chars());
        assert_eq!(whole, format!("{name}={value}{attributes}{name}.sig={signature}{attributes}"));
    } else {
        assert_eq!(whole, format!("{name}={sealed}{attributes}"));
    }
}

#[test]
fn a_whole_cookie_is_what_its_parts_are() {
    let text = "{\"a\":\"\u{540d}\"}";
    for mode in MODES {
        assert_cookie(mode, text, None, text);
    }
}

#[test]
fn a_lifetime_becomes_the_last_members_of_the_session() {
    let long = Lifetime { expire: 9_007_199_254_740_991, max_age: 86_400_000 };
    let short = Lifetime { expire: 1, max_age: 1 };
    for mode in MODES {
        assert_cookie(
            mode,
            r#"{"a":[]}"#,
            Some(long),
            r#"{"a":[],"_expire":9007199254740991,"_maxAge":86400000}"#,
        );
        assert_cookie(mode, "{}", Some(short), r#"{"_expire":1,"_maxAge":1}"#);
    }
}
