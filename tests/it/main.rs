//! The built `usher` against the sandbox, over real sockets.

#![allow(
    clippy::disallowed_methods,
    reason = "tests stand outside: they compare with the real clock, and are told by the environment"
)]

mod accounts;
mod at_once;
mod callback_ports;
mod codex_link;
mod compatible;
mod disconnect;
mod elsewhere;
mod escapes;
mod fields;
mod for_people;
mod gateway;
mod gateway_door;
mod gateway_passes;
mod gateway_recorded;
mod gateway_troubles;
mod kill_loop;
mod main_path;
mod meanwhile;
mod network;
mod next_steps;
mod one_writer;
mod pipes;
mod places;
mod providers;
mod refusals;
mod search;
mod search_keys;
mod settings;
mod store;
mod tunnel;
mod wrong_usage;
