//! Rows in SQL: `INSERT INTO people (id, last_name) VALUES (7, 'Pinto')`. A value is what its column's name says.

use std::ops::Range;

use memchr::memmem::Finder;

use super::{Context, table, value};

/// Bytes of the names of the columns, and of a row.
const MAX_NAMES: usize = 512;
const MAX_ROW: usize = 1024;

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    for word in ["VALUES", "values"] {
        let finder = Finder::new(word);
        let mut at = 0;
        while let Some(found) = finder.find(&context.bytes[at..]) {
            let start = at + found;
            at = rows(context, start, start + word.len());
        }
    }
}

/// The rows behind the word; answers how far they go.
fn rows(context: &mut Context<'_>, word: usize, mut at: usize) -> usize {
    let Some(columns) = columns(context, word) else { return at };
    let Some(hints) = table::of_columns(columns.iter().map(|name| &context.text[name.clone()]), context.hints) else {
        return at;
    };
    let mut cells = Vec::new();
    while let Some(open) = behind_spaces(context.bytes, at).filter(|open| context.at(*open) == b'(') {
        let window = &context.bytes[..context.bytes.len().min(open + MAX_ROW)];
        let Some(end) = row(window, open + 1, &mut cells) else { return open };
        if cells.len() == hints.len() {
            for (cell, hint) in cells.iter().zip(&hints) {
                if let Some(kind) = hint.and_then(|hint| value::whole(hint, &context.text[cell.clone()])) {
                    context.push(cell.start, cell.end, kind);
                }
            }
        }
        at = end;
        match behind_spaces(context.bytes, at).filter(|comma| context.at(*comma) == b',') {
            Some(comma) => at = comma + 1,
            None => break,
        }
    }
    at
}

/// The names in brackets before the word.
fn columns(context: &Context<'_>, word: usize) -> Option<Vec<Range<usize>>> {
    let head = context.bytes[..word].trim_ascii_end();
    let end = head.strip_suffix(b")")?.len();
    let from = end.saturating_sub(MAX_NAMES);
    let open = from + memchr::memrchr2(b'(', b')', &head[from..end]).filter(|at| head[from + at] == b'(')? + 1;
    let mut names = Vec::new();
    let mut start = open;
    for name in context.text.get(open..end)?.split(',') {
        let bare = name.trim_matches([' ', '\n', '\t', '"', '`', '[', ']', '\'']);
        let first = start + name.find(bare)?;
        names.push(first..first + bare.len());
        start += name.len() + 1;
    }
    Some(names)
}

/// Where what is not a space begins.
fn behind_spaces(bytes: &[u8], at: usize) -> Option<usize> {
    let spaces = bytes.get(at..)?.iter().take_while(|b| b.is_ascii_whitespace()).count();
    (at + spaces < bytes.len()).then_some(at + spaces)
}

/// How long a value without quotes is, calls with their brackets included.
fn bare(bytes: &[u8]) -> Option<usize> {
    let mut open = 0;
    bytes.iter().position(|b| {
        open += usize::from(*b == b'(');
        let closes = open == 0 && matches!(b, b',' | b')');
        open -= usize::from(*b == b')' && open > 0);
        closes
    })
}

/// The values up to the bracket that closes, without quotes; a doubled quote is one inside. Answers where the row ends.
fn row(bytes: &[u8], mut at: usize, cells: &mut Vec<Range<usize>>) -> Option<usize> {
    cells.clear();
    loop {
        at = behind_spaces(bytes, at)?;
        if bytes[at] == b'\'' {
            let start = at + 1;
            let mut end = start + memchr::memchr(b'\'', &bytes[start..])?;
            while bytes.get(end + 1) == Some(&b'\'') {
                end = end + 2 + memchr::memchr(b'\'', bytes.get(end + 2..)?)?;
            }
            cells.push(start..end);
            at = end + 1;
        } else {
            let (start, length) = (at, bare(&bytes[at..])?);
            at += length;
            // `?`, `$1`, `:name`, `NULL`, `NOW()` are no values.
            let number = bytes[start].is_ascii_digit() || matches!(bytes[start], b'-' | b'+');
            cells.push(start..if number { at } else { start });
        }
        at = behind_spaces(bytes, at)?;
        match bytes[at] {
            b',' => at += 1,
            b')' => return Some(at + 1),
            _ => return None,
        }
    }
}
