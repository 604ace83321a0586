//! What becomes of the fields of a request that have no place in a request of the other kind, one row each.
//!
//! Which fields there are: the public reference of both endpoints, as the parameters of the `openai` package of `PyPI`
//! 2.54.0 have it, and what Codex sends (`clients.md`). What has a place is carried by
//! [`to_responses`](super::to_responses()) and [`from_responses`](super::from_responses()).

use serde_json::value::RawValue;

use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;
use crate::json::object::Object;
use crate::json::path::JsonPath;

/// What becomes of a field.
enum Fate {
    /// The answer is as good without it; named in `x-usher-dropped`.
    Dropped,
    /// The answer would be another one, or lack what the caller is about to read.
    Refused(&'static str),
}

/// A field without a place, and the values by which it asks for nothing.
struct Row {
    field: &'static str,
    idle: &'static [&'static str],
    fate: Fate,
}

/// Of a Chat Completions request.
const CHAT: &[Row] = &[
    // Best effort by its own documentation: the same seed may give another answer.
    Row { field: "seed", idle: &[], fate: Fate::Dropped },
    // A nudge to the choice of words, which reasoning models refuse everywhere.
    Row { field: "frequency_penalty", idle: &["0", "0.0"], fate: Fate::Dropped },
    Row { field: "presence_penalty", idle: &["0", "0.0"], fate: Fate::Dropped },
    // Speed only: the answer is the same with a prediction and without.
    Row { field: "prediction", idle: &[], fate: Fate::Dropped },
    // The answer is the same; it cannot be asked for again later, because backends of subscriptions store nothing
    // (protocol §8.2).
    Row { field: "store", idle: &["false"], fate: Fate::Dropped },
    // The voice of an answer in sound. Sound itself is asked for by `modalities`.
    Row { field: "audio", idle: &[], fate: Fate::Dropped },
    // Whoever bans or forces words reads the answer as one of a few.
    Row {
        field: "logit_bias",
        idle: &["{}"],
        fate: Fate::Refused("Words cannot be made more or less likely here."),
    },
    // The caller reads them from the answer. The events of the Responses API that are crossed here carry none.
    Row {
        field: "logprobs",
        idle: &["false"],
        fate: Fate::Refused("Log probabilities cannot be given here."),
    },
    Row {
        field: "top_logprobs",
        idle: &["0"],
        fate: Fate::Refused("Log probabilities cannot be given here."),
    },
];

/// Of a Responses request. Services that have nothing but Chat Completions are not `OpenAI`'s, and many of them refuse
/// a field that they do not know; so what only `OpenAI` knows is dropped even where its own Chat Completions has it.
const RESPONSES: &[Row] = &[
    // Asks for more in the answer than a service of this kind has: sealed reasoning above all.
    Row { field: "include", idle: &["[]"], fate: Fate::Dropped },
    // Services of this kind find the prefix by themselves.
    Row { field: "prompt_cache_key", idle: &[], fate: Fate::Dropped },
    Row { field: "prompt_cache_retention", idle: &[], fate: Fate::Dropped },
    Row { field: "prompt_cache_options", idle: &[], fate: Fate::Dropped },
    // Words to `OpenAI` about the account, the price or the client.
    Row { field: "service_tier", idle: &["\"auto\""], fate: Fate::Dropped },
    Row { field: "metadata", idle: &["{}"], fate: Fate::Dropped },
    Row { field: "client_metadata", idle: &["{}"], fate: Fate::Dropped },
    Row { field: "safety_identifier", idle: &[], fate: Fate::Dropped },
    Row { field: "store", idle: &["false"], fate: Fate::Dropped },
    // How to go on when the conversation is too long; the service says that it is, and the client goes on by itself.
    Row { field: "truncation", idle: &["\"disabled\""], fate: Fate::Dropped },
    Row { field: "context_management", idle: &["[]"], fate: Fate::Dropped },
    // Of the provider's own tools, which are dropped as well.
    Row { field: "max_tool_calls", idle: &[], fate: Fate::Dropped },
    // Padding.
    Row { field: "stream_options", idle: &["{}"], fate: Fate::Dropped },
    Row {
        field: "previous_response_id",
        idle: &[],
        fate: Fate::Refused(
            "Nothing is kept here from one request to the next: send the whole conversation.",
        ),
    },
    Row {
        field: "conversation",
        idle: &[],
        fate: Fate::Refused(
            "Nothing is kept here from one request to the next: send the whole conversation.",
        ),
    },
    Row {
        field: "prompt",
        idle: &[],
        fate: Fate::Refused("Prompts that are kept elsewhere are not known here."),
    },
    Row {
        field: "background",
        idle: &["false"],
        fate: Fate::Refused("Nothing is kept here, so an answer cannot be fetched later."),
    },
    Row { field: "moderation", idle: &[], fate: Fate::Refused("This service does not check what is said.") },
    Row {
        field: "top_logprobs",
        idle: &["0"],
        fate: Fate::Refused("Log probabilities cannot be given here."),
    },
];

/// Applies the table of Chat Completions, takes out what asks for nothing but what happens anyway, and names what is
/// left over.
pub(crate) fn check_chat(mut request: Object<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
    apply(CHAT, &mut request, dropped)?;
    one_choice(request.take("n"))?;
    text_only(request.take("modalities"))?;
    dropped.add_remaining("", request);
    Ok(())
}

/// The same for a Responses request.
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
            (Some(value), _) if row.idle.contains(&value.get()) => {}
            (Some(_), Fate::Dropped) => dropped.add(row.field),
            (Some(_), Fate::Refused(why)) => return Err(JsonPath::Root.field(row.field).error(*why)),
        }
    }
    Ok(())
}

/// Several choices would be several answers, and the Responses API gives one.
fn one_choice(n: Option<&RawValue>) -> Result<(), BadRequest> {
    match n.map(RawValue::get) {
        None | Some("1") => Ok(()),
        Some(_) => Err(JsonPath::Root.field("n").error("Only one choice can be given here.")),
    }
}

/// Sound in the answer is what the caller is about to play.
fn text_only(modalities: Option<&RawValue>) -> Result<(), BadRequest> {
    let Some(modalities) = modalities else { return Ok(()) };
    match serde_json::from_str::<Vec<String>>(modalities.get()) {
        Ok(kinds) if kinds.iter().all(|kind| kind == "text") => Ok(()),
        _ => Err(JsonPath::Root.field("modalities").error("Only text can be given here.")),
    }
}
