//! The terminal as it was before the first question.

#[cfg(not(unix))]
pub(crate) use self::other::TerminalState;
#[cfg(unix)]
pub(crate) use self::unix::TerminalState;

#[cfg(unix)]
mod unix {
    use std::io::Write as _;

    use nix::sys::termios::{FlushArg, LocalFlags, SetArg, Termios, tcflush, tcgetattr, tcsetattr};

    /// How the terminal hands on what is typed.
    pub(crate) struct TerminalState(Option<Termios>);

    impl TerminalState {
        /// Reads the state of standard input.
        pub(crate) fn read() -> Self {
            Self(tcgetattr(std::io::stdin()).ok())
        }

        /// Restores the state while a question is still open; `drawn` is one with arrow keys.
        pub(crate) fn restore(&self, drawn: bool) {
            if let Some(state) = &self.0 {
                // A terminal that is gone needs no state.
                let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, state);
            }
            if drawn {
                // No marks around pasted text any more, and the cursor is shown.
                let _ = std::io::stderr().write_all(b"\x1b[?2004l\x1b[?25h\n");
            }
        }

        /// Shows nothing of what is typed from now on.
        pub(crate) fn hide_typed(&self) {
            let Some(mut state) = self.0.clone() else { return };
            state.local_flags.remove(LocalFlags::ECHO);
            let _ = tcsetattr(std::io::stdin(), SetArg::TCSANOW, &state);
        }

        /// Discards what was typed and not read.
        pub(crate) fn discard_typed(&self) {
            if self.0.is_some() {
                let _ = tcflush(std::io::stdin(), FlushArg::TCIFLUSH);
            }
        }
    }
}

#[cfg(not(unix))]
mod other {
    /// A console restores itself.
    pub(crate) struct TerminalState;

    #[expect(clippy::unused_self, reason = "as on Unix")]
    impl TerminalState {
        /// Reads nothing.
        pub(crate) fn read() -> Self {
            Self
        }

        /// Does nothing.
        pub(crate) fn restore(&self, _: bool) {}

        /// Does nothing.
        pub(crate) fn hide_typed(&self) {}

        /// Does nothing.
        pub(crate) fn discard_typed(&self) {}
    }
}
