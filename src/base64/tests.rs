use super::*;
use crate::testing::{rows, unhex, Random};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Naive oracle for Node's rules: slow, with the bits as a string of digits.
fn decode_naively(low_bytes: &[u8]) -> Vec<u8> {
    let end = low_bytes.iter().position(|&byte| byte == b'=').unwrap_or(low_bytes.len());
    let bits: String = low_bytes[..end]
        .iter()
        .map(|&byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .filter_map(|byte| ALPHABET.iter().position(|&letter| letter == byte))
        .map(|value| format!("{value:06b}"))
        .collect();
    let whole_bytes = &bits[..bits.len() / 8 * 8];
    let bytes = whole_bytes.as_bytes().chunks(8);
    bytes.map(|byte| byte.iter().fold(0, |value, &digit| value << 1 | (digit - b'0'))).collect()
}

fn decoded(low_bytes: &[u8], expect: Expect) -> Vec<u8> {
    let mut bytes = b"kept".to_vec();
    decode(low_bytes, expect, &mut bytes);
    assert_eq!(bytes.drain(..4).as_slice(), b"kept");
    bytes
}

#[test]
fn encodes_rfc_4648_section_10() {
    let vectors = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];
    for (plain, base64) in vectors {
        let mut text = Vec::new();
        encode(plain.as_bytes(), &mut text);
        assert_eq!(text, base64.as_bytes());
        assert_eq!(decoded(&text, Expect::Standard), plain.as_bytes());
    }
}

#[test]
fn encodes_the_three_spellings() {
    let spell = |encoder: fn(&[u8], &mut Vec<u8>)| {
        let mut text = Vec::new();
        encoder(&[0xfb, 0xef, 0xff, 0xfe], &mut text);
        text
    };
    assert_eq!(spell(encode), b"++///g==");
    assert_eq!(spell(encode_url_safe), b"--___g==");
    assert_eq!(spell(encode_url_safe_no_pad), b"--___g");
}

#[test]
fn decodes_what_node_decodes() {
    for row in rows(include_str!("../../__test__/vectors/engine_node_base64.tsv")) {
        let units = unhex(row[0]);
        let low_bytes: Vec<u8> = units.chunks(2).map(|unit| unit[1]).collect();
        for expect in [Expect::Standard, Expect::UrlSafe] {
            assert_eq!(decoded(&low_bytes, expect), unhex(row[1]), "{}", row[0]);
        }
    }
}

#[test]
fn fast_and_lenient_paths_agree_with_the_naive_oracle() {
    let mut random = Random(0x5eed);
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
    for round in 0..50_000 {
        let length = if round % 8 == 0 { random.below(400) } else { random.below(24) };
        // percentage of random bytes: from all valid to all random
        let foreign = [0, 0, 2, 10, 100][round % 5];
        let mut text: Vec<u8> = (0..length)
            .map(|_| match random.below(100) < foreign {
                true => random.next() as u8,
                false => letters[random.below(letters.len())],
            })
            .collect();
        text.resize(length + random.below(4), b'=');
        let expected = decode_naively(&text);
        assert_eq!(decoded(&text, Expect::Standard), expected, "{text:?}");
        assert_eq!(decoded(&text, Expect::UrlSafe), expected, "{text:?}");
    }
}

#[test]
fn canonical_means_what_the_encoder_writes() {
    let mut random = Random(7);
    for round in 0..100_000 {
        let plain = random.bytes(round % 70);
        let mut text = Vec::new();
        encode(&plain, &mut text);
        let mut bytes = Vec::new();
        assert!(decode_canonical(&text, &mut bytes));
        assert_eq!(bytes, plain);

        if let Some(place) = text.len().checked_sub(1).map(|last| last - random.below(last.min(3) + 1)) {
            text[place] = random.next() as u8;
            bytes.clear();
            let canonical = decode_canonical(&text, &mut bytes);
            let mut again = Vec::new();
            encode(&decoded(&text, Expect::Standard), &mut again);
            assert_eq!(canonical, again == text, "{text:?}");
        }
    }
}

#[test]
fn refused_text_leaves_the_buffer_alone() {
    let mut bytes = b"kept".to_vec();
    for text in [&b"Zm9"[..], b"Zh==", b"Zm9v Zg=", b"Z-_v", b"===="] {
        assert!(!decode_canonical(text, &mut bytes));
    }
    assert_eq!(bytes, b"kept");
}

#[test]
fn broken_utf8_is_read_as_the_string_that_node_makes_of_it() {
    let decoded = |utf8: &[u8]| {
        let mut bytes = Vec::new();
        decode_utf8(utf8, Expect::Standard, &mut bytes);
        bytes
    };
    // The low byte of U+FFFD is skipped, that of U+0176 is `v`, and that of U+013D is `=`
    assert_eq!(decoded(b"Zm\xff9v"), b"foo");
    assert_eq!(decoded("Zm9\u{176}".as_bytes()), b"foo");
    assert_eq!(decoded("Zm9v\u{13d}Zm9v".as_bytes()), b"foo");
}
