//! Models, and the user's choice among them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::is_printable_within;

/// A model as its provider describes it (protocol §7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Model {
    /// `slug` or `id`: what is sent as `model`.
    pub id: String,
    /// `display_name`; the id when the provider gives none.
    pub name: String,
    /// `description`; empty when the provider gives none.
    pub description: String,
    /// In tokens.
    #[ts(type = "number | null")]
    pub context_window: Option<u64>,
    /// Reasoning efforts, in the provider's order; empty when the model has none, or none is known.
    pub efforts: Vec<Effort>,
    /// The effort that is used when none is chosen.
    pub default_effort: Option<String>,
    /// Used when none is chosen: the first of the list.
    pub default: bool,
    /// Whether it generates text. Lists also have models for images, speech or embeddings; those are shown on request.
    pub text: bool,
    /// Its other capabilities.
    pub capabilities: Capabilities,
    /// The origin of this description.
    pub source: ModelSource,
}

/// What a model can do besides generating text; `None` if unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Capabilities {
    /// Accepts images.
    pub images: Option<bool>,
    /// Calls tools.
    pub tools: Option<bool>,
    /// Calls several tools at once.
    pub parallel_tools: Option<bool>,
    /// Supports the verbosity setting.
    pub verbosity: Option<bool>,
    /// Has the tier that responds faster and costs more (`service_tier: "priority"`).
    pub fast: Option<bool>,
}

/// The origin of a model's description.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ModelSource {
    /// The server's list has all of it.
    #[default]
    Server,
    /// The server lists the model; its capabilities are from Usher's own table, which names its source.
    Table,
    /// The user added it by hand.
    ByHand,
}

impl Model {
    /// The longest id, in characters.
    pub const MAX_ID_CHARS: usize = 200;

    /// Returns whether `text` can be the id of a model: not too long, and without control characters.
    pub fn is_valid_id(text: &str) -> bool {
        is_printable_within(text, Self::MAX_ID_CHARS)
    }

    /// Returns whether the server lists `effort` for this model.
    pub fn supports_effort(&self, effort: &str) -> bool {
        self.efforts.iter().any(|known| known.id == effort)
    }
}

/// One reasoning effort of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Effort {
    /// The value that is sent, for example `high`.
    pub id: String,
    /// The server's description; may be empty.
    pub description: String,
}

/// The user's choice for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Selection {
    /// Model id; absent means the account's default.
    pub model: Option<String>,
    /// Effort; absent means the model's default.
    pub effort: Option<String>,
    /// What other programs' "fast" model maps to.
    pub small: Option<String>,
}
