//! The message numbers that one viewer heard.

/// See the module: a bit for each number.
#[derive(Default)]
pub(crate) struct Seen {
    bits: Vec<u64>,
    pub(crate) highest: u64,
    pub(crate) duplicated: u64,
    pub(crate) out_of_order: u64,
}

impl Seen {
    /// `false` if it was heard before.
    pub(crate) fn add(&mut self, index: usize) -> bool {
        let (word, bit) = (index / 64, 1 << (index % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        let is_new = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        is_new
    }

    /// How many of the expected numbers are missing; these, too, are a bit each.
    pub(crate) fn missing(&self, expected: &[u64]) -> u64 {
        let heard = self.bits.iter().copied().chain(std::iter::repeat(0));
        expected.iter().zip(heard).map(|(expected, heard)| u64::from((expected & !heard).count_ones())).sum()
    }
}
