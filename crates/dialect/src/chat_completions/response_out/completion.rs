//! What a streamed completion and a complete one have in common.

use serde::{Deserialize, Serialize};

use super::stop_sequences;
use crate::json::{Raw, Text};
use crate::responses::events::event::{DeltaKind, Response};
use crate::responses::events::item::{Item, Part};
use crate::responses::events::token_usage::TokenUsage;

/// The separator between two messages of one response.
pub(crate) const BETWEEN_MESSAGES: &str = "\n\n";

/// The fields that identify a completion.
#[derive(Debug, Clone)]
pub(crate) struct CompletionHead {
    pub(crate) id: String,
    pub(crate) created: u64,
    pub(crate) model: String,
}

impl CompletionHead {
    /// Returns the head of `response`; fields that it lacks come from the request and the clock. The id is the
    /// response's, so that logs on both sides match.
    pub(crate) fn of(response: &Response<'_>, model: &str, now: u64) -> Self {
        let id = response.id.as_deref().unwrap_or_default();
        Self {
            id: match id.strip_prefix("resp_").unwrap_or(id) {
                "" => format!("chatcmpl-{now}"),
                id => format!("chatcmpl-{id}"),
            },
            created: seconds(response.created_at).unwrap_or(now),
            model: response.model.as_deref().filter(|model| !model.is_empty()).unwrap_or(model).to_owned(),
        }
    }
}

/// Returns whole seconds, if the time is positive.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "out-of-range values are clamped")]
fn seconds(time: Option<f64>) -> Option<u64> {
    time.filter(|time| *time > 0.0).map(|time| time as u64)
}

/// Returns the finish reason.
pub(crate) fn finish_reason(
    response: &Response<'_>,
    has_call: bool,
    legacy_function_call: bool,
) -> &'static str {
    let reason = response.incomplete_details.as_ref().and_then(|details| details.reason.as_deref());
    match reason {
        Some("content_filter") => "content_filter",
        // `max_output_tokens`, and unknown reasons: it was cut short.
        Some(_) => "length",
        None if has_call && legacy_function_call => "function_call",
        None if has_call => "tool_calls",
        None => "stop",
    }
}

/// The usage in the format of Chat Completions.
#[derive(Serialize)]
pub(crate) struct CompletionUsage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

impl From<TokenUsage> for CompletionUsage {
    fn from(tokens: TokenUsage) -> Self {
        Self {
            prompt_tokens: tokens.input_tokens,
            completion_tokens: tokens.output_tokens,
            total_tokens: tokens.total_tokens,
            prompt_tokens_details: PromptDetails { cached_tokens: tokens.input_tokens_details.cached_tokens },
            completion_tokens_details: CompletionDetails {
                reasoning_tokens: tokens.output_tokens_details.reasoning_tokens,
            },
        }
    }
}

/// The text and the citations of a message.
#[derive(Default)]
pub(crate) struct MessageContent {
    pub(crate) text: String,
    pub(crate) refusal: String,
    pub(crate) citations: Vec<Citation>,
}

/// A page that a message cites, and the characters that the citation covers.
#[derive(Serialize)]
pub(crate) struct Citation {
    #[serde(rename = "type")]
    kind: &'static str,
    url_citation: UrlCitation,
}

#[derive(Serialize)]
struct UrlCitation {
    start_index: u64,
    end_index: u64,
    url: String,
    title: String,
}

#[derive(Deserialize)]
struct Annotation {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    start_index: u64,
    #[serde(default)]
    end_index: u64,
    #[serde(default)]
    url: String,
    #[serde(default)]
    title: String,
}

impl MessageContent {
    /// Returns the content of the message `item`, which begins at character `base` of the completion.
    pub(crate) fn from_item(item: &Item<'_>, base: usize) -> Self {
        let parts: Vec<Part<'_>> = item.content.as_ref().and_then(Raw::read).unwrap_or_default();
        let mut content = Self::default();
        let mut base = base as u64;
        for part in &parts {
            match &*part.kind {
                "output_text" => {
                    content.cite(part, base);
                    let text = part.text.as_deref().unwrap_or_default();
                    base += text.chars().count() as u64;
                    content.text.push_str(text);
                }
                "refusal" => content.refusal.push_str(part.refusal.as_deref().unwrap_or_default()),
                _ => {}
            }
        }
        content
    }

    fn cite(&mut self, part: &Part<'_>, base: u64) {
        let annotations: Option<Vec<Annotation>> = part.annotations.as_ref().and_then(Raw::read);
        let citations =
            annotations.into_iter().flatten().filter(|annotation| annotation.kind == "url_citation");
        self.citations.extend(citations.map(|annotation| Citation {
            kind: "url_citation",
            url_citation: UrlCitation {
                start_index: annotation.start_index.saturating_add(base),
                end_index: annotation.end_index.saturating_add(base),
                url: annotation.url,
                title: annotation.title,
            },
        }));
    }

    /// Truncates the text before the first of `sequences`. Returns whether there was one.
    pub(crate) fn truncate_at(&mut self, sequences: &[String]) -> bool {
        let end = stop_sequences::first(sequences, &self.text);
        self.text.truncate(end.unwrap_or(self.text.len()));
        end.is_some()
    }
}

/// Returns the reasoning of `item` of this kind: its full text, or its summary.
pub(crate) fn reasoning(item: &Item<'_>, of: DeltaKind) -> String {
    let raw = if of == DeltaKind::ReasoningText { &item.content } else { &item.summary };
    let parts: Vec<Part<'_>> = raw.as_ref().and_then(Raw::read).unwrap_or_default();
    let texts: Vec<_> = parts.into_iter().filter_map(|part| part.text).map(|Text(text)| text).collect();
    texts.join(BETWEEN_MESSAGES)
}
