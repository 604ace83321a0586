//! The content of the sandbox "model"'s output, chosen by words in the request.

use serde_json::{Map, Value, json};

use super::prompt::{Prompt, Tool};

/// Limits the memory that one request can take.
const MAX_NUMBERS: usize = 100_000;

/// Characters of arguments in one delta.
const ARGUMENTS_CHUNK: usize = 8;

/// A part of the output, in the chunks that it is streamed in.
pub(crate) enum Content {
    /// Reasoning: its summary, and whether it is encrypted.
    Reasoning {
        summary: Vec<String>,
        encrypted: bool,
    },
    /// A message before the answer, which is not part of it (siwc §10.4).
    Commentary(Vec<String>),
    Text(Vec<String>),
    Call {
        name: String,
        namespace: Option<String>,
        custom: bool,
        input: Vec<String>,
    },
}

/// Returns the output: reasoning if requested, then tool calls, or else text.
pub(super) fn contents_for(prompt: &Prompt) -> Vec<Content> {
    let mut content = Vec::new();
    if prompt.outputs.is_empty() && prompt.text.to_lowercase().contains("think") {
        let summary =
            if prompt.summary { vec!["Thinking ".to_owned(), "it over.".to_owned()] } else { Vec::new() };
        content.push(Content::Reasoning { summary, encrypted: prompt.encrypted });
    }
    if prompt.is_commented() {
        content.push(Content::Commentary(words("Let me see.")));
    }
    let mut calls = if prompt.outputs.is_empty() { calls(&prompt.text) } else { Vec::new() };
    calls.truncate(if prompt.single_call { 1 } else { usize::MAX });
    let known: Option<Vec<Content>> =
        calls.iter().map(|(name, input)| Some(call(prompt.tool(name)?, input))).collect();
    match known {
        Some(calls) if !calls.is_empty() => content.extend(calls),
        Some(_) => content.push(Content::Text(text(prompt))),
        None => content.push(Content::Text(words("There is no such tool."))),
    }
    content
}

fn text(prompt: &Prompt) -> Vec<String> {
    let mut sentences = Vec::new();
    if !prompt.outputs.is_empty() {
        sentences.push(format!("the tool said: {}", prompt.outputs.join("; ")));
    }
    for (count, what) in [(prompt.images, "image"), (prompt.files, "file")] {
        match count {
            0 => {}
            1 => sentences.push(format!("I see 1 {what}")),
            many => sentences.push(format!("I see {many} {what}s")),
        }
    }
    if !sentences.is_empty() {
        return words(&sentences.join("; "));
    }
    if let Some(schema) = &prompt.schema {
        return words(&example(schema).to_string());
    }
    numbers(&prompt.text.to_lowercase()).unwrap_or_else(|| vec!["rea".to_owned(), "dy".to_owned()])
}

/// Returns the numbers for `count to N`.
fn numbers(text: &str) -> Option<Vec<String>> {
    let (_, rest) = text.rsplit_once("count to ")?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let last = digits.parse::<usize>().unwrap_or_default().min(MAX_NUMBERS);
    (last > 0).then(|| (1..=last).map(|number| format!("{number} ")).collect())
}

/// Parses every `call NAME with JSON` in `text`. A JSON string is the input of a custom tool.
fn calls(text: &str) -> Vec<(&str, Value)> {
    let mut calls = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("call ") {
        rest = after;
        let Some((name, input)) = after.split_once(" with ") else { break };
        let mut values = serde_json::Deserializer::from_str(input).into_iter();
        if !name.contains(char::is_whitespace)
            && let Some(Ok(value)) = values.next()
        {
            rest = &input[values.byte_offset()..];
            calls.push((name, value));
        }
    }
    calls
}

fn call(tool: &Tool, input: &Value) -> Content {
    let text = input.as_str().filter(|_| tool.custom).map_or_else(|| input.to_string(), ToOwned::to_owned);
    let characters: Vec<char> = text.chars().collect();
    Content::Call {
        name: tool.name.clone(),
        namespace: tool.namespace.clone(),
        custom: tool.custom,
        input: characters.chunks(ARGUMENTS_CHUNK).map(|chunk| chunk.iter().collect()).collect(),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(ToOwned::to_owned).collect()
}

/// Returns a small value that matches a schema.
fn example(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") => {
            let properties = schema["properties"].as_object().into_iter().flatten();
            properties.map(|(name, schema)| (name.clone(), example(schema))).collect::<Map<_, _>>().into()
        }
        Some("array") => json!([example(&schema["items"])]),
        Some("integer" | "number") => 1.into(),
        Some("boolean") => true.into(),
        Some("string") => "ready".into(),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prompt_calls_are_parsed_in_order() {
        let text =
            r#"Please call a.b with {"x":"call c with {}"} and call exec with "text(\"hi\")"; call nothing."#;
        assert_eq!(calls(text), [("a.b", json!({ "x": "call c with {}" })), ("exec", json!("text(\"hi\")"))]);
    }

    #[test]
    fn schema_example_matches_schema() {
        let schema = json!({ "type": "object", "properties": {
            "word": { "type": "string" },
            "list": { "type": "array", "items": { "type": "integer" } },
            "pick": { "enum": ["red", "blue"] },
        } });
        assert_eq!(example(&schema), json!({ "word": "ready", "list": [1], "pick": "red" }));
    }
}
