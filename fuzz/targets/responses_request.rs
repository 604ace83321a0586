//! Translates Responses requests for services with Chat Completions only, and applies the Codex backend's rules.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::chat_completions;
use usher_dialect::json::RawObject;
use usher_fuzz::assert_object;

fuzz_target!(|body: &[u8]| {
    let Ok(mut members) = RawObject::parse(body) else { return };
    assert_object(&members.to_bytes());
    assert_eq!(members.clone().into_chunks().concat(), members.to_bytes());
    if let Ok(chat) = chat_completions::from_responses(&members, None) {
        assert_object(&chat.body.to_bytes());
    }
    if usher_upstream::fit_for_fuzzing(&mut members) {
        assert_object(&members.to_bytes());
    }
});
