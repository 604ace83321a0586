//! Translates Chat Completions requests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use usher_dialect::chat_completions;
use usher_dialect::json::RawObject;
use usher_fuzz::{assert_object, recipient};

fuzz_target!(|body: &[u8]| {
    let Ok(request) = RawObject::parse(body) else { return };
    let Ok(translated) = chat_completions::to_responses(&request, &recipient()) else { return };
    assert_object(&translated.body.to_bytes());
    match chat_completions::from_responses(&translated.body, None) {
        Ok(back) => assert_object(&back.body.to_bytes()),
        // A file that is stored at the provider can be referenced there only.
        Err(bad) => assert!(bad.param.is_some(), "{bad:?}"),
    }
    let mut fitted = translated.body;
    if usher_upstream::fit_for_fuzzing(&mut fitted) {
        assert_object(&fitted.to_bytes());
    }
});
