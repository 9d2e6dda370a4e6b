//! JSON by way of serde_json, and when two values are the same: the rules of `docs/merge.md` once more.

use egg_session_native::diff;
use serde_json::Value;

/// More digits of an exponent than this, and numbers are compared as written.
const MAX_EXPONENT_DIGITS: usize = 15;

/// Whether our own reader takes a text: only of such a text can operations be made.
pub fn is_json(text: &[u16]) -> bool {
    !text.is_empty() && diff::operations(&[], text).is_some()
}

/// `None` where serde_json does not take what JSON.parse takes, or where it is no JSON at all; demands that
/// our own reader agrees with it.
pub fn parse(text: &[u16]) -> Option<Value> {
    let Ok(utf8) = String::from_utf16(text) else {
        return None;
    };
    // the key under which serde_json itself carries numbers
    if utf8.contains("$serde_json") {
        return None;
    }
    match serde_json::from_str(&utf8) {
        Ok(value) => {
            assert!(is_json(text), "we refuse {utf8:?}");
            Some(value)
        }
        Err(error) => {
            let reason = error.to_string();
            let only_theirs = reason.starts_with("recursion limit")
                || reason.starts_with("lone leading surrogate")
                || reason.starts_with("unexpected end of hex escape");
            assert!(only_theirs || !is_json(text), "we take {utf8:?}, but {reason}");
            None
        }
    }
}

/// Whether two values are the same, however they are written.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => canonical(a.as_str()) == canonical(b.as_str()),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => a == b,
    }
}

/// One spelling for each number: sign, digits without outer zeros, exponent. As written where its exponent is
/// too long to reckon with.
fn canonical(number: &str) -> String {
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number),
    };
    let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = format!("{whole}{fraction}");
    let digits = all_digits.trim_end_matches('0');
    let dropped = all_digits.len() - digits.len();
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return format!("{sign}0");
    }
    let power_digits = power.trim_start_matches(['+', '-']).trim_start_matches('0');
    if power_digits.len() > MAX_EXPONENT_DIGITS {
        return format!("as written: {number}");
    }
    let magnitude: i128 = power_digits.parse().unwrap_or(0);
    let power = if power.starts_with('-') { -magnitude } else { magnitude };
    format!("{sign}{digits} e {}", power - fraction.len() as i128 + dropped as i128)
}
