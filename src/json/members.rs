//! The members of one object, found by key in constant time.

#![forbid(unsafe_code)]

use std::borrow::Cow;
use std::collections::HashMap;

/// Up to this many members, looking at each is faster than a hash.
const FEW: usize = 12;

/// In the order of the text.
#[derive(Default)]
pub(crate) struct Members<'t> {
    entries: Vec<(Cow<'t, [u16]>, usize)>,
    /// Key → index in `entries`, once there are more than a few. An app's users may choose keys, so the hash has a
    /// random seed against chosen collisions.
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

    /// The value under a key.
    /// `guess`: the likely place of the key. Two texts that are compared mostly have the same keys in the same order.
    // Called from a dozen places, and seldom: its code is large.
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

    /// Keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u16], usize)> {
        self.entries.iter().map(|(key, value)| (&**key, *value))
    }

    /// The number of members.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
