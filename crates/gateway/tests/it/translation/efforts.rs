//! Efforts that the model lacks.

use serde_json::json;

use super::{Caller, Provider, World};
use crate::support::{Answer, completed, created, message_events, message_item, usage};

/// Codex changes the effort in the middle of a conversation.
#[tokio::test]
async fn effort_that_the_model_lacks_becomes_the_nearest() {
    let world = World::start().await;
    let answer = Answer::stream(created() + &message_events(0) + &completed(&[message_item()], &usage()));
    let update = json!({ "type": "configuration_update", "reasoning": { "effort": "xhigh" } });
    let mut request = Caller::Responses.request(true, &json!([update, { "role": "user", "content": "Hi" }]));
    request["reasoning"] = json!({ "effort": "minimal" });
    for provider in [Provider::Platform, Provider::Plan] {
        let heard = world.ask(provider, Caller::Responses, &request, &answer).await;
        let asked = &heard.asked[0];
        assert_eq!(asked["reasoning"]["effort"], "low", "{provider:?}: {asked}");
        assert_eq!(asked["input"][0]["reasoning"]["effort"], "high", "{provider:?}: {asked}");
    }
}
