//! Models, and the user's choice among them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Role, RoleChoice, Roles, Tier, is_printable_within};

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

    /// Returns whether the model may be asked for in `tier`. A fast tier counts as there where nothing is known of it.
    pub fn supports_tier(&self, tier: Tier) -> bool {
        tier == Tier::Standard || self.capabilities.fast != Some(false)
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
    /// Tier of the main model.
    pub tier: Option<Tier>,
    /// What was chosen for the other roles: effort and tier of the small model, and all of Claude Code's.
    pub roles: Roles,
}

impl Selection {
    /// Returns what was chosen for `role` itself.
    pub fn choice(&self, role: Role) -> RoleChoice {
        if role == Role::Main {
            return RoleChoice { model: self.model.clone(), effort: self.effort.clone(), tier: self.tier };
        }
        let mut choice = self.roles.get(&role).cloned().unwrap_or_default();
        if role == Role::Small {
            choice.model.clone_from(&self.small);
        }
        choice
    }

    /// Sets what was chosen for `role`.
    pub fn set_choice(&mut self, role: Role, choice: RoleChoice) {
        let RoleChoice { model, effort, tier } = choice;
        let rest = match role {
            Role::Main => {
                (self.model, self.effort, self.tier) = (model, effort, tier);
                return;
            }
            Role::Small => {
                self.small = model;
                RoleChoice { model: None, effort, tier }
            }
            _ => RoleChoice { model, effort, tier },
        };
        if rest.is_empty() {
            self.roles.remove(&role);
        } else {
            self.roles.insert(role, rest);
        }
    }
}
