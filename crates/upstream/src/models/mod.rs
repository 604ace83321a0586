//! Reads lists of models: the catalog of the Codex backend, and `GET /models` of the OpenAI API.

pub(crate) mod catalog;
pub(crate) mod known_models;
pub(crate) mod list_entries;
pub(crate) mod model_list;
