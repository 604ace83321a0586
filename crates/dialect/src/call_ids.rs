//! Call ids that the Responses API accepts: short enough, one for each call, and one result for each.
//!
//! Results are paired with calls by the id alone, in all of the input, and a call without a result or a result without a
//! call is rejected. Some services number their calls from the start in each answer, or give no ids, and callers send these
//! ids back with the conversation; interrupted and shortened conversations have calls or results alone.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The output in place of a result that never came.
pub(crate) const INTERRUPTED: &str = "There is no result: the call was interrupted.";

/// The beginning of a message with the output of a tool whose call is not in the conversation.
pub(crate) const OUTPUT_OF_A_TOOL: &str = "Output of a tool:";

/// Replaces an id that the API would reject.
type Fit = fn(&str) -> Cow<'_, str>;

/// The ids of the calls of one conversation, in its order.
pub(crate) struct CallIds {
    fit: Fit,
    /// The calls in their order.
    calls: Vec<Call>,
    /// How many messages with calls have begun.
    messages: usize,
    used: BTreeSet<String>,
    /// By the caller's id: how many calls had it.
    counts: BTreeMap<String, u32>,
    /// The calls of the last message that have no result yet, with the caller's ids.
    open: VecDeque<(String, usize)>,
    /// By the caller's id: the last call.
    last: BTreeMap<String, usize>,
}

struct Call {
    id: String,
    /// The number of its message.
    message: usize,
    has_result: bool,
}

impl CallIds {
    /// Returns that there are no calls yet.
    pub(crate) fn new(fit: Fit) -> Self {
        Self {
            fit,
            calls: Vec::new(),
            messages: 0,
            used: BTreeSet::new(),
            counts: BTreeMap::new(),
            open: VecDeque::new(),
            last: BTreeMap::new(),
        }
    }

    /// Begins a message with calls: the results that follow are theirs.
    pub(crate) fn begin_message(&mut self) {
        self.open.clear();
        self.messages += 1;
    }

    /// Returns the id of a call. An empty one gets a number.
    pub(crate) fn call<'i>(&mut self, id: &'i str) -> Cow<'i, str> {
        let mut unique =
            if id.is_empty() { format!("call_{}", self.calls.len() + 1).into() } else { (self.fit)(id) };
        let count = self.counts.entry(id.to_owned()).or_insert(1);
        while !self.used.insert(unique.to_string()) {
            *count += 1;
            let id = if id.is_empty() { "call" } else { id };
            unique = Cow::Owned((self.fit)(&format!("{id}_{count}")).into_owned());
        }
        self.open.push_back((id.to_owned(), self.calls.len()));
        self.last.insert(id.to_owned(), self.calls.len());
        self.calls.push(Call { id: unique.to_string(), message: self.messages, has_result: false });
        unique
    }

    /// Returns the id of the call that a result belongs to; `None` if there is none that has no result yet. A result
    /// without an id belongs to the first call of the last message.
    pub(crate) fn result(&mut self, id: &str) -> Option<String> {
        let open = self.open.iter().position(|(of, _)| of == id || id.is_empty());
        let call = match open.and_then(|open| self.open.remove(open)) {
            Some((_, call)) => call,
            None => *self.last.get(id)?,
        };
        let Call { id, has_result, .. } = &mut self.calls[call];
        (!std::mem::replace(has_result, true)).then(|| id.clone())
    }
}

/// Adds a result behind each call that has none, after all the calls of its message.
pub(crate) fn add_missing_results<T>(
    items: Vec<T>,
    ids: CallIds,
    is_call: impl Fn(&T) -> bool,
    missing_result: impl Fn(&T, String) -> T,
) -> Vec<T> {
    let mut calls = ids.calls.into_iter();
    let mut all = Vec::with_capacity(items.len());
    let (mut missing, mut message) = (Vec::new(), None);
    for item in items {
        let call = if is_call(&item) { calls.next() } else { None };
        let of = call.as_ref().map(|call| call.message);
        if of != std::mem::replace(&mut message, of) {
            all.append(&mut missing);
        }
        missing.extend(call.filter(|call| !call.has_result).map(|call| missing_result(&item, call.id)));
        all.push(item);
    }
    all.append(&mut missing);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_with_one_id_get_several() {
        let mut ids = CallIds::new(|id| Cow::Borrowed(id));
        ids.begin_message();
        assert_eq!((&*ids.call("a"), &*ids.call("a"), &*ids.call("b")), ("a", "a_2", "b"));
        let mut result = |id| ids.result(id).unwrap_or_default();
        assert_eq!([result("b"), result("a"), result("a"), result("a")], ["b", "a", "a_2", ""]);
        // A call that was interrupted has no result.
        ids.begin_message();
        assert_eq!(&*ids.call("a"), "a_3");
        ids.begin_message();
        assert_eq!((&*ids.call("a"), &*ids.call("a_2")), ("a_4", "a_2_2"));
        let mut result = |id| ids.result(id).unwrap_or_default();
        assert_eq!([result("a"), result("a"), result("c")], ["a_4", "", ""]);
        let missing = ids.calls.iter().filter(|call| !call.has_result);
        assert_eq!(missing.map(|call| &*call.id).collect::<Vec<_>>(), ["a_3", "a_2_2"]);
    }

    #[test]
    fn calls_without_ids_get_numbers() {
        let mut ids = CallIds::new(|id| Cow::Borrowed(id));
        ids.begin_message();
        assert_eq!((&*ids.call(""), &*ids.call("call_3"), &*ids.call("")), ("call_1", "call_3", "call_2"));
        let mut result = |id| ids.result(id).unwrap_or_default();
        assert_eq!(
            [result(""), result("call_3"), result(""), result("")],
            ["call_1", "call_3", "call_2", ""]
        );
    }

    #[test]
    fn missing_results_follow_the_calls_of_a_message() {
        let mut ids = CallIds::new(|id| Cow::Borrowed(id));
        for message in [&["a", "b"][..], &["c", "d"], &["e"]] {
            ids.begin_message();
            for call in message {
                ids.call(call);
            }
        }
        ids.result("b");
        let items = ["call a", "call b", "result b", "call c", "call d", "call e"];
        let items = items.map(str::to_owned).to_vec();
        let is_call = |item: &String| item.starts_with("call");
        let all = add_missing_results(items, ids, is_call, |_, id| format!("no {id}"));
        let expected = "call a|call b|no a|result b|call c|call d|no c|no d|call e|no e";
        assert_eq!(all.join("|"), expected);
    }
}
