//! Finds the window of this home that is already open, before anything else is started.
//!
//! The single-instance plugin holds a name on the session bus and, when the name is taken, calls its owner and waits
//! without a limit. Any program of the desktop can take the name first: one that does not answer would keep Usher from
//! opening for as long as it likes, one that answers would make the start end with nothing to see. So the owner is
//! looked at first, and the plugin is added only when nobody holds the name. It is left out, too, when the bus does not
//! answer: it would wait for it without a limit.

use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use usher_app::view::NameHolder;
use usher_domain::sanitize_line;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, connection};
use zbus::names::{BusName, OwnedUniqueName};

/// How long the bus, or an Usher that is open, has to answer. Bringing a window forward takes milliseconds.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// How long all questions together may take. The greeting of a bus has no limit of its own.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(5);

/// How often the owner of the name is looked for, because an Usher that is ending gives it up while it is asked.
const ATTEMPTS: usize = 3;

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
    /// The session bus does not answer: other windows can neither be found nor find this one.
    SilentBus,
}

/// Looks for an open window of this home and brings it forward.
///
/// `instance_name` is the name that is given to the plugin.
pub(crate) fn find(instance_name: &str) -> Found {
    let name = format!("{instance_name}.SingleInstance");
    match connection::Builder::session() {
        Ok(bus) => find_on(bus, name, TOTAL_TIMEOUT),
        Err(error) => without_bus(&error),
    }
}

fn find_on(bus: connection::Builder<'static>, name: String, timeout: Duration) -> Found {
    let (sender, receiver) = mpsc::channel();
    // A thread that still waits for a silent bus ends with the process.
    thread::spawn(move || sender.send(ask(bus, &name)));
    match receiver.recv_timeout(timeout) {
        Ok(Ok(found)) => found,
        Ok(Err(error)) if !is_timeout(&error) => without_bus(&error),
        Ok(Err(_)) | Err(_) => Found::SilentBus,
    }
}

fn without_bus(error: &zbus::Error) -> Found {
    tracing::info!(%error, "there is no session bus to look for other windows");
    Found::Nothing
}

fn ask(bus: connection::Builder<'static>, name: &str) -> zbus::Result<Found> {
    let connection = bus.method_timeout(ANSWER_TIMEOUT).build()?;
    let bus = DBusProxy::new(&connection)?;
    let mut holder = None;
    for _ in 0..ATTEMPTS {
        let owner = match bus.get_name_owner(BusName::try_from(name)?) {
            Ok(owner) => owner,
            Err(zbus::fdo::Error::NameHasNoOwner(_)) => return Ok(Found::Nothing),
            Err(error) => return Err(error.into()),
        };
        if holder.as_ref().is_some_and(|(known, _)| *known == owner) {
            break;
        }
        let process = bus.get_connection_unix_process_id(BusName::from(owner.inner().clone())).ok();
        let program = process.and_then(program_of);
        // A program whose name cannot be read (in a sandbox of its own) is asked.
        if program.as_deref().is_none_or(is_usher) && comes_forward(&connection, &owner, name) {
            return Ok(Found::OpenWindow);
        }
        let is_usher = program.as_deref().is_some_and(is_usher);
        holder = Some((owner, NameHolder { name: name.to_owned(), process, program, is_usher }));
    }
    Ok(holder.map_or(Found::Nothing, |(_, holder)| Found::Holder(holder)))
}

fn is_timeout(error: &zbus::Error) -> bool {
    matches!(error, zbus::Error::InputOutput(error) if error.kind() == std::io::ErrorKind::TimedOut)
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

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn silent_bus_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bus");
        let _listener = UnixListener::bind(&path).unwrap();
        let bus = connection::Builder::address(format!("unix:path={}", path.display()).as_str()).unwrap();
        let found = find_on(bus, "app.usher.Test".into(), Duration::from_millis(50));
        assert!(matches!(found, Found::SilentBus));
    }

    #[test]
    fn bus_that_is_not_there_is_no_obstacle() {
        let bus = connection::Builder::address("unix:path=/nowhere/bus").unwrap();
        assert!(matches!(find_on(bus, "app.usher.Test".into(), TOTAL_TIMEOUT), Found::Nothing));
    }
}
