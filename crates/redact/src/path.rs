//! Where the walk is: written as a JSON Pointer, and asked what its keys say, only where something is found.

use std::{borrow::Cow, cell::OnceCell, fmt::Write, sync::Arc};

use crate::{
    hint::{Hint, Hints},
    replace, text,
    tree::Key,
};

/// A list from here to the root, on the stack.
pub(crate) struct Path<'p> {
    above: Option<&'p Path<'p>>,
    token: Token<'p>,
    /// What the keys say, once asked: a long key above many texts is spelt once.
    hint: OnceCell<Option<Hint>>,
}

enum Token<'p> {
    Root,
    Key(&'p Key<'p>),
    Index(usize),
}

impl<'p> Path<'p> {
    pub(crate) fn root() -> Self {
        Self { above: None, token: Token::Root, hint: OnceCell::new() }
    }

    pub(crate) fn key(&'p self, key: &'p Key<'p>) -> Self {
        Self { above: Some(self), token: Token::Key(key), hint: OnceCell::new() }
    }

    pub(crate) fn index(&'p self, index: usize) -> Self {
        Self { above: Some(self), token: Token::Index(index), hint: OnceCell::new() }
    }

    /// What the keys here and above say.
    pub(crate) fn hint(&self, hints: &Hints) -> Option<Hint> {
        *self.hint.get_or_init(|| {
            let above = self.above.and_then(|above| above.hint(hints));
            match self.token {
                Token::Root => None,
                Token::Index(_) => above,
                Token::Key(key) => said(hints, &key.now(), above),
            }
        })
    }

    /// Appends the JSON Pointer (RFC 6901), under the names that the document has.
    pub(crate) fn write(&self, pointer: &mut String) {
        if let Some(above) = self.above {
            above.write(pointer);
        }
        match self.token {
            Token::Root => {}
            Token::Index(index) => {
                // A text takes whatever is written to it.
                let _ = write!(pointer, "/{index}");
            }
            Token::Key(key) => {
                pointer.push('/');
                pointer.push_str(&escaped(&key.name));
            }
        }
    }
}

/// A string, a number or a key that the walk is at. What is found in it is said with one pointer, however much it is.
pub(crate) struct Spot<'p> {
    pub(crate) path: &'p Path<'p>,
    pub(crate) in_key: bool,
    pub(crate) pointer: Option<Arc<str>>,
}

impl<'p> Spot<'p> {
    pub(crate) fn new(path: &'p Path<'p>, in_key: bool) -> Self {
        Self { path, in_key, pointer: None }
    }
}

/// A token of a JSON Pointer (RFC 6901, section 3).
fn escaped(token: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'~', b'/', token.as_bytes()).is_none() {
        return Cow::Borrowed(token);
    }
    Cow::Owned(token.replace('~', "~0").replace('/', "~1"))
}

/// What a key says of its value. What was found in a key says nothing of it; neither does the placeholder in its stead.
pub(crate) fn said(hints: &Hints, key: &str, above: Option<Hint>) -> Option<Hint> {
    hints.of(&spelt(replace::without_placeholders(key)), above)
}

/// The key as a reader spells it, without encodings and invisible characters.
fn spelt(key: Cow<'_, str>) -> Cow<'_, str> {
    if key.is_ascii() && memchr::memchr3(b'&', b'%', b'\\', key.as_bytes()).is_none() {
        return key;
    }
    Cow::Owned(text::spelt(&key))
}
