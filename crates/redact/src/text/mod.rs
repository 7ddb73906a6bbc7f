//! Texts as the rules want to see them: folded, decoded, and with a way back to the original bytes.

pub(crate) mod decode;
pub(crate) mod embedded;
mod fold;
mod view;

pub(crate) use fold::{fold, normalised};
pub(crate) use view::View;
