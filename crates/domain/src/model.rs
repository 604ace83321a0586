//! Models and the person's choice among them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::is_printable_within;

/// A model that may be used, as its provider describes it (protocol §7).
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
    /// Answers with text. Lists of an API mix in models that draw, speak or embed; those are shown on request.
    pub text: bool,
    /// What else it can do.
    pub capabilities: Capabilities,
    /// Who says all this.
    pub source: ModelSource,
}

/// What a model can do besides answering with text. Nothing is said of what is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Capabilities {
    /// Takes images.
    pub images: Option<bool>,
    /// Calls tools.
    pub tools: Option<bool>,
    /// Several at once.
    pub parallel_tools: Option<bool>,
    /// Can be told to be brief or wordy.
    pub verbosity: Option<bool>,
    /// Has the tier that answers faster and costs more (`service_tier: "priority"`).
    pub fast: Option<bool>,
}

/// Who says that there is such a model, and what it can do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ModelSource {
    /// The server, in all.
    #[default]
    Server,
    /// The server names it; what it can do is from Usher's own table, which names its source.
    Table,
    /// The person added it by hand.
    ByHand,
}

impl Model {
    /// Most characters of an id.
    pub const MAX_ID_CHARS: usize = 200;

    /// Whether `text` can be the id of a model: what is longer, or would be obeyed by a terminal, is none.
    pub fn is_valid_id(text: &str) -> bool {
        is_printable_within(text, Self::MAX_ID_CHARS)
    }

    /// Whether `effort` is among those that the server lists for this model.
    pub fn supports_effort(&self, effort: &str) -> bool {
        self.efforts.iter().any(|known| known.id == effort)
    }
}

/// One reasoning effort of a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Effort {
    /// The word that is sent, for example `high`.
    pub id: String,
    /// The server's sentence about it; may be empty.
    pub description: String,
}

/// What the person chose for one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Selection {
    /// Model id; absent means the account's default.
    pub model: Option<String>,
    /// Effort; absent means the model's default.
    pub effort: Option<String>,
    /// What other programs' "fast" model maps to.
    pub small: Option<String>,
}
