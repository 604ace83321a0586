//! Helpers of the Chat Completions tests: golden cases, and JSON that is nearly a request.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A request and its expected translation.
pub(crate) struct Case {
    path: PathBuf,
    /// The request.
    pub(crate) request: Value,
    expected: Value,
}

/// Returns the folder of golden files called `name`.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/chat").join(name)
}

/// Returns the cases of a folder: `{"request":…,"expected":…}` each.
pub(crate) fn cases(name: &str) -> Vec<Case> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder(name)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let mut case: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        Case { request: case["request"].take(), expected: case["expected"].take(), path }
    };
    paths.into_iter().map(read).collect()
}

/// Returns a translated request without the results that were added for calls without one.
pub(crate) fn without_missing_results(request: &[u8]) -> String {
    let mut request = String::from_utf8(request.to_vec()).unwrap();
    let end = "\"output\":\"There is no result: the call was interrupted.\"}";
    while let Some(at) = request.find(end) {
        let begin = request[..at].rfind(",{").unwrap();
        request.replace_range(begin..at + end.len(), "");
    }
    request
}

/// Compares the results with the golden files. Those that differ are written to the target directory's `tmp`, from
/// where they can be copied.
pub(crate) fn check(cases: &[Case], translate: impl Fn(&Value) -> Value) {
    let mut wrong = Vec::new();
    for case in cases {
        let got = translate(&case.request);
        if got != case.expected {
            let case_json = json!({ "request": case.request, "expected": got });
            wrong
                .push(write_result(&case.path, serde_json::to_string_pretty(&case_json).unwrap().as_bytes()));
        }
    }
    assert!(wrong.is_empty(), "these differ: {wrong:#?}");
}

/// Writes the result that differs from `path` to the target directory's `tmp`.
pub(crate) fn write_result(path: &Path, got: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(path.file_name().unwrap());
    std::fs::write(&file, got).unwrap();
    file
}

/// Names and values that requests of both APIs contain.
pub(crate) fn names() -> Vec<&'static str> {
    vec![
        "messages",
        "input",
        "role",
        "content",
        "type",
        "text",
        "tools",
        "tool_calls",
        "function",
        "custom",
        "name",
        "arguments",
        "parameters",
        "id",
        "call_id",
        "tool_call_id",
        "image_url",
        "url",
        "file",
        "stop",
        "n",
        "user",
        "assistant",
        "system",
        "developer",
        "tool",
        "message",
        "function_call",
        "function_call_output",
        "namespace",
        "custom_tool_call",
        "custom_tool_call_output",
        "output",
        "input_text",
        "output_text",
        "input_image",
        "additional_tools",
        "tool_choice",
        "allowed_tools",
        "mode",
        "auto",
        "response_format",
        "json_schema",
        "schema",
        "format",
        "grammar",
        "syntax",
        "definition",
        "reasoning",
        "effort",
        "reasoning_effort",
        "low",
        "instructions",
        "model",
        "stream_options",
        "summary",
        "refusal",
        "file_data",
        "filename",
        "detail",
    ]
}

/// Generates JSON from such names, which is invalid in relevant places.
pub(crate) fn any_request(names: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let word = proptest::sample::select(names);
    let leaf = prop_oneof![
        4 => word.clone().prop_map(|word| json!(word)),
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(|flag| json!(flag)),
        1 => any::<i32>().prop_map(|number| json!(number)),
        1 => any::<String>().prop_map(|text| json!(text)),
    ];
    let value = leaf.prop_recursive(6, 64, 6, move |inner| {
        let object = proptest::collection::vec((word.clone(), inner.clone()), 0..6);
        prop_oneof![
            1 => proptest::collection::vec(inner, 0..4).prop_map(Value::Array),
            3 => object.prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
            }),
        ]
    });
    (value.clone(), value).prop_map(|(list, other)| {
        let list = json!([list]);
        json!({ "model": "m", "messages": list, "input": list, "tools": [other], "tool_choice": other })
    })
}
