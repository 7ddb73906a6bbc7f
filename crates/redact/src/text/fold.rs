//! Folding: one spelling for what readers take to be the same character.
//!
//! Compatibility forms (full-width, superscripts, mathematical letters) become what NFKC makes of them, decimal digits of
//! any script become ASCII, exotic dashes and spaces become `-` and ` `, and what is invisible vanishes.

use unicode_normalization::char::decompose_compatible;

use super::view::{Builder, View};

/// What becomes of a character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fold {
    /// It stays.
    Same,
    /// It vanishes.
    Gone,
    /// It becomes this one.
    To(char),
    /// It becomes its compatibility decomposition.
    Compat,
}

/// The zeros of decimal digits (general category Nd) outside ASCII and the compatibility blocks, in Unicode 16's basic plane.
const ZEROS: [u32; 30] = [
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
    0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0,
];

/// What becomes of `c`.
pub(crate) fn fold_char(c: char) -> Fold {
    match c as u32 {
        0..=0x7F => Fold::Same,
        // Soft hyphen, joiners, bidi controls, variation selectors, tags: nothing that a reader sees.
        0xAD
        | 0x34F
        | 0x61C
        | 0x115F
        | 0x1160
        | 0x17B4
        | 0x17B5
        | 0x180B..=0x180F
        | 0x200B..=0x200F
        | 0x202A..=0x202E
        | 0x2060..=0x206F
        | 0x3164
        | 0xFE00..=0xFE0F
        | 0xFEFF
        | 0xFFA0
        | 0xE0000..=0xE0FFF => Fold::Gone,
        0x58A | 0x1806 | 0x2010..=0x2015 | 0x2043 | 0x2212 | 0x2E3A | 0x2E3B | 0xFE58 | 0xFE63 | 0xFF0D => {
            Fold::To('-')
        }
        0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000 => Fold::To(' '),
        0x2024 | 0x3002 | 0xFF61 => Fold::To('.'),
        0x2018 | 0x2019 | 0x201B | 0x2BC => Fold::To('\''),
        0x201C..=0x201F | 0xAB | 0xBB => Fold::To('"'),
        0x2044 | 0x2215 | 0x29F8 => Fold::To('/'),
        0x2236 | 0xA789 => Fold::To(':'),
        0xAA
        | 0xB2
        | 0xB3
        | 0xB9
        | 0xBA
        | 0x2070..=0x209F
        | 0x2100..=0x218F
        | 0x2460..=0x24FF
        // Numbers in circles, months and days; not the words and units in brackets, circles and squares around them, which no rule
        // reads and which would be up to six times as long.
        | 0x3251..=0x325F
        | 0x32B1..=0x32CB
        | 0x33E0..=0x33FE
        | 0xFB00..=0xFB06
        | 0xFE50..=0xFE6F
        | 0xFF00..=0xFFEF
        | 0x1D400..=0x1D7FF
        | 0x1F100..=0x1F1FF => Fold::Compat,
        code => ZEROS
            .iter()
            .find(|&&zero| (zero..zero + 10).contains(&code))
            .and_then(|zero| char::from_digit(code - zero, 10))
            .map_or(Fold::Same, Fold::To),
    }
}

/// The folded view, or `None` where folding changes nothing.
pub(crate) fn fold(view: &View<'_>) -> Option<View<'static>> {
    let text = &view.text;
    let first = text.char_indices().find(|&(_, c)| fold_char(c) != Fold::Same)?.0;
    let mut out = Builder::new(view);
    // What stays is copied at once, up to what does not.
    let mut copied = 0;
    for (at, c) in text[first..].char_indices() {
        let (start, end) = (first + at, first + at + c.len_utf8());
        let fold = fold_char(c);
        if fold == Fold::Same {
            continue;
        }
        out.copy(copied, start);
        copied = end;
        match fold {
            Fold::Same | Fold::Gone => {}
            Fold::To(plain) => out.push(plain, start, end),
            Fold::Compat => decompose_compatible(c, |part| match fold_char(part) {
                Fold::To(plain) => out.push(plain, start, end),
                Fold::Gone => {}
                Fold::Same | Fold::Compat => out.push(part, start, end),
            }),
        }
    }
    out.copy(copied, text.len());
    Some(out.finish())
}

/// The folded text in lower case: one spelling to compare and to hash.
pub(crate) fn normalised(text: &str) -> String {
    let view = View::original(text);
    fold(&view).map_or_else(|| text.to_lowercase(), |folded| folded.text.to_lowercase())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn spans_lead_back_to_the_original() {
        let original = "tel ４１５‑５５５\u{200B}-2671 ok";
        let view = View::original(original);
        let folded = fold(&view).unwrap();
        assert_eq!(folded.text, "tel 415-555-2671 ok");
        let (start, end) = folded.origin(4, 16);
        assert_eq!(&original[start..end], "４１５‑５５５\u{200B}-2671");
        assert!(fold(&View::original("plain text, Müller, 東京")).is_none());
    }
}
