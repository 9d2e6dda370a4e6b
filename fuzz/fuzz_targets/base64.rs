#![no_main]
//! Any text against decoding bit by bit; any bytes against encoding bit by bit.

use egg_session_native::base64::{self, Expect};
use egg_session_native_fuzz::base64 as naive;
use libfuzzer_sys::fuzz_target;

fn appended(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut buffer = b"kept".to_vec();
    write(&mut buffer);
    assert_eq!(buffer.drain(..4).as_slice(), b"kept");
    buffer
}

fuzz_target!(|input: &[u8]| {
    let decoded = naive::decode(input);
    let units: Vec<u16> = String::from_utf8_lossy(input).encode_utf16().collect();
    let decoded_utf8 = naive::decode(&units.iter().map(|&unit| unit as u8).collect::<Vec<_>>());
    for expect in [Expect::Standard, Expect::UrlSafe] {
        assert_eq!(appended(|to| base64::decode(input, expect, to)), decoded);
        assert_eq!(appended(|to| base64::decode_utf8(input, expect, to)), decoded_utf8);
    }

    let is_canonical = naive::encode(&decoded) == input;
    let canonical = appended(|to| assert_eq!(base64::decode_canonical(input, to), is_canonical));
    assert_eq!(canonical, if is_canonical { decoded } else { Vec::new() });

    let encoded = naive::encode(input);
    let encoded_url_safe = naive::url_safe(&encoded);
    assert_eq!(appended(|to| base64::encode(input, to)), encoded);
    assert_eq!(appended(|to| base64::encode_url_safe(input, to)), encoded_url_safe);
    assert_eq!(appended(|to| base64::encode_url_safe_no_pad(input, to)), naive::no_pad(encoded_url_safe));
});
