//! The sandbox over real sockets: a test for each rejected request, and one for each fault.

mod authorize;
mod backend;
mod compatible;
mod control;
mod device;
mod faults;
mod limits;
mod model_output;
mod personal_tokens;
mod plan_usage;
mod platform;
mod program;
mod responses;
mod streams;
mod support;
mod token;
