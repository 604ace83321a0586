//! What changes in the body of a request for each server, as a table with the source of each row.
//!
//! A source that names no page is a section of the Codex backend's.

use crate::request::body_rules::{AppliesTo, FieldRule, Treatment, row};

const UNSUPPORTED: &str = "§8.2: 400 Unsupported parameter";
const REJECTED: &str = "siwc §10.2: 400, rejected";

const NOTHING_STORED: &str = "a ChatGPT plan keeps no responses; send the whole conversation as input";

/// The rules of the Codex backend.
pub(crate) const CHATGPT: &[FieldRule] = &[
    row("stream", Treatment::Always("true"), "§8.2: the backend only streams")
        .applies_to(AppliesTo::Responses),
    row("stream", Treatment::Drop, "§8.4: no `stream`").applies_to(AppliesTo::Compaction),
    row("store", Treatment::Always("false"), "§8.2: `true` is 400 Store must be set to false")
        .applies_to(AppliesTo::Responses),
    row(
        "include",
        Treatment::Default(r#"["reasoning.encrypted_content"]"#),
        "§8.2: so that reasoning can come back",
    )
    .applies_to(AppliesTo::Responses),
    row("input", Treatment::Default("[]"), "§8.2: without it 400 Input must be a list"),
    row("input", Treatment::ToMessages, "§8.2: a bare string is not accepted; role developer, not system"),
    row("input", Treatment::RemoveNested("prompt_cache_breakpoint"), UNSUPPORTED),
    row("tools", Treatment::RemoveNested("prompt_cache_breakpoint"), UNSUPPORTED),
    row(
        "instructions",
        Treatment::DefaultInstructions("You are a helpful assistant."),
        "§8.2 and corrections no. 12: not empty, or a developer message in its place",
    ),
    row(
        "previous_response_id",
        Treatment::Refuse("the ChatGPT backend keeps no responses; send the whole conversation as input"),
        "§8.2: WebSocket only, nothing is stored",
    ),
    row(
        "conversation",
        Treatment::Refuse("the ChatGPT backend keeps no conversations; send the whole conversation as input"),
        "§8.2: nothing is stored",
    ),
    row(
        "background",
        Treatment::DropUnless(&["false"]),
        "§8.2: nothing is stored, so nothing could be fetched later",
    ),
    row("background_options", Treatment::Drop, "goes with `background`"),
    row("access_programs", Treatment::Drop, "not among the fields of §8.2"),
    row("image", Treatment::Drop, "not among the fields of §8.2"),
    row("service_tier", Treatment::AllowOnly(&[r#""priority""#]), "§8.2: only priority"),
    row("max_output_tokens", Treatment::Drop, UNSUPPORTED),
    row("max_completion_tokens", Treatment::Drop, UNSUPPORTED),
    row("max_tool_calls", Treatment::Drop, "not among the fields of §8.2"),
    row("temperature", Treatment::Drop, UNSUPPORTED),
    row("top_p", Treatment::Drop, UNSUPPORTED),
    row("top_logprobs", Treatment::Drop, "not among the fields of §8.2"),
    row("truncation", Treatment::Drop, UNSUPPORTED),
    row("user", Treatment::Drop, UNSUPPORTED),
    row("metadata", Treatment::Drop, UNSUPPORTED),
    row("safety_identifier", Treatment::Drop, UNSUPPORTED),
    row("prompt_cache_retention", Treatment::Drop, UNSUPPORTED),
    row("prompt_cache_options", Treatment::Drop, UNSUPPORTED),
    row("context_management", Treatment::Drop, UNSUPPORTED),
    row("stream_options", Treatment::Drop, UNSUPPORTED),
];

/// What Sign in with ChatGPT does not support, as a tool or as an item of the input.
const UNSUPPORTED_TYPES: &[&str] = &[
    "image_generation",
    "tool_search",
    "file_search",
    "code_interpreter",
    "mcp",
    "computer",
    "computer_use",
    "computer_use_preview",
    "programmatic_tool_calling",
    "compaction_trigger",
];

/// The rules of the API of Sign in with ChatGPT. `context_management` is accepted, and flat tools are (siwc §10.3).
pub(crate) const PLAN_USAGE: &[FieldRule] = &[
    row("stream", Treatment::Always("true"), "siwc §10.2"),
    row("store", Treatment::Always("false"), "siwc §10.2"),
    row("include", Treatment::Default(r#"["reasoning.encrypted_content"]"#), "siwc §10.2: nothing is stored"),
    row("input", Treatment::Default("[]"), "siwc §10.2: a list"),
    row("input", Treatment::ToMessages, "siwc §10.2: a bare string and the role system are rejected"),
    row("input", Treatment::RemoveNested("prompt_cache_breakpoint"), REJECTED),
    row("tools", Treatment::RemoveNested("prompt_cache_breakpoint"), REJECTED),
    row("tools", Treatment::RefuseTypes(UNSUPPORTED_TYPES), "siwc §10.3: 400 unsupported capability"),
    row(
        "input",
        Treatment::RefuseTypes(UNSUPPORTED_TYPES),
        "siwc §10.2, and siwc §10.3 for additional_tools",
    ),
    row("previous_response_id", Treatment::Refuse(NOTHING_STORED), "siwc §10.2: omit over HTTP"),
    row("conversation", Treatment::Refuse(NOTHING_STORED), REJECTED),
    row(
        "prompt",
        Treatment::Refuse("a ChatGPT plan has no stored prompts; send instructions and input"),
        REJECTED,
    ),
    row("multi_agent", Treatment::Refuse("requests that a ChatGPT plan pays for cannot have it"), REJECTED),
    row("background", Treatment::DropUnless(&["false"]), REJECTED),
    row("background_options", Treatment::Drop, "goes with `background`"),
    row("access_programs", Treatment::Drop, "not among the fields of siwc §10.2"),
    row("image", Treatment::Drop, "not among the fields of siwc §10.2"),
    row("service_tier", Treatment::Drop, "siwc §10.2: accepted and without effect, so it is not sent"),
    row("max_output_tokens", Treatment::Drop, REJECTED),
    row("max_completion_tokens", Treatment::Drop, "not among the fields of siwc §10.2"),
    row("max_tool_calls", Treatment::Drop, REJECTED),
    row("metadata", Treatment::Drop, REJECTED),
    row("moderation", Treatment::Drop, REJECTED),
    row("prompt_cache_options", Treatment::Drop, REJECTED),
    row("prompt_cache_retention", Treatment::Drop, REJECTED),
    row("safety_identifier", Treatment::Drop, REJECTED),
    row("stream_options", Treatment::Drop, "not among the fields of siwc §10.2"),
    row("temperature", Treatment::Drop, REJECTED),
    row("top_logprobs", Treatment::Drop, REJECTED),
    row("top_p", Treatment::Drop, REJECTED),
    row("truncation", Treatment::Drop, REJECTED),
    row("user", Treatment::Drop, REJECTED),
];

/// The rules of the Platform and of services with its API: none, because they reject what they do not support.
pub(crate) const OPENAI_API: &[FieldRule] = &[];

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use serde_json::{Value, json};

    use usher_dialect::error::BadRequest;
    use usher_dialect::json::RawObject;

    use super::*;
    use crate::request::body_rules::apply;
    use crate::request::endpoint::ForwardEndpoint;

    type Applied = (Value, Vec<Cow<'static, str>>);

    fn applied(body: &Value) -> Applied {
        apply_for(ForwardEndpoint::Responses, body)
    }

    fn apply_for(endpoint: ForwardEndpoint, body: &Value) -> Applied {
        apply_table(CHATGPT, endpoint, body).unwrap()
    }

    fn apply_table(
        table: &'static [FieldRule],
        endpoint: ForwardEndpoint,
        body: &Value,
    ) -> Result<Applied, BadRequest> {
        let bytes = serde_json::to_vec(body).unwrap();
        let mut members = RawObject::parse(&bytes).unwrap();
        let dropped = apply(table, endpoint, &mut members)?;
        Ok((serde_json::from_slice(&members.to_bytes()).unwrap(), dropped))
    }

    fn for_plan_usage(body: &Value) -> Result<Applied, BadRequest> {
        apply_table(PLAN_USAGE, ForwardEndpoint::Responses, body)
    }

    #[test]
    fn chatgpt_rules_public_request_becomes_valid() {
        let (body, dropped) = applied(&json!({
            "model": "m", "input": "hi \"there\"", "max_output_tokens": 9, "temperature": null, "store": true,
            "service_tier": "auto", "unknown": [1],
        }));
        let message = json!([{ "type": "message", "role": "user", "content": "hi \"there\"" }]);
        let expected = json!({
            "model": "m", "input": message, "store": false, "unknown": [1], "stream": true,
            "include": ["reasoning.encrypted_content"], "instructions": "You are a helpful assistant.",
        });
        assert_eq!(body, expected);
        assert_eq!(dropped, ["service_tier", "max_output_tokens"]);
    }

    #[test]
    fn chatgpt_rules_request_without_input_gets_an_empty_one() {
        let (body, dropped) =
            applied(&json!({ "model": "m", "instructions": "Say hi.", "background": false }));
        assert_eq!((&body["input"], body.get("background"), dropped), (&json!([]), None, vec![]));
    }

    #[test]
    fn chatgpt_rules_codex_request_is_unchanged() {
        let body = json!({
            "model": "m", "stream": true, "input": [{ "role": "developer", "content": "Be brief." }],
            "store": false, "include": ["reasoning.encrypted_content"], "client_metadata": { "a": "b" }, "service_tier": "priority",
        });
        assert_eq!(applied(&body), (body, vec![]));
    }

    #[test]
    fn chatgpt_rules_compact_request_does_not_stream() {
        let (body, dropped) = apply_for(
            ForwardEndpoint::Compact,
            &json!({ "model": "m", "input": "hi", "instructions": "Be brief.", "stream": true, "temperature": 1 }),
        );
        let message = json!([{ "type": "message", "role": "user", "content": "hi" }]);
        assert_eq!(body, json!({ "model": "m", "input": message, "instructions": "Be brief." }));
        assert_eq!(dropped, ["stream", "temperature"]);
    }

    #[test]
    fn chatgpt_rules_unsupported_roles_and_nested_fields_are_changed() {
        let (body, dropped) = applied(&json!({
            "instructions": "",
            "input": [
                { "role": "system", "content": [{ "text": "the \"system\"", "prompt_cache_breakpoint": {} }] },
                { "role": "user", "content": "\"developer\"" },
            ],
        }));
        let expected = json!([
            { "role": "developer", "content": [{ "text": "the \"system\"" }] },
            { "role": "user", "content": "\"developer\"" },
        ]);
        assert_eq!((&body["input"], body.get("instructions")), (&expected, None));
        assert_eq!(dropped, ["prompt_cache_breakpoint"]);
    }

    #[test]
    fn chatgpt_rules_field_without_substitute_is_refused() {
        let bytes = br#"{"model":"m","previous_response_id":"resp_1"}"#;
        let refused =
            apply(CHATGPT, ForwardEndpoint::Responses, &mut RawObject::parse(bytes).unwrap()).unwrap_err();
        assert_eq!(refused.param.as_deref(), Some("previous_response_id"));
    }

    /// The names are written out once more, so that a row cannot be lost.
    #[test]
    fn chatgpt_rules_unsupported_fields_are_dropped() {
        let fields = [
            "max_output_tokens",
            "max_completion_tokens",
            "max_tool_calls",
            "temperature",
            "top_p",
            "top_logprobs",
            "truncation",
            "user",
            "metadata",
            "safety_identifier",
            "prompt_cache_retention",
            "prompt_cache_options",
            "context_management",
            "stream_options",
            "background",
            "background_options",
            "access_programs",
            "image",
        ];
        for field in fields {
            let (body, dropped) = applied(&json!({ "model": "m", "input": [], field: 1 }));
            assert_eq!((body.get(field), dropped), (None, vec![Cow::from(field)]));
        }
    }

    #[test]
    fn plan_usage_rules_public_request_becomes_valid() {
        let (body, dropped) = for_plan_usage(&json!({
            "model": "m", "input": "hi", "store": true, "stream": false, "service_tier": "priority",
            "background": false, "context_management": [{ "type": "compaction", "compact_threshold": 9 }],
            "tools": [{ "type": "function", "name": "f" }, { "type": "web_search" }], "prompt_cache_key": "k",
        }))
        .unwrap();
        let expected = json!({
            "model": "m", "input": [{ "type": "message", "role": "user", "content": "hi" }], "store": false,
            "stream": true, "context_management": [{ "type": "compaction", "compact_threshold": 9 }],
            "tools": [{ "type": "function", "name": "f" }, { "type": "web_search" }], "prompt_cache_key": "k",
            "include": ["reasoning.encrypted_content"],
        });
        assert_eq!((body, dropped), (expected, vec![Cow::from("service_tier")]));
    }

    #[test]
    fn plan_usage_rules_system_message_becomes_developer_and_breakpoints_are_removed() {
        let content = json!([{ "type": "input_text", "text": "a", "prompt_cache_breakpoint": {} }]);
        let (body, dropped) =
            for_plan_usage(&json!({ "input": [{ "role": "system", "content": content }] })).unwrap();
        let content = json!([{ "type": "input_text", "text": "a" }]);
        assert_eq!(body["input"], json!([{ "role": "developer", "content": content }]));
        assert_eq!((body.get("instructions"), dropped), (None, vec![Cow::from("prompt_cache_breakpoint")]));
    }

    #[test]
    fn plan_usage_rules_fields_without_substitute_are_refused() {
        for field in ["previous_response_id", "conversation", "prompt", "multi_agent"] {
            let refused = for_plan_usage(&json!({ "input": [], field: { "id": "x" } })).unwrap_err();
            assert_eq!(refused.param.as_deref(), Some(field));
        }
    }

    #[test]
    fn plan_usage_rules_unsupported_types_are_refused_by_name() {
        for kind in UNSUPPORTED_TYPES {
            let tool = json!({ "type": kind });
            let nested = json!({ "type": "namespace", "name": "n", "tools": [tool] });
            let item = json!({ "type": "additional_tools", "role": "developer", "tools": [nested] });
            for (param, body) in [
                ("tools", json!({ "input": [], "tools": [{ "type": "web_search" }, tool] })),
                ("tools", json!({ "input": [], "tools": [nested] })),
                ("input", json!({ "input": [tool] })),
                ("input", json!({ "input": [item] })),
            ] {
                let refused = for_plan_usage(&body).unwrap_err();
                assert_eq!(refused.param.as_deref(), Some(param), "{body}");
                assert!(refused.message.contains(kind), "{refused}");
            }
        }
        // A word is no type.
        let parameters = json!({ "properties": { "type": { "const": "mcp" } } });
        let tools = json!([{ "type": "function", "name": "mcp", "parameters": parameters }]);
        for_plan_usage(&json!({ "input": [{ "role": "user", "content": "mcp" }], "tools": tools })).unwrap();
    }

    /// The names are written out once more, so that a row cannot be lost.
    #[test]
    fn plan_usage_rules_rejected_fields_are_dropped() {
        let fields = [
            "background",
            "background_options",
            "access_programs",
            "image",
            "service_tier",
            "max_output_tokens",
            "max_completion_tokens",
            "max_tool_calls",
            "metadata",
            "moderation",
            "prompt_cache_options",
            "prompt_cache_retention",
            "safety_identifier",
            "stream_options",
            "temperature",
            "top_logprobs",
            "top_p",
            "truncation",
            "user",
        ];
        for field in fields {
            let (body, dropped) = for_plan_usage(&json!({ "input": [], field: 1 })).unwrap();
            assert_eq!((body.get(field), dropped), (None, vec![Cow::from(field)]));
        }
    }
}
