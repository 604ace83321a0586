//! `config.toml`, and commands that change it at the same time.

mod concurrent_commands;
mod config_file;
mod preferences;
pub(crate) mod secrets;
