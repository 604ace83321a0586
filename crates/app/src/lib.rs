//! Use cases: the one surface for window and command line.
//!
//! [`App::new`] is the only place where things are wired. What it is given from outside is the
//! [`Environment`], the clock and the browser; everything it hands out is a type of [`view`], which cannot
//! hold a secret.

mod accounts;
mod app;
mod catalog;
mod clock;
mod codex_login;
mod connection;
mod connection_test;
mod diagnostics;
mod disconnect;
mod doctor;
mod environment;
mod found;
mod gateway;
mod home;
mod hosts;
mod keys;
mod links;
mod logging;
mod overview;
mod owner;
mod plan_usage;
mod processes;
mod providers;
mod settings;
mod sign_in;
mod state;
pub mod view;
mod watch;

pub use app::App;
pub use clock::SystemClock;
pub use codex_login::OnCodexLoginEvent;
pub use connection::Target;
pub use connection_test::{OnTestEvent, Tested};
pub use environment::Environment;
pub use gateway::{GatewayOptions, ServingAt};
pub use home::Home;
pub use keys::{check_header, check_key};
pub use logging::{LogTo, start_logging};
pub use processes::SystemProcesses;
pub use sign_in::{OnSignInEvent, SignInOptions};

pub use usher_domain as domain;
