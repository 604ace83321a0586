//! The window's page and its commands over HTTP, for a browser of this computer.
//!
//! A request goes through these steps:
//!
//! 1. [`server`] accepts the connection on 127.0.0.1, within limits of number and time.
//! 2. [`access::origin`] refuses foreign hosts (DNS rebinding), other origins, frames, and what other sites ask for.
//! 3. A file of the page is public: it is the same in every copy of the program. [`page`] has them.
//! 4. `POST /session` exchanges the link, once, for a cookie and a key ([`access::session`]).
//! 5. Every other request needs both, and keeps the server from ending ([`access::activity`]).
//! 6. [`commands`] runs the command that the window would run.
//!
//! The test bridge has steps 1 and 6 only, through [`command_routes`].

mod access;
mod commands;
mod headers;
mod lines;
mod page;
mod server;

pub use access::session::{LinkText, SessionCookie};
pub use commands::command_routes;
pub use page::has_page;
pub use server::{Ended, PageServer, PageServerOptions};
