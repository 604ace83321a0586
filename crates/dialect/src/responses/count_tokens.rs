//! Visits what the model reads of a request: the gateway responds to `POST /v1/responses/input_tokens` on this computer,
//! with a tokenizer.

use crate::countable::{Countable, image_size};
use crate::error::BadRequest;
use crate::json::{Raw, RawObject, Text, visit_elements};

type Visit<'v> = &'v mut dyn FnMut(Countable<'_>);

/// Calls `visit` with everything that the model reads of a request of the Responses API: the instructions, every item of
/// the input, and every tool.
///
/// Encrypted reasoning, ids and parameters are not part of it.
pub fn visit_countable(body: &[u8], visit: Visit<'_>) -> Result<(), BadRequest> {
    let request = RawObject::parse(body)?;
    if let Some(instructions) = request.get::<Text<'_>>("instructions") {
        visit(Countable::Message);
        text(&instructions, visit);
    }
    match request.raw("input").map(Raw::get) {
        None | Some("null") => {}
        Some(input) if input.starts_with('"') => {
            visit(Countable::Message);
            string(&request, "input", visit);
        }
        Some(input) => visit_elements(input, |element| item(element.get(), visit))
            .map_err(|_| BadRequest::at("input", "This must be a string or a list."))?,
    }
    if let Some(tools) = request.raw("tools") {
        each(tools.get(), &mut |element| tool(element, visit));
    }
    Ok(())
}

/// Visits an item of any type by the fields that all types share.
fn item(json: &str, visit: Visit<'_>) {
    let Ok(item) = RawObject::parse(json.as_bytes()) else { return };
    visit(Countable::Message);
    for name in ["name", "arguments", "input"] {
        string(&item, name, visit);
    }
    for name in ["content", "output", "summary"] {
        match item.raw(name).map(Raw::get) {
            Some(value) if value.starts_with('"') => string(&item, name, visit),
            Some(value) => each(value, &mut |element| part(element, visit)),
            None => {}
        }
    }
    // Codex sends tools in the input as well.
    if let Some(tools) = item.raw("tools") {
        each(tools.get(), &mut |element| tool(element, visit));
    }
}

fn part(json: &str, visit: Visit<'_>) {
    let Ok(part) = RawObject::parse(json.as_bytes()) else { return };
    for name in ["text", "refusal", "filename"] {
        string(&part, name, visit);
    }
    if let Some(url) = part.get::<Text<'_>>("image_url") {
        visit(Countable::Image { size: base64_of(&url).and_then(image_size) });
    } else if let Some(data) = part.get::<Text<'_>>("file_data") {
        // Four base64 digits are three bytes.
        visit(Countable::File { bytes: Some(base64_of(&data).unwrap_or(&data).len() / 4 * 3) });
    } else if part.raw("file_id").is_some() || part.raw("file_url").is_some() {
        visit(Countable::File { bytes: None });
    }
}

/// Visits a tool, or a namespace of tools.
fn tool(json: &str, visit: Visit<'_>) {
    let Ok(tool) = RawObject::parse(json.as_bytes()) else { return };
    for name in ["name", "description"] {
        string(&tool, name, visit);
    }
    for name in ["parameters", "format"] {
        if let Some(value) = tool.raw(name) {
            text(value.get(), visit);
        }
    }
    // A namespace has no namespaces in it.
    if let Some(tools) = tool.raw("tools") {
        text(tools.get(), visit);
    }
}

fn each(json: &str, visit: &mut dyn FnMut(&str)) {
    // What is no list is for the provider to refuse.
    let _ = visit_elements(json, |element| visit(element.get()));
}

fn string(object: &RawObject<'_>, name: &str, visit: Visit<'_>) {
    if let Some(value) = object.get::<Text<'_>>(name) {
        text(&value, visit);
    }
}

fn text(text: &str, visit: Visit<'_>) {
    if !text.is_empty() {
        visit(Countable::Text(text));
    }
}

/// Returns the data of a data URL.
fn base64_of(url: &str) -> Option<&str> {
    let (head, data) = url.split_once(',')?;
    (head.starts_with("data:") && head.ends_with(";base64")).then_some(data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn visited(body: &serde_json::Value) -> Result<Vec<String>, BadRequest> {
        let mut all = Vec::new();
        visit_countable(body.to_string().as_bytes(), &mut |part| {
            all.push(match part {
                Countable::Message => "-".to_owned(),
                Countable::Text(text) => text.to_owned(),
                Countable::Image { size } => format!("image {size:?}"),
                Countable::File { bytes } => format!("file {bytes:?}"),
            });
        })?;
        Ok(all)
    }

    #[test]
    fn everything_that_the_model_reads_is_visited() {
        assert_eq!(visited(&json!({ "input": "hi" })).unwrap(), ["-", "hi"]);
        assert!(visited(&json!({})).unwrap().is_empty());
        assert_eq!(visited(&json!({ "input": 1 })).unwrap_err().param.as_deref(), Some("input"));
        let body = json!({
            "instructions": "Be brief.",
            "input": [
                { "role": "user", "content": [
                    { "type": "input_text", "text": "what" },
                    { "type": "input_image", "image_url": "https://a" },
                    { "type": "input_file", "file_data": "data:application/pdf;base64,AAAA" },
                ] },
                { "type": "reasoning", "summary": [{ "text": "so" }], "encrypted_content": "xxxx" },
                { "type": "function_call", "call_id": "1", "name": "look", "arguments": "{}" },
                { "type": "function_call_output", "call_id": "1", "output": "seen" },
            ],
            "tools": [{ "type": "function", "name": "look", "description": "Looks.", "parameters": { "a": 1 } }],
        });
        let expected = [
            "-",
            "Be brief.",
            "-",
            "what",
            "image None",
            "file Some(3)",
            "-",
            "so",
            "-",
            "look",
            "{}",
            "-",
            "seen",
            "look",
            "Looks.",
            r#"{"a":1}"#,
        ];
        assert_eq!(visited(&body).unwrap(), expected);
    }
}
