//! Helpers of the unit tests: readers of recorded vectors, and a seeded random source.

/// The rows of a vector file, split into fields. Lines that start with `#` are comments.
pub(crate) fn rows(tsv: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows: Vec<_> =
        tsv.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect()).collect();
    assert!(!rows.is_empty(), "a vector file without vectors");
    rows.into_iter()
}

/// The bytes of a hexadecimal text.
#[allow(clippy::expect_used, reason = "a test should stop at a bad vector")]
pub(crate) fn unhex(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.chars().map(|digit| digit.to_digit(16).expect("a hexadecimal digit") as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// The string of hexadecimal UTF-8.
#[allow(clippy::expect_used, reason = "a test should stop at a bad vector")]
pub(crate) fn unhex_utf8(hex: &str) -> String {
    String::from_utf8(unhex(hex)).expect("UTF-8")
}

/// The xorshift64* generator (Marsaglia, Vigna): small, and the same sequence for the same seed, which must not be 0.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}
