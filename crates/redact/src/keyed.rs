//! Names that stand beside their values and not above them: `{"field": "dob", "old": "…", "new": "…"}`, `{"columns": […],
//! "rows": [[…]]}`, `[["name", "phone"], ["…", "…"]]`.

use crate::{
    hint::{Hint, Hints},
    replace,
    scan::table,
    tree::Parts,
};

/// Members of an object that names its value itself.
const MOST: usize = 16;
/// Bytes of such a name.
const MAX_NAME: usize = 48;
/// Columns that are looked at.
const MAX_COLUMNS: usize = 256;

/// What the values beside a name are.
#[derive(Debug)]
pub(crate) struct Pair {
    /// The node of the name.
    name: usize,
    hint: Hint,
}

impl Pair {
    /// The pair in the object at `at`, where one of its members names another: of several that could, the first by its own name, in
    /// whatever order they stand.
    fn of(parts: &Parts<'_, '_>, at: usize, hints: &Hints) -> Option<Self> {
        let pairs = parts.children(at).filter_map(|child| {
            let key = parts.key(child).now();
            let text = parts.text(child).filter(|text| is_name(&key) && text.len() <= MAX_NAME)?;
            Some((key, Self { name: child, hint: said(text, hints)? }))
        });
        pairs.min_by(|(one, _), (other, _)| one.cmp(other)).map(|(_, pair)| pair)
    }

    /// What it says of the member at `at`, if its key may be a `value`'s: the name itself is no value, the value is what the name says.
    pub(crate) fn says(&self, at: usize, value: bool) -> Option<Hint> {
        if at == self.name {
            return Some(Hint::Plain);
        }
        value.then_some(self.hint)
    }
}

/// What a name says of its value. The placeholder of a value says nothing.
fn said(name: &str, hints: &Hints) -> Option<Hint> {
    hints.of(&replace::without_placeholders(name), None).filter(|hint| !hint.says_nothing())
}

fn is_name(key: &str) -> bool {
    matches!(
        key,
        "field"
            | "key"
            | "name"
            | "attribute"
            | "property"
            | "column"
            | "label"
            | "param"
            | "parameter"
            | "header"
            | "question"
            | "system"
            | "type"
            | "kind"
            | "fieldName"
            | "field_name"
            | "path"
    )
}

/// Whether a key may be that of a value which another member names.
pub(crate) fn is_value(key: &str) -> bool {
    matches!(
        key,
        "value"
            | "values"
            | "old"
            | "new"
            | "old_value"
            | "new_value"
            | "oldValue"
            | "newValue"
            | "before"
            | "after"
            | "from"
            | "to"
            | "answer"
            | "val"
            | "current"
            | "previous"
    )
}

/// What stands beside its name in the object at `at`: a pair, rows under columns. Keeps what is known of its keys with them.
pub(crate) fn beside(parts: &Parts<'_, '_>, at: usize, hints: &Hints) -> (Option<Pair>, Option<Rows>) {
    // Most objects have no such member, so their keys are looked at once.
    let (mut count, mut values, mut columns) = (0, false, false);
    for child in parts.children(at) {
        let key = parts.key(child);
        let facts = hints.facts(&key.now());
        key.facts.set(facts);
        values |= facts.value;
        columns |= facts.columns;
        count += 1;
    }
    let pair = if values && (2..=MOST).contains(&count) { Pair::of(parts, at, hints) } else { None };
    (pair, if columns { rows(parts, at, hints) } else { None })
}

/// The node of a member that holds rows, and what each of their columns is.
pub(crate) type Rows = (usize, Vec<Option<Hint>>);

/// Names of members that name columns, and of those that hold rows; the first of them counts.
const COLUMNS: [&str; 5] = ["columns", "headers", "header", "fields", "cols"];
const ROWS: [&str; 4] = ["rows", "data", "values", "records"];

/// Whether a key may name the columns of rows.
pub(crate) fn is_columns(key: &str) -> bool {
    COLUMNS.contains(&key)
}

/// The member that holds rows, and what each of their columns is, where another member names the columns.
fn rows(parts: &Parts<'_, '_>, at: usize, hints: &Hints) -> Option<Rows> {
    let array = |names: &[&str]| {
        let arrays = parts.children(at).filter(|child| parts.items(*child).is_some());
        let placed = arrays.filter_map(|child| {
            let key = parts.key(child).now();
            Some((names.iter().position(|name| **name == *key)?, child))
        });
        placed.min().map(|(_, child)| child)
    };
    let (columns, rows) = (array(&COLUMNS)?, array(&ROWS)?);
    Some((rows, of_columns(parts, columns, hints)?))
}

/// What the columns of an array of arrays are, where the first of them names them.
pub(crate) fn header(parts: &Parts<'_, '_>, at: usize, hints: &Hints) -> Option<Vec<Option<Hint>>> {
    let mut children = parts.children(at);
    let (first, second) = (children.next()?, children.next()?);
    let (cells, same) = (parts.items(first)?, parts.items(second)?);
    // Pairs whose first items are all names are no table: `[["name", "…"], ["phone", "…"]]`.
    let named = |cell: usize| parts.text(cell).is_some_and(|name| said(name, hints).is_some());
    if cells < 2 || cells != same || parts.children(second).next().is_some_and(named) {
        return None;
    }
    of_columns(parts, first, hints)
}

fn of_columns(parts: &Parts<'_, '_>, at: usize, hints: &Hints) -> Option<Vec<Option<Hint>>> {
    if parts.items(at)? > MAX_COLUMNS {
        return None;
    }
    let names: Vec<&str> = parts.children(at).map(|child| parts.text(child)).collect::<Option<_>>()?;
    let columns = names.iter().all(|name| table::is_column(name));
    if columns { table::of_columns(names.into_iter(), hints) } else { None }
}
