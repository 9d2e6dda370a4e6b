use super::*;
use crate::seal::seal;
use crate::testing::{rows, unhex_utf8, Random};

const NAME: &str = "EGG_SESS";
const SHA256: Mode = Mode::Signed(Hash::Sha256);
const SHA1: Mode = Mode::Signed(Hash::Sha1);
const MODES: [Mode; 4] = [Mode::Encrypted, SHA256, SHA1, Mode::Plain];

#[allow(clippy::expect_used, reason = "keys are given")]
fn keyring(app_keys: &[&str]) -> Keyring {
    Keyring::derive(app_keys).expect("a keyring")
}

fn sealed(app_key: &str, mode: Mode, layer: Layer, content: &str) -> String {
    let mut scratch = Scratch::default();
    String::from_utf8_lossy(seal(&keyring(&[app_key]), mode, layer, NAME, content, &mut scratch)).into_owned()
}

/// Opens a value; returns the content as JS gets it, and the key's index.
fn opened(
    keyring: &Keyring,
    mode: Mode,
    layer: Layer,
    value: &str,
    signature: Option<&str>,
) -> Option<(String, usize)> {
    let mut scratch = Scratch::default();
    let opened = open(keyring, mode, layer, NAME, value, signature, &mut scratch)?;
    let content = match opened.content {
        Content::Utf8(utf8) => String::from_utf8_lossy(utf8).into_owned(),
        Content::AsGiven => value.to_owned(),
    };
    Some((content, opened.key_index))
}

fn found(content: &str, key_index: usize) -> Option<(String, usize)> {
    Some((content.to_owned(), key_index))
}

/// A value that the key `right` sealed and whose padding also fits under the key `wrong`, with its text.
fn text_that_fits_both(right: &str, wrong: &str, layer: Layer) -> (String, String) {
    let wrong_key = keyring(&[wrong]);
    let candidates = (0..20_000).map(|id| format!("{{\"id\":{id}}}"));
    let mut pairs = candidates.map(|text| (sealed(right, Mode::Encrypted, layer, &text), text));
    let fits = |value: &str| {
        let mut bytes = Vec::new();
        base64::decode(value.as_bytes(), Expect::UrlSafe, &mut bytes);
        wrong_key.decrypt(&bytes, &mut Vec::new()).is_some()
    };
    let (value, text) = pairs.find(|(value, _)| fits(value)).unwrap_or_default();
    assert!(!value.is_empty(), "no text fits both keys");
    (value, text)
}

#[test]
fn reads_what_egg_cookies_wrote() {
    for row in rows(include_str!("../../__test__/vectors/engine_egg_cookies.tsv")) {
        let (app_key, text) = (unhex_utf8(row[0]), unhex_utf8(row[1]));
        let [encrypted, signed, signature] = [row[2], row[3], row[4]];
        let keys = keyring(&["newer", &app_key]);
        assert_eq!(opened(&keys, Mode::Encrypted, Layer::Json, encrypted, None), found(&text, 1));
        assert_eq!(opened(&keys, Mode::Encrypted, Layer::Value, encrypted, None), found(signed, 1));
        assert_eq!(opened(&keys, SHA256, Layer::Json, signed, Some(signature)), found(&text, 1));
        assert_eq!(opened(&keys, SHA256, Layer::Value, signed, Some(signature)), found(signed, 1));
        assert_eq!(opened(&keys, Mode::Plain, Layer::Json, signed, None), found(&text, 0));
        assert_eq!(opened(&keys, Mode::Plain, Layer::Value, signed, None), found(signed, 0));
        // a cookie that @eggjs/session 4 signed, in encrypted mode
        assert_eq!(opened(&keys, Mode::Encrypted, Layer::Json, signed, Some(signature)), found(&text, 1));
        assert_eq!(opened(&keys, Mode::Encrypted, Layer::Value, signed, Some(signature)), found(signed, 1));
    }
}

#[test]
fn reads_what_koas_cookies_wrote() {
    for row in rows(include_str!("../../__test__/vectors/engine_koa_cookies.tsv")) {
        let (app_key, text) = (unhex_utf8(row[0]), unhex_utf8(row[1]));
        let [value, signature] = [row[2], row[3]];
        let keys = keyring(&["newer", &app_key]);
        assert_eq!(opened(&keys, SHA1, Layer::Json, value, Some(signature)), found(&text, 1));
        assert_eq!(opened(&keys, SHA1, Layer::Value, value, Some(signature)), found(value, 1));
        let mut scratch = Scratch::default();
        let session = open_session(&keys, SHA1, NAME, value, Some(signature), &mut scratch);
        assert_eq!(session, Some(Opened { content: Content::Utf8(text.as_bytes()), key_index: 1 }));
    }
}

#[test]
fn a_signature_of_one_hash_opens_nothing_in_the_mode_of_the_other() {
    let keys = keyring(&["key"]);
    let value = "eyJhIjoxfQ==";
    let of = |mode| sealed("key", mode, Layer::Value, value);
    for layer in [Layer::Json, Layer::Value] {
        for (mode, signature) in [(SHA1, of(SHA256)), (SHA256, of(SHA1)), (Mode::Encrypted, of(SHA1))] {
            assert_eq!(opened(&keys, mode, layer, value, Some(&signature)), None);
        }
    }
}

#[test]
fn a_new_key_that_happens_to_fit_does_not_hide_the_session() {
    for layer in [Layer::Json, Layer::Value] {
        let (value, text) = text_that_fits_both("old", "new", layer);
        let keys = keyring(&["new", "old"]);
        assert_eq!(opened(&keys, Mode::Encrypted, layer, &value, None), found(&text, 1));
    }
}

#[test]
fn without_a_plausible_content_the_first_key_that_fits_answers() {
    let keys = keyring(&["new", "old"]);
    let under_old = |content| sealed("old", Mode::Encrypted, Layer::Value, content);
    // not a JSON object; base64 without padding; base64 with a space
    for (content, text) in [("bnVsbA==", "null"), ("eyJhIjoxfQ", "{\"a\":1}"), ("eyJhIjoxf Q=", "{\"a\":1}")]
    {
        assert_eq!(opened(&keys, Mode::Encrypted, Layer::Json, &under_old(content), None), found(text, 1));
    }
    let (control, tab) = ("a\u{1}b", "a\tb");
    for content in [control, tab, "a\u{7f}"] {
        assert_eq!(
            opened(&keys, Mode::Encrypted, Layer::Value, &under_old(content), None),
            found(content, 1)
        );
    }
}

#[test]
fn an_encrypted_nothing_opens_as_nothing() {
    let mut block = Vec::new();
    keyring(&["key"]).newest().cbc.encrypt(&mut block);
    let mut value = Vec::new();
    base64::encode_url_safe(&block, &mut value);
    let value = String::from_utf8_lossy(&value);
    for layer in [Layer::Json, Layer::Value] {
        assert_eq!(opened(&keyring(&["key"]), Mode::Encrypted, layer, &value, None), found("", 0));
    }
}

#[test]
fn a_signature_goes_before_an_implausible_content() {
    let keys = keyring(&["key"]);
    let value = sealed("key", Mode::Encrypted, Layer::Value, "bnVsbA==");
    let signature = sealed("key", SHA256, Layer::Value, &value);
    assert_eq!(opened(&keys, Mode::Encrypted, Layer::Value, &value, Some(&signature)), found("bnVsbA==", 0));
    let as_json = opened(&keys, Mode::Encrypted, Layer::Json, &value, Some(&signature));
    assert_ne!(as_json, found("null", 0));
    assert!(as_json.is_some());
}

#[test]
fn nothing_opens_without_its_signature() {
    let keys = keyring(&["key"]);
    let value = "eyJhIjoxfQ==";
    for mode in [SHA256, SHA1] {
        let signature = sealed("key", mode, Layer::Value, value);
        let foreign = sealed("stranger", mode, Layer::Value, value);
        for layer in [Layer::Json, Layer::Value] {
            for wrong in [None, Some(""), Some(foreign.as_str()), Some(value)] {
                assert_eq!(opened(&keys, mode, layer, value, wrong), None);
            }
            assert_eq!(opened(&keys, mode, layer, "eyJhIjoyfQ==", Some(&signature)), None);
        }
    }
}

#[test]
fn an_empty_value_opens_in_no_mode() {
    let keys = keyring(&["key"]);
    for mode in MODES {
        let mut signature = Vec::new();
        let hash = if mode == SHA1 { Hash::Sha1 } else { Hash::Sha256 };
        keys.newest().sign.sign(hash, b"EGG_SESS=", &mut signature);
        let signature = String::from_utf8_lossy(&signature);
        for layer in [Layer::Json, Layer::Value] {
            assert_eq!(opened(&keys, mode, layer, "", Some(&signature)), None);
        }
    }
}

#[test]
fn a_call_sees_nothing_of_the_one_before() {
    let keys = keyring(&["new", "old"]);
    let mut random = Random(11);
    let mut scratch = Scratch::default();
    for _ in 0..5_000 {
        let text = format!("{{\"pad\":\"{}\"}}", "x".repeat(random.below(60)));
        let mode = MODES[random.below(4)];
        let layer = [Layer::Json, Layer::Value][random.below(2)];
        let value = match random.below(3) {
            0 => String::from_utf8_lossy(&random.bytes(40)).into_owned(),
            1 => sealed("old", Mode::Encrypted, layer, &text),
            _ => sealed("old", Mode::Plain, Layer::Json, &text),
        };
        let signature = sealed("old", [SHA256, SHA1][random.below(2)], Layer::Value, &value);
        let signature = (random.below(2) == 0).then_some(signature.as_str());
        let fresh = opened(&keys, mode, layer, &value, signature);
        let reused = open(&keys, mode, layer, NAME, value.as_str(), signature, &mut scratch);
        let reused = reused.map(|opened| match opened.content {
            Content::Utf8(utf8) => (String::from_utf8_lossy(utf8).into_owned(), opened.key_index),
            Content::AsGiven => (value.clone(), opened.key_index),
        });
        assert_eq!(reused, fresh);
    }
}
