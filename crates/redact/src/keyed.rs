//! Names that stand beside their values and not above them: `{"field": "dob", "old": "…", "new": "…"}`, `{"columns": […],
//! "rows": [[…]]}`, `[["name", "phone"], ["…", "…"]]`.

use serde_json::{Map, Value};

use crate::{
    hint::{Hint, Hints},
    replace,
    scan::table,
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
    name: String,
    hint: Hint,
}

impl Pair {
    /// The pair in these members, where one of them names another.
    fn of(members: &Map<String, Value>, hints: &Hints) -> Option<Self> {
        if !(2..=MOST).contains(&members.len()) {
            return None;
        }
        members.iter().filter(|(key, _)| is_name(key)).find_map(|(key, value)| {
            let text = value.as_str().filter(|text| text.len() <= MAX_NAME)?;
            let hint = said(text, hints)?;
            Some(Self { name: key.clone(), hint })
        })
    }

    /// What it says of the member `key`: the name itself is no value, the value is what the name says.
    pub(crate) fn says(&self, key: &str) -> Option<Hint> {
        if key == self.name {
            return Some(Hint::Plain);
        }
        is_value(key).then_some(self.hint)
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

fn is_value(key: &str) -> bool {
    // Most keys are sent away by their first letter.
    matches!(key.as_bytes().first(), Some(b'v' | b'o' | b'n' | b'b' | b'a' | b'f' | b't' | b'c' | b'p'))
        && matches!(
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

/// What stands beside its name in these members: a pair, rows under columns.
pub(crate) fn beside(members: &Map<String, Value>, hints: &Hints) -> (Option<Pair>, Option<Rows>) {
    // Most objects have no such member, so their keys are looked at once.
    let (mut values, mut columns) = (false, false);
    for key in members.keys() {
        values |= is_value(key);
        columns |= is_columns(key);
    }
    (if values { Pair::of(members, hints) } else { None }, if columns { rows(members, hints) } else { None })
}

/// A member that holds rows, and what each of their columns is.
pub(crate) type Rows = (&'static str, Vec<Option<Hint>>);

fn is_columns(key: &str) -> bool {
    matches!(key, "columns" | "headers" | "header" | "fields" | "cols")
}

/// The member that holds rows, and what each of their columns is, where another member names the columns.
pub(crate) fn rows(members: &Map<String, Value>, hints: &Hints) -> Option<(&'static str, Vec<Option<Hint>>)> {
    let columns =
        ["columns", "headers", "header", "fields", "cols"].iter().find_map(|key| members.get(*key)?.as_array())?;
    let rows =
        ["rows", "data", "values", "records"].iter().find(|key| members.get(**key).is_some_and(Value::is_array))?;
    Some((rows, of_columns(columns, hints)?))
}

/// What the columns of an array of arrays are, where the first of them names them.
pub(crate) fn header(items: &[Value], hints: &Hints) -> Option<Vec<Option<Hint>>> {
    let [Value::Array(first), Value::Array(second), ..] = items else { return None };
    // Pairs whose first items are all names are no table: `[["name", "…"], ["phone", "…"]]`.
    let named = |cell: &Value| cell.as_str().is_some_and(|name| said(name, hints).is_some());
    if first.len() < 2 || first.len() != second.len() || second.first().is_some_and(named) {
        return None;
    }
    of_columns(first, hints)
}

fn of_columns(columns: &[Value], hints: &Hints) -> Option<Vec<Option<Hint>>> {
    if columns.len() > MAX_COLUMNS || !columns.iter().all(|name| name.as_str().is_some_and(table::is_column)) {
        return None;
    }
    table::of_columns(columns.iter().filter_map(Value::as_str), hints)
}
