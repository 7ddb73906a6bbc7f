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
    /// Whose rules decided; 0 is nobody's.
    rules: u64,
    text: [u8; LONGEST],
    length: u8,
    value: V,
}

impl<V: Copy + Default> Memory<V> {
    pub(crate) fn new() -> Self {
        let empty = Slot { rules: 0, text: [0; LONGEST], length: 0, value: V::default() };
        Self(vec![empty; SLOTS].into_boxed_slice())
    }

    /// What is known of `text` under the rules with this number.
    pub(crate) fn get(&self, rules: u64, text: &[u8]) -> Option<V> {
        let slot = &self.0[place(rules, text)];
        (slot.rules == rules && slot.text[..usize::from(slot.length)] == *text).then_some(slot.value)
    }

    /// Keeps what was found out, unless the text is too long.
    pub(crate) fn keep(&mut self, rules: u64, text: &[u8], value: V) {
        let (Ok(length), true) = (u8::try_from(text.len()), text.len() <= LONGEST) else { return };
        let slot = &mut self.0[place(rules, text)];
        *slot = Slot { rules, length, value, ..*slot };
        slot.text[..text.len()].copy_from_slice(text);
    }
}

fn place(rules: u64, text: &[u8]) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mix = |hash: u64, part: u64| (hash.rotate_left(5) ^ part).wrapping_mul(ODD);
    let mut chunks = text.chunks_exact(8);
    let mut hash = mix(rules, text.len() as u64);
    for chunk in &mut chunks {
        hash = mix(hash, chunk.try_into().map_or(0, u64::from_le_bytes));
    }
    let rest = chunks.remainder().iter().fold(0, |rest, &b| rest << 8 | u64::from(b));
    usize::try_from(mix(hash, rest) >> 54).unwrap_or(0) % SLOTS
}

#[cfg(test)]
mod tests {
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
}
