//! The Platform's models.
//!
//! The list has no capability data, and most of its models do not write text (protocol §7.2), so a client has to know
//! them by name or gets an error. What each one can do is a guess of ours where no test depends on it.

use axum::http::StatusCode;
use serde_json::Value;

use crate::public_api::ApiError;
use crate::settings::Settings;

/// What a model can do.
#[derive(Clone, Copy)]
enum ModelKind {
    /// Writes text, with these reasoning efforts; none = it does not reason.
    Text(&'static [&'static str]),
    /// Makes vectors, pictures, sound, or text without a conversation.
    Other,
}

const ALL_EFFORTS: &[&str] = &["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/// All models, in no order, like the real list.
const MODELS: &[(&str, ModelKind)] = &[
    ("text-embedding-3-large", ModelKind::Other),
    ("gpt-5.5", ModelKind::Text(ALL_EFFORTS)),
    ("whisper-1", ModelKind::Other),
    ("gpt-4o-transcribe", ModelKind::Other),
    ("gpt-6-sol", ModelKind::Text(ALL_EFFORTS)),
    ("tts-1-hd", ModelKind::Other),
    ("gpt-4.1", ModelKind::Text(&[])),
    ("dall-e-3", ModelKind::Other),
    ("o4-mini", ModelKind::Text(&["low", "medium", "high"])),
    ("gpt-image-1", ModelKind::Other),
    ("omni-moderation-latest", ModelKind::Other),
    ("gpt-6.2-sol", ModelKind::Text(ALL_EFFORTS)),
    ("gpt-6.1-sol", ModelKind::Text(ALL_EFFORTS)),
    ("gpt-realtime", ModelKind::Other),
    ("davinci-002", ModelKind::Other),
    ("ft:gpt-5.5:acme::abc", ModelKind::Text(ALL_EFFORTS)),
    ("gpt-4o-mini-tts", ModelKind::Other),
    ("gpt-5.6-luna", ModelKind::Text(ALL_EFFORTS)),
    ("sora-2", ModelKind::Other),
];

/// The endpoint of a model request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ApiKind {
    Responses,
    Chat,
}

impl ApiKind {
    /// Returns the effort in the body, and the name of its parameter in an error.
    fn effort(self, body: &Value) -> (&Value, &'static str) {
        match self {
            Self::Responses => (&body["reasoning"]["effort"], "reasoning.effort"),
            Self::Chat => (&body["reasoning_effort"], "reasoning_effort"),
        }
    }
}

/// The models that a key sees.
pub(super) struct PlatformCatalog(Vec<String>);

impl PlatformCatalog {
    pub(super) fn of(settings: &Settings) -> Self {
        let default_ids = || MODELS.iter().map(|(id, _)| (*id).to_owned()).collect();
        Self(settings.platform_models.clone().unwrap_or_else(default_ids))
    }

    /// Returns ids and owners.
    pub(super) fn models(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|id| (id.as_str(), if id.starts_with("ft:") { "acme" } else { "system" }))
    }

    /// Checks that the model `id` exists, and that it can process this request.
    pub(super) fn check(&self, id: &str, api: ApiKind, body: &Value) -> Result<(), ApiError> {
        if !self.0.iter().any(|known| known == id) {
            return Err(ApiError::no_such_model(id));
        }
        // A model that only a test has can do everything.
        let kind = MODELS.iter().find(|(known, _)| *known == id).map(|(_, kind)| *kind);
        match kind.unwrap_or(ModelKind::Text(ALL_EFFORTS)) {
            ModelKind::Text(efforts) => check_effort(id, efforts, api.effort(body)),
            ModelKind::Other => Err(match api {
                ApiKind::Responses => ApiError::bad_request(format!(
                    "The requested model '{id}' cannot be used with the Responses API."
                )),
                ApiKind::Chat => ApiError::new(
                    StatusCode::NOT_FOUND,
                    "This is not a chat model and thus not supported in the v1/chat/completions endpoint."
                        .to_owned(),
                ),
            }
            .param("model")),
        }
    }
}

fn check_effort(
    model: &str,
    efforts: &[&str],
    (effort, param): (&Value, &'static str),
) -> Result<(), ApiError> {
    if effort.is_null() || efforts.iter().any(|known| effort == known) {
        return Ok(());
    }
    let (message, code) = if efforts.is_empty() {
        (
            format!("Unsupported parameter: '{param}' is not supported with this model."),
            "unsupported_parameter",
        )
    } else {
        let message = format!("Unsupported value: {effort} is not supported with the '{model}' model.");
        (message, "unsupported_value")
    };
    Err(ApiError::bad_request(message).code(code).param(param))
}
