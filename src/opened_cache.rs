//! Cookies that were opened before. A repeated read then costs a lookup instead of a decryption.
//!
//! In: a cookie as received, that has just been opened. Out: the number of a slot, for whoever keeps what the
//! cookie held. A cookie gets one when it is opened for the second time: what is kept for a cookie that never
//! comes again would only grow old, which costs a garbage collector more than the cookie's decryption. A full
//! cache gives a new cookie the slot of one that was not asked for lately.
//!
//! Only what opened gets in, so a stranger cannot fill it, nor choose what its hash table holds; the hash is
//! seeded at random nevertheless, and the bytes are always compared whole. It belongs to one keyring and goes
//! with it. It knows nothing of expiry: that is checked each time, by whoever asks.

#![forbid(unsafe_code)]

use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hashbrown::HashTable;

/// A longer cookie is not kept, so that a cache's size is bounded. Browsers stop at 4 KiB.
pub const MAX_COOKIE_BYTES: usize = 4096;

/// What makes two cookies the same: their kind, the value, and what it was verified with.
#[derive(Clone, Copy)]
pub struct Cookie<'c> {
    /// Cookies of different kinds are different.
    pub kind: u8,
    /// The value as received.
    pub value: &'c [u8],
    /// A signature, or whatever else decides whether the value opens.
    pub proof: &'c [u8],
}

/// Where an opened cookie is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// Below the cache's capacity.
    pub slot: usize,
    /// The key that opened the cookie.
    pub key_index: usize,
}

struct Entry {
    hash: u64,
    kind: u8,
    bytes: Box<[u8]>,
    value_bytes: usize,
    key_index: usize,
    /// Asked for since the hand last passed.
    is_recent: bool,
}

impl Entry {
    fn is(&self, cookie: Cookie<'_>) -> bool {
        let (value, proof) = self.bytes.split_at(self.value_bytes);
        self.kind == cookie.kind && value == cookie.value && proof == cookie.proof
    }
}

/// A cache of at most as many cookies as it was made for.
pub struct OpenedCache {
    random_state: RandomState,
    slots_by_cookie: HashTable<usize>,
    entries: Vec<Entry>,
    /// Hashes of cookies that were opened once, each where its low bits say.
    candidates: Vec<u64>,
    capacity: usize,
    /// The next slot to be considered for eviction (the CLOCK algorithm, Corbató 1968).
    hand: usize,
}

impl OpenedCache {
    /// An empty cache. Memory is taken as it fills.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            random_state: RandomState::default(),
            slots_by_cookie: HashTable::new(),
            entries: Vec::new(),
            candidates: vec![0; capacity.next_power_of_two()],
            capacity,
            hand: 0,
        }
    }

    fn hash(&self, Cookie { kind, value, proof }: Cookie<'_>) -> u64 {
        self.random_state.hash_one((kind, value, proof))
    }

    /// Where the cookie is kept, if it is.
    pub fn find(&mut self, cookie: Cookie<'_>) -> Option<Place> {
        let hash = self.hash(cookie);
        let slot = *self.slots_by_cookie.find(hash, |&slot| self.entries[slot].is(cookie))?;
        let entry = &mut self.entries[slot];
        entry.is_recent = true;
        Some(Place { slot, key_index: entry.key_index })
    }

    /// Keeps a cookie that [`find`](Self::find) did not know, from the second time on. `None` for one that is
    /// not kept.
    pub fn insert(&mut self, cookie: Cookie<'_>, key_index: usize) -> Option<usize> {
        if self.capacity == 0 || cookie.value.len() + cookie.proof.len() > MAX_COOKIE_BYTES {
            return None;
        }
        let hash = self.hash(cookie);
        let place = hash as usize & (self.candidates.len() - 1);
        if std::mem::replace(&mut self.candidates[place], hash) != hash {
            return None;
        }
        let entry = Entry {
            hash,
            kind: cookie.kind,
            bytes: [cookie.value, cookie.proof].concat().into_boxed_slice(),
            value_bytes: cookie.value.len(),
            key_index,
            is_recent: false,
        };
        let slot = if self.entries.len() < self.capacity {
            self.entries.push(entry);
            self.entries.len() - 1
        } else {
            let slot = self.evict();
            self.entries[slot] = entry;
            slot
        };
        let entries = &self.entries;
        self.slots_by_cookie.insert_unique(hash, slot, |&slot| entries[slot].hash);
        Some(slot)
    }

    /// Frees the next slot that was not asked for since the hand last passed.
    fn evict(&mut self) -> usize {
        loop {
            let slot = self.hand;
            self.hand = (self.hand + 1) % self.entries.len();
            let entry = &mut self.entries[slot];
            if std::mem::take(&mut entry.is_recent) {
                continue;
            }
            if let Ok(found) = self.slots_by_cookie.find_entry(entry.hash, |&other| other == slot) {
                found.remove();
            }
            return slot;
        }
    }
}

#[cfg(test)]
mod tests;
