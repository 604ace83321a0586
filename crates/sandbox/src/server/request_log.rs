//! The record of received requests. Tests wait for an entry instead of sleeping.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// A received request, as it was sent.
#[derive(Clone, Debug, Serialize)]
pub struct RecordedRequest {
    /// Endpoint name, as in the counts.
    pub name: &'static str,
    /// Milliseconds since the sandbox started.
    pub at_ms: u64,
    /// HTTP method.
    pub method: String,
    /// Path and query, as sent.
    pub path: String,
    /// Headers in the order received; names are lower case.
    pub headers: Vec<(String, String)>,
    /// JSON as JSON, a form as an object of strings, other text as a string, nothing as null. Decompressed.
    pub body: Value,
}

impl RecordedRequest {
    /// Returns the first header with this name (lower case).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Something that happened, and when: a request arrived, or a client disconnected from a stream.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// An endpoint name, or `<endpoint>.cancelled`.
    pub name: String,
    /// Milliseconds since the sandbox started.
    pub at_ms: u64,
}

pub(crate) struct RequestLog {
    started: Instant,
    entries: Mutex<LogEntries>,
    changes: watch::Sender<()>,
}

#[derive(Default)]
struct LogEntries {
    marks: Vec<Mark>,
    requests: Vec<RecordedRequest>,
}

impl RequestLog {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            entries: Mutex::new(LogEntries::default()),
            changes: watch::Sender::new(()),
        }
    }

    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    pub(crate) fn mark(&self, name: impl Into<String>) {
        let mark = Mark { name: name.into(), at_ms: self.elapsed_ms() };
        self.with(|entries| entries.marks.push(mark));
        self.changes.send_replace(());
    }

    pub(crate) fn record(&self, request: RecordedRequest) {
        let mark = Mark { name: request.name.to_owned(), at_ms: request.at_ms };
        self.with(|entries| {
            entries.requests.push(request);
            entries.marks.push(mark);
        });
        self.changes.send_replace(());
    }

    pub(crate) fn counts(&self) -> BTreeMap<String, u64> {
        self.with(|entries| {
            let mut counts = BTreeMap::new();
            for mark in &entries.marks {
                *counts.entry(mark.name.clone()).or_insert(0) += 1;
            }
            counts
        })
    }

    pub(crate) fn count(&self, name: &str) -> u64 {
        self.with(|entries| entries.marks.iter().filter(|mark| mark.name == name).count() as u64)
    }

    /// Returns all marks, or those with this name.
    pub(crate) fn marks(&self, name: Option<&str>) -> Vec<Mark> {
        self.with(|entries| {
            entries.marks.iter().filter(|mark| name.is_none_or(|name| mark.name == name)).cloned().collect()
        })
    }

    /// Returns all requests, or those to the endpoint with this name.
    pub(crate) fn requests(&self, name: Option<&str>) -> Vec<RecordedRequest> {
        self.with(|entries| {
            entries.requests.iter().filter(|r| name.is_none_or(|name| r.name == name)).cloned().collect()
        })
    }

    /// Waits until `name` was counted `at_least` times. Returns the count, or `None` after `timeout`.
    pub(crate) async fn wait_for(&self, name: &str, at_least: u64, timeout: Duration) -> Option<u64> {
        let mut changes = self.changes.subscribe();
        let reached = async {
            loop {
                let count = self.count(name);
                if count >= at_least {
                    return count;
                }
                // The sender lives as long as `self`, so this ends with a change.
                if changes.changed().await.is_err() {
                    return self.count(name);
                }
            }
        };
        tokio::time::timeout(timeout, reached).await.ok()
    }

    pub(crate) fn clear(&self) {
        self.with(|entries| *entries = LogEntries::default());
        self.changes.send_replace(());
    }

    fn with<T>(&self, work: impl FnOnce(&mut LogEntries) -> T) -> T {
        work(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
