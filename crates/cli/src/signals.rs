//! Signals that end the program, and those that it passes on.

#[cfg(not(unix))]
pub(crate) use self::none_passed_on::Signals;
#[cfg(unix)]
pub(crate) use self::passed_on::Signals;

/// Waits for Ctrl-C, and on Unix also for SIGTERM or SIGHUP. On Unix they are caught from this call on.
#[cfg_attr(not(unix), expect(clippy::manual_async_fn, reason = "on Unix it does something before it waits"))]
pub(crate) fn termination() -> impl Future<Output = ()> {
    #[cfg(unix)]
    let caught = {
        use tokio::signal::unix::{SignalKind, signal};
        [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal)
    };
    async move {
        #[cfg(unix)]
        if let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = caught {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
        // If no handler can be installed, the signal ends the process by itself.
        let _ = tokio::signal::ctrl_c().await;
    }
}

/// Waits until every signal that came before now has reached those who wait for one.
pub(crate) async fn received() {
    // A task that yields goes on after the runtime has looked for events, and signals are events.
    let _ = tokio::spawn(tokio::task::yield_now()).await;
}

/// Signals of Unix, for the program of `usher run`.
#[cfg(unix)]
mod passed_on {
    use std::os::fd::AsFd as _;
    use std::task::Poll;

    use nix::sys::signal::kill;
    use nix::unistd::{Pid, getpgrp, tcgetpgrp};
    use tokio::process::Child;
    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Those that somebody sends to a program on purpose, and would end this one without the other.
    const KINDS: [nix::sys::signal::Signal; 6] = {
        use nix::sys::signal::Signal as S;
        [S::SIGINT, S::SIGQUIT, S::SIGTERM, S::SIGHUP, S::SIGUSR1, S::SIGUSR2]
    };

    /// The signals that this process gets.
    pub(crate) struct Signals(Vec<(nix::sys::signal::Signal, Signal)>);

    /// A signal that this process has got.
    pub(crate) struct Received(nix::sys::signal::Signal);

    impl Signals {
        /// Listens from now on. A signal that is ignored, for example by `nohup`, stays ignored in the program too.
        pub(crate) fn listen() -> Self {
            let ignored = ignored();
            let wanted = KINDS.into_iter().filter(|kind| ignored & (1 << (*kind as i32 - 1)) == 0);
            let listen = |kind| Some((kind, signal(SignalKind::from_raw(kind as i32)).ok()?));
            Self(wanted.filter_map(listen).collect())
        }

        /// Waits for the next one.
        pub(crate) async fn next(&mut self) -> Received {
            std::future::poll_fn(|context| {
                for (kind, signal) in &mut self.0 {
                    if let Poll::Ready(Some(())) = signal.poll_recv(context) {
                        return Poll::Ready(Received(*kind));
                    }
                }
                Poll::Pending
            })
            .await
        }
    }

    impl Received {
        /// Sends it to the program, unless the terminal has done so.
        pub(crate) fn pass_on(&self, child: &Child) {
            use nix::sys::signal::Signal as S;
            if matches!(self.0, S::SIGINT | S::SIGQUIT) && is_in_foreground() {
                return;
            }
            if let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()) {
                // An error means that it has just ended.
                let _ = kill(Pid::from_raw(id), self.0);
            }
        }
    }

    /// Returns whether keys such as Ctrl-C reach this process, and with it the program: both are in one group.
    fn is_in_foreground() -> bool {
        let terminal = std::fs::File::open("/dev/tty");
        terminal.is_ok_and(|terminal| tcgetpgrp(terminal.as_fd()) == Ok(getpgrp()))
    }

    /// Returns a bit for each signal that is ignored, as far as the system says so in a file.
    fn ignored() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
    }
}

/// Where a console sends its signals to all of its programs.
#[cfg(not(unix))]
mod none_passed_on {
    use tokio::process::Child;

    /// The signals that this process gets.
    pub(crate) struct Signals;

    /// A signal that this process has got.
    pub(crate) struct Received;

    impl Signals {
        /// Listens from now on.
        pub(crate) fn listen() -> Self {
            Self
        }

        /// Waits for the next one.
        pub(crate) async fn next(&mut self) -> Received {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
            Received
        }
    }

    impl Received {
        /// Does nothing: the console has sent it to the program as well.
        #[expect(clippy::unused_self, reason = "as on Unix")]
        pub(crate) fn pass_on(&self, _: &Child) {}
    }
}
