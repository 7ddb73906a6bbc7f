//! vCards (RFC 6350): a line is what its property says, `FN:…`, `N:…`, `ADR;TYPE=home:;;…`.

use super::{Context, value};
use crate::hint::Hint;

pub(crate) fn find(context: &mut Context<'_>) {
    let (text, mut start) = (context.text, 0);
    for line in text.split_inclusive('\n') {
        let (at, line) = (start, line.trim_end());
        start += text[start..].find('\n').map_or(text.len() - start, |end| end + 1);
        let Some((head, body)) = line.split_once(':') else { continue };
        let property = head.split(';').next().unwrap_or(head);
        // `item1.ADR`: grouped.
        let property = property.rsplit('.').next().unwrap_or(property);
        let from = at + head.len() + 1;
        match property.to_ascii_uppercase().as_str() {
            "FN" | "NICKNAME" => part(context, from, body, Hint::Name),
            "N" => parts(context, from, body, &[(0, Hint::Name), (1, Hint::Name), (2, Hint::Name)]),
            "ADR" => parts(context, from, body, &[(1, Hint::Address), (2, Hint::Street), (5, Hint::Postcode)]),
            "BDAY" => part(context, from, body, Hint::Birth),
            "TEL" => part(context, from, body, Hint::Phone),
            "GEO" => part(context, from, body, Hint::Coordinates),
            _ => {}
        }
    }
}

/// The components of a property's value at these places.
fn parts(context: &mut Context<'_>, from: usize, body: &str, wanted: &[(usize, Hint)]) {
    let mut start = from;
    for (place, component) in body.split(';').enumerate() {
        if let Some((_, hint)) = wanted.iter().find(|(wanted, _)| *wanted == place) {
            part(context, start, component, *hint);
        }
        start += component.len() + 1;
    }
}

fn part(context: &mut Context<'_>, start: usize, text: &str, hint: Hint) {
    if let Some(kind) = value::whole(hint, text) {
        context.push(start, start + text.len(), kind);
    }
}
