//! Elements of XML and HTML: a text is what its element's name says (`<last_name>…</last_name>`), or the text before it
//! (`<th>Password</th><td>…</td>`, `<p>password: <b>…</b></p>`), or the header of its column.

use std::ops::Range;

use super::{Context, assignment, spoken, table, value};
use crate::{PiiType, hint::Hint};

/// Bytes of a tag.
const MAX_TAG: usize = 128;

/// Elements that name what stands in the next one, and those that hold it: what a link, a button or an option says is for readers.
const NAMING: [&str; 5] = ["th", "dt", "label", "strong", "b"];
const HOLDING: [&str; 10] = ["td", "dd", "span", "b", "strong", "em", "i", "p", "div", "output"];

/// Columns of a table that are looked at.
const MAX_COLUMNS: usize = 64;

/// The table around a text: what the headers of its columns say, and in which cell of a row it stands, the first the first.
#[derive(Default)]
struct Table {
    headers: Vec<Option<Hint>>,
    cell: usize,
}

impl Table {
    /// Goes on to a row or a cell, if an element is one.
    fn enter(&mut self, element: &str) {
        if element.eq_ignore_ascii_case("tr") {
            self.cell = 0;
        } else if element.eq_ignore_ascii_case("th") || element.eq_ignore_ascii_case("td") {
            self.cell += 1;
        }
    }

    /// Keeps what a header says. The first of a row begins another table's.
    fn head(&mut self, hint: Option<Hint>) {
        if self.cell == 1 {
            self.headers.clear();
        }
        if self.cell <= MAX_COLUMNS {
            self.headers.resize(self.cell, None);
            self.headers[self.cell - 1] = hint.filter(|hint| !hint.says_nothing() && *hint != Hint::BareName);
        }
    }

    fn says(&self) -> Option<Hint> {
        self.headers.get(self.cell.checked_sub(1)?).copied().flatten()
    }
}

/// A text, and the name of the element in which it stands; empty behind the end of one.
struct Run {
    element: Range<usize>,
    text: Range<usize>,
}

pub(crate) fn find(context: &mut Context<'_>) {
    if context.number {
        return;
    }
    let (mut at, mut element, mut last, mut table) = (0, 0..0, None, Table::default());
    while let Some(found) = memchr::memchr(b'<', &context.bytes[at..]) {
        let open = at + found;
        if let Some(text) = trimmed(context, at..open) {
            let run = Run { element: element.clone(), text };
            // `Info<Address>(…)`, `(?P<password>…)`: no element, as none ends.
            if run.element.is_empty() {
                behind(context, last.as_ref(), at..open);
            } else if ends(context, &run.element, open)
                && let Some(kind) = of_element(context, &run)
                    .or_else(|| of_label(context, last.as_ref(), &run))
                    .or_else(|| of_column(context, &table, &run))
            {
                context.push(run.text.start, run.text.end, kind);
            }
            if context.text[run.element.clone()].eq_ignore_ascii_case("th") && table.cell > 0 {
                table.head(context.hints.of(&context.text[run.text.clone()], None));
            }
            last = Some(run);
        }
        let window = &context.bytes[open + 1..context.bytes.len().min(open + 1 + MAX_TAG)];
        let tag = memchr::memchr(b'>', window);
        element = tag.map_or(0..0, |length| name(context, open + 1..open + 1 + length));
        // What a row's last header says is not said of the next row's first cell.
        if context.text[element.clone()].eq_ignore_ascii_case("tr") {
            last = None;
        }
        table.enter(&context.text[element.clone()]);
        at = open + 1 + tag.map_or(0, |length| length + 1);
    }
    behind(context, last.as_ref(), at..context.bytes.len());
}

/// `<b>Postcode</b>: 3390 kj`: a text behind an element that names it.
fn behind(context: &mut Context<'_>, label: Option<&Run>, text: Range<usize>) {
    let Some(label) = label.filter(|label| NAMING.contains(&&context.text[label.element.clone()])) else { return };
    let Some(rest) = context.text[text.clone()].strip_prefix(':') else { return };
    let start = text.start + 1;
    let Some(cell) = trimmed(context, start..start + rest.find('\n').unwrap_or(rest.len())) else { return };
    let run = Run { element: cell.start..cell.start, text: cell };
    if let Some(kind) = told(context, label, &run, true) {
        context.push(run.text.start, run.text.end, kind);
    }
}

fn trimmed(context: &Context<'_>, text: Range<usize>) -> Option<Range<usize>> {
    let whole = &context.text[text.clone()];
    let start = text.start + whole.len() - whole.trim_start().len();
    let length = whole.trim().len();
    (length > 0).then_some(start..start + length)
}

/// Whether the tag at `open` is the end of the element.
fn ends(context: &Context<'_>, element: &Range<usize>, open: usize) -> bool {
    let name = &context.bytes[element.clone()];
    let tag = context.bytes[open..].strip_prefix(b"</").unwrap_or_default();
    !name.is_empty() && tag.get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name))
}

/// The name of the element that a tag opens.
fn name(context: &Context<'_>, tag: Range<usize>) -> Range<usize> {
    let bytes = &context.bytes[tag.clone()];
    let opens = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.last() != Some(&b'/');
    let length = bytes.iter().take_while(|b| !b.is_ascii_whitespace()).count();
    tag.start..tag.start + if opens { length } else { 0 }
}

/// What the element's name says; a bare `name` is as often a thing's.
fn of_element(context: &Context<'_>, run: &Run) -> Option<PiiType> {
    let hint = context.hints.of(&context.text[run.element.clone()], None)?;
    Some(hint)
        .filter(|hint| *hint != Hint::BareName)
        .and_then(|hint| value::whole(hint, &context.text[run.text.clone()]))
}

/// What the header of its column says.
fn of_column(context: &Context<'_>, table: &Table, run: &Run) -> Option<PiiType> {
    let hint = table.says().filter(|_| HOLDING.contains(&&context.text[run.element.clone()]))?;
    believed(hint, &context.text[run.text.clone()], true)
}

/// What the text before it says.
fn of_label(context: &Context<'_>, label: Option<&Run>, run: &Run) -> Option<PiiType> {
    let label = label?;
    let element = |run: &Run| &context.text[run.element.clone()];
    if !HOLDING.contains(&element(run)) {
        return None;
    }
    let names = NAMING.contains(&element(label)) && element(label) != element(run);
    told(context, label, run, names || context.text[label.text.clone()].trim_end().ends_with(':'))
}

/// What a text is that follows the one that names it, for sure or perhaps.
fn told(context: &Context<'_>, label: &Run, run: &Run, sure: bool) -> Option<PiiType> {
    let says = context.text[label.text.clone()].trim_end_matches([':', ' ']);
    if !table::is_column(says) {
        return None;
    }
    believed(context.hints.of(says, None)?, &context.text[run.text.clone()], sure)
}

/// What a text is that something near it names: unless that is sure, only if it has a form of its own.
fn believed(hint: Hint, text: &str, sure: bool) -> Option<PiiType> {
    let believed = match hint {
        Hint::Whole(PiiType::Password) => {
            assignment::spoken_password(text) && !text.contains(' ') && (sure || spoken::is_odd(text))
        }
        hint => sure || hint.has_form(),
    };
    Some(hint).filter(|_| believed).and_then(|hint| value::whole(hint, text))
}
