//! What the walk has changed of a [`Value`], put back into it.

use std::{borrow::Cow, iter::Peekable, vec::IntoIter};

use serde_json::{Map, Value};

use super::{Is, Tree};

/// The texts and names of a tree that are no longer what the value has.
#[derive(Debug)]
pub(crate) struct Changes {
    /// By the number of the node: how far it reached, and what it is now.
    texts: Peekable<IntoIter<(usize, usize, String)>>,
    /// By the number of the member's node.
    names: Peekable<IntoIter<(usize, String)>>,
    /// The number of the next node.
    next: usize,
}

impl Tree<'_> {
    /// What has changed; `None` where nothing has.
    pub(crate) fn changes(self) -> Option<Changes> {
        let (mut texts, mut names) = (Vec::new(), Vec::new());
        for (at, node) in self.nodes.into_iter().enumerate() {
            if let Some(key) = self.keys.get(node.key)
                && key.is_renamed()
            {
                names.push((at, key.now().to_owned()));
            }
            if let Is::Text(Cow::Owned(text)) = node.is {
                texts.push((at, node.end, text));
            }
        }
        let none = texts.is_empty() && names.is_empty();
        (!none).then(|| Changes { texts: texts.into_iter().peekable(), names: names.into_iter().peekable(), next: 0 })
    }
}

impl Changes {
    /// Puts back what has changed of the next value. Values are given in the order in which they were added.
    pub(crate) fn put_back(&mut self, value: &mut Value) {
        let at = self.next;
        self.next += 1;
        if let Some((_, end, text)) = self.texts.next_if(|(changed, ..)| *changed == at) {
            *value = Value::String(text);
            self.next = end;
            // Too deep to be looked at, and gone.
            while self.texts.next_if(|(changed, ..)| *changed < end).is_some() {}
            while self.names.next_if(|(changed, _)| *changed < end).is_some() {}
            return;
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.put_back(item)),
            Value::Object(members) => self.members(members),
            _ => {}
        }
    }

    /// The same for an object of which only the members are there.
    pub(crate) fn put_back_map(&mut self, members: &mut Map<String, Value>) {
        self.next += 1;
        self.members(members);
    }

    fn members(&mut self, members: &mut Map<String, Value>) {
        let mut renamed = Vec::new();
        for (name, value) in members.iter_mut() {
            if let Some((_, now)) = self.names.next_if(|(changed, _)| *changed == self.next) {
                renamed.push((name.clone(), now));
            }
            self.put_back(value);
        }
        // All are taken out before one is put in: the new name of one may be the first of another.
        let taken: Vec<_> = renamed.into_iter().map(|(name, now)| (now, members.remove(&name))).collect();
        members.extend(taken.into_iter().filter_map(|(now, value)| Some((now, value?))));
    }
}
