//! Models and the person's choice among them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A model that the signed-in account may use, as the server describes it (protocol §7.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Model {
    /// `slug`: what is sent as `model`.
    pub id: String,
    /// `display_name`.
    pub name: String,
    /// `description`; empty when the server gives none.
    pub description: String,
    /// `context_window`, in tokens.
    #[ts(type = "number | null")]
    pub context_window: Option<u64>,
    /// `supported_reasoning_levels`, in the server's order; empty when the model has none.
    pub efforts: Vec<Effort>,
    /// `default_reasoning_level`.
    pub default_effort: Option<String>,
    /// First of the listed models by `priority`.
    pub default: bool,
}

impl Model {
    /// Whether `effort` is among those that the server lists for this model.
    pub fn supports(&self, effort: &str) -> bool {
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
