//! Limits of the gateway.

/// How many connections and requests the gateway serves at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections in total, as far as the system's limit of open files allows it.
    pub connections: usize,
    /// Requests per pass.
    pub requests_per_pass: usize,
    /// Access tokens per pass and minute.
    pub tokens_per_minute: usize,
    /// Bytes of memory for the bodies of all requests together, while they arrive, are read and wait for a response.
    pub request_memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2048,
            requests_per_pass: 1024,
            tokens_per_minute: 30,
            request_memory: 512 * 1024 * 1024,
        }
    }
}
