//! JSON Pointers (RFC 6901) for the answers of diff and merge, and their limits. A hostile session with deep nesting
//! would have many long pointers; the limits bound them. `lib/engine/portable/json/pointers.js` has the same limits.

#![forbid(unsafe_code)]

/// An object inside this many others is compared as a whole value.
pub(crate) const MAX_DEPTH: usize = 128;

/// Length of all pointers of one answer together, in UTF-16 units. If an answer needs more, the root's pointer stands
/// for all of them.
pub(crate) const MAX_POINTERS_LENGTH: usize = 1024 * 1024;

const TILDE: u16 = b'~' as u16;
const SLASH: u16 = b'/' as u16;

/// The pointer to the value that the walk has reached.
#[derive(Default)]
pub(crate) struct Pointer(Vec<u16>);

impl Pointer {
    /// Goes to the member `key`. Returns the way back, for [`leave`](Self::leave).
    pub(crate) fn enter(&mut self, key: &[u16]) -> usize {
        let parent = self.0.len();
        self.0.push(SLASH);
        for &unit in key {
            match unit {
                TILDE => self.0.extend([TILDE, u16::from(b'0')]),
                SLASH => self.0.extend([TILDE, u16::from(b'1')]),
                _ => self.0.push(unit),
            }
        }
        parent
    }

    /// Goes back. `parent`: the answer of [`enter`](Self::enter).
    pub(crate) fn leave(&mut self, parent: usize) {
        self.0.truncate(parent);
    }
}

/// Collects one entry for each pointer, up to [`MAX_POINTERS_LENGTH`].
pub(crate) struct Reports<T> {
    entries: Vec<(Vec<u16>, T)>,
    length: usize,
}

impl<T> Reports<T> {
    pub(crate) fn new() -> Self {
        Self { entries: Vec::new(), length: 0 }
    }

    pub(crate) fn add(&mut self, pointer: &Pointer, entry: T) {
        self.length += pointer.0.len();
        if self.length <= MAX_POINTERS_LENGTH {
            self.entries.push((pointer.0.clone(), entry));
        }
    }

    /// All entries; or, if their pointers exceed the limit, the one entry `instead` for the root.
    pub(crate) fn finish(self, instead: T) -> Vec<(Vec<u16>, T)> {
        if self.length <= MAX_POINTERS_LENGTH {
            self.entries
        } else {
            vec![(Vec::new(), instead)]
        }
    }
}
