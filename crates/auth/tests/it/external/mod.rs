//! Sign-ins of other programs on this computer.

mod codex;
#[cfg(target_os = "linux")]
mod codex_keyring;
mod codex_token_source;
mod discover;
#[cfg(unix)]
mod read_only;
mod support;
