//! Requests of the Messages API: translated they are JSON that the next table and the next crossing take, and they can
//! be counted.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use usher_dialect::json::RawObject;
use usher_dialect::{chat_completions, messages};
use usher_fuzz::{assert_object, target};

fuzz_target!(|body: &[u8]| {
    let countable = messages::visit_countable(body, |_| ()).is_ok();
    let Ok(request) = RawObject::parse(body) else { return };
    let Ok(translation) = messages::to_responses(&request, &target()) else { return };
    assert!(countable, "what can be asked can be counted");
    let body = translation.request.body;
    assert_object(&body.to_bytes());
    match chat_completions::from_responses(&body) {
        Ok(chat) => assert_object(&chat.body.to_bytes()),
        // Nothing of the messages crossed, and the caller was told so.
        Err(bad) => {
            assert!(bad.param.as_deref() == Some("input") && body_is_empty(&body.to_bytes()), "{bad:?}")
        }
    }
    let mut fitted = body;
    assert!(usher_upstream::fit_for_fuzzing(&mut fitted), "what we wrote ourselves fits");
    assert_object(&fitted.to_bytes());
});

/// Whether no more than developer's messages are in its input. Only that is read: elsewhere may be numbers larger than
/// any that can be reckoned with here.
fn body_is_empty(body: &[u8]) -> bool {
    let body: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).expect("it is JSON");
    let input: serde_json::Value = serde_json::from_str(body["input"].get()).expect("it is JSON");
    input.as_array().is_some_and(|items| items.iter().all(|item| item["role"] == "developer"))
}
