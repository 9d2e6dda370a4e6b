//! Lists what changed between two JSON texts.
//!
//! In: two texts, as UTF-16 units. Out: JSON text of JSON Patch operations (RFC 6902) with values as written, or their
//! JSON Pointers (RFC 6901) alone. Objects are compared key by key. Arrays and scalars are whole values, and so is a
//! text that is not JSON. `lib/engine/portable/json/diff.js` gives the same answers; `docs/merge.md` has the rules and
//! limits.

#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use crate::json::pointers::{Pointer, Reports, MAX_DEPTH};
use crate::json::{same_value, Json, ROOT};

/// One change at a pointer. The number is the index of the new value in the text `after`.
#[derive(Clone, Copy)]
enum Change {
    Add(usize),
    Remove,
    Replace(usize),
}

/// Walks two texts side by side.
struct Diff<'d, 't> {
    before: &'d Json<'t>,
    after: &'d Json<'t>,
    pointer: Pointer,
    changes: Reports<Change>,
}

impl Diff<'_, '_> {
    /// Lists for each object first removals and replacements in the order of `before`, then additions in the order of
    /// `after`.
    fn run(before: &Json, after: &Json) -> Vec<(Vec<u16>, Change)> {
        let mut diff = Diff { before, after, pointer: Pointer::default(), changes: Reports::new() };
        diff.values(ROOT, ROOT, 0);
        diff.changes.finish(Change::Replace(ROOT))
    }

    fn add(&mut self, change: Change) {
        self.changes.add(&self.pointer, change);
    }

    /// `depth`: the number of objects around the values.
    fn values(&mut self, before: usize, after: usize, depth: usize) {
        let are_objects = self.before.is_object(before) && self.after.is_object(after);
        if are_objects && depth < MAX_DEPTH {
            if self.before.slice(before) != self.after.slice(after) {
                self.objects(before, after, depth);
            }
        } else if !same_value(self.before, before, self.after, after) {
            self.add(Change::Replace(after));
        }
    }

    fn objects(&mut self, before: usize, after: usize, depth: usize) {
        let was = self.before.members(before);
        let is = self.after.members(after);
        for (place, (key, value)) in was.iter().enumerate() {
            let parent = self.pointer.enter(key);
            match is.get(key, place) {
                Some(now) => self.values(value, now, depth + 1),
                None => self.add(Change::Remove),
            }
            self.pointer.leave(parent);
        }
        for (place, (key, value)) in is.iter().enumerate() {
            if was.get(key, place).is_none() {
                let parent = self.pointer.enter(key);
                self.add(Change::Add(value));
                self.pointer.leave(parent);
            }
        }
    }
}

/// The operations that turn `before` into `after`, as the JSON text of an array. They do not move keys: a key that both
/// texts have keeps its place in `before`. All texts are UTF-16 units.
///
/// `None` if `after` differs from `before` and is not JSON, because no operation can carry it.
pub fn operations(before: &[u16], after: &[u16]) -> Option<Vec<u16>> {
    if before == after {
        return Some(ascii("[]").collect());
    }
    let after = Json::parse(after)?;
    let changes = match Json::parse(before) {
        Some(before) => Diff::run(&before, &after),
        None => vec![(Vec::new(), Change::Replace(ROOT))],
    };
    Some(write_operations(&changes, &after))
}

/// The JSON Pointers of the [`operations`], in UTF-16 units. If the texts differ and one of them is not JSON, the only
/// pointer is the empty one, the root's.
pub fn changed_paths(before: &[u16], after: &[u16]) -> Vec<Vec<u16>> {
    if before == after {
        return Vec::new();
    }
    let (Some(before), Some(after)) = (Json::parse(before), Json::parse(after)) else {
        return vec![Vec::new()];
    };
    Diff::run(&before, &after).into_iter().map(|(pointer, _)| pointer).collect()
}

fn ascii(text: &str) -> impl Iterator<Item = u16> + '_ {
    text.bytes().map(u16::from)
}

fn write_operations(changes: &[(Vec<u16>, Change)], after: &Json) -> Vec<u16> {
    let mut out = Vec::new();
    for (pointer, change) in changes {
        let (op, value) = match *change {
            Change::Add(value) => ("add", Some(value)),
            Change::Remove => ("remove", None),
            Change::Replace(value) => ("replace", Some(value)),
        };
        let opening = if out.is_empty() { '[' } else { ',' };
        out.extend(ascii(&format!("{opening}{{\"op\":\"{op}\",\"path\":")));
        write_string(pointer, &mut out);
        if let Some(value) = value {
            out.extend(ascii(",\"value\":"));
            out.extend_from_slice(after.slice(value));
        }
        out.extend(ascii("}"));
    }
    out.extend(ascii(if out.is_empty() { "[]" } else { "]" }));
    out
}

/// Writes a JSON string. Lone surrogates are not escaped, because JSON.parse takes them as they are.
fn write_string(units: &[u16], out: &mut Vec<u16>) {
    out.extend(ascii("\""));
    for &unit in units {
        match u8::try_from(unit) {
            Ok(control @ 0..0x20) => out.extend(ascii(&format!("\\u{control:04x}"))),
            Ok(b'"' | b'\\') => out.extend([u16::from(b'\\'), unit]),
            _ => out.push(unit),
        }
    }
    out.extend(ascii("\""));
}
