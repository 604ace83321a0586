//! The command line: the main path, its output, wrong usage, pipes.

mod command_line;
mod languages;
mod licences;
mod main_path;
mod next_steps;
mod output_snapshots;
mod pipes;
mod questions;
mod service;
mod settings_page;
mod setup;
mod terminal_escapes;
mod tools;
mod tools_shared;
mod tools_timer;
mod usage;
mod wrong_usage;
