//! The gateway: programs of this computer that speak the Responses, Chat Completions or Messages API reach a
//! provider by it, with a pass, and never see what it signs in with.
//!
//! One request goes one way, and [`serve`](serve::Path::serve) reads as this list:
//!
//! 1. who knocks: a program that means this address, and no web page (`entry`);
//! 2. what is asked for, and in which dialect (`endpoint`);
//! 3. the pass (`pass`, [`FrontDesk::admit`]);
//! 4. the body, whole and of bearable size (`body`);
//! 5. where it goes: provider, account and model ([`FrontDesk::route`]);
//! 6. what it becomes there: untouched but for what must change, or translated (`prepare`);
//! 7. there, and after a 401 once more with another token (`usher_upstream`), after reasoning that could not be opened
//!    once more without it (`sealed`);
//! 8. the answer, in the caller's dialect (`answer`); every refusal on the way too (`reply`).
//!
//! The crate cannot see a refresh token: it is given a [`FrontDesk`], and that gives it backends which ask a token
//! source for each request.

mod answer;
mod body;
mod codec;
mod collect;
mod conversation;
mod crowd;
mod desk;
mod endpoint;
mod entry;
mod forward;
mod frames;
#[cfg(fuzzing)]
pub mod fuzzing;
mod live;
mod memory;
mod models;
mod pace;
mod pass;
mod prepare;
mod reply;
mod sealed;
mod serve;
mod server;
mod stream;
mod tokens;

pub use desk::{Denied, FrontDesk, Route};
pub use live::{End, Live, LiveRequest, Outcome, Tokens};
pub use server::{Gateway, Limits};
