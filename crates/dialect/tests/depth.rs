//! Deeply nested brackets may be rejected but must not overflow the stack, which would end the process and every
//! response in it.

use usher_dialect::json::RawObject;
use usher_dialect::response_writer::ResponseWriter;
use usher_dialect::responses::{Event, ResponseCollector};
use usher_dialect::sse::SseParser;
use usher_dialect::translate::{Recipient, ResponseOptions, ToolNames};
use usher_dialect::{chat_completions, messages, responses};

const DEEP: usize = 3_000;

/// The text that opens and closes one level, in each dialect.
const LEVELS: &[(&str, &str)] = &[
    ("[", "]"),
    (r#"{"a":"#, "}"),
    (r#"{"content":["#, "]}"),
    (r#"{"c\u006fntent":["#, "]}"),
    (r#"{"role":"user","content":["#, "]}"),
    (r#"{"type":"message","role":"user","content":["#, "]}"),
    (r#"{"type":"tool_result","tool_use_id":"a","content":["#, "]}"),
    (r#"{"type":"compaction","content":["#, "]}"),
    (r#"{"type":"search_result","source":"a","title":"a","content":["#, "]}"),
    (r#"{"type":"document","source":{"type":"content","content":["#, "]}}"),
    (r#"{"type":"compaction","content":[{"type":"document","source":{"type":"content","content":["#, "]}}]}"),
    (r#"{"type":"namespace","name":"a","tools":["#, "]}"),
    (r#"{"type":"function","name":"a","strict":true,"parameters":"#, "}"),
    (r#"{"name":"a","strict":true,"input_schema":"#, "}"),
    (r#"{"type":"object","additionalProperties":false,"items":"#, "}"),
];

/// The levels replace `…`.
const REQUESTS: &[&str] = &[
    r#"{"model":"m","messages":…}"#,
    r#"{"model":"m","messages":[…]}"#,
    r#"{"model":"m","messages":[{"role":"user","content":…}]}"#,
    r#"{"model":"m","messages":[{"role":"user","content":[…]}]}"#,
    r#"{"model":"m","system":[…],"messages":[{"role":"user","content":"a"}]}"#,
    r#"{"model":"m","input":[…],"tools":[…],"tool_choice":…,"text":…}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[…]}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":…,"output_config":…}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"a"}],"response_format":…}"#,
    r#"{"model":"m","messages":[{"role":"user","content":"a"}],"output_config":{"format":{"type":"json_schema","schema":…}}}"#,
];

const EVENTS: &[&str] = &[
    r#"{"type":"response.output_item.done","output_index":0,"item":…}"#,
    r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[…]}}"#,
    r#"{"type":"response.completed","response":{"id":"r","output":[…]}}"#,
    r#"{"choices":[{"index":0,"delta":…}]}"#,
    r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":…,"tool_calls":[…]}}]}"#,
    r#"{"error":…}"#,
];

/// Returns each of `places` with each kind of level.
fn nested(places: &[&str]) -> impl Iterator<Item = String> {
    places.iter().flat_map(|place| {
        LEVELS
            .iter()
            .map(|(open, close)| place.replace('…', &format!("{}0{}", open.repeat(DEEP), close.repeat(DEEP))))
    })
}

#[test]
fn request_of_nested_brackets_does_not_overflow_stack() {
    for body in nested(REQUESTS) {
        let members = RawObject::parse(body.as_bytes()).expect("it is JSON");
        let recipient = Recipient { web_search: true, ..Recipient::default() };
        // It may be rejected.
        drop(messages::to_responses(&members, &recipient));
        drop(messages::visit_countable(body.as_bytes(), |_| {}));
        drop(chat_completions::to_responses(&members, &recipient));
        drop(chat_completions::from_responses(&members, None));
    }
}

#[test]
fn response_of_nested_brackets_does_not_overflow_stack() {
    for data in nested(EVENTS) {
        let sse = format!("data: {data}\n\n");
        let options = messages::MessageOptions::default();
        let mut collector = ResponseCollector::default();
        let mut writers: [Box<dyn ResponseWriter>; 3] = [
            Box::new(messages::MessagesWriter::new(options.clone())),
            Box::new(chat_completions::ChatCompletionsWriter::new("m", 0, ResponseOptions::default())),
            Box::new(responses::ResponsesWriter::new("m", 0)),
        ];
        let mut out = Vec::new();
        let mut write = |event: Event<'_>| {
            for writer in &mut writers {
                writer.write_event(&event, &mut out);
            }
            collector.take(&event);
        };
        let (mut parser, mut rest) = (SseParser::default(), sse.as_bytes());
        while let Ok(Some(event)) = parser.next_event(&mut rest) {
            if let Ok(event) = Event::parse(event) {
                write(event);
            }
        }
        let mut reader = chat_completions::ChatCompletionsReader::new(ToolNames::default(), None);
        let _ = reader.push(sse.as_bytes(), &mut write);
        let response = collector.finish();
        drop(messages::translate_response(&response, &options));
        drop(chat_completions::translate_response(&response, "m", 0, &ResponseOptions::default()));
        drop(responses::translate_response(&response, "m", 0));
    }
}
