//! Sign-ins that other programs of this computer hold.

mod codex;
#[cfg(target_os = "linux")]
mod codex_keyring;
mod codex_link;
mod computer;
mod found;
#[cfg(unix)]
mod reading;
