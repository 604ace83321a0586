//! Reads a stream of the Responses API as the SDKs do, and checks its rules.

use serde_json::{Value, json};

use crate::streams::data;

/// A response collected from its stream as in the SDKs: what is added is appended, everything else is looked up by
/// position.
#[derive(Debug, Default)]
pub(crate) struct Assembled {
    pub(crate) output: Vec<Value>,
    done: Vec<bool>,
    /// The part of each item that is open.
    open: Vec<Option<String>>,
    /// The last event.
    pub(crate) last: Value,
}

/// Collects a stream and checks each rule that clients rely on. If `exact`, the deltas of a text must add up to it.
pub(crate) fn read(stream: &[u8], exact: bool) -> Assembled {
    let events: Vec<Value> = data(stream).iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let mut assembled = Assembled::default();
    for (number, event) in (0_u64..).zip(&events) {
        assert_eq!(event["sequence_number"], number, "{event}");
        assert!(!assembled.is_over(), "nothing follows the end: {event}");
        let kind = event["type"].as_str().unwrap();
        match number {
            0 => assert!(["response.created", "error"].contains(&kind), "{kind} comes first"),
            1 => assert!(["response.in_progress", "response.failed"].contains(&kind), "{kind} comes second"),
            _ => assembled.add(event, exact),
        }
        assembled.last = event.clone();
    }
    assert!(assembled.is_over(), "it has an end");
    let response = &assembled.last["response"];
    assert_eq!(response["object"], "response");
    if assembled.last["type"] == "response.failed" {
        assert!(response["error"]["message"].is_string() && response["status"] == "failed");
    } else {
        assert!(assembled.done.iter().all(|done| *done), "every item is done");
        assert_eq!(response["output"], Value::Array(assembled.output.clone()));
        assert_eq!(events[0]["response"]["id"], response["id"]);
    }
    assembled
}

impl Assembled {
    fn is_over(&self) -> bool {
        let last = self.last["type"].as_str().unwrap_or_default();
        ["response.completed", "response.incomplete", "response.failed"].contains(&last)
    }

    fn add(&mut self, event: &Value, exact: bool) {
        let kind = event["type"].as_str().unwrap();
        let Some(index) = event["output_index"].as_u64().map(|index| usize::try_from(index).unwrap()) else {
            return assert!(event["response"].is_object(), "{event}");
        };
        if kind == "response.output_item.added" {
            assert_eq!(index, self.output.len(), "items are numbered as they come");
            assert!(event["item"]["id"].is_string());
            self.output.push(event["item"].clone());
            self.done.push(false);
            self.open.push(None);
            return;
        }
        assert!(!self.done[index], "nothing follows the end of an item: {event}");
        if kind == "response.output_item.done" {
            assert_eq!(self.open[index], None, "a part is open");
            self.item_done(index, &event["item"], exact);
            return;
        }
        assert_eq!(event["item_id"], self.output[index]["id"]);
        self.grow(index, kind, event, exact);
    }

    fn item_done(&mut self, index: usize, item: &Value, exact: bool) {
        let began = &self.output[index];
        assert_eq!((&item["id"], &item["type"]), (&began["id"], &began["type"]));
        if exact {
            for field in ["content", "summary", "arguments", "input"] {
                let expected = item.get(field).cloned().unwrap_or(json!([]));
                assert_eq!(expected, began.get(field).cloned().unwrap_or(json!([])), "{field} of {item}");
            }
        }
        self.output[index] = item.clone();
        self.done[index] = true;
    }

    fn grow(&mut self, index: usize, kind: &str, event: &Value, exact: bool) {
        let (list, place) = match (event["summary_index"].as_u64(), event["content_index"].as_u64()) {
            (Some(place), None) => ("summary", place),
            (None, Some(place)) => ("content", place),
            _ => return self.grow_call(index, kind, event, exact),
        };
        let place = usize::try_from(place).unwrap();
        if self.output[index].get(list).is_none() {
            self.output[index][list] = json!([]);
        }
        let parts = self.output[index][list].as_array_mut().unwrap();
        let name = format!("{list}[{place}]");
        match kind.rsplit_once('.').unwrap() {
            (part, "added") if part.ends_with("_part") => {
                assert_eq!(place, parts.len(), "parts are numbered as they come");
                assert_eq!(self.open[index].replace(name), None, "one part at a time");
                parts.push(event["part"].clone());
            }
            (part, "done") if part.ends_with("_part") => {
                assert_eq!(self.open[index].take(), Some(name), "what was not open is not closed");
                assert_eq!(parts[place], {
                    let mut expected = event["part"].clone();
                    expected["annotations"] = parts[place]["annotations"].clone();
                    if expected["annotations"].is_null() { event["part"].clone() } else { expected }
                });
                parts[place] = event["part"].clone();
            }
            (of, what) => {
                assert_eq!(self.open[index], Some(name));
                let field = if of.ends_with("refusal") { "refusal" } else { "text" };
                let text = parts[place][field].as_str().unwrap().to_owned();
                if what == "delta" {
                    parts[place][field] = json!(text + event["delta"].as_str().unwrap());
                } else {
                    assert!(!exact || event[field] == text, "the pieces are not the whole: {event}");
                    parts[place][field] = event[field].clone();
                }
            }
        }
    }

    fn grow_call(&mut self, index: usize, kind: &str, event: &Value, exact: bool) {
        let field = if kind.contains("arguments") { "arguments" } else { "input" };
        let text = self.output[index][field].as_str().unwrap().to_owned();
        if event.get("delta").is_some() {
            self.output[index][field] = json!(text + event["delta"].as_str().unwrap());
        } else {
            assert!(!exact || event[field] == text, "the pieces are not the whole: {event}");
            self.output[index][field] = event[field].clone();
        }
    }
}
