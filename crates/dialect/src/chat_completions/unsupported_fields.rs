//! What happens to the fields of a request that the other API lacks, one row each.
//!
//! The fields are those of the public reference of both endpoints (the parameters of the `PyPI` package `openai`
//! 2.54.0) and those that Codex sends. Supported fields are carried by [`to_responses`](super::to_responses()) and
//! [`from_responses`](super::from_responses()).

use serde_json::value::RawValue;

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::object::Object;
use crate::json::path::JsonPath;

/// What happens to a field.
enum Fate {
    /// The response is as good without it; listed in `x-usher-dropped`.
    Dropped,
    /// The response would differ, or lack what the caller is about to read; the request is rejected.
    Rejected(&'static str),
}

/// An unsupported field, and the values that ask for nothing.
struct Row {
    field: &'static str,
    no_op_values: &'static [&'static str],
    fate: Fate,
}

/// The fields of a Chat Completions request.
const CHAT: &[Row] = &[
    // Best effort by its own documentation: the same seed may give another response.
    Row { field: "seed", no_op_values: &[], fate: Fate::Dropped },
    // A bias in the choice of words, which reasoning models reject everywhere.
    Row { field: "frequency_penalty", no_op_values: &["0", "0.0"], fate: Fate::Dropped },
    Row { field: "presence_penalty", no_op_values: &["0", "0.0"], fate: Fate::Dropped },
    // Speed only: the response is the same without a prediction.
    Row { field: "prediction", no_op_values: &[], fate: Fate::Dropped },
    // The response is the same; it cannot be fetched later, because subscription backends store nothing (protocol
    // §8.2).
    Row { field: "store", no_op_values: &["false"], fate: Fate::Dropped },
    // The voice of an audio response. Audio itself is requested by `modalities`.
    Row { field: "audio", no_op_values: &[], fate: Fate::Dropped },
    // A caller that bans or forces words expects one of a few responses.
    Row {
        field: "logit_bias",
        no_op_values: &["{}"],
        fate: Fate::Rejected("The likelihood of tokens cannot be changed here."),
    },
    // The caller reads them from the response. The Responses events that are translated here carry none.
    Row {
        field: "logprobs",
        no_op_values: &["false"],
        fate: Fate::Rejected("Log probabilities are not available here."),
    },
    Row {
        field: "top_logprobs",
        no_op_values: &["0"],
        fate: Fate::Rejected("Log probabilities are not available here."),
    },
];

/// The fields of a Responses request.
///
/// Services that have only Chat Completions are not `OpenAI`'s, and many reject unknown fields; so what only
/// `OpenAI` supports is dropped even where its own Chat Completions has it.
const RESPONSES: &[Row] = &[
    // Requests more output than such a service has: above all encrypted reasoning.
    Row { field: "include", no_op_values: &["[]"], fate: Fate::Dropped },
    // Such services cache prefixes by themselves.
    Row { field: "prompt_cache_key", no_op_values: &[], fate: Fate::Dropped },
    Row { field: "prompt_cache_retention", no_op_values: &[], fate: Fate::Dropped },
    Row { field: "prompt_cache_options", no_op_values: &[], fate: Fate::Dropped },
    // For `OpenAI`, about the account, the price or the client.
    Row { field: "service_tier", no_op_values: &["\"auto\""], fate: Fate::Dropped },
    Row { field: "metadata", no_op_values: &["{}"], fate: Fate::Dropped },
    Row { field: "client_metadata", no_op_values: &["{}"], fate: Fate::Dropped },
    Row { field: "safety_identifier", no_op_values: &[], fate: Fate::Dropped },
    Row { field: "store", no_op_values: &["false"], fate: Fate::Dropped },
    // What to do when the conversation is too long; the service reports that, and the client handles it.
    Row { field: "truncation", no_op_values: &["\"disabled\""], fate: Fate::Dropped },
    Row { field: "context_management", no_op_values: &["[]"], fate: Fate::Dropped },
    // Limits the provider's own tools, which are dropped as well.
    Row { field: "max_tool_calls", no_op_values: &[], fate: Fate::Dropped },
    // Padding.
    Row { field: "stream_options", no_op_values: &["{}"], fate: Fate::Dropped },
    Row {
        field: "previous_response_id",
        no_op_values: &[],
        fate: Fate::Rejected(
            "Nothing is kept here from one request to the next: send the whole conversation.",
        ),
    },
    Row {
        field: "conversation",
        no_op_values: &[],
        fate: Fate::Rejected(
            "Nothing is kept here from one request to the next: send the whole conversation.",
        ),
    },
    Row {
        field: "prompt",
        no_op_values: &[],
        fate: Fate::Rejected("Stored prompts are not available here."),
    },
    Row {
        field: "background",
        no_op_values: &["false"],
        fate: Fate::Rejected("Responses are not stored here, so one cannot be fetched later."),
    },
    Row { field: "moderation", no_op_values: &[], fate: Fate::Rejected("This service has no moderation.") },
    Row {
        field: "top_logprobs",
        no_op_values: &["0"],
        fate: Fate::Rejected("Log probabilities are not available here."),
    },
];

/// Applies the table of Chat Completions, takes out what asks for the default, and lists what is left over.
pub(crate) fn check_chat(mut request: Object<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
    apply(CHAT, &mut request, dropped)?;
    one_choice(request.take("n"))?;
    text_only(request.take("modalities"))?;
    dropped.add_remaining("", request);
    Ok(())
}

/// Applies the table of Responses, and lists what is left over.
pub(crate) fn check_responses(
    mut request: Object<'_>,
    dropped: &mut DroppedFields,
) -> Result<(), BadRequest> {
    apply(RESPONSES, &mut request, dropped)?;
    dropped.add_remaining("", request);
    Ok(())
}

fn apply(table: &[Row], request: &mut Object<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
    for row in table {
        match (request.take(row.field), &row.fate) {
            (None, _) => {}
            (Some(value), _) if row.no_op_values.contains(&value.get()) => {}
            (Some(_), Fate::Dropped) => dropped.add(row.field),
            (Some(_), Fate::Rejected(why)) => return Err(JsonPath::Root.field(row.field).error(*why)),
        }
    }
    Ok(())
}

/// Rejects several choices: they would be several responses, and the Responses API gives one.
fn one_choice(n: Option<&RawValue>) -> Result<(), BadRequest> {
    match n.map(RawValue::get) {
        None | Some("1") => Ok(()),
        Some(_) => Err(JsonPath::Root.field("n").error("Only one choice is supported here.")),
    }
}

/// Rejects audio, which the caller is about to play.
fn text_only(modalities: Option<&RawValue>) -> Result<(), BadRequest> {
    let Some(modalities) = modalities else { return Ok(()) };
    match serde_json::from_str::<Vec<String>>(modalities.get()) {
        Ok(kinds) if kinds.iter().all(|kind| kind == "text") => Ok(()),
        _ => Err(JsonPath::Root.field("modalities").error("Only text output is supported here.")),
    }
}
