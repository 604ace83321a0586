//! Limits of the gateway.

/// How many connections and requests the gateway serves at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections in total, as far as the system's limit of open files allows it.
    pub connections: usize,
    /// Requests per pass.
    pub requests_per_pass: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 2048, requests_per_pass: 1024 }
    }
}
