//! JSON Pointers (RFC 6901), with limits on their number and length, against hostile sessions. The same limits as in `lib/engine/portable/json/pointers.js`.

#![forbid(unsafe_code)]

/// An object inside this many others counts as a whole value: it is not compared key by key.
pub(crate) const MAX_DEPTH: usize = 128;

/// UTF-16 units of all pointers of one answer. If an answer needs more, the root's pointer stands for all of them,
/// so an answer is never much longer than the texts.
pub(crate) const MAX_POINTERS_LENGTH: usize = 1024 * 1024;

const TILDE: u16 = b'~' as u16;
const SLASH: u16 = b'/' as u16;

/// The pointer to the place that the walk has reached.
#[derive(Default)]
pub(crate) struct Pointer(Vec<u16>);

impl Pointer {
    /// Goes to the member `key`. The answer leads back: see `leave`.
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

    /// `parent`: the answer of [`enter`](Self::enter).
    pub(crate) fn leave(&mut self, parent: usize) {
        self.0.truncate(parent);
    }
}

/// Reports about places in a text, within the limit.
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

    /// All reports, or only `instead`, about the root, if they exceed the limit.
    pub(crate) fn finish(self, instead: T) -> Vec<(Vec<u16>, T)> {
        if self.length <= MAX_POINTERS_LENGTH {
            self.entries
        } else {
            vec![(Vec::new(), instead)]
        }
    }
}
