//! The open connections, and which of them are closed to make room.
//!
//! Every program of this computer can connect. Without a good pass it must not be able to keep others out, so
//! connections on which none was shown have a small share, and are the first to go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use crate::server::io_timeout::ConnectionState;

/// How long a connection may take to show a pass before it counts for the share of those without one. Hundreds of
/// connections of good clients may open at the same time.
const GRACE: Duration = Duration::from_secs(1);

/// The open connections of a gateway.
#[derive(Clone)]
pub(crate) struct Connections(Arc<Shared>);

struct Shared {
    open: Mutex<Open>,
    /// Maximum number of connections.
    limit: usize,
    /// Maximum number of those without a good pass.
    share: usize,
    released: Notify,
}

#[derive(Default)]
struct Open {
    last_id: u64,
    /// By id, so from the oldest to the newest.
    all: BTreeMap<u64, Connection>,
}

struct Connection {
    state: ConnectionState,
    since: Instant,
    close: oneshot::Sender<()>,
}

/// A connection's place, released on drop.
pub(crate) struct ConnectionPlace {
    connections: Connections,
    id: u64,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Self {
        let share = (limit / 8).max(1);
        let released = Notify::new();
        Self(Arc::new(Shared { open: Mutex::default(), limit, share, released }))
    }

    /// Waits for a place for a connection, and closes others for it where that is possible. The receiver is notified when
    /// the connection itself must close.
    pub(crate) async fn place(&self, state: ConnectionState) -> (ConnectionPlace, oneshot::Receiver<()>) {
        loop {
            let released = self.0.released.notified();
            if let Some(placed) = self.try_place(&state) {
                return placed;
            }
            released.await;
        }
    }

    fn try_place(&self, state: &ConnectionState) -> Option<(ConnectionPlace, oneshot::Receiver<()>)> {
        let mut open = self.0.open.lock();
        open.close_beyond_share(self.0.share);
        if open.all.len() >= self.0.limit {
            open.close_idle()?;
        }
        open.last_id += 1;
        let id = open.last_id;
        let (close, closed) = oneshot::channel();
        open.all.insert(id, Connection { state: state.clone(), since: Instant::now(), close });
        Some((ConnectionPlace { connections: self.clone(), id }, closed))
    }
}

impl Open {
    /// Closes the newest idle connections without a good pass that are more than `share`.
    fn close_beyond_share(&mut self, share: usize) {
        let unknown: Vec<u64> = self.idle(Connection::is_late).collect();
        for id in unknown.into_iter().skip(share) {
            self.close(id);
        }
    }

    /// Closes an idle connection: the newest without a good pass, or else the newest with one. `None` if none is idle.
    fn close_idle(&mut self) -> Option<()> {
        let late = self.idle(Connection::is_late).last();
        let unknown = late.or_else(|| self.idle(|connection| !connection.state.has_pass()).last());
        let id = unknown.or_else(|| self.idle(|_| true).last())?;
        self.close(id);
        Some(())
    }

    /// Returns the idle connections that match, from the oldest to the newest.
    fn idle(&self, matches: impl Fn(&Connection) -> bool) -> impl Iterator<Item = u64> {
        let idle =
            self.all.iter().filter(move |(_, connection)| connection.state.is_idle() && matches(connection));
        idle.map(|(id, _)| *id)
    }

    fn close(&mut self, id: u64) {
        if let Some(connection) = self.all.remove(&id) {
            // It may have ended by itself.
            let _ = connection.close.send(());
        }
    }
}

impl Connection {
    /// Returns whether it had the time to show a good pass and did not.
    fn is_late(&self) -> bool {
        !self.state.has_pass() && self.since.elapsed() >= GRACE
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.connections.0.open.lock().all.remove(&self.id);
        self.connections.0.released.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_closed(closed: &mut oneshot::Receiver<()>) -> bool {
        closed.try_recv().is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn newest_idle_connections_beyond_share_are_closed() {
        let connections = Connections::new(16);
        let mut placed = Vec::new();
        for _ in 0..4 {
            placed.push(connections.place(ConnectionState::default()).await);
        }
        assert!(placed.iter_mut().all(|(_, closed)| !is_closed(closed)), "they may still show a pass");
        tokio::time::advance(GRACE).await;
        let _new = connections.place(ConnectionState::default()).await;
        let closed: Vec<bool> = placed.iter_mut().map(|(_, closed)| is_closed(closed)).collect();
        assert_eq!(closed, [false, false, true, true]);
    }

    #[tokio::test(start_paused = true)]
    async fn full_table_closes_idle_connections_without_pass_first() {
        let connections = Connections::new(3);
        let serving = ConnectionState::default();
        let guard = serving.begin(false);
        let known = ConnectionState::default();
        known.begin(false).has_pass();
        let mut first = connections.place(known).await;
        let mut second = connections.place(serving).await;
        let mut third = connections.place(ConnectionState::default()).await;
        let fourth = connections.place(ConnectionState::default()).await;
        assert!(is_closed(&mut third.1) && !is_closed(&mut first.1));
        drop(fourth);
        let fifth = ConnectionState::default();
        let fifth_guard = fifth.begin(false);
        let _fifth = connections.place(fifth).await;
        let _sixth = connections.place(ConnectionState::default()).await;
        assert!(is_closed(&mut first.1) && !is_closed(&mut second.1), "the one that is served stays");
        drop((guard, fifth_guard));
    }

    #[tokio::test(start_paused = true)]
    async fn full_table_without_idle_connection_waits() {
        let connections = Connections::new(1);
        let state = ConnectionState::default();
        let guard = state.begin(false);
        let first = connections.place(state).await;
        let waiting = connections.place(ConnectionState::default());
        tokio::pin!(waiting);
        assert!(tokio::time::timeout(Duration::from_secs(9), &mut waiting).await.is_err());
        drop((first, guard));
        waiting.await;
    }
}
