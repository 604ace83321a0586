//! The open connections of the callback port.
//!
//! Web pages and other programs can hold any number of connections without sending anything. None of them may keep the
//! one that carries the answer from being served: when there are too many, the oldest silent one is closed for the next.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

/// More connections than any browser opens.
const MAX_CONNECTIONS: usize = 200;
/// As many as a browser opens.
const MIN_CONNECTIONS: usize = 8;
/// More than a browser opens in advance; above it, silent connections are closed early.
const BUSY: usize = 8;
/// The time to the first byte under load, and the interval at which a silent connection looks for load.
const SILENCE_UNDER_LOAD: Duration = Duration::from_secs(2);
/// The time to the first byte without load: a browser may keep a connection for the redirect.
const SILENCE: Duration = Duration::from_secs(60);
/// The age at which a silent connection may be closed for another. A browser sends its request at once.
const GRACE: Duration = Duration::from_millis(20);

/// The connections of one sign-in, the oldest first.
pub(super) struct Connections {
    tasks: JoinSet<()>,
    open: VecDeque<Open>,
    /// How many may be open; fewer than [`MAX_CONNECTIONS`] where the system allows few files.
    max: usize,
    count: Arc<AtomicUsize>,
}

struct Open {
    since: Instant,
    progress: Arc<Progress>,
    task: AbortHandle,
}

/// What has arrived on a connection.
#[derive(Default)]
pub(super) struct Progress {
    spoke: AtomicBool,
    answered: AtomicBool,
    /// The number of open connections.
    count: Arc<AtomicUsize>,
}

impl Connections {
    pub(super) fn new() -> Self {
        Self { tasks: JoinSet::new(), open: VecDeque::new(), max: MAX_CONNECTIONS, count: Arc::default() }
    }

    /// Serves one more connection, after making room for it.
    pub(super) async fn add<F>(&mut self, serve: impl FnOnce(Arc<Progress>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        while self.tasks.try_join_next().is_some() {}
        if self.open.len() >= self.max {
            self.open.retain(|one| !one.task.is_finished());
        }
        while self.open.len() >= self.max && !self.close_oldest() {
            sleep(GRACE).await;
        }
        let progress = Arc::new(Progress { count: Arc::clone(&self.count), ..Progress::default() });
        let task = self.tasks.spawn(serve(Arc::clone(&progress)));
        self.open.push_back(Open { since: Instant::now(), progress, task });
        self.count.store(self.tasks.len(), Ordering::Relaxed);
    }

    /// Allows half of the connections that are open now, because the system allows no more files: the sign-in itself
    /// needs some.
    pub(super) fn shrink(&mut self) {
        self.open.retain(|one| !one.task.is_finished());
        self.max = self.max.min((self.open.len() / 2).max(MIN_CONNECTIONS));
        while self.open.len() > self.max && self.close_oldest() {}
    }

    /// Closes the oldest silent connection, else the oldest whose request is not complete. Returns whether there was one.
    fn close_oldest(&mut self) -> bool {
        let is_old = |one: &Open| one.since.elapsed() >= GRACE;
        let silent =
            self.open.iter().position(|one| is_old(one) && !one.progress.spoke.load(Ordering::SeqCst));
        let slow =
            || self.open.iter().position(|one| is_old(one) && !one.progress.answered.load(Ordering::SeqCst));
        let Some(closed) = silent.or_else(slow).and_then(|at| self.open.remove(at)) else { return false };
        closed.task.abort();
        true
    }

    /// Waits until a connection has ended; for ever if there is none.
    pub(super) async fn ended(&mut self) {
        if self.tasks.is_empty() {
            std::future::pending::<()>().await;
        }
        self.tasks.join_next().await;
        self.count.store(self.tasks.len(), Ordering::Relaxed);
    }
}

impl Progress {
    /// Waits for the first byte. Returns whether it came in time.
    pub(super) async fn first_byte(&self, stream: &TcpStream) -> bool {
        let since = Instant::now();
        loop {
            if timeout(SILENCE_UNDER_LOAD, stream.readable()).await.is_ok() {
                self.spoke.store(true, Ordering::SeqCst);
                return true;
            }
            if self.count.load(Ordering::Relaxed) > BUSY || since.elapsed() >= SILENCE {
                return false;
            }
        }
    }

    /// Notes that the answer of the sign-in arrived, so that the connection stays until its page is sent.
    pub(super) fn answered(&self) {
        self.answered.store(true, Ordering::SeqCst);
    }
}
