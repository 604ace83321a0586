//! Finds the results of the calls in a Responses input.
//!
//! The Responses API pairs calls and results by their ids, wherever the items stand. Chat Completions accepts a result
//! only directly behind the message with its call, so results are taken out of the input first.

use std::collections::{BTreeMap, VecDeque};

use crate::json::object::Object;

/// One item of the input, with its index.
pub(crate) enum Step<'a> {
    /// An item, or a result without a call.
    Item(usize, Object<'a>),
    /// The place where the result of the call with this id was.
    ResultOf(String),
}

/// The results that have a call, by the call's id. A service may give several calls the same id; their results are in
/// the order of the calls.
pub(crate) struct CallResults<'a> {
    by_call: BTreeMap<String, VecDeque<(usize, Object<'a>)>>,
}

impl<'a> CallResults<'a> {
    /// Takes the results out of `items`.
    pub(crate) fn split_off(
        items: impl IntoIterator<Item = (usize, Object<'a>)>,
    ) -> (Vec<Step<'a>>, CallResults<'a>) {
        let items: Vec<_> = items.into_iter().collect();
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for id in items.iter().filter(|(_, item)| is_call(item)).filter_map(|(_, item)| call_id(item)) {
            *calls.entry(id).or_default() += 1;
        }
        let mut by_call: BTreeMap<String, VecDeque<_>> = BTreeMap::new();
        let mut steps = Vec::with_capacity(items.len());
        for (index, item) in items {
            let id = call_id(&item).filter(|_| is_result(&item));
            match id.and_then(|id| Some((calls.get_mut(&id).filter(|left| **left > 0)?, id))) {
                Some((left, id)) => {
                    *left -= 1;
                    by_call.entry(id.clone()).or_default().push_back((index, item));
                    steps.push(Step::ResultOf(id));
                }
                None => steps.push(Step::Item(index, item)),
            }
        }
        (steps, Self { by_call })
    }

    /// Takes the results of the calls with these ids, in the order of the input. The ids without a result follow.
    pub(crate) fn take(
        &mut self,
        ids: impl IntoIterator<Item = String>,
    ) -> (Vec<(usize, Object<'a>)>, Vec<usize>) {
        let (mut results, mut missing) = (Vec::new(), Vec::new());
        for (place, id) in ids.into_iter().enumerate() {
            match self.by_call.get_mut(&id).and_then(VecDeque::pop_front) {
                Some(result) => results.push(result),
                None => missing.push(place),
            }
        }
        results.sort_by_key(|(index, _)| *index);
        (results, missing)
    }
}

fn is_call(item: &Object<'_>) -> bool {
    item.is("type", "function_call") || item.is("type", "custom_tool_call")
}

fn is_result(item: &Object<'_>) -> bool {
    item.is("type", "function_call_output") || item.is("type", "custom_tool_call_output")
}

fn call_id(item: &Object<'_>) -> Option<String> {
    item.peek("call_id").map(|id| id.to_string())
}
