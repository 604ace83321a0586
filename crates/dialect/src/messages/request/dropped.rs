//! The fields of a request, and whether the response reports that one is not carried.

use super::types::Fields;
use crate::dropped_fields::DroppedFields;
use crate::error::BadRequest;

/// What happens to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is carried.
    Carried,
    /// The response would be the same, or the field is for the service's own accounting.
    Advisory,
    /// The response may differ without it, so it is reported.
    Lost,
    /// The response would be to something else, so the request is refused with this reason.
    Refused(&'static str),
}

/// The fields of the types of `@anthropic-ai/sdk` 1.11.0 and of recorded requests. A field that is not here was
/// unknown when this was written and may mean anything, so it is reported as well.
const FIELDS: &[(&str, Fate, &str)] = &[
    ("betas", Fate::Advisory, "SDKs send it as a header; what a beta adds has fields of its own"),
    ("billing_policy", Fate::Advisory, "who pays at Anthropic"),
    ("cache_control", Fate::Advisory, "the backend caches prefixes by itself"),
    ("compaction", Fate::Refused(NO_COMPACTION), "the response would be a compaction block"),
    ("container", Fate::Lost, "files and skills of a sandbox that is not there"),
    ("context_management", Fate::Lost, "tool results would be cleared; see `keeps_everything`"),
    ("diagnostics", Fate::Advisory, "asks why a cache was missed"),
    ("fallback_credit_token", Fate::Advisory, "Anthropic's accounting"),
    ("fallbacks", Fate::Lost, "another model would respond instead of a refusal"),
    ("inference_geo", Fate::Lost, "where the model runs"),
    ("max_tokens", Fate::Carried, "max_output_tokens"),
    ("mcp_servers", Fate::Lost, "tools that the service would call"),
    ("messages", Fate::Carried, "input"),
    ("metadata", Fate::Advisory, "names the caller's user; never leaves this computer"),
    ("model", Fate::Carried, "chosen by whoever routes the request"),
    ("output_config", Fate::Carried, "reasoning.effort and text.format"),
    ("output_format", Fate::Carried, "text.format; the place it had before output_config"),
    ("safeguards", Fate::Lost, "a check of tool calls that the service would make"),
    ("service_tier", Fate::Advisory, "priority capacity that was bought from Anthropic"),
    ("speed", Fate::Advisory, "how fast the same response comes"),
    ("stop_sequences", Fate::Carried, "applied to the response"),
    ("stream", Fate::Carried, "the backend always streams"),
    ("system", Fate::Carried, "instructions"),
    ("temperature", Fate::Carried, "the same"),
    ("thinking", Fate::Carried, "reasoning"),
    ("thread", Fate::Lost, "turns that the service would keep; see `continues_thread`"),
    ("tool_choice", Fate::Carried, "the same"),
    ("tools", Fate::Carried, "the same"),
    ("top_k", Fate::Lost, "sampling that Responses does not have"),
    ("top_p", Fate::Carried, "the same"),
    ("user_profile_id", Fate::Advisory, "Anthropic's accounting"),
    ("workspace_id", Fate::Advisory, "Anthropic's accounting"),
];

const NO_COMPACTION: &str = "Usher does not compact conversations. Send the request without `compaction`, and a shorter conversation.";
const NO_THREADS: &str =
    "Usher keeps no messages. Send the whole conversation in `messages`, without `thread`.";

/// Adds the fields of the request that are lost. Refuses those without which it would mean something else.
pub(crate) fn add_lost_fields(fields: &Fields<'_>, dropped: &mut DroppedFields) -> Result<(), BadRequest> {
    for (name, value) in fields.iter() {
        let empty = matches!(value.get(), "null" | "[]" | "{}");
        let fate = FIELDS.iter().find(|(known, ..)| *known == name).map(|(_, fate, _)| *fate);
        if let Some(Fate::Refused(why)) = fate.filter(|_| !empty) {
            return Err(BadRequest::at(name, why));
        }
        if name == "thread" && continues_thread(value.get()) {
            return Err(BadRequest::at(name, NO_THREADS));
        }
        let advisory = name == "context_management" && keeps_everything(value.get());
        if !empty && !advisory && fate.is_none_or(|fate| fate == Fate::Lost) {
            dropped.add_caller_name(name);
        }
    }
    Ok(())
}

/// Returns whether the request goes on with messages that the service would have kept. One that only begins a thread
/// has all of its messages.
fn continues_thread(thread: &str) -> bool {
    let thread: serde_json::Value = serde_json::from_str(thread).unwrap_or_default();
    !thread.is_null() && (thread["type"] != "create" || !thread["previous_message_id"].is_null())
}

/// Returns whether the edits remove nothing. Claude Code always sends `clear_thinking_20251015` with `keep: "all"`.
fn keeps_everything(context_management: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Edits {
        #[serde(default)]
        edits: Vec<Edit>,
    }

    #[derive(serde::Deserialize)]
    struct Edit {
        #[serde(default)]
        keep: serde_json::Value,
    }

    serde_json::from_str::<Edits>(context_management)
        .is_ok_and(|Edits { edits }| edits.iter().all(|edit| edit.keep == "all"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_sorted_and_unique() {
        assert!(FIELDS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(FIELDS.iter().all(|(_, _, why)| !why.is_empty()));
    }

    #[test]
    fn only_lost_fields_are_reported() {
        let body = r#"{"metadata":{"user_id":"u"},"top_k":5,"container":null,"mcp_servers":[],"of_tomorrow":1,
            "a header:\r\n":1,"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}}"#;
        let mut dropped = DroppedFields::default();
        add_lost_fields(&serde_json::from_str(body).unwrap(), &mut dropped).unwrap();
        assert_eq!(dropped.into_names(), ["of_tomorrow", "top_k", "unknown"]);

        let mut dropped = DroppedFields::default();
        add_lost_fields(
            &serde_json::from_str(
                r#"{"context_management":{"edits":[{"type":"clear_tool_uses_20250919","keep":{"type":"tool_uses","value":3}}]}}"#,
            )
            .unwrap(),
            &mut dropped,
        )
        .unwrap();
        assert_eq!(dropped.into_names(), ["context_management"]);
    }

    #[test]
    fn thread_that_goes_on_and_compaction_are_refused() {
        let check = |body: &str| {
            let mut dropped = DroppedFields::default();
            let checked = add_lost_fields(&serde_json::from_str(body).unwrap(), &mut dropped);
            checked.map(|()| dropped.into_names()).map_err(|refused| refused.param.unwrap())
        };
        for body in [
            r#"{"thread":{"type":"continue","previous_message_id":"msg_1"}}"#,
            r#"{"thread":{"previous_message_id":"msg_1"}}"#,
            r#"{"thread":"thread_1"}"#,
        ] {
            assert_eq!(check(body), Err("thread".to_owned()), "{body}");
        }
        assert_eq!(check(r#"{"compaction":{"type":"auto"}}"#), Err("compaction".to_owned()));
        assert_eq!(check(r#"{"thread":{"type":"create"},"compaction":null}"#).unwrap(), ["thread"]);
        assert!(check(r#"{"thread":null,"compaction":{}}"#).unwrap().is_empty());
    }
}
