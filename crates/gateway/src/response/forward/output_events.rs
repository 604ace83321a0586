//! Which events have the first word: a part of the text or of a tool call, and not of the reasoning before it.

/// The events of the Responses API that are a part of the text or of a tool call.
const OUTPUT_EVENTS: [&str; 4] = [
    "response.output_text.delta",
    "response.refusal.delta",
    "response.function_call_arguments.delta",
    "response.custom_tool_call_input.delta",
];

/// Returns whether an event has a part of the text or of a tool call. `kind` is empty for a chunk of Chat Completions.
pub(super) fn is_output(kind: &str, data: &[u8]) -> bool {
    if kind.is_empty() { is_output_chunk(data) } else { OUTPUT_EVENTS.contains(&kind) }
}

/// Returns whether a chunk of the Chat Completions API has text or a part of a tool call. The first one has an empty text.
fn is_output_chunk(chunk: &[u8]) -> bool {
    let text = |name: &[u8]| {
        let value = memchr::memmem::find(chunk, name).map(|at| chunk[at + name.len()..].trim_ascii_start());
        value.is_some_and(|value| value.starts_with(b"\"") && !value.starts_with(b"\"\""))
    };
    text(b"\"content\":") || memchr::memmem::find(chunk, b"\"tool_calls\":").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_word_is_no_reasoning_and_no_empty_text() {
        let chunk = |delta: &str| format!(r#"{{"choices":[{{"index":0,"delta":{delta}}}]}}"#);
        for (kind, data, expected) in [
            ("response.output_text.delta", "{}", true),
            ("response.function_call_arguments.delta", "{}", true),
            ("response.reasoning_summary_text.delta", "{}", false),
            ("response.output_item.added", "{}", false),
            ("", &chunk(r#"{"role":"assistant","content":""}"#), false),
            ("", &chunk(r#"{"reasoning_content":"hm","content":null}"#), false),
            ("", &chunk(r#"{"content": "Hello"}"#), true),
            ("", &chunk(r#"{"tool_calls":[{"index":0}]}"#), true),
        ] {
            assert_eq!(is_output(kind, data.as_bytes()), expected, "{kind} {data}");
        }
    }
}
