//! What is known of models whose list has only their ids (protocol §7.2: "no capability data").

use usher_domain::{Capabilities, Effort};

/// One model of the Platform.
pub(crate) struct KnownModel {
    id: &'static str,
    efforts: &'static [&'static str],
    pub(crate) default_effort: &'static str,
    pub(crate) capabilities: Capabilities,
}

impl KnownModel {
    pub(crate) fn efforts(&self) -> Vec<Effort> {
        let effort = |id: &&str| Effort { id: (*id).to_owned(), description: String::new() };
        self.efforts.iter().map(effort).collect()
    }
}

/// The models of the Platform, the newest first.
///
/// Source: the catalog in Codex CLI 0.171.0 (protocol correction 9): the listed models with `supported_in_api`, by
/// priority. `ultra` is an effort of that catalog only and is left out; its context windows are those of the Codex
/// backend and the Platform may have longer ones, so they are not repeated here.
const KNOWN_MODELS: &[KnownModel] = &[
    known("gpt-6.2-sol", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-6.2-astra", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-6.1-terra", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-6.1-sol", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-6-astra", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-6-sol", EFFORTS_UP_TO_MAX, "medium"),
    known("gpt-6-luna", EFFORTS_UP_TO_MAX, "medium"),
    known("gpt-5.6-sol", EFFORTS_UP_TO_MAX, "low"),
    known("gpt-5.6-terra", EFFORTS_UP_TO_MAX, "medium"),
    known("gpt-5.6-luna", EFFORTS_UP_TO_MAX, "medium"),
    known("gpt-5.5", &["low", "medium", "high", "xhigh"], "medium"),
];
const EFFORTS_UP_TO_MAX: &[&str] = &["low", "medium", "high", "xhigh", "max"];

const fn known(
    id: &'static str,
    efforts: &'static [&'static str],
    default_effort: &'static str,
) -> KnownModel {
    let capabilities = Capabilities {
        images: Some(true),
        tools: Some(true),
        parallel_tools: Some(true),
        verbosity: Some(true),
        fast: Some(true),
    };
    KnownModel { id, efforts, default_effort, capabilities }
}

/// Returns the position of `id` in the table, and its row.
pub(crate) fn find(id: &str) -> Option<(usize, &'static KnownModel)> {
    KNOWN_MODELS.iter().enumerate().find(|(_, known)| known.id == id)
}

/// Parts of the ids of models that do not write text.
///
/// Source: the families in the Platform's own list of models (embeddings, speech, transcription, images, video,
/// moderation, realtime, and completions from before chat), and names of open models of these kinds.
const NON_TEXT_PATTERNS: &[&str] = &[
    "audio",
    "babbage",
    "dall-e",
    "davinci",
    "embed",
    "image",
    "moderation",
    "realtime",
    "rerank",
    "sora",
    "stable-diffusion",
    "transcribe",
    "tts",
    "whisper",
];

/// Returns whether `id` names a model that does not write text.
pub(crate) fn is_non_text(id: &str) -> bool {
    let id = id.to_lowercase();
    // A fine-tuned model is named `ft:BASE:ORGANISATION:NAME:ID`; only its base counts.
    let base = id.strip_prefix("ft:").and_then(|rest| rest.split(':').next()).unwrap_or(&id);
    NON_TEXT_PATTERNS.iter().any(|part| base.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_text_models_are_recognized_by_id() {
        for id in [
            "text-embedding-3-large",
            "whisper-1",
            "tts-1-hd",
            "gpt-4o-mini-tts",
            "dall-e-3",
            "gpt-image-1",
            "sora-2",
            "omni-moderation-latest",
            "gpt-realtime",
            "davinci-002",
            "gpt-4o-transcribe",
            "gpt-audio",
            "nomic-embed-text",
        ] {
            assert!(is_non_text(id), "{id}");
        }
        for id in [
            "gpt-6.2-sol",
            "o4-mini",
            "ft:gpt-5.5:acme::whisper",
            "llama-3.3-70b-versatile",
            "qwen/qwen3-32b",
        ] {
            assert!(!is_non_text(id), "{id}");
        }
    }
}
