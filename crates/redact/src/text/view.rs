//! A text and the place of each of its bytes in the original.

use std::borrow::Cow;

/// A text derived from (a part of) an original string.
#[derive(Debug, Clone)]
pub(crate) struct View<'t> {
    pub(crate) text: Cow<'t, str>,
    places: Places,
}

/// Where the bytes of a view come from.
#[derive(Debug, Clone)]
enum Places {
    /// The view is the original from this byte on.
    Offset(usize),
    /// For each byte of the view, the first and one past the last byte of what it was made from.
    Map(Vec<(u32, u32)>),
    /// All of the view comes from this one stretch (base64, for instance), which can only be replaced as a whole.
    Opaque(usize, usize),
}

impl<'t> View<'t> {
    /// The original itself.
    pub(crate) fn original(text: &'t str) -> Self {
        Self { text: Cow::Borrowed(text), places: Places::Offset(0) }
    }

    /// A text that was decoded from bytes `start..end` of `self` as one piece.
    pub(crate) fn opaque(&self, text: String, start: usize, end: usize) -> View<'static> {
        let (start, end) = self.origin(start, end);
        View { text: Cow::Owned(text), places: Places::Opaque(start, end) }
    }

    /// The stretch of the original from which `start..end` of this view was made.
    pub(crate) fn origin(&self, start: usize, end: usize) -> (usize, usize) {
        match &self.places {
            Places::Offset(base) => (base + start, base + end),
            Places::Map(map) => match (map.get(start), end.checked_sub(1).and_then(|last| map.get(last))) {
                (Some(first), Some(last)) if start < end => (first.0 as usize, last.1 as usize),
                (Some(first), _) => (first.0 as usize, first.0 as usize),
                (None, _) => map.last().map_or((0, 0), |last| (last.1 as usize, last.1 as usize)),
            },
            Places::Opaque(start, end) => (*start, *end),
        }
    }

    /// A part of this view.
    pub(crate) fn slice(&self, start: usize, end: usize) -> View<'_> {
        let places = match &self.places {
            Places::Offset(base) => Places::Offset(base + start),
            Places::Map(map) => Places::Map(map[start..end].to_vec()),
            Places::Opaque(from, to) => Places::Opaque(*from, *to),
        };
        View { text: Cow::Borrowed(&self.text[start..end]), places }
    }
}

/// Builds a view out of pieces of another one.
pub(crate) struct Builder<'a, 't> {
    from: &'a View<'t>,
    text: String,
    map: Vec<(u32, u32)>,
}

impl<'a, 't> Builder<'a, 't> {
    pub(crate) fn new(from: &'a View<'t>) -> Self {
        Self { from, text: String::with_capacity(from.text.len()), map: Vec::with_capacity(from.text.len()) }
    }

    /// Bytes `start..end` of the source as they are.
    pub(crate) fn copy(&mut self, start: usize, end: usize) {
        self.text.push_str(&self.from.text[start..end]);
        match &self.from.places {
            Places::Offset(base) => {
                // Offsets beyond 4 GiB cannot come from a body within the server's limits.
                let place = |at: usize| u32::try_from(base + at).unwrap_or(u32::MAX);
                self.map.extend((start..end).map(|at| (place(at), place(at + 1))));
            }
            Places::Map(map) => self.map.extend_from_slice(&map[start..end]),
            Places::Opaque(from, to) => {
                let place = (u32::try_from(*from).unwrap_or(u32::MAX), u32::try_from(*to).unwrap_or(u32::MAX));
                self.map.extend(std::iter::repeat_n(place, end - start));
            }
        }
    }

    /// `c`, which was made from bytes `start..end` of the source.
    pub(crate) fn push(&mut self, c: char, start: usize, end: usize) {
        let (start, end) = self.from.origin(start, end);
        let place = (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX));
        self.text.push(c);
        self.map.extend(std::iter::repeat_n(place, c.len_utf8()));
    }

    pub(crate) fn finish(self) -> View<'static> {
        View { text: Cow::Owned(self.text), places: Places::Map(self.map) }
    }
}
