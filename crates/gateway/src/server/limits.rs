//! Limits of the gateway.

/// How many connections and requests the gateway serves at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections in total.
    pub connections: usize,
    /// Requests per pass.
    pub requests_per_pass: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 2048, requests_per_pass: 1024 }
    }
}
