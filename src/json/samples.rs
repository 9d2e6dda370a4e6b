//! Seeded random sessions for the tests, edited as requests edit them, and texts with random damage.

use serde_json::{json, Map, Value};

/// Few keys, so that two requests often change the same one.
const KEYS: [&str; 12] =
    ["user", "cart", "n", "a/b", "m~n", "", "0", "__proto__", "_expire", "_maxAge", "é", "杭\u{1f980}\n\""];

/// Fragments of JSON, and of texts that only look like JSON.
const SPLINTERS: [&str; 40] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\n", "\\u", "\\u00e9", "\\uzzzz", "\\x", "/", "null", "true",
    "nul", "NaN", "-", "+", ".", "0", "00", "1e", "1e+5", "-0", ".5", "5.", "'", "\0", "\x1f", "\u{7f}",
    "\u{2028}", "\u{feff}", "\u{a0}", " ", "\t", "\r\n", "\x0c", "é",
];

pub(crate) fn utf16(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The SplitMix64 generator: the same sequence for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (self.bits() % limit as u64) as usize
    }

    fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[self.below(list.len())]
    }

    fn key(&mut self) -> String {
        // One key of four comes from a longer list, so that objects grow beyond `FEW` members.
        if self.below(4) == 0 {
            format!("k{}", self.below(40))
        } else {
            self.pick(&KEYS).to_owned()
        }
    }

    pub(crate) fn value(&mut self, depth: usize) -> Value {
        match self.below(if depth < 4 { 14 } else { 8 }) {
            0 => json!(1),
            1 => json!(1.5e21),
            2 => json!("a"),
            3 => json!("\u{1f980}\u{8}é\\\""),
            4 => json!(null),
            5 => json!([]),
            6 => json!([1, { "a": self.below(2) }]),
            7 => json!(self.below(2) == 0),
            _ => {
                let size = self.below(6);
                Value::Object(self.object(size, depth + 1))
            }
        }
    }

    fn object(&mut self, size: usize, depth: usize) -> Map<String, Value> {
        (0..size).map(|_| (self.key(), self.value(depth))).collect()
    }

    pub(crate) fn session(&mut self) -> Value {
        let size = if self.below(10) == 0 { 40 } else { self.below(7) };
        Value::Object(self.object(size, 0))
    }

    pub(crate) fn edit(&mut self, session: &Value, changes: usize) -> Value {
        let mut edited = session.clone();
        for _ in 0..changes {
            self.edit_once(&mut edited);
        }
        edited
    }

    fn edit_once(&mut self, value: &mut Value) {
        let Value::Object(object) = value else { return };
        let known = object.keys().nth(self.below(object.len().max(1))).cloned();
        let key = known.filter(|_| self.below(3) > 0).unwrap_or_else(|| self.key());
        match object.get_mut(&key) {
            Some(nested) if nested.is_object() && self.below(2) == 0 => self.edit_once(nested),
            Some(_) if self.below(3) == 0 => drop(object.shift_remove(&key)),
            _ => drop(object.insert(key, self.value(3))),
        }
    }

    /// Damages a text in one or two places: deletes characters, cuts off its end, or puts a fragment in.
    pub(crate) fn spoil(&mut self, text: &str) -> String {
        let mut units: Vec<char> = text.chars().collect();
        for _ in 0..=self.below(2) {
            let at = self.below(units.len() + 1);
            let end = (at + self.below(3)).min(units.len());
            match self.below(4) {
                0 => drop(units.drain(at..end)),
                1 => units.truncate(at),
                _ => {
                    let splinter = self.pick(&SPLINTERS);
                    units.splice(at..end, splinter.chars());
                }
            }
        }
        units.into_iter().collect()
    }
}
