//! Use cases: the one surface for window and command line.
//!
//! [`App::new`] is the only place where things are wired. What it is given from outside is the
//! [`Environment`], the clock and the browser; everything it hands out is a type of [`view`], which cannot
//! hold a secret.

mod accounts;
mod activity;
mod app;
mod background;
pub mod commands;
mod connection;
mod context;
mod diagnostics;
mod gateway;
mod licences;
mod models;
mod network;
mod notifications;
mod overview;
mod page_language;
mod platform;
mod preferences;
mod privacy;
mod providers;
mod service;
mod settings;
mod start_at_login;
mod state;
mod tools;
mod transfer;
mod updates;
mod usage;
pub mod view;

pub use accounts::PlanAccounts;
pub use accounts::codex_login::{CodexLogins, OnCodexLoginEvent};
pub use accounts::sign_in::{OnSignInEvent, SignIns};
pub use accounts::sign_in_options::SignInOptions;
pub use activity::ActivityReader;
pub use activity::period::ActivityPeriod;
pub use activity::receipt::{Receipt, ReceiptTokens};
pub use app::App;
pub use background::{
    Background, BackgroundEnd, BackgroundGateway, BackgroundHolder, BackgroundLock, BackgroundProgram,
    GatewayEnd, StayReason,
};
pub use connection::Target;
pub use connection::connector::Connector;
pub use connection::test_run::{ConnectionTests, OnTestEvent, TestOutcome};
pub use diagnostics::doctor::Doctor;
pub use diagnostics::repair::Repair;
pub use gateway::{
    GatewayAddress, GatewayControl, GatewayController, GatewayOptions, GatewayPasses, KeptGateway,
    OnRequestUpdate, PassEdit, PassLock, PassRequest, Run, RunRequest,
};
pub use licences::{licence_texts, licences};
pub use models::catalog::ModelCatalog;
pub use models::role_edit::RoleEdit;
pub use notifications::{Notification, NotificationServer, Notifications};
pub use overview::OverviewReader;
pub use platform::app_image::own_app_image;
pub use platform::browser_page::{BrowserPage, BrowserPageAddress, BrowserPageLock, LaunchFile};
pub use platform::browser_variable::{BrowserVariable, start_detached};
pub use platform::clock::SystemClock;
pub use platform::environment::{Environment, Session, system_languages};
pub use platform::heap::{give_back_free_memory, limit_heaps};
pub use platform::home::Home;
pub use platform::links::{Links, MANAGE_USAGE};
pub use platform::logging::{LogTo, start_logging};
pub use platform::processes::SystemProcesses;
pub use platform::watch::HomeWatcher;
pub use preferences::{
    EXPORT_FILE as SETTINGS_EXPORT_FILE, HomeFile, Preference, PreferenceView, Preferences, SecretsTarget,
    SettingsImport,
};
pub use providers::Providers;
pub use providers::api_keys::{check_header, check_key};
pub use providers::kinds::{
    CHATGPT, CODEX_CLI, OPENAI, ProviderAccess, addable_kinds, id_of_service, parse_provider_id,
    provider_access,
};

pub use service::{GatewayService, ServiceOutcome, ServicePlan};
pub use tools::{RestoreIfSilent, SILENCE_MINUTES, ToolConnections, ToolOptions};
pub use transfer::{OpenedTransfer, TRANSFER_FILE, TransferFiles};
pub use updates::{
    OnUpdateProgress, UpdateInstaller, UpdateOffer, UpdateShell, UpdateSource, Updates, replace_program,
};
pub use usage::{UsageReader, window_label, window_length};

pub use usher_auth::MIN_PASSPHRASE_CHARS;
pub use usher_domain as domain;
pub use usher_tools::RunSetup;
