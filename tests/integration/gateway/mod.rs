//! `usher serve`: requests in each dialect, passes, and failures.

mod activity;
pub(crate) mod dialects;
mod folders;
mod foreign_sign_in;
mod hostile_requests;
mod locked;
mod passes;
mod payer;
mod provider_failures;
mod recorded_requests;
mod reserve;
mod roles;
mod runs;
mod wake;
