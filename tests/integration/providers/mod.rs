//! API keys, OpenAI-compatible services, the network and error codes of the upstream.

mod account_switch_during_test;
mod endpoints;
pub(crate) mod error_codes;
mod litellm;
mod network;
mod proxy_tunnel;
