//! What answers say in passing.

use usher_domain::Usage;

/// Hears what every answer may carry beside what was asked for. Called between two steps of a request, so it
/// must return at once.
pub trait Observer: Send + Sync {
    /// The limits in the headers of an answer, refusals too (protocol §9.2).
    fn usage(&self, usage: Usage);

    /// `x-models-etag`: a list with another `ETag` is out of date (protocol §7.1).
    fn models_etag(&self, etag: &str);
}
