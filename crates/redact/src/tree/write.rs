//! A tree as JSON again.

use std::borrow::Cow;

use super::{Document, Is};

impl Document<'_> {
    /// Appends the document as it is now, without spaces.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        self.node(0, out);
    }

    fn node(&self, at: usize, out: &mut Vec<u8>) -> usize {
        let node = &self.0.nodes[at];
        match &node.is {
            Is::Null => out.extend_from_slice(b"null"),
            Is::Bool(true) => out.extend_from_slice(b"true"),
            Is::Bool(false) => out.extend_from_slice(b"false"),
            Is::Number(number) => escaped(number, out),
            Is::Text(text) => quoted(text, matches!(text, Cow::Borrowed(_)), out),
            Is::Array(_) => {
                out.push(b'[');
                let mut next = at + 1;
                while next < node.end {
                    next = self.node(next, out);
                    out.push(b',');
                }
                end(b']', out);
            }
            Is::Object => {
                out.push(b'{');
                let mut next = at + 1;
                while next < node.end {
                    let key = &self.0.keys[self.0.nodes[next].key];
                    if key.is_renamed() {
                        escaped(&*key.now(), out)
                    } else {
                        quoted(&key.name, matches!(key.name, Cow::Borrowed(_)), out)
                    }
                    out.push(b':');
                    next = self.node(next, out);
                    out.push(b',');
                }
                end(b'}', out);
            }
        }
        node.end
    }
}

/// Closes with `close`, in place of the last comma.
fn end(close: u8, out: &mut Vec<u8>) {
    match out.last_mut() {
        Some(last @ b',') => *last = close,
        _ => out.push(close),
    }
}

/// A text between quotes. What is borrowed from the document stood between quotes there, and had nothing to be escaped.
fn quoted(text: &str, borrowed: bool, out: &mut Vec<u8>) {
    if !borrowed {
        return escaped(text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

fn escaped<T: serde::Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Neither a text nor a number can fail to be written, and a vector takes whatever is written to it.
    #[allow(clippy::expect_used)]
    serde_json::to_writer(out, value).expect("a text or a number");
}
