//! Whether a document that is written already may hold a known value: one search over all of it instead of one per text.

use memchr::memmem;

use super::{FEW, Known};

impl Known {
    /// Whether one of the values, in any case of its letters, may stand in a text, a name or a number of `json`: where this says no,
    /// the second pass would find nothing.
    pub(crate) fn may_stand_in(&self, json: &[u8]) -> bool {
        if self.values.len() > FEW {
            return true;
        }
        let mut small = Vec::new();
        self.values.iter().any(|value| {
            let part = unescaped(&self.text.as_bytes()[value.place.clone()]);
            if value.exact || !part.iter().any(u8::is_ascii_alphabetic) {
                return memmem::find(json, part).is_some();
            }
            if small.is_empty() {
                small = json.to_ascii_lowercase();
            }
            memmem::find(&small, &part.to_ascii_lowercase()).is_some()
        })
    }
}

/// The longest part of a value that stands in JSON as it is: `"`, `\` and controls are escaped (RFC 8259, section 7).
fn unescaped(value: &[u8]) -> &[u8] {
    value.split(|b| matches!(b, b'"' | b'\\' | 0..=0x1F)).max_by_key(|part| part.len()).unwrap_or_default()
}
