//! The sandbox over real sockets. One test for each refusal sends the wrong thing, one for each fault sees it strike.

mod answers;
mod authorize;
mod backend;
mod compatible;
mod control;
mod device;
mod faults;
mod limits;
mod personal_tokens;
mod platform;
mod program;
mod responses;
mod streams;
mod support;
mod token;
