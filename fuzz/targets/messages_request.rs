//! Translates Messages requests: the result is JSON that the next translation accepts, and its tokens can be counted.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use usher_dialect::json::RawObject;
use usher_dialect::{chat_completions, messages};
use usher_fuzz::{assert_object, recipient};

fuzz_target!(|body: &[u8]| {
    let countable = messages::visit_countable(body, |_| ()).is_ok();
    let Ok(request) = RawObject::parse(body) else { return };
    let Ok(translation) = messages::to_responses(&request, &recipient()) else { return };
    assert!(countable, "a request that translates can be counted");
    let body = translation.request.body;
    assert_object(&body.to_bytes());
    match chat_completions::from_responses(&body, None) {
        Ok(chat) => assert_object(&chat.body.to_bytes()),
        // None of the messages could be carried, and the error says so.
        Err(bad) => {
            assert!(bad.param.as_deref() == Some("input") && body_is_empty(&body.to_bytes()), "{bad:?}")
        }
    }
    let mut fitted = body;
    assert!(usher_upstream::fit_for_fuzzing(&mut fitted), "a translated request passes the body rules");
    assert_object(&fitted.to_bytes());
});

/// Returns whether the input has developer messages only.
///
/// Only the input is decoded: other fields may have numbers that do not fit any type here.
fn body_is_empty(body: &[u8]) -> bool {
    let body: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).expect("it is JSON");
    let input: serde_json::Value = serde_json::from_str(body["input"].get()).expect("it is JSON");
    input.as_array().is_some_and(|items| items.iter().all(|item| item["role"] == "developer"))
}
