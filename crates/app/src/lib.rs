//! Use cases: the one surface for window and command line.
//!
//! [`App::new`] is the only place where things are wired. What it is given from outside is the
//! [`Environment`], the clock and the browser; everything it hands out is a type of [`view`], which cannot
//! hold a secret.

mod app;
mod catalog;
mod clock;
mod connection_test;
mod disconnect;
mod doctor;
mod environment;
mod home;
mod links;
mod logging;
mod overview;
mod plan_usage;
mod settings;
mod settings_notes;
mod sign_in;
mod state;
pub mod view;
mod watch;

pub use app::App;
pub use clock::SystemClock;
pub use connection_test::OnTestEvent;
pub use environment::Environment;
pub use home::Home;
pub use logging::{LogTo, start_logging};
pub use settings_notes::SettingsNote;
pub use sign_in::{OnSignInEvent, SignInOptions};

pub use usher_domain as domain;
