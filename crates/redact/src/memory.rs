//! What each thread remembers of short texts: events have the same few keys and values over and over.

/// Bytes of the longest text that is kept.
pub(crate) const LONGEST: usize = 24;
/// Texts that each thread keeps.
const SLOTS: usize = 1024;

/// Short texts and what was found out about each, of the rules with a number. A text that falls on another's place takes it.
#[derive(Debug)]
pub(crate) struct Memory<V>(Box<[Slot<V>]>);

#[derive(Debug, Clone, Copy)]
struct Slot<V> {
    text: Short,
    value: V,
}

/// A short text in a few numbers, another one for each: they are compared and mixed where bytes would be gone through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Short {
    parts: [u64; 3],
    /// Whose rules it is for, nobody's being 0, and its length.
    rules: u64,
}

impl Short {
    /// `None` for a text that is longer.
    fn of(rules: u64, text: &[u8]) -> Option<Self> {
        // The first and the last bytes, which overlap where there are fewer than both have: with the length they tell the text.
        let parts = match (text.first_chunk(), text.last_chunk(), text.get(8..16)) {
            (Some(first), Some(last), None) => [u64::from_le_bytes(*first), u64::from_le_bytes(*last), 0],
            (Some(first), Some(last), Some(middle)) if text.len() <= LONGEST => {
                [u64::from_le_bytes(*first), u64::from_le_bytes(*last), middle.try_into().map_or(0, u64::from_le_bytes)]
            }
            (Some(_), ..) => return None,
            _ => match (text.first_chunk(), text.last_chunk()) {
                (Some(first), Some(last)) => [u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into(), 0],
                _ => [text.iter().fold(0, |part, &b| part << 8 | u64::from(b)), 0, 0],
            },
        };
        Some(Self { parts, rules: rules << 8 | text.len() as u64 })
    }

    fn place(self) -> usize {
        // One after the other each would wait for the one before.
        const ODD: [u64; 4] =
            [0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x27D4_EB2F_1656_67C5];
        let [first, last, middle] = self.parts;
        let hash = first.wrapping_mul(ODD[0])
            ^ last.wrapping_mul(ODD[1])
            ^ middle.wrapping_mul(ODD[2])
            ^ self.rules.wrapping_mul(ODD[3]);
        usize::try_from((hash ^ hash >> 29).wrapping_mul(ODD[0]) >> 54).unwrap_or(0) % SLOTS
    }
}

impl<V: Copy + Default> Memory<V> {
    pub(crate) fn new() -> Self {
        let empty = Slot { text: Short::default(), value: V::default() };
        Self(vec![empty; SLOTS].into_boxed_slice())
    }

    /// What is known of `text` under the rules with this number, which is not 0.
    pub(crate) fn get(&self, rules: u64, text: &[u8]) -> Option<V> {
        let text = Short::of(rules, text)?;
        let slot = &self.0[text.place()];
        (slot.text == text).then_some(slot.value)
    }

    /// Keeps what was found out, unless the text is too long.
    pub(crate) fn keep(&mut self, rules: u64, text: &[u8], value: V) {
        if let Some(text) = Short::of(rules, text) {
            self.0[text.place()] = Slot { text, value };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_rules_texts_are_their_own() {
        let mut memory = Memory::new();
        memory.keep(1, b"name", 1);
        memory.keep(2, b"name", 2);
        memory.keep(1, b"a text that is longer than any slot", 3);
        assert_eq!(memory.get(1, b"name"), Some(1));
        assert_eq!(memory.get(2, b"name"), Some(2));
        assert_eq!(memory.get(1, b"nam"), None);
        assert_eq!(memory.get(1, b"a text that is longer than any slot"), None);
        assert_eq!(memory.get(1, b""), None);
    }

    proptest! {
        #[test]
        fn no_two_texts_are_one(one in "[ab\0]{0,24}", other in "[ab\0]{0,24}") {
            prop_assert_eq!(Short::of(1, one.as_bytes()) == Short::of(1, other.as_bytes()), one == other);
        }

        #[test]
        fn one_letter_makes_another_text(text in "[a-z]{1,24}", at in 0usize..24) {
            let mut other = text.clone().into_bytes();
            let at = at % other.len();
            other[at] ^= 1;
            prop_assert_ne!(Short::of(1, text.as_bytes()), Short::of(1, &other));
        }
    }
}
