//! Sign-in, refresh, revocation, accounts, and the store.

mod accounts;
mod callback_ports;
mod codex_link;
mod copies;
mod disconnect;
pub(crate) mod external_sign_ins;
mod kill_loop;
pub(crate) mod leftovers;
mod one_writer;
mod renewal;
pub(crate) mod secret_search;
mod secret_search_keys;
mod store;
mod transfer;
