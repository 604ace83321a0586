//! Connections to the buses of the desktop, with a limit for what does not answer.

use std::time::Duration;

use zbus::Connection;
use zbus::connection::Builder;

/// How long a bus, or a service on it, has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Which bus.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which {
    /// That of the person's session.
    Session,
    /// That of the computer.
    System,
}

/// Connects to a bus.
pub(crate) async fn connect(which: Which) -> zbus::Result<Connection> {
    let builder = match which {
        Which::Session => Builder::session()?,
        Which::System => Builder::system()?,
    };
    // The greeting of a bus has no limit of its own.
    let connection = tokio::time::timeout(ANSWER_TIMEOUT, builder.method_timeout(ANSWER_TIMEOUT).build());
    connection.await.map_err(|_| zbus::Error::Failure("the bus does not answer".into()))?
}
