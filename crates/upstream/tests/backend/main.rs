//! The backend's client against the sandbox, over real sockets.

mod answers;
mod lists;
mod refusals;
mod support;
mod unauthorized;
