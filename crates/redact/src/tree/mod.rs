//! A JSON document as one list of nodes, in the order in which they stand: what the walk goes over.
//!
//! A tree is read from bytes ([`Document`]) or made of a [`Value`] that is already there ([`Tree::add`]). Its texts are borrowed from
//! either, so that a document in which little is found is hardly copied. What the walk changes it owns: that is written
//! ([`Document::write`]) among what stays, or put back into the [`Value`] ([`Tree::changes`]).

mod changes;
mod read;
mod write;

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    rc::Rc,
};

use serde_json::{Map, Number, Value};

use crate::hint::Facts;

pub(crate) use read::Document;

/// A document, or several one after the other.
#[derive(Debug, Default)]
pub(crate) struct Tree<'t> {
    pub(crate) keys: Vec<Key<'t>>,
    pub(crate) nodes: Vec<Node<'t>>,
}

/// The name of a member.
#[derive(Debug)]
pub(crate) struct Key<'t> {
    /// As the document has it.
    pub(crate) name: Cow<'t, str>,
    /// What stands in its stead. A path that lies over the key must see it change.
    now: RefCell<Option<Rc<str>>>,
    /// What is known of the name, once the walk has looked at its object.
    pub(crate) facts: Cell<Facts>,
}

/// A value, and with it all that is in it: the nodes up to its `end`.
#[derive(Debug)]
pub(crate) struct Node<'t> {
    /// Where in [`Tree::keys`] its name is, if it is a member.
    pub(crate) key: usize,
    /// One past the last node that is in it.
    pub(crate) end: usize,
    pub(crate) is: Is<'t>,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Is<'t> {
    Null,
    Bool(bool),
    Number(Number),
    /// Borrowed as long as it is what the document has.
    Text(Cow<'t, str>),
    /// So many items.
    Array(usize),
    /// Of members.
    Object,
}

/// The key of a node that is no member.
const NO_KEY: usize = usize::MAX;

/// Nodes and keys of an ordinary event, for which there is room from the beginning.
const USUAL_NODES: usize = 64;

impl<'t> Key<'t> {
    fn new(name: Cow<'t, str>) -> Self {
        Self { name, now: RefCell::new(None), facts: Cell::default() }
    }

    /// The name as it is now.
    pub(crate) fn now(&self) -> Name<'_> {
        self.now.borrow().as_ref().map_or(Name::First(&self.name), |now| Name::Later(Rc::clone(now)))
    }

    /// Whether it is no longer what the document has.
    pub(crate) fn is_renamed(&self) -> bool {
        self.now.borrow().is_some()
    }

    pub(crate) fn rename(&self, name: &str) {
        *self.now.borrow_mut() = Some(Rc::from(name));
        self.facts.set(Facts::default());
    }
}

/// The name of a member as it is now.
#[derive(Debug)]
pub(crate) enum Name<'k> {
    First(&'k str),
    Later(Rc<str>),
}

impl std::ops::Deref for Name<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Name::First(name) => name,
            Name::Later(name) => name,
        }
    }
}

impl<'t> Tree<'t> {
    pub(crate) fn with_room() -> Self {
        Self { keys: Vec::with_capacity(USUAL_NODES), nodes: Vec::with_capacity(USUAL_NODES) }
    }

    /// The tree of a value.
    pub(crate) fn of(value: &'t Value) -> Self {
        let mut tree = Self::with_room();
        tree.add(value);
        tree
    }

    /// Appends a value; answers where it is.
    pub(crate) fn add(&mut self, value: &'t Value) -> usize {
        self.add_under(NO_KEY, value)
    }

    /// Appends an object of these members; answers where it is.
    pub(crate) fn add_map(&mut self, members: &'t Map<String, Value>) -> usize {
        self.add_members(NO_KEY, members)
    }

    fn add_under(&mut self, key: usize, value: &'t Value) -> usize {
        match value {
            Value::Null => self.leaf(key, Is::Null),
            Value::Bool(value) => self.leaf(key, Is::Bool(*value)),
            Value::Number(number) => self.leaf(key, Is::Number(number.clone())),
            Value::String(text) => self.leaf(key, Is::Text(Cow::Borrowed(text))),
            Value::Array(items) => {
                let at = self.leaf(key, Is::Array(items.len()));
                for item in items {
                    self.add_under(NO_KEY, item);
                }
                self.close(at)
            }
            Value::Object(members) => self.add_members(key, members),
        }
    }

    fn add_members(&mut self, key: usize, members: &'t Map<String, Value>) -> usize {
        let at = self.leaf(key, Is::Object);
        for (name, value) in members {
            let key = self.key(Cow::Borrowed(name));
            self.add_under(key, value);
        }
        self.close(at)
    }

    fn key(&mut self, name: Cow<'t, str>) -> usize {
        self.keys.push(Key::new(name));
        self.keys.len() - 1
    }

    fn leaf(&mut self, key: usize, is: Is<'t>) -> usize {
        let at = self.nodes.len();
        self.nodes.push(Node { key, end: at + 1, is });
        at
    }

    /// All nodes since `at` are in it.
    fn close(&mut self, at: usize) -> usize {
        self.nodes[at].end = self.nodes.len();
        at
    }

    /// The two parts of it, of which only the nodes are changed from outside.
    pub(crate) fn parts(&mut self) -> Parts<'_, 't> {
        Parts { keys: &self.keys, nodes: &mut self.nodes }
    }
}

/// A tree under change: paths borrow its keys while its nodes change.
pub(crate) struct Parts<'k, 't> {
    pub(crate) keys: &'k [Key<'t>],
    pub(crate) nodes: &'k mut [Node<'t>],
}

impl<'k, 't> Parts<'k, 't> {
    /// The items or the values of the members of the node at `at`.
    pub(crate) fn children(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let (mut next, end) = (at + 1, self.nodes[at].end);
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.nodes[child].end;
            Some(child)
        })
    }

    /// The name of the member at `at`.
    pub(crate) fn key(&self, at: usize) -> &'k Key<'t> {
        &self.keys[self.nodes[at].key]
    }

    pub(crate) fn text(&self, at: usize) -> Option<&str> {
        match &self.nodes[at].is {
            Is::Text(text) => Some(text),
            _ => None,
        }
    }

    /// How many items the node has, if it is an array.
    pub(crate) fn items(&self, at: usize) -> Option<usize> {
        match self.nodes[at].is {
            Is::Array(items) => Some(items),
            _ => None,
        }
    }

    /// Puts a text where the node was, and all that is in it.
    pub(crate) fn replace(&mut self, at: usize, text: String) {
        self.nodes[at].is = Is::Text(Cow::Owned(text));
    }
}
