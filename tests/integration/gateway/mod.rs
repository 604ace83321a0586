//! `usher serve`: requests in each dialect, passes, and what goes wrong on the way.

mod dialects;
mod hostile_requests;
mod passes;
mod provider_failures;
mod recorded_requests;
