//! The commands of the window: what the page may ask of the core.
//!
//! A command is one function here and one line in `list.rs`. The dispatcher [`call`] comes out of the list and serves
//! both transports, the window's IPC and the test bridge, so that a browser test calls what the window calls.

mod accounts;
mod activity;
mod causes;
mod gateway;
mod preferences;
mod program;
mod providers;
mod tools;
mod transfer;
mod updates;

use std::marker::PhantomData;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use usher_domain::ports::BoxFuture;
use usher_domain::{AccountId, ErrorCode, Failure, ProviderId, Role, Selection, SignInRoute};

use crate::app::App;
use crate::gateway::{GatewayControl, OwnGateway};
use crate::models::role_edit::RoleEdit;
use crate::view::{
    AccountCard, AccountView, ActivityFormat, ActivityView, CloseAnswer, CodexLoginEvent, CreatedPass,
    DeepLinkView, DisconnectView, DoctorReport, ExternalSignInView, FailureView, GatewayStatus, HomeFileKind,
    HomeFileView, Language, LanguageView, LicenceView, Link, ModelsView, MoveDirection, NameHolder,
    NewEndpoint, NewNetwork, NewPass, OtherAccountChoice, Overview, PassChange, PassOutcome, PassView,
    PreferencesView, ProviderChange, ProviderView, ProvidersView, RequestUpdate, ResetView, RevocationView,
    SecretsMoveView, SecretsPlace, SecretsView, SettingsFileView, SettingsImportView, SignInCopiesView,
    SignInEvent, SignInMethod, SignInPurpose, StoreRepair, TestEvent, ToolPreview, ToolSetup, ToolTrialView,
    ToolUndone, ToolView, TransferContentsView, TransferPreviewView, TransferReceivedView, TransferSentView,
    UpdateProgress, UpdatesView, UsageView,
};
#[cfg_attr(
    not(test),
    expect(clippy::wildcard_imports, reason = "the list names every function of these files")
)]
use {
    accounts::*, activity::*, gateway::*, preferences::*, program::*, providers::*, tools::*, transfer::*,
    updates::*,
};

/// The window around the page, as far as commands need it.
pub trait Window: Send + Sync {
    /// Shows the window in front of the others.
    fn bring_forward(&self);
    /// Opens a file or a folder in the program that the system has for it.
    fn open_file(&self, path: &Path) -> Result<(), Failure>;
    /// Asks the person where to save a file, with a name to begin with. `None` when they cancel.
    fn choose_file<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Option<PathBuf>>;
    /// Asks the person for an existing file. `None` when they cancel; fails where the page cannot ask.
    fn choose_existing_file(&self) -> BoxFuture<'_, Result<Option<PathBuf>, Failure>>;
    /// Ends the question that the window asked before it closes.
    fn answer_close(&self, answer: CloseAnswer);
    /// Returns the process that holds the window's name, if that is not this one.
    fn name_holder(&self) -> Option<NameHolder>;
    /// Takes the last link that another program gave to Usher.
    fn take_deep_link(&self) -> Option<DeepLinkView>;
}

/// What commands work on.
#[derive(Clone)]
pub struct CommandContext {
    /// The use cases.
    pub app: Arc<App>,
    /// The gateway: of this process, or of the background process.
    pub gateway: Arc<dyn GatewayControl>,
    /// The window that the page is in.
    pub window: Arc<dyn Window>,
}

impl CommandContext {
    /// Returns the context of a process that runs the gateway itself.
    pub fn of_own_gateway(app: Arc<App>, window: Arc<dyn Window>) -> Self {
        let gateway = Arc::new(OwnGateway(Arc::clone(&app.gateway)));
        Self { app, gateway, window }
    }
}

/// Receives the events of a command, encoded. A page that has gone receives nothing, which is no error.
pub type EventSink = Arc<dyn Fn(Value) + Send + Sync>;

/// The events of one type that a command emits.
struct Events<T> {
    sink: EventSink,
    app: Arc<App>,
    event: PhantomData<fn(T)>,
}

impl<T: Serialize> Events<T> {
    fn new(sink: EventSink, app: &Arc<App>) -> Self {
        Self { sink, app: Arc::clone(app), event: PhantomData }
    }

    fn emit(&self, event: &T) {
        match serde_json::to_value(event) {
            Ok(mut event) => {
                causes::translate(&mut event, &self.app.context);
                (self.sink)(event);
            }
            Err(error) => tracing::error!(%error, "an event cannot be encoded"),
        }
    }
}

/// Writes the dispatcher and the list of names. For the grammar see `list.rs`.
macro_rules! commands {
    ($($(#[doc = $doc:literal])*
       $name:ident($($argument:ident: $type:ty),*) $(emits($event:ty))? $(-> $result:ty)?;)*) => {
        /// The names of all commands.
        pub const COMMANDS: &[&str] = &[$(stringify!($name)),*];

        /// Runs a command by its name and returns its encoded result.
        ///
        /// `arguments` is an object with the arguments in camelCase; others in it are ignored. `events` receives what
        /// a command emits while it runs. Causes are in the language of the person, where they are known. Fails with
        /// `bad_usage` for a name or an argument that does not exist.
        pub async fn call(
            context: &CommandContext,
            command: &str,
            arguments: Value,
            events: EventSink,
        ) -> Result<Value, FailureView> {
            let result = match command {
                $(stringify!($name) => {
                    #[derive(Deserialize)]
                    #[serde(rename_all = "camelCase")]
                    struct Arguments { $($argument: $type),* }
                    let Arguments { $($argument),* } = parse(command, arguments)?;
                    // On the heap: the futures of all commands would be as large as the largest on the stack.
                    let running = Box::pin($name(
                        context,
                        $($argument,)*
                        $(Events::<$event>::new(events, &context.app),)?
                    ));
                    running.await.and_then(|result| {
                        $(let result: $result = result;)?
                        encode(&result)
                    })
                })*
                _ => Err(Failure::new(ErrorCode::BadUsage, format!("there is no command {command}"))),
            };
            match result {
                Ok(mut result) => {
                    causes::translate(&mut result, &context.app.context);
                    Ok(result)
                }
                Err(failure) => Err(causes::translated(failure, &context.app.context)),
            }
        }
    };
}

include!("list.rs");

/// Parses the arguments of a command. The error does not quote them: one may be a secret.
fn parse<T: for<'a> Deserialize<'a>>(command: &str, arguments: Value) -> Result<T, Failure> {
    // A command without arguments may be called with none.
    let arguments = if arguments.is_null() { Value::Object(serde_json::Map::new()) } else { arguments };
    T::deserialize(arguments).map_err(|_| {
        Failure::new(ErrorCode::BadUsage, format!("the arguments are not those of the command {command}"))
    })
}

fn encode(result: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(result)
        .map_err(|error| Failure::new(ErrorCode::Internal, "a result cannot be encoded").with_source(error))
}
