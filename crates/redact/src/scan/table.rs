//! Tables in a text: CSV, tab-separated values, columns between bars. A cell is what its column's name says.
//!
//! A line whose cells all look like names of members, one of which is known, is a header if the next line has as many
//! cells; the lines under it with as many cells are its rows.

use std::{borrow::Cow, ops::Range};

use super::{Context, spoken, value};
use crate::{
    PiiType,
    hint::{Hint, Hints},
};

/// Columns that are looked at.
const MAX_COLUMNS: usize = 64;
/// Bytes of a column's name.
const MAX_NAME: usize = 40;
/// Words of a column's name: longer ones are sentences.
const MAX_WORDS: usize = 4;

/// What the two columns of a table are called whose rows name their values themselves: `| Field | Value |`.
const FIELDS: [&str; 12] = [
    "field",
    "key",
    "property",
    "attribute",
    "setting",
    "parameter",
    "item",
    "feld",
    "eigenschaft",
    "champ",
    "campo",
    "pole",
];
const VALUES: [&str; 9] = ["value", "values", "wert", "valeur", "valor", "valore", "waarde", "wartość", "värde"];

/// Columns beside which a bare `name` is a thing's.
const OF_THINGS: &[&str] = &[
    "price",
    "cost",
    "amount",
    "sku",
    "size",
    "bytes",
    "version",
    "quantity",
    "qty",
    "stock",
    "count",
    "type",
    "kind",
    "model",
    "product",
    "total",
    "url",
    "path",
    "unit",
    "units",
    "value",
    "replicas",
    "image",
    "node",
    "cpu",
    "memory",
    "age",
    "ready",
    "restarts",
    "namespace",
    "default",
    "description",
    "enabled",
];

pub(crate) fn find(context: &mut Context<'_>) {
    let text = context.text;
    let mut header: Option<(u8, Columns)> = None;
    let mut columns = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = memchr::memchr(b'\n', &context.bytes[start..]).map_or(text.len(), |found| start + found);
        let line = start..end - usize::from(end > start && context.bytes[end - 1] == b'\r');
        start = end + 1;
        if let Some(hints) = header.as_ref().and_then(|(separator, said)| {
            cells(text, line.clone(), *separator, &mut columns);
            said.of_row(text, &columns, context.hints)
        }) {
            row(context, &columns, &hints);
            continue;
        }
        let paired = header.is_none() && pair(context, line.clone(), &mut columns);
        header = if paired { None } else { header_of(text, line, context.hints, &mut columns) };
    }
}

/// `| Lösenord | yMQS2GSj5t3%yg8 |`: a row of two cells between bars, the first of which names the second. Names and streets are as often
/// other columns. Answers whether it is such a row.
fn pair(context: &mut Context<'_>, line: Range<usize>, columns: &mut Vec<Range<usize>>) -> bool {
    let framed = context.text[line.clone()].trim().strip_prefix('|').is_some_and(|rest| rest.ends_with('|'));
    if !framed {
        return false;
    }
    cells(context.text, line, b'|', columns);
    let [name, cell] = &**columns else { return false };
    let text = &context.text[cell.clone()];
    let kind = match context.hints.of(&context.text[name.clone()], None) {
        Some(Hint::Whole(PiiType::Password)) => spoken::is_odd(text).then_some(PiiType::Password),
        hint => hint.filter(|hint| hint.has_form()).and_then(|hint| value::whole(hint, text)),
    };
    if let Some(kind) = kind {
        context.push(cell.start, cell.end, kind);
    }
    kind.is_some()
}

fn row(context: &mut Context<'_>, columns: &[Range<usize>], hints: &[Option<Hint>]) {
    for (cell, hint) in columns.iter().zip(hints) {
        let Some(hint) = hint else { continue };
        // The rule under a header says nothing: `|---|:-:|`.
        if context.bytes[cell.clone()].iter().all(|b| b"-:=+ ".contains(b)) {
            continue;
        }
        if let Some(kind) = value::whole(*hint, &context.text[cell.clone()]) {
            context.push(cell.start, cell.end, kind);
        }
    }
}

/// What a header says of the rows below it.
enum Columns {
    /// What each cell is.
    Are(Vec<Option<Hint>>),
    /// The first cell of a row names the second.
    FieldAndValue,
}

impl Columns {
    /// What the cells of a row are, if it is one of these.
    fn of_row(&self, text: &str, cells: &[Range<usize>], hints: &Hints) -> Option<Cow<'_, [Option<Hint>]>> {
        match (self, cells) {
            (Self::Are(said), cells) => (said.len() == cells.len()).then_some(Cow::Borrowed(said)),
            (Self::FieldAndValue, [field, _]) => {
                let known = |hint: &Hint| !hint.says_nothing() && *hint != Hint::BareName;
                Some(Cow::Owned(vec![None, hints.of(&text[field.clone()], None).filter(known)]))
            }
            (Self::FieldAndValue, _) => None,
        }
    }
}

/// The separator of a header, and what it says.
fn header_of(text: &str, line: Range<usize>, hints: &Hints, columns: &mut Vec<Range<usize>>) -> Option<(u8, Columns)> {
    let bytes = &text.as_bytes()[line.clone()];
    if bytes.len() > MAX_COLUMNS * MAX_NAME {
        return None;
    }
    let separator = *b"\t|;,".iter().find(|separator| memchr::memchr(**separator, bytes).is_some())?;
    cells(text, line, separator, columns);
    let names = || columns.iter().map(|cell| &text[cell.clone()]);
    if columns.len() < 2 || columns.len() > MAX_COLUMNS || !names().all(is_column) {
        return None;
    }
    let is = |name: &str, known: &[&str]| known.contains(&&*name.to_lowercase());
    if let [field, value] = &**columns
        && is(&text[field.clone()], &FIELDS)
        && is(&text[value.clone()], &VALUES)
    {
        return Some((separator, Columns::FieldAndValue));
    }
    let said = of_columns(names(), hints)?;
    Some((separator, Columns::Are(said)))
}

/// What columns with these names hold; `None` if nothing is known of any of them.
pub(crate) fn of_columns<'n>(names: impl Iterator<Item = &'n str> + Clone, hints: &Hints) -> Option<Vec<Option<Hint>>> {
    let of_things = names.clone().any(|name| OF_THINGS.iter().any(|thing| name.eq_ignore_ascii_case(thing)));
    let known = |hint: &Hint| !(hint.says_nothing() || of_things && *hint == Hint::BareName);
    let said: Vec<Option<Hint>> = names.map(|name| hints.of(name, None).filter(known)).collect();
    said.iter().any(Option::is_some).then_some(said)
}

/// Whether a cell could name a column.
pub(crate) fn is_column(name: &str) -> bool {
    name.len() <= MAX_NAME
        && name.chars().next().is_some_and(char::is_alphabetic)
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ' | '#' | '(' | ')' | '/' | '\''))
        && name.split(' ').filter(|word| !word.is_empty()).count() <= MAX_WORDS
}

/// The cells of a line without the spaces and quotes around them; bars at both ends of it are its frame.
fn cells(text: &str, line: Range<usize>, separator: u8, columns: &mut Vec<Range<usize>>) {
    columns.clear();
    let bytes = text.as_bytes();
    let Range { start: mut at, mut end } = line;
    if separator == b'|' {
        (at, end) = trimmed(bytes, at, end);
        at += usize::from(at < end && bytes[at] == b'|');
        end -= usize::from(at < end && bytes[end - 1] == b'|');
    }
    loop {
        let quoted = at < end && bytes[at] == b'"';
        let from = if quoted { closing(bytes, at + 1, end) } else { at };
        let stop = memchr::memchr(separator, &bytes[from..end]).map_or(end, |found| from + found);
        let (mut first, mut last) = trimmed(bytes, at, stop);
        if last - first >= 2 && bytes[first] == b'"' && bytes[last - 1] == b'"' {
            (first, last) = (first + 1, last - 1);
        }
        columns.push(first..last);
        if stop >= end || columns.len() > MAX_COLUMNS {
            return;
        }
        at = stop + 1;
    }
}

/// Behind the quote that closes a cell; two of them are one inside it (RFC 4180).
fn closing(bytes: &[u8], mut at: usize, end: usize) -> usize {
    while at < end {
        if bytes[at] == b'"' {
            if at + 1 >= end || bytes[at + 1] != b'"' {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    end
}

fn trimmed(bytes: &[u8], mut start: usize, mut end: usize) -> (usize, usize) {
    while start < end && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    while end > start && matches!(bytes[end - 1], b' ' | b'\t') {
        end -= 1;
    }
    (start, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_lose_their_quotes_and_frames() {
        let cut = |line: &str, separator| {
            let mut columns = Vec::new();
            cells(line, 0..line.len(), separator, &mut columns);
            columns.into_iter().map(|cell| line[cell].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(cut(r#"1,"Doe, Jane","a ""b""",x"#, b','), ["1", "Doe, Jane", r#"a ""b"""#, "x"]);
        assert_eq!(cut("| a | b |", b'|'), ["a", "b"]);
        assert_eq!(cut("a\t\tb", b'\t'), ["a", "", "b"]);
        assert_eq!(cut("\"open, b", b','), ["\"open, b"]);
    }
}
