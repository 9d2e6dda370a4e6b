//! Base64 bit by bit, in strings of digits.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `Buffer.from(string, 'base64')`, of the string's low bytes.
pub fn decode(low_bytes: &[u8]) -> Vec<u8> {
    let before_padding = low_bytes.split(|&byte| byte == b'=').next().unwrap_or_default();
    let bits: String = before_padding
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .filter_map(|byte| ALPHABET.iter().position(|&letter| letter == byte))
        .map(|value| format!("{value:06b}"))
        .collect();
    bits.as_bytes().chunks_exact(8).map(|byte| value_of(byte) as u8).collect()
}

/// `Buffer#toString('base64')`.
pub fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    while bits.len() % 6 != 0 {
        bits.push('0');
    }
    let mut text: Vec<u8> = bits.as_bytes().chunks(6).map(|bits| ALPHABET[value_of(bits)]).collect();
    while text.len() % 4 != 0 {
        text.push(b'=');
    }
    text
}

/// In the URL-safe alphabet.
pub fn url_safe(standard: &[u8]) -> Vec<u8> {
    standard
        .iter()
        .map(|byte| match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        })
        .collect()
}

/// Without `=`.
pub fn no_pad(mut text: Vec<u8>) -> Vec<u8> {
    text.retain(|&byte| byte != b'=');
    text
}

fn value_of(bits: &[u8]) -> usize {
    bits.iter().fold(0, |value, &digit| value << 1 | usize::from(digit - b'0'))
}
