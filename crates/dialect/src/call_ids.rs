//! Call ids that the Responses API accepts: short enough, and one for each call.
//!
//! Results are paired with calls by the id alone, in all of the input. Some services number their calls from the start
//! in each answer, and callers send these ids back with the conversation.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Replaces an id that the API would reject.
type Fit = fn(&str) -> Cow<'_, str>;

/// The ids of the calls of one conversation, in its order.
pub(crate) struct CallIds {
    fit: Fit,
    used: BTreeSet<String>,
    /// By the caller's id: how many calls had it.
    counts: BTreeMap<String, u32>,
    /// By the caller's id: the calls of the last message that have no result yet.
    open: BTreeMap<String, VecDeque<String>>,
    /// By the caller's id: the last call.
    last: BTreeMap<String, String>,
}

impl CallIds {
    /// Returns that there are no calls yet.
    pub(crate) fn new(fit: Fit) -> Self {
        Self {
            fit,
            used: BTreeSet::new(),
            counts: BTreeMap::new(),
            open: BTreeMap::new(),
            last: BTreeMap::new(),
        }
    }

    /// Begins a message with calls: the results that follow are theirs.
    pub(crate) fn begin_message(&mut self) {
        self.open.clear();
    }

    /// Returns the id of a call.
    pub(crate) fn call<'i>(&mut self, id: &'i str) -> Cow<'i, str> {
        let count = self.counts.entry(id.to_owned()).or_insert(1);
        let mut unique = (self.fit)(id);
        while !self.used.insert(unique.to_string()) {
            *count += 1;
            unique = Cow::Owned((self.fit)(&format!("{id}_{count}")).into_owned());
        }
        self.open.entry(id.to_owned()).or_default().push_back(unique.to_string());
        self.last.insert(id.to_owned(), unique.to_string());
        unique
    }

    /// Returns the id of the call that a result belongs to.
    pub(crate) fn result<'i>(&mut self, id: &'i str) -> Cow<'i, str> {
        let open = self.open.get_mut(id).and_then(VecDeque::pop_front);
        match open.or_else(|| self.last.get(id).cloned()) {
            Some(unique) if unique != id => Cow::Owned(unique),
            Some(_) => Cow::Borrowed(id),
            None => (self.fit)(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_one_id_get_several() {
        let mut ids = CallIds::new(|id| Cow::Borrowed(id));
        ids.begin_message();
        assert_eq!((&*ids.call("a"), &*ids.call("a"), &*ids.call("b")), ("a", "a_2", "b"));
        assert_eq!((&*ids.result("b"), &*ids.result("a"), &*ids.result("a")), ("b", "a", "a_2"));
        // A call that was interrupted has no result.
        ids.begin_message();
        assert_eq!(&*ids.call("a"), "a_3");
        ids.begin_message();
        assert_eq!((&*ids.call("a"), &*ids.call("a_2")), ("a_4", "a_2_2"));
        assert_eq!((&*ids.result("a"), &*ids.result("a"), &*ids.result("c")), ("a_4", "a_4", "c"));
    }
}
