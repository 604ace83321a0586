//! Receives what every response may carry besides its content.

use usher_domain::Usage;

/// Receives what every response may carry besides its content.
///
/// Called between two steps of a request, so it must return at once.
pub trait Observer: Send + Sync {
    /// Receives the limits in the headers of a response, error responses too (protocol §9.2).
    fn usage(&self, usage: Usage);

    /// Receives `x-models-etag`: a list with another `ETag` is out of date (protocol §7.1).
    fn models_etag(&self, etag: &str);
}
