//! Signals that end the program.

/// Waits for Ctrl-C, and on Unix also for SIGTERM or SIGHUP.
pub(crate) async fn termination() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hangup)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    // If no handler can be installed, the signal ends the process by itself.
    let _ = tokio::signal::ctrl_c().await;
}

/// Waits until every signal that came before now has reached those who wait for one.
pub(crate) async fn received() {
    // A task that yields goes on after the runtime has looked for events, and signals are events.
    let _ = tokio::spawn(tokio::task::yield_now()).await;
}
