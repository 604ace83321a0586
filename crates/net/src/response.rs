//! One response, read as it arrives.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use serde::de::DeserializeOwned;
use usher_domain::{ErrorCode, Failure, UnixTime, redact};
use zeroize::Zeroizing;

use crate::error::{Delivery, NetError};
use crate::timeout::with_timeout;

/// The head of a response, from which its body is read.
pub struct HttpResponse {
    status: StatusCode,
    headers: HeaderMap,
    host: String,
    body: reqwest::Body,
    timeout: Duration,
}

impl HttpResponse {
    pub(crate) fn new(response: reqwest::Response, host: String, timeout: Duration) -> Self {
        let (head, body) = http::Response::from(response).into_parts();
        Self { status: head.status, headers: head.headers, host, body, timeout }
    }

    /// Takes the headers out.
    ///
    /// While one of them is kept, so is the complete buffer that they were read into, and a stream may last for
    /// minutes.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.headers)
    }

    /// Sets the time limit for the rest of the response.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Returns the status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Returns the headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Returns a header, if it is text and not empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// Returns the host that responded, for messages.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the server's time (`Date`, RFC 9110 §6.6.1).
    pub fn date(&self) -> Option<UnixTime> {
        http_date(self.header(DATE.as_str())?)
    }

    /// Returns when to retry (`Retry-After`, RFC 9110 §10.2.3): seconds, of the server's clock if it is known, or a date.
    pub fn retry_after(&self) -> Option<UnixTime> {
        let value = self.header(RETRY_AFTER.as_str())?;
        match seconds(value) {
            Some(seconds) => Some(self.date().or_else(now)?.plus(seconds.into())),
            None => http_date(value),
        }
    }

    /// Returns an error if the response is a web page instead of an API response: a bot check or a captive portal.
    ///
    /// It is recognized by its headers, and by HTML where the API sends JSON (protocol §10, "HTML with Cloudflare").
    pub fn challenge_page(&self) -> Option<Failure> {
        let html = self.header(CONTENT_TYPE.as_str()).is_some_and(|kind| kind.starts_with("text/html"));
        if !html && self.header("cf-mitigated").is_none() {
            return None;
        }
        let ray = self.header("cf-ray").map(|ray| format!(", cf-ray {}", redact(ray))).unwrap_or_default();
        let status = self.status.as_u16();
        let cause = format!("{} answered with a web page (status {status}{ray})", self.host);
        Some(Failure::new(ErrorCode::ChallengePage, cause))
    }

    /// Returns the next chunk of the body; `None` at its end.
    ///
    /// Silence longer than the request's time limit is an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        loop {
            let Some(next) = with_timeout(self.timeout, self.body.frame()).await else {
                return Err(self.body_error(ErrorCode::Timeout, "stopped sending data"));
            };
            let Some(frame) = next else { return Ok(None) };
            // Trailers are ignored: no caller needs them.
            if let Ok(chunk) = frame.map_err(|error| self.connection_lost(error))?.into_data() {
                return Ok(Some(chunk));
            }
        }
    }

    /// Reads the complete body; an error if it is longer than `max` bytes.
    pub async fn bytes(mut self, max: usize) -> Result<Vec<u8>, NetError> {
        let timeout = self.timeout;
        match with_timeout(timeout, self.collect_body(max)).await {
            Some(body) => body,
            None => Err(self.body_error(ErrorCode::Timeout, "took too long")),
        }
    }

    async fn collect_body(&mut self, max: usize) -> Result<Vec<u8>, NetError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > max {
                return Err(self.body_error(ErrorCode::MalformedAnswer, "sent more data than expected"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Reads the complete body and parses it as `T`, which decides about unknown fields.
    pub async fn json<T: DeserializeOwned>(self, max: usize) -> Result<T, NetError> {
        let host = self.host.clone();
        // The response of a token endpoint contains tokens.
        let body = Zeroizing::new(self.bytes(max).await?);
        serde_json::from_slice(&body).map_err(|error| NetError {
            failure: Failure::new(ErrorCode::MalformedAnswer, describe_json_error(&host, &error)),
            delivery: Delivery::MaybeSent,
        })
    }

    fn connection_lost(&self, error: reqwest::Error) -> NetError {
        let mut error = NetError::from_client(error, &self.host, None, None);
        error.delivery = Delivery::MaybeSent;
        error
    }

    fn body_error(&self, code: ErrorCode, what: &str) -> NetError {
        let failure = Failure::new(code, format!("{} {what}", self.host));
        NetError { failure, delivery: Delivery::MaybeSent }
    }
}

/// Parses whole seconds, or with a fraction, as some servers send them; a part of a second counts as one.
fn seconds(text: &str) -> Option<u32> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let part = u32::from(fraction.bytes().any(|one| one != b'0'));
    whole.parse::<u32>().ok().map(|whole| whole.saturating_add(part))
}

#[expect(clippy::disallowed_methods, reason = "for a server that does not give its own time")]
fn now() -> Option<UnixTime> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok().map(UnixTime)
}

fn http_date(text: &str) -> Option<UnixTime> {
    let date = httpdate::parse_http_date(text).ok()?;
    let seconds = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(UnixTime)
}

/// Describes where the JSON is invalid without repeating any of it, because it may contain a token.
fn describe_json_error(host: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = match error.classify() {
        serde_json::error::Category::Data => "lacks a field, or has one of another kind",
        serde_json::error::Category::Eof => "ends too early",
        _ => "is not JSON",
    };
    format!("the response of {host} {what} (line {line}, column {column})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(headers: &[(&str, &str)]) -> HttpResponse {
        let head =
            headers.iter().fold(http::Response::builder(), |head, (name, value)| head.header(*name, *value));
        let response = head.body("").unwrap().into();
        HttpResponse::new(response, "host.example".into(), Duration::from_secs(1))
    }

    #[test]
    fn retry_after_is_read_in_each_form() {
        let date = ("date", "Thu, 01 Jan 1970 00:01:40 GMT");
        let at = |value: &str| response(&[date, ("retry-after", value)]).retry_after();
        assert_eq!(at("30"), Some(UnixTime(130)));
        assert_eq!(at("1.5"), Some(UnixTime(102)));
        assert_eq!(at("2.000"), Some(UnixTime(102)));
        assert_eq!(at("Thu, 01 Jan 1970 00:02:00 GMT"), Some(UnixTime(120)));
        for none in ["-1", "soon", ".5", "1.", "1e3", "99999999999"] {
            assert_eq!(at(none), None, "{none}");
        }
    }

    #[test]
    fn retry_after_without_date_counts_from_now() {
        let at = response(&[("retry-after", "30")]).retry_after().unwrap();
        let from_now = at.since(now().unwrap());
        assert!((28..=31).contains(&from_now), "{from_now}");
    }
}
