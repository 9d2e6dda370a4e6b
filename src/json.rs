//! Parses JSON text (RFC 8259) into the spans of its values. Diff and merge copy these spans, so each value stays as
//! written.
//!
//! In: UTF-16 units as JS has them, lone surrogates included. Out: [`Json`]. The parser takes exactly the texts that
//! JSON.parse takes, at any depth, and decodes a string only when it is asked for. `lib/engine/portable/json/text.js`
//! has the same algorithm.
//!
//! serde_json refuses texts that JSON.parse takes: `"\ud800"`, nesting over 128, and text that is not UTF-8. The
//! tests use it as the oracle for all other texts.

#![forbid(unsafe_code)]

mod equal;
mod members;
pub(crate) mod pointers;
#[cfg(test)]
pub(crate) mod samples;
mod scan;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use equal::same_value;
pub(crate) use members::Members;

/// Index of the outermost value of a text.
pub(crate) const ROOT: usize = 0;

const BACKSLASH: u16 = b'\\' as u16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    /// `true`, `false`, `null`.
    Literal,
}

#[derive(Clone, Copy)]
struct Span {
    kind: Kind,
    start: u32,
    end: u32,
    /// Index of the next value that is not inside this one.
    next: u32,
}

/// A parsed text. Values have indexes in the order of the text. A member's key is a value too: its index is one less
/// than that of the member's value.
pub(crate) struct Json<'t> {
    text: &'t [u16],
    values: Vec<Span>,
}

impl<'t> Json<'t> {
    /// `None` if JSON.parse would throw, or for a text of 2³² units or more, which is longer than V8's strings.
    pub(crate) fn parse(text: &'t [u16]) -> Option<Self> {
        u32::try_from(text.len()).ok()?;
        Some(Self { text, values: scan::values(text)? })
    }

    pub(crate) fn kind(&self, value: usize) -> Kind {
        self.values[value].kind
    }

    pub(crate) fn is_object(&self, value: usize) -> bool {
        self.kind(value) == Kind::Object
    }

    /// The value as written.
    pub(crate) fn slice(&self, value: usize) -> &'t [u16] {
        let Span { start, end, .. } = self.values[value];
        &self.text[start as usize..end as usize]
    }

    fn next(&self, value: usize) -> usize {
        self.values[value].next as usize
    }

    /// The UTF-16 units of a string, with its escapes resolved.
    fn string(&self, value: usize) -> Cow<'t, [u16]> {
        let written = self.slice(value);
        let inner = &written[1..written.len() - 1];
        if inner.contains(&BACKSLASH) {
            Cow::Owned(unescape(inner))
        } else {
            Cow::Borrowed(inner)
        }
    }

    /// The members of an object. A repeated key has its first place and its last value, as in JSON.parse.
    pub(crate) fn members(&self, object: usize) -> Members<'t> {
        let mut members = Members::default();
        let mut key = object + 1;
        while key < self.next(object) {
            members.set(self.string(key), key + 1);
            key = self.next(key + 1);
        }
        members
    }
}

/// Resolves the escapes of a valid string.
fn unescape(written: &[u16]) -> Vec<u16> {
    let mut units = Vec::with_capacity(written.len());
    let mut rest = written.iter().copied();
    while let Some(unit) = rest.next() {
        let escaped =
            if unit == BACKSLASH { rest.next().and_then(|unit| u8::try_from(unit).ok()) } else { None };
        units.push(match escaped {
            None => unit,
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(b'n') => 0x0a,
            Some(b'r') => 0x0d,
            Some(b't') => 0x09,
            Some(b'u') => {
                rest.by_ref().take(4).fold(0, |code, digit| code << 4 | hex_value(digit).unwrap_or(0))
            }
            Some(itself) => u16::from(itself),
        });
    }
    units
}

fn hex_value(unit: u16) -> Option<u16> {
    char::from_u32(u32::from(unit))?.to_digit(16).map(|digit| digit as u16)
}
