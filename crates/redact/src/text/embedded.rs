//! JSON inside a string: where its keys, strings and numbers stand (RFC 8259), without building a tree.

/// What a leaf is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeafKind {
    /// The name of a member.
    Key,
    /// A string.
    String,
    /// A number.
    Number,
}

/// A key, string or number; for the first two without their quotes and still escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Leaf {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: LeafKind,
    /// The index of the nearest key above it.
    pub(crate) key: Option<usize>,
}

/// Nesting that is followed; deeper text is scanned as text.
const MAX_DEPTH: usize = 128;

struct Frame {
    object: bool,
    key: Option<usize>,
}

/// The leaves of `text`, where it is one JSON object or array; else `None`.
pub(crate) fn leaves(text: &str) -> Option<Vec<Leaf>> {
    if !matches!(text.as_bytes().first()?, b'{' | b'[' | b' ' | b'\n' | b'\r' | b'\t') {
        return None;
    }
    let trimmed = text.trim();
    let bytes = trimmed.as_bytes();
    if !matches!((bytes.first()?, bytes.last()?), (b'{', b'}') | (b'[', b']')) {
        return None;
    }
    let base = text.len() - text.trim_start().len();
    let mut reader = Reader { bytes, at: 0, stack: Vec::new(), leaves: Vec::new(), key: None };
    reader.run()?;
    for leaf in &mut reader.leaves {
        leaf.start += base;
        leaf.end += base;
    }
    Some(reader.leaves)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
    stack: Vec<Frame>,
    leaves: Vec<Leaf>,
    /// The key that governs the value to come.
    key: Option<usize>,
}

impl Reader<'_> {
    fn run(&mut self) -> Option<()> {
        loop {
            // A value is due.
            self.space();
            let opened = self.value()?;
            if opened {
                continue;
            }
            // A value has ended: close what closes, then find the next.
            loop {
                self.space();
                let Some(frame) = self.stack.last() else {
                    return (self.at == self.bytes.len()).then_some(());
                };
                let (object, key) = (frame.object, frame.key);
                match self.next()? {
                    b',' => {
                        self.key = key;
                        if object {
                            self.member(key)?;
                        }
                        break;
                    }
                    b'}' if object => drop(self.stack.pop()),
                    b']' if !object => drop(self.stack.pop()),
                    _ => return None,
                }
            }
        }
    }

    /// Reads a scalar, an empty container or the opening of one; answers whether a value is due next.
    fn value(&mut self) -> Option<bool> {
        match *self.bytes.get(self.at)? {
            open @ (b'{' | b'[') => {
                self.at += 1;
                self.space();
                let object = open == b'{';
                if self.bytes.get(self.at) == Some(if object { &b'}' } else { &b']' }) {
                    self.at += 1;
                    return Some(false);
                }
                if self.stack.len() == MAX_DEPTH {
                    return None;
                }
                let key = self.key;
                self.stack.push(Frame { object, key });
                if object {
                    self.member(key)?;
                }
                return Some(true);
            }
            b'"' => self.string(LeafKind::String, self.key)?,
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word()?,
        }
        Some(false)
    }

    fn member(&mut self, parent: Option<usize>) -> Option<()> {
        self.space();
        self.string(LeafKind::Key, parent)?;
        self.key = Some(self.leaves.len() - 1);
        self.space();
        (self.next()? == b':').then_some(())
    }

    fn string(&mut self, kind: LeafKind, key: Option<usize>) -> Option<()> {
        if self.next()? != b'"' {
            return None;
        }
        let start = self.at;
        loop {
            self.at += memchr::memchr2(b'"', b'\\', self.bytes.get(self.at..)?)?;
            if self.bytes[self.at] == b'"' {
                break;
            }
            self.at += 2;
        }
        self.leaves.push(Leaf { start, end: self.at, kind, key });
        self.at += 1;
        Some(())
    }

    fn number(&mut self) {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        self.leaves.push(Leaf { start, end: self.at, kind: LeafKind::Number, key: self.key });
    }

    fn word(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let word = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word))?;
        self.at += word.len();
        Some(())
    }

    fn next(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn leaves_know_their_key() {
        let text = r#" {"a":{"b":[1,"x\"y"]},"c":null,"d":[]} "#;
        let found = leaves(text).unwrap();
        let shown: Vec<_> =
            found.iter().map(|l| (&text[l.start..l.end], l.key.map(|k| &text[found[k].start..found[k].end]))).collect();
        let expected =
            [("a", None), ("b", Some("a")), ("1", Some("b")), ("x\\\"y", Some("b")), ("c", None), ("d", None)];
        assert_eq!(shown, expected);
        for bad in ["", "{", "[1,2", "{\"a\"}", "[1] x", "{a:1}", "plain", "[\"\\"] {
            assert_eq!(leaves(bad), None, "{bad}");
        }
    }
}
