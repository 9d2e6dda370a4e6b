//! Tests the format with `sealed_v1.json`, which `sealed_v1.py` wrote without our code, and with tokens that must be
//! refused.

use super::*;
use crate::testing::unhex;
use serde_json::Value;

mod published;

const NAME: &str = "EGG_SESS";
const KEY: &str = "test-only key, never used by an app";
const SESSION: &str = r#"{"user":"alice","visits":1}"#;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../__test__/vectors/sealed_v1.json")).expect("the file is JSON")
}

fn cases(vectors: &Value, kind: &str) -> Vec<Value> {
    vectors[kind].as_array().expect("a list").clone()
}

fn text<'v>(case: &'v Value, field: &str) -> &'v str {
    case[field].as_str().expect("a string")
}

fn keyring(keys: &[&str]) -> Keyring {
    Keyring::derive(keys).expect("there is a key")
}

fn keyring_of(case: &Value) -> Keyring {
    let keys = case["appKeys"].as_array().expect("a list");
    keyring(&keys.iter().map(|key| key.as_str().expect("a string")).collect::<Vec<_>>())
}

fn seal_text(keyring: &Keyring, name: &str, text: &str, header: &Header<'_>) -> String {
    let mut scratch = Scratch::default();
    let token = seal(keyring, name, text, header, &mut scratch).expect("there is a random source");
    String::from_utf8(token.to_vec()).expect("a token is ASCII")
}

fn opens(keyring: &Keyring, name: &str, value: &str) -> bool {
    open(keyring, name, value, 0, &mut Scratch::default()).is_some()
}

#[test]
fn keys_and_key_ids_are_those_of_the_vectors() {
    for case in cases(&vectors(), "keys") {
        let (_, hkdf) = Hkdf::<Sha256>::extract(None, text(&case, "appKey").as_bytes());
        assert_eq!(expand::<KEY_BYTES>(&hkdf, KEY_INFO), *unhex(text(&case, "encryptionKey")));
        assert_eq!(SealedKey::derive(text(&case, "appKey").as_bytes()).id, *unhex(text(&case, "keyId")));
    }
}

#[test]
fn every_vector_opens() {
    for case in cases(&vectors(), "opened") {
        let now_ms = case["nowMs"].as_u64().expect("a time");
        let mut scratch = Scratch::default();
        let opened =
            open(&keyring_of(&case), text(&case, "cookie"), text(&case, "token"), now_ms, &mut scratch)
                .unwrap_or_else(|| panic!("{}", case["name"]));
        assert!(opened.text == text(&case, "text"), "{}", case["name"]);
        assert_eq!(opened.key_index as u64, case["keyIndex"].as_u64().expect("an index"), "{}", case["name"]);
        assert_eq!(opened.header.created_at_ms, case["createdAtMs"].as_u64(), "{}", case["name"]);
        assert_eq!(opened.header.expires_at_ms, case["expiresAtMs"].as_u64(), "{}", case["name"]);
        assert_eq!(opened.header.id, case["id"].as_str(), "{}", case["name"]);
    }
}

#[test]
fn every_vector_is_sealed_to_the_same_bytes() {
    for case in cases(&vectors(), "opened") {
        let key_index = case["keyIndex"].as_u64().expect("an index") as usize;
        let app_key = case["appKeys"][key_index].as_str().expect("a key");
        let header = Header {
            created_at_ms: case["createdAtMs"].as_u64(),
            expires_at_ms: case["expiresAtMs"].as_u64(),
            id: case["id"].as_str(),
        };
        let nonce = unhex(text(&case, "nonce")).try_into().expect("24 bytes");
        let mut scratch = Scratch::default();
        let (cookie, content) = (text(&case, "cookie"), text(&case, "text"));
        let token = seal_with_nonce(&keyring(&[app_key]), cookie, content, &header, &nonce, &mut scratch);
        assert!(token == text(&case, "token").as_bytes(), "{}", case["name"]);
    }
}

#[test]
fn every_vector_to_refuse_is_refused() {
    for case in cases(&vectors(), "refused") {
        let now_ms = case["nowMs"].as_u64().expect("a time");
        let keyring = keyring_of(&case);
        let mut scratch = Scratch::default();
        let opened = open(&keyring, text(&case, "cookie"), text(&case, "token"), now_ms, &mut scratch);
        assert!(opened.is_none(), "{}", case["name"]);
    }
}

#[test]
fn every_flipped_bit_and_every_truncation_is_refused() {
    let keyring = keyring(&[KEY]);
    for padding in 0..3 {
        let header = Header { created_at_ms: Some(1), expires_at_ms: Some(2), id: Some("id") };
        let token = seal_text(&keyring, NAME, &format!("{SESSION}{}", " ".repeat(padding)), &header);
        assert!(opens(&keyring, NAME, &token));
        for bit in 0..token.len() * 8 {
            let mut flipped = token.clone().into_bytes();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // A byte with its top bit flipped is not ASCII: it is passed as the character of that code point
            let flipped: String = flipped.into_iter().map(char::from).collect();
            assert!(!opens(&keyring, NAME, &flipped), "bit {bit}");
        }
        for end in 0..token.len() {
            assert!(!opens(&keyring, NAME, &token[..end]), "the first {end} characters");
            assert!(!opens(&keyring, NAME, &token[token.len() - end..]), "the last {end} characters");
        }
    }
}

#[test]
fn a_token_is_made_of_cookie_octets() {
    let token = seal_text(&keyring(&[KEY]), NAME, &SESSION.repeat(50), &Header::default());
    // RFC 6265, section 4.1.1
    let is_cookie_octet =
        |byte: u8| matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e);
    assert!(token.bytes().all(is_cookie_octet));
}

#[test]
fn no_two_tokens_are_alike() {
    let keyring = keyring(&[KEY]);
    let tokens = (0..2000).map(|_| seal_text(&keyring, NAME, SESSION, &Header::default()));
    assert_eq!(tokens.collect::<std::collections::HashSet<_>>().len(), 2000);
}

#[test]
fn a_token_is_one_byte_to_a_reader_of_the_older_formats() {
    for length in 0..200 {
        let token = seal_text(&keyring(&[KEY]), NAME, &"x".repeat(length), &Header::default());
        let mut decoded = Vec::new();
        crate::base64::decode(token.as_bytes(), crate::base64::Expect::UrlSafe, &mut decoded);
        assert_eq!(decoded.len(), 1);
    }
}

#[test]
fn keys_are_wiped_on_drop() {
    fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
    is_wiped::<Xaes256Gcm>();
    is_wiped::<xaes_256_gcm::aes_gcm::Aes256Gcm>();
}
