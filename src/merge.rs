//! Three-way merge of a session's JSON texts: unites the changes that two requests made.
//!
//! In: `base`, as this request loaded it; `mine`, as this request commits it; `theirs`, as another request committed it
//! meanwhile. All are UTF-16 units. Out: the merged text, and JSON Pointers (RFC 6901) to the conflicts, without
//! values.
//!
//! Objects merge key by key. Arrays and scalars are whole values. If both requests changed a value, mine, the later,
//! wins. Values are copied as written. `lib/engine/portable/json/merge.js` gives the same answers; `docs/merge.md` has
//! the rules and limits.

#![forbid(unsafe_code)]

#[cfg(test)]
mod tests;

use crate::json::pointers::{Pointer, Reports, MAX_DEPTH};
use crate::json::{same_value, Json, Members, ROOT};

/// The middleware's own keys at the top level. A difference in them is never reported as a conflict.
pub const BOOKKEEPING: [&str; 4] = ["_expire", "_maxAge", "_session", "_createdAt"];

/// The session's lifetime: one value in three keys. If a side changed its length, all three come from that side.
const LIFETIME: [&str; 3] = ["_expire", "_maxAge", "_session"];
/// The keys of the lifetime that change only if the app changes `maxAge`. Each commit changes `_expire`.
const LENGTH: [&str; 2] = ["_maxAge", "_session"];

/// The answer of [`merge`].
pub struct Merged {
    /// The merged text in UTF-16 units. It is JSON, unless the text that it copies is not.
    pub text: Vec<u16>,
    /// JSON Pointers (RFC 6901), in UTF-16 units, to the values that both requests changed differently. The empty
    /// pointer is the whole session.
    pub conflicts: Vec<Vec<u16>>,
}

/// Merges the changes from `base` to `mine` and from `base` to `theirs`. All texts are UTF-16 units.
///
/// If a text is not a JSON object, the texts are whole values. Then, if both requests changed it differently, mine wins
/// and the conflict is the root.
pub fn merge(base: &[u16], mine: &[u16], theirs: &[u16]) -> Merged {
    let whole = |text: &[u16], conflicts| Merged { text: text.to_vec(), conflicts };
    if theirs == base {
        return whole(mine, Vec::new());
    }
    if mine == base || mine == theirs {
        return whole(theirs, Vec::new());
    }
    match (session(base), session(mine), session(theirs)) {
        (Some(base), Some(mine), Some(theirs)) => Merge::run(&base, &mine, &theirs),
        _ => whole(mine, vec![Vec::new()]),
    }
}

fn session(text: &[u16]) -> Option<Json<'_>> {
    Json::parse(text).filter(|json| json.is_object(ROOT))
}

// Not inlined, here and below: merges are rare, and the addon is smaller.
#[inline(never)]
fn is_one_of(names: &[&str], key: &[u16]) -> bool {
    names.iter().any(|name| name.bytes().map(u16::from).eq(key.iter().copied()))
}

fn member(members: &Members, name: &str) -> Option<usize> {
    members.iter().find(|(key, _)| is_one_of(&[name], key)).map(|(_, value)| value)
}

/// Walks three texts side by side.
struct Merge<'d, 't> {
    base: &'d Json<'t>,
    mine: &'d Json<'t>,
    theirs: &'d Json<'t>,
    out: Vec<u16>,
    pointer: Pointer,
    conflicts: Reports<()>,
    in_bookkeeping: bool,
}

impl<'d, 't> Merge<'d, 't> {
    fn run(base: &'d Json<'t>, mine: &'d Json<'t>, theirs: &'d Json<'t>) -> Merged {
        let out = Vec::with_capacity(mine.slice(ROOT).len() + theirs.slice(ROOT).len());
        let (pointer, conflicts) = (Pointer::default(), Reports::new());
        let mut merge = Merge { base, mine, theirs, out, pointer, conflicts, in_bookkeeping: false };
        merge.values(Some(ROOT), ROOT, ROOT, 0);
        let conflicts = merge.conflicts.finish(()).into_iter().map(|(pointer, ())| pointer).collect();
        Merged { text: merge.out, conflicts }
    }

    fn add_conflict(&mut self) {
        if !self.in_bookkeeping {
            self.conflicts.add(&self.pointer, ());
        }
    }

    /// Merges a value that both `mine` and `theirs` have. `depth`: the number of objects around it.
    fn values(&mut self, base: Option<usize>, mine: usize, theirs: usize, depth: usize) {
        let mine_text = self.mine.slice(mine);
        let theirs_text = self.theirs.slice(theirs);
        // An absent value has the empty text, which no value has.
        let base_text = base.map_or(&[][..], |base| self.base.slice(base));
        let text = if theirs_text == base_text {
            mine_text
        } else if mine_text == base_text || mine_text == theirs_text {
            theirs_text
        } else if self.mine.is_object(mine) && self.theirs.is_object(theirs) && depth < MAX_DEPTH {
            return self.objects(base, mine, theirs, depth);
        } else if same_value(self.mine, mine, self.theirs, theirs) {
            theirs_text
        } else if base.is_some_and(|base| same_value(self.theirs, theirs, self.base, base)) {
            mine_text
        } else if base.is_some_and(|base| same_value(self.mine, mine, self.base, base)) {
            theirs_text
        } else {
            self.add_conflict();
            mine_text
        };
        self.out.extend_from_slice(text);
    }

    /// Merges two objects: the keys of `theirs` in their order, then the keys that only `mine` has. If `base` is not an
    /// object, both requests put an object there, and all keys are new.
    fn objects(&mut self, base: Option<usize>, mine: usize, theirs: usize, depth: usize) {
        let base = base.filter(|&base| self.base.is_object(base));
        let base_members = base.map_or_else(Members::default, |base| self.base.members(base));
        let mine_members = self.mine.members(mine);
        let theirs_members = self.theirs.members(theirs);
        let start = self.out.len();
        let lifetime = match depth {
            0 => self.lifetime(&base_members, &mine_members, &theirs_members),
            _ => None,
        };
        let is_lifetime = |key: &[u16]| lifetime.is_some() && is_one_of(&LIFETIME, key);

        for (place, (key, theirs_value)) in theirs_members.iter().enumerate() {
            let parent = self.enter(key, depth);
            let base_value = base_members.get(key, place);
            if let Some((json, members)) = lifetime.filter(|_| is_lifetime(key)) {
                if let Some(value) = members.get(key, place) {
                    self.add_member(start, self.theirs.slice(theirs_value - 1), json.slice(value));
                }
            } else if let Some(mine_value) = mine_members.get(key, place) {
                self.open_member(start, self.theirs.slice(theirs_value - 1));
                self.values(base_value, mine_value, theirs_value, depth + 1);
            } else if let Some(base_value) = base_value {
                if !same_value(self.theirs, theirs_value, self.base, base_value) {
                    self.add_conflict();
                }
            } else {
                self.add_member(start, self.theirs.slice(theirs_value - 1), self.theirs.slice(theirs_value));
            }
            self.pointer.leave(parent);
        }

        for (place, (key, mine_value)) in mine_members.iter().enumerate() {
            if theirs_members.get(key, place).is_some() {
                continue;
            }
            if is_lifetime(key) {
                if lifetime.is_some_and(|(json, _)| std::ptr::eq(json, self.theirs)) {
                    continue;
                }
            } else if let Some(base_value) = base_members.get(key, place) {
                if same_value(self.mine, mine_value, self.base, base_value) {
                    continue;
                }
                let parent = self.enter(key, depth);
                self.add_conflict();
                self.pointer.leave(parent);
            }
            self.add_member(start, self.mine.slice(mine_value - 1), self.mine.slice(mine_value));
        }

        if self.out.len() == start {
            self.out.push(u16::from(b'{'));
        }
        self.out.push(u16::from(b'}'));
    }

    /// The side that gives the whole lifetime: `mine` if it changed a key of [`LENGTH`], else `theirs` if it did.
    /// `None` if neither did; then the three keys merge as any others. The arguments are the members of each session.
    fn lifetime<'m>(
        &self,
        base: &Members<'t>,
        mine: &'m Members<'t>,
        theirs: &'m Members<'t>,
    ) -> Option<(&'d Json<'t>, &'m Members<'t>)> {
        [(self.mine, mine), (self.theirs, theirs)].into_iter().find(|(json, members)| {
            LENGTH.iter().any(|&name| match (member(base, name), member(members, name)) {
                (Some(before), Some(after)) => !same_value(json, after, self.base, before),
                (before, after) => before != after,
            })
        })
    }

    fn enter(&mut self, key: &[u16], depth: usize) -> usize {
        if depth == 0 {
            self.in_bookkeeping = is_one_of(&BOOKKEEPING, key);
        }
        self.pointer.enter(key)
    }

    #[inline(never)]
    fn add_member(&mut self, start: usize, key: &[u16], value: &[u16]) {
        self.open_member(start, key);
        self.out.extend_from_slice(value);
    }

    /// Writes a key and the character before it. `start`: the index in `out` at which the object begins.
    #[inline(never)]
    fn open_member(&mut self, start: usize, key: &[u16]) {
        self.out.push(u16::from(if self.out.len() == start { b'{' } else { b',' }));
        self.out.extend_from_slice(key);
        self.out.push(u16::from(b':'));
    }
}
