//! How a sandbox starts.

use crate::settings::Settings;

/// The ports registered for the Codex client (protocol §1.2).
pub(crate) const REGISTERED_PORTS: [u16; 2] = [1455, 1457];

/// What cannot change while the sandbox runs, and its first settings.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Port to listen on; 0 lets the system choose.
    pub port: u16,
    /// Redirect ports accepted besides the registered 1455 and 1457.
    pub extra_redirect_ports: Vec<u16>,
    /// Accept a redirect to any loopback port. `OpenAI` does not (protocol §1.2); for tests that run side by side.
    pub any_redirect_port: bool,
    /// The first settings.
    pub settings: Settings,
}

impl Options {
    /// Returns options for in-process tests: any free port, for the sandbox and for redirects.
    pub fn for_tests() -> Self {
        Self { any_redirect_port: true, ..Self::default() }
    }

    /// Returns whether a redirect to this loopback port is accepted.
    pub(crate) fn accepts_redirect_port(&self, port: u16) -> bool {
        self.any_redirect_port
            || REGISTERED_PORTS.contains(&port)
            || self.extra_redirect_ports.contains(&port)
    }
}
