//! A tree out of bytes: I-JSON (RFC 7493), read by `serde_json`, with its texts where they stand.

use std::{borrow::Cow, collections::HashSet, fmt};

use nexus_model::json;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use super::{Is, NO_KEY, Parts, Tree};

/// A tree that was read from bytes: what it borrows stands between quotes there, so that it can be written as it is.
#[derive(Debug)]
pub(crate) struct Document<'t>(pub(super) Tree<'t>);

impl<'t> Document<'t> {
    /// Reads a document of at most `depth` levels of arrays and objects, the outermost the first, and at most the 127 that
    /// `serde_json` reads: no duplicate names, no lone surrogates, no integers beyond ±(2^53−1).
    ///
    /// # Errors
    /// A sentence about the first fault, with no part of the document in it.
    pub(crate) fn read(text: &'t str, depth: usize) -> Result<Self, String> {
        let mut tree = Tree::with_room();
        let mut reader = serde_json::Deserializer::from_str(text);
        let root = Slot { tree: &mut tree, key: NO_KEY, depth, most: depth };
        root.deserialize(&mut reader).and_then(|()| reader.end()).map_err(|error| error.to_string())?;
        Ok(Self(tree))
    }

    /// The parts of the tree, as it may be changed.
    pub(crate) fn parts(&mut self) -> Parts<'_, 't> {
        self.0.parts()
    }
}

/// Where the next value goes.
struct Slot<'s, 't> {
    tree: &'s mut Tree<'t>,
    key: usize,
    /// Levels that may still be opened, and at most.
    depth: usize,
    most: usize,
}

impl<'t> Slot<'_, 't> {
    fn leaf<E>(self, is: Is<'t>) -> Result<(), E> {
        self.tree.leaf(self.key, is);
        Ok(())
    }

    fn number<E: de::Error>(self, number: Result<Number, &'static str>) -> Result<(), E> {
        let number = number.map_err(E::custom)?;
        self.leaf(Is::Number(number))
    }

    /// Levels that may be opened inside.
    fn inside<E: de::Error>(&self) -> Result<usize, E> {
        let most = self.most;
        let inside = self.depth.checked_sub(1);
        inside.ok_or_else(|| E::custom(format!("expected at most {most} levels of arrays and objects")))
    }
}

impl<'t> DeserializeSeed<'t> for Slot<'_, 't> {
    type Value = ();
    fn deserialize<D: de::Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Slot<'_, 't> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.leaf(Is::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.leaf(Is::Bool(value))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.number(json::unsigned(value))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.number(json::signed(value))
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.number(json::float(value))
    }
    fn visit_borrowed_str<E>(self, text: &'t str) -> Result<(), E> {
        self.leaf(Is::Text(Cow::Borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.leaf(Is::Text(Cow::Owned(text.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'t>>(self, mut items: A) -> Result<(), A::Error> {
        let depth = self.inside()?;
        let Self { tree, key, most, .. } = self;
        let at = tree.leaf(key, Is::Array(0));
        let mut count = 0;
        while items.next_element_seed(Slot { tree, key: NO_KEY, depth, most })?.is_some() {
            count += 1;
        }
        tree.nodes[at].is = Is::Array(count);
        tree.close(at);
        Ok(())
    }
    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<(), A::Error> {
        let depth = self.inside()?;
        let Self { tree, key, most, .. } = self;
        let at = tree.leaf(key, Is::Object);
        let mut count = 0;
        while let Some(name) = members.next_key_seed(Name)? {
            let key = tree.key(name);
            members.next_value_seed(Slot { tree, key, depth, most })?;
            count += 1;
        }
        tree.close(at);
        if tree.has_twins(at, count) {
            return Err(de::Error::custom("a duplicate name"));
        }
        Ok(())
    }
}

/// Members among which each is compared with each.
const FEW: usize = 16;

impl Tree<'_> {
    /// Whether two members of the object at `at` have one name.
    fn has_twins(&mut self, at: usize, count: usize) -> bool {
        let parts = self.parts();
        if count <= FEW {
            let mut names = [""; FEW];
            for (place, child) in parts.children(at).enumerate() {
                let name = &*parts.key(child).name;
                if names[..place].contains(&name) {
                    return true;
                }
                names[place] = name;
            }
            return false;
        }
        let mut seen = HashSet::with_capacity(count);
        parts.children(at).any(|child| !seen.insert(&*parts.key(child).name))
    }
}

/// The name of a member.
struct Name;

impl<'t> DeserializeSeed<'t> for Name {
    type Value = Cow<'t, str>;
    fn deserialize<D: de::Deserializer<'t>>(self, deserializer: D) -> Result<Cow<'t, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'t> Visitor<'t> for Name {
    type Value = Cow<'t, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }
    fn visit_borrowed_str<E>(self, text: &'t str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Borrowed(text))
    }
    fn visit_str<E>(self, text: &str) -> Result<Cow<'t, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}
