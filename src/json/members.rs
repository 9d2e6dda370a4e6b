//! The members of one object, in the order of the text, with a lookup by key that a hostile session cannot slow down.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashMap;

/// Up to this many members, a linear search is faster than a hash.
const FEW: usize = 12;

/// The members of one object: each key, and the index of its value in [`Json`](super::Json).
#[derive(Default)]
pub(crate) struct Members<'t> {
    entries: Vec<(Cow<'t, [u16]>, usize)>,
    /// Key → index in `entries`; filled once there are more than [`FEW`] members. An app's users may choose the keys,
    /// so the hash has a random seed: an attacker cannot choose keys that collide.
    places: HashMap<Cow<'t, [u16]>, usize>,
}

impl<'t> Members<'t> {
    /// A repeated key keeps its first place and gets the new value.
    pub(super) fn set(&mut self, key: Cow<'t, [u16]>, value: usize) {
        if let Some(place) = self.find(&key) {
            self.entries[place].1 = value;
            return;
        }
        let place = self.entries.len();
        if place == FEW {
            let places = self.entries.iter().enumerate().map(|(place, (key, _))| (key.clone(), place));
            self.places = places.collect();
        }
        if place >= FEW {
            self.places.insert(key.clone(), place);
        }
        self.entries.push((key, value));
    }

    /// The value under a key. `guess`: the likely index of the key in `entries`. A wrong guess costs a lookup. Callers
    /// pass the key's index in another text, because most compared texts have the same keys in the same order.
    // Not inlined: it has many callers, which run seldom, and its code is large.
    #[inline(never)]
    pub(crate) fn get(&self, key: &[u16], guess: usize) -> Option<usize> {
        match self.entries.get(guess) {
            Some((guessed, value)) if **guessed == *key => Some(*value),
            _ => self.find(key).map(|place| self.entries[place].1),
        }
    }

    fn find(&self, key: &[u16]) -> Option<usize> {
        if self.entries.len() > FEW {
            return self.places.get(key).copied();
        }
        self.entries.iter().position(|(known, _)| **known == *key)
    }

    /// Keys with their values, in the order of the text.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u16], usize)> {
        self.entries.iter().map(|(key, value)| (&**key, *value))
    }

    /// The number of members.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
