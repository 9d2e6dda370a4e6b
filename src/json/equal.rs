//! Compares two values of JSON texts by what they mean, in any spelling. `lib/engine/portable/json/equal.js` has the
//! same algorithm.
//!
//! - arrays: the same elements in the same order
//! - objects: the same keys with the same values, in any order
//! - strings: the same UTF-16 units, escaped or not
//! - numbers: the same decimal value, not rounded to a double: 1 is 1.0, and 9007199254740993 is not 9007199254740992.
//!   -0 is not 0, because JSON.parse tells them apart

#![forbid(unsafe_code)]

use super::{Json, Kind, BACKSLASH};

/// Longer exponents are compared as written. Up to here the sum of an exponent and a text's length fits into an `i64`.
const MAX_EXPONENT_DIGITS: usize = 15;

const MINUS: u16 = b'-' as u16;
const ZERO: u16 = b'0' as u16;

/// `digits` × 10^`exponent`, where `digits` has no leading or trailing zeros.
#[derive(PartialEq, Eq)]
struct Decimal {
    digits: Vec<u16>,
    exponent: i64,
}

fn split_at_any<'n>(number: &'n [u16], separators: &[u8]) -> (&'n [u16], &'n [u16]) {
    let is_separator = |&unit: &u16| separators.iter().any(|&separator| unit == u16::from(separator));
    match number.iter().position(is_separator) {
        Some(at) => (&number[..at], &number[at + 1..]),
        None => (number, &[]),
    }
}

fn skip_zeros(digits: &[u16]) -> &[u16] {
    let zeros = digits.iter().take_while(|&&digit| digit == ZERO).count();
    &digits[zeros..]
}

/// The parts of a number that has no sign; `None` if the exponent has too many digits.
fn decimal(unsigned: &[u16]) -> Option<Decimal> {
    let (mantissa, power) = split_at_any(unsigned, b"eE");
    let (whole, fraction) = split_at_any(mantissa, b".");
    let padded = [whole, fraction].concat();
    let trailing = padded.iter().rev().take_while(|&&digit| digit == ZERO).count();
    let digits = skip_zeros(&padded[..padded.len() - trailing]).to_vec();
    if digits.is_empty() {
        return Some(Decimal { digits, exponent: 0 });
    }

    let is_negative = power.first() == Some(&MINUS);
    let signed = is_negative || power.first() == Some(&u16::from(b'+'));
    let significant = skip_zeros(&power[usize::from(signed)..]);
    if significant.len() > MAX_EXPONENT_DIGITS {
        return None;
    }
    let magnitude = significant.iter().fold(0, |sum, &digit| sum * 10 + i64::from(digit - ZERO));
    let power = if is_negative { -magnitude } else { magnitude };
    Some(Decimal { digits, exponent: power - fraction.len() as i64 + trailing as i64 })
}

/// True if two JSON numbers of different spelling are equal.
fn same_number(a: &[u16], b: &[u16]) -> bool {
    match (a.strip_prefix(&[MINUS]), b.strip_prefix(&[MINUS])) {
        (Some(a), Some(b)) => same_unsigned(a, b),
        (None, None) => same_unsigned(a, b),
        _ => false,
    }
}

fn same_unsigned(a: &[u16], b: &[u16]) -> bool {
    matches!((decimal(a), decimal(b)), (Some(a), Some(b)) if a == b)
}

/// `left` and `right` are scalars of one kind.
fn same_scalar(a: &Json, left: usize, b: &Json, right: usize) -> bool {
    let (left_written, right_written) = (a.slice(left), b.slice(right));
    if left_written == right_written {
        return true;
    }
    match a.kind(left) {
        Kind::Number => same_number(left_written, right_written),
        Kind::String => {
            let may_be_escaped = left_written.contains(&BACKSLASH) || right_written.contains(&BACKSLASH);
            may_be_escaped && a.string(left) == b.string(right)
        }
        _ => false,
    }
}

/// Compares the value `left` of `a` with the value `right` of `b`. Iterative, so deep nesting cannot overflow the
/// stack.
pub(crate) fn same_value(a: &Json, left: usize, b: &Json, right: usize) -> bool {
    if a.slice(left) == b.slice(right) {
        return true;
    }
    let mut pairs = vec![(left, right)];
    while let Some((left, right)) = pairs.pop() {
        if a.kind(left) != b.kind(right) {
            return false;
        }
        match a.kind(left) {
            Kind::Array => {
                let (left_end, right_end) = (a.next(left), b.next(right));
                let (mut left, mut right) = (left + 1, right + 1);
                while left < left_end && right < right_end {
                    pairs.push((left, right));
                    (left, right) = (a.next(left), b.next(right));
                }
                if left < left_end || right < right_end {
                    return false;
                }
            }
            Kind::Object => {
                let (left_members, right_members) = (a.members(left), b.members(right));
                if left_members.len() != right_members.len() {
                    return false;
                }
                for (place, (key, value)) in left_members.iter().enumerate() {
                    let Some(other) = right_members.get(key, place) else {
                        return false;
                    };
                    pairs.push((value, other));
                }
            }
            _ => {
                if !same_scalar(a, left, b, right) {
                    return false;
                }
            }
        }
    }
    true
}
