//! Waits for a signal that ends this program.

/// Ctrl-C; where there are such, also what `kill` and a terminal that is closed send.
pub(crate) async fn to_end() {
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
    // When not even this can be heard, the signal itself ends us.
    let _ = tokio::signal::ctrl_c().await;
}
