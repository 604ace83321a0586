//! Finds the window of this home that is already open, before anything else is started.
//!
//! The single-instance plugin holds a name on the session bus and, when the name is taken, calls its owner and waits
//! without a limit. Any program of the desktop can take the name first: one that does not answer would keep Usher from
//! opening for as long as it likes, one that answers would make the start end with nothing to see. So the owner is
//! looked at first, and the plugin is added only when nobody holds the name.

use std::path::Path;
use std::time::Duration;

use usher_app::view::NameHolder;
use usher_domain::sanitize_line;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, connection};
use zbus::names::{BusName, OwnedUniqueName};

/// How long the bus, or an Usher that is open, has to answer. Bringing a window forward takes milliseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The longest program name that is shown.
const MAX_PROGRAM_NAME: usize = 60;

/// What a start finds.
pub(crate) enum Found {
    /// No window of this home is open, or there is no session bus to ask.
    Nothing,
    /// A window of this home is open and has come forward.
    OpenWindow,
    /// The name is held by a process that is no Usher, or one that does not answer.
    Holder(NameHolder),
}

/// Looks for an open window of this home and brings it forward.
///
/// `instance_name` is the name that is given to the plugin.
pub(crate) fn find(instance_name: &str) -> Found {
    match ask(instance_name) {
        Ok(found) => found,
        Err(error) => {
            tracing::info!(%error, "other windows cannot be looked for");
            Found::Nothing
        }
    }
}

fn ask(instance_name: &str) -> zbus::Result<Found> {
    let connection = connection::Builder::session()?.method_timeout(ANSWER_TIMEOUT).build()?;
    let bus = DBusProxy::new(&connection)?;
    let name = format!("{instance_name}.SingleInstance");
    let owner = match bus.get_name_owner(BusName::try_from(name.as_str())?) {
        Ok(owner) => owner,
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => return Ok(Found::Nothing),
        Err(error) => return Err(error.into()),
    };
    let process = bus.get_connection_unix_process_id(BusName::from(owner.inner().clone())).ok();
    let program = process.and_then(program_of);
    // A program whose name cannot be read (in a sandbox of its own) is asked.
    if program.as_deref().is_none_or(is_usher) && comes_forward(&connection, &owner, &name) {
        return Ok(Found::OpenWindow);
    }
    let is_usher = program.as_deref().is_some_and(is_usher);
    Ok(Found::Holder(NameHolder { name, process, program, is_usher }))
}

/// Asks the owner of the name to bring its window forward, in the way of the plugin. Returns whether it answered.
fn comes_forward(connection: &Connection, owner: &OwnedUniqueName, name: &str) -> bool {
    let path = format!("/{}", name.replace('.', "/").replace('-', "_"));
    let arguments = std::env::args_os().map(|one| one.to_string_lossy().into_owned()).collect::<Vec<_>>();
    let folder = std::env::current_dir().unwrap_or_default().display().to_string();
    let interface = Some("org.SingleInstance.DBus");
    let answer = connection.call_method(
        Some(owner.as_str()),
        path.as_str(),
        interface,
        "ExecuteCallback",
        &(arguments, folder),
    );
    if let Err(error) = &answer {
        tracing::warn!(%error, name, "the holder of the name does not answer");
    }
    answer.is_ok()
}

/// Returns the name of the program that a process runs, also of one that an update has replaced.
fn program_of(process: u32) -> Option<String> {
    let file = std::fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let name = file.file_name()?.to_string_lossy().into_owned();
    let name = name.strip_suffix(" (deleted)").unwrap_or(&name);
    Some(sanitize_line(name, MAX_PROGRAM_NAME))
}

/// Whether a program is this one, by its file name.
fn is_usher(program: &str) -> bool {
    let own = std::env::current_exe().ok();
    own.as_deref().and_then(Path::file_name).is_some_and(|own| own.to_string_lossy() == program)
}
