//! Texts as the rules want to see them: folded, decoded, and with a way back to the original bytes.

pub(crate) mod decode;
pub(crate) mod embedded;
mod fold;
mod view;

pub(crate) use fold::{fold, normalised};
pub(crate) use view::View;

/// A name as a reader spells it: folded, and with one layer of encoding taken off.
pub(crate) fn spelt(name: &str) -> String {
    let view = View::original(name);
    let folded = fold(&view);
    let view = folded.as_ref().unwrap_or(&view);
    decode::unescape(view).map_or_else(|| view.text.to_string(), |decoded| decoded.text.into_owned())
}
