//! Scans a text by the grammar of RFC 8259, without extensions. In: UTF-16 units. Out: the spans of all values, in the
//! order of the text.

#![forbid(unsafe_code)]

use super::{hex_value, Kind, Span, BACKSLASH};

/// UTF-16 units that one step inside a string checks together.
const STEP: usize = 16;

const QUOTE: u16 = b'"' as u16;
const SPACE: u16 = b' ' as u16;

/// `None` if JSON.parse would throw. `text` has fewer than 2³² units.
pub(super) fn values(text: &[u16]) -> Option<Vec<Span>> {
    let mut scanner = Scanner { text, at: 0, values: Vec::new() };
    scanner.document()?;
    Some(scanner.values)
}

fn ends_plain_run(unit: u16) -> bool {
    unit < SPACE || unit == QUOTE || unit == BACKSLASH
}

/// The number of units before the first quote, backslash or control character.
fn plain_run(text: &[u16]) -> usize {
    let steps = text.chunks_exact(STEP);
    // No early exit inside a step, so the compiler can vectorise it.
    let plain = |step: &&[u16]| !step.iter().fold(false, |found, &unit| found | ends_plain_run(unit));
    let sure = steps.take_while(plain).count() * STEP;
    let rest = &text[sure..];
    sure + rest.iter().position(|&unit| ends_plain_run(unit)).unwrap_or(rest.len())
}

struct Scanner<'t> {
    text: &'t [u16],
    at: usize,
    values: Vec<Span>,
}

impl Scanner<'_> {
    /// The character at the current place if it is below U+0100. Else, and at the end, NUL, which no grammar rule
    /// allows.
    fn peek(&self) -> u8 {
        self.text.get(self.at).and_then(|&unit| u8::try_from(unit).ok()).unwrap_or(0)
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        (self.peek() == expected).then(|| self.at += 1)
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Adds a value and returns its index. `end` is 0 for a container until `document` closes it.
    fn add(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        let index = self.values.len();
        self.values.push(Span { kind, start: start as u32, end: end as u32, next: index as u32 + 1 });
        index
    }

    /// Scans the whole text. Iterative, so deep nesting cannot overflow the stack.
    fn document(&mut self) -> Option<()> {
        let mut open = Vec::new();
        self.skip_space();
        loop {
            let mut inside = None;
            let kind = match self.peek() {
                b'{' => Some((Kind::Object, b'}')),
                b'[' => Some((Kind::Array, b']')),
                _ => None,
            };
            if let Some((kind, closing)) = kind {
                let container = self.add(kind, self.at, 0);
                open.push((container, closing));
                self.at += 1;
                self.skip_space();
                inside = (self.peek() != closing).then_some(container);
            } else {
                self.scalar()?;
            }

            // After a value or in an empty container: close every container that ends here.
            let inside = loop {
                if let Some(container) = inside {
                    break container;
                }
                self.skip_space();
                let Some(&(container, closing)) = open.last() else {
                    return (self.at == self.text.len()).then_some(());
                };
                if self.take(b',').is_some() {
                    self.skip_space();
                    inside = Some(container);
                } else {
                    self.take(closing)?;
                    open.pop();
                    let next = self.values.len() as u32;
                    let span = &mut self.values[container];
                    span.end = self.at as u32;
                    span.next = next;
                }
            };
            if self.values[inside].kind == Kind::Object {
                self.string()?;
                self.skip_space();
                self.take(b':')?;
                self.skip_space();
            }
        }
    }

    fn scalar(&mut self) -> Option<()> {
        match self.peek() {
            b'"' => self.string(),
            b't' => self.literal(b"true"),
            b'f' => self.literal(b"false"),
            b'n' => self.literal(b"null"),
            _ => self.number(),
        }
    }

    fn literal(&mut self, word: &[u8]) -> Option<()> {
        let start = self.at;
        word.iter().try_for_each(|&letter| self.take(letter))?;
        self.add(Kind::Literal, start, self.at);
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        let start = self.at;
        self.take(b'"')?;
        loop {
            self.at += plain_run(&self.text[self.at..]);
            match self.peek() {
                b'"' => break,
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
        self.at += 1;
        self.add(Kind::String, start, self.at);
        Some(())
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let letter = self.peek();
        self.at += 1;
        match letter {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                digits.iter().all(|&digit| hex_value(digit).is_some()).then_some(())
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        self.add(Kind::Number, start, self.at);
        Some(())
    }

    /// Scans one or more digits.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }
}
