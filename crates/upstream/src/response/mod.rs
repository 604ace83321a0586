//! Reads what every response carries besides its content: limits, errors, and headers that go back to the caller.

pub(crate) mod error_response;
pub(crate) mod head;
pub(crate) mod limit_headers;
pub(crate) mod limits;
pub(crate) mod plan_usage_errors;
pub(crate) mod redact_credentials;
pub(crate) mod reset_time;
pub(crate) mod retry_after;
pub(crate) mod returned_headers;
pub(crate) mod upstream_error;
