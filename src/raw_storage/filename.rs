//! File names come from strangers. [`FileName`] is what is left of one: safe in a key, a header and a terminal.
//!
//! The rules, in the order in which they are applied:
//! 1. Unicode NFC; the last component after `/` and `\` (browsers may send a whole path).
//! 2. Control, format (zero-width, bidi), unassigned and private characters and line separators go; other spaces become U+0020.
//! 3. The characters that S3 advises against, and those that Windows refuses, become `_`
//!    (Amazon S3 User Guide, "Naming Amazon S3 objects", characters to avoid).
//! 4. Runs of dots become one dot; leading dots and spaces and trailing dots and spaces go.
//! 5. At most [`FileName::MAX_BYTES`] bytes: the stem is cut, the extension is kept.
//!
//! Cleaning a clean name changes nothing, so presign and register agree whichever form the caller sends.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A cleaned file name: not empty, at most 255 bytes of UTF-8, no separators, no `..`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct FileName(String);

/// What cleaning did to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Brought into Unicode NFC.
    Normalized,
    /// Directories before the last component were dropped.
    PathRemoved,
    /// Control, bidirectional, zero-width or unassigned characters were dropped.
    CharactersRemoved,
    /// Characters that S3 advises against were replaced by `_`.
    CharactersReplaced,
    /// Leading dots, repeated dots, or spaces around the name were dropped.
    Trimmed,
    /// Cut to the longest name that is kept.
    Shortened,
}

/// Nothing is left of a name once it is cleaned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file name holds no character that can be kept")]
pub struct EmptyFileName;

impl FileName {
    /// The longest name kept, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 255;
    /// The longest extension, dot included, that survives shortening, in bytes.
    const MAX_EXTENSION_BYTES: usize = 32;

    /// Cleans `raw`; also says what changed, in the order of the rules.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn clean(raw: &str) -> Result<(Self, Vec<Change>), EmptyFileName> {
        if is_clean_ascii(raw.as_bytes()) {
            return Ok((Self(raw.to_owned()), Vec::new()));
        }
        Self::clean_any(raw)
    }

    fn clean_any(raw: &str) -> Result<(Self, Vec<Change>), EmptyFileName> {
        let mut changes = Vec::new();
        let normal: String = raw.nfc().collect();
        note(&mut changes, Change::Normalized, normal != raw);

        let last = normal.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or_default();
        note(&mut changes, Change::PathRemoved, last.len() != normal.len());

        let kept: String = last.chars().filter(|&c| !is_removed(c)).collect();
        note(&mut changes, Change::CharactersRemoved, kept.len() != last.len());
        // Without what stood between them, two characters may now compose.
        let kept: String = kept.nfc().collect();

        let replaced: String = kept.chars().map(replace).collect();
        note(&mut changes, Change::CharactersReplaced, replaced != kept);

        let trimmed = trim(&replaced);
        note(&mut changes, Change::Trimmed, trimmed != replaced);

        let short = shorten(&trimmed);
        note(&mut changes, Change::Shortened, short.len() != trimmed.len());
        if short.is_empty() { Err(EmptyFileName) } else { Ok((Self(short), changes)) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `Content-Disposition: attachment` with this name (RFC 6266; `filename*` as in RFC 8187).
    #[must_use]
    pub fn content_disposition(&self) -> String {
        let ascii: String =
            self.0.chars().map(|c| if c.is_ascii() && !matches!(c, '"' | '\\' | '%') { c } else { '_' }).collect();
        let encoded = percent_encoding::utf8_percent_encode(&self.0, percent_encoding::NON_ALPHANUMERIC);
        format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
    }
}

/// Whether the rules would change nothing of a name, seen without Unicode's tables: most names are such.
fn is_clean_ascii(name: &[u8]) -> bool {
    let edge = |byte: Option<&u8>| byte.is_some_and(|byte| !matches!(byte, b'.' | b' '));
    let kept = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'/' | b'\\') && !is_replaced(*byte);
    name.len() <= FileName::MAX_BYTES
        && edge(name.first())
        && edge(name.last())
        && name.iter().all(kept)
        && !name.windows(2).any(|pair| pair == b"..")
}

/// The ASCII characters that S3 advises against, and those that Windows refuses.
fn is_replaced(byte: u8) -> bool {
    b"{}^%`[]\"<>~#|*?:".contains(&byte)
}

fn note(changes: &mut Vec<Change>, change: Change, happened: bool) {
    if happened {
        changes.push(change);
    }
}

fn is_removed(c: char) -> bool {
    use GeneralCategory as G;
    // Default-ignorable characters that are not of a format category: they show nothing (Unicode, UAX #44).
    let invisible =
        matches!(c, '\u{34F}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{3164}' | '\u{FFA0}');
    invisible
        || matches!(
            c.general_category(),
            G::Control
                | G::Format
                | G::Unassigned
                | G::PrivateUse
                | G::Surrogate
                | G::LineSeparator
                | G::ParagraphSeparator
        )
}

fn replace(c: char) -> char {
    match c {
        _ if u8::try_from(c).is_ok_and(is_replaced) => '_',
        _ if c.general_category() == GeneralCategory::SpaceSeparator => ' ',
        _ => c,
    }
}

fn trim(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if !(c == '.' && out.ends_with('.')) {
            out.push(c);
        }
    }
    out.trim_matches(['.', ' ']).to_owned()
}

fn shorten(name: &str) -> String {
    if name.len() <= FileName::MAX_BYTES {
        return name.to_owned();
    }
    let extension = name.rfind('.').map_or("", |at| &name[at..]);
    let extension = if extension.len() <= FileName::MAX_EXTENSION_BYTES { extension } else { "" };
    let stem = &name[..name.len() - extension.len()];
    let stem = &stem[..stem.floor_char_boundary(FileName::MAX_BYTES - extension.len())];
    trim(&format!("{}{extension}", stem.trim_end_matches(['.', ' '])))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(raw: &str) -> String {
        FileName::clean(raw).unwrap().0.0
    }

    #[test]
    fn ordinary_names_stay() {
        for name in
            ["report.pdf", "Jahresbericht 2026 (final).xlsx", "写真.jpg", "a.b.c", "naïve+file@home=1,2;3&4.txt"]
        {
            assert_eq!(FileName::clean(name).unwrap(), (FileName(name.into()), vec![]));
        }
    }

    #[test]
    fn strangers_names_are_made_safe() {
        assert_eq!(clean("../../etc/passwd"), "passwd");
        assert_eq!(clean("C:\\fakepath\\photo.png"), "photo.png");
        assert_eq!(clean("...hidden.. "), "hidden");
        assert_eq!(clean("a..b...c"), "a.b.c");
        assert_eq!(clean("invoice\u{202E}fdp.exe"), "invoicefdp.exe");
        assert_eq!(clean("zero\u{200B}width\u{FEFF}.txt"), "zerowidth.txt");
        assert_eq!(clean("e\u{301}.txt"), "é.txt");
        assert_eq!(clean("e\u{200D}\u{301}.txt"), "é.txt");
        assert_eq!(clean("50%{off}.txt"), "50__off_.txt");
        assert_eq!(clean("new\nline\t.txt"), "newline.txt");
        assert_eq!(clean("a\u{A0}b.txt"), "a b.txt");
    }

    #[test]
    fn nothing_left_is_an_error() {
        for name in ["", "/", "..", "../..", "\u{200B}", " . . ", "\0\0"] {
            assert_eq!(FileName::clean(name), Err(EmptyFileName), "{name:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = clean(&format!("{}.tar.gz", "é".repeat(300)));
        assert!(name.len() <= FileName::MAX_BYTES && name.ends_with("é.gz") || name.ends_with(".tar.gz"), "{name}");
    }

    #[test]
    fn what_changed_is_told() {
        let (_, changes) = FileName::clean("/tmp/.a\u{200B}%.txt").unwrap();
        assert_eq!(
            changes,
            [Change::PathRemoved, Change::CharactersRemoved, Change::CharactersReplaced, Change::Trimmed]
        );
    }

    #[test]
    fn a_disposition_is_one_header_value() {
        let (name, _) = FileName::clean("résumé;a,b\".pdf").unwrap();
        let value = name.content_disposition();
        assert_eq!(
            value,
            "attachment; filename=\"r_sum_;a,b_.pdf\"; filename*=UTF-8''r%C3%A9sum%C3%A9%3Ba%2Cb%5F%2Epdf"
        );
        assert!(http::HeaderValue::from_str(&value).is_ok());
    }

    proptest! {
        #[test]
        fn the_laws_hold_for_any_text(raw in any::<String>()) {
            laws(&raw)?;
        }

        #[test]
        fn the_laws_hold_for_plain_text(raw in "[ -~]{0,20}|[a-z. ]{0,300}") {
            laws(&raw)?;
        }

        #[test]
        fn the_laws_hold_for_nasty_text(raw in "[./\\\\ a\u{301}\u{200B}\u{202E}%é\u{0}~.]{0,400}") {
            laws(&raw)?;
        }
    }

    fn laws(raw: &str) -> Result<(), TestCaseError> {
        prop_assert_eq!(FileName::clean(raw), FileName::clean_any(raw), "the short way is one");
        let Ok((name, _)) = FileName::clean(raw) else { return Ok(()) };
        let text = name.as_str();
        prop_assert!(!text.is_empty() && text.len() <= FileName::MAX_BYTES);
        prop_assert!(!text.contains(['/', '\\']) && !text.contains("..") && !text.starts_with('.'));
        prop_assert!(text.trim() == text);
        prop_assert!(text.chars().all(|c| !is_removed(c)));
        let again = FileName::clean(text).unwrap();
        prop_assert_eq!(&again.0, &name);
        prop_assert!(again.1.is_empty());
        prop_assert!(http::HeaderValue::from_str(&name.content_disposition()).is_ok());
        Ok(())
    }
}
