//! One answer, as it comes in.

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

/// Head of an answer; the body is read from it.
pub struct HttpResponse {
    status: StatusCode,
    headers: HeaderMap,
    host: String,
    body: reqwest::Body,
    timeout: Duration,
}

impl HttpResponse {
    pub(crate) fn new(answer: reqwest::Response, host: String, timeout: Duration) -> Self {
        let (head, body) = http::Response::from(answer).into_parts();
        Self { status: head.status, headers: head.headers, host, body, timeout }
    }

    /// The headers, which the answer then has no more: while a single one is kept, so is the whole buffer that they
    /// were read into, and a stream may last for minutes.
    pub fn take_headers(&mut self) -> HeaderMap {
        std::mem::take(&mut self.headers)
    }

    /// The same with another patience for what is still to come.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header as text, when it is text and not empty.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok().map(str::trim).filter(|value| !value.is_empty())
    }

    /// The host that answered, for sentences.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The far side's clock (`Date`, RFC 9110 §6.6.1).
    pub fn date(&self) -> Option<UnixTime> {
        http_date(self.header(DATE.as_str())?)
    }

    /// When it may be asked again (`Retry-After`, RFC 9110 §10.2.3): seconds of its own clock, or a date.
    pub fn retry_after(&self) -> Option<UnixTime> {
        let value = self.header(RETRY_AFTER.as_str())?;
        match value.parse::<u32>() {
            Ok(seconds) => Some(self.date()?.plus(seconds.into())),
            Err(_) => http_date(value),
        }
    }

    /// A page for people stands where the API should be: an edge check or a captive portal (protocol §10,
    /// "HTML with Cloudflare"). Told by headers, and by HTML where the API speaks JSON.
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

    /// The next piece of the body; nothing at its end. Silence longer than the call's patience is an error.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, NetError> {
        loop {
            let Some(next) = with_timeout(self.timeout, self.body.frame()).await else {
                return Err(self.body_error(ErrorCode::Timeout, "stopped sending data"));
            };
            let Some(frame) = next else { return Ok(None) };
            // Trailers say nothing that anybody asks for.
            if let Ok(piece) = frame.map_err(|error| self.connection_lost(error))?.into_data() {
                return Ok(Some(piece));
            }
        }
    }

    /// The whole body, refused when it is longer than `most` bytes.
    pub async fn bytes(mut self, most: usize) -> Result<Vec<u8>, NetError> {
        let timeout = self.timeout;
        match with_timeout(timeout, self.collect_body(most)).await {
            Some(whole) => whole,
            None => Err(self.body_error(ErrorCode::Timeout, "took too long")),
        }
    }

    async fn collect_body(&mut self, most: usize) -> Result<Vec<u8>, NetError> {
        let mut whole = Vec::new();
        while let Some(piece) = self.chunk().await? {
            if whole.len() + piece.len() > most {
                return Err(self.body_error(ErrorCode::MalformedAnswer, "sent more data than expected"));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole)
    }

    /// The whole body as `T`. Unknown fields are the caller's `T` to ignore.
    pub async fn json<T: DeserializeOwned>(self, most: usize) -> Result<T, NetError> {
        let host = self.host.clone();
        // The answer of a token endpoint is tokens.
        let whole = Zeroizing::new(self.bytes(most).await?);
        serde_json::from_slice(&whole).map_err(|error| NetError {
            failure: Failure::new(ErrorCode::MalformedAnswer, describe_json_error(&host, &error)),
            delivery: Delivery::MaybeSent,
        })
    }

    fn connection_lost(&self, error: reqwest::Error) -> NetError {
        let mut error = NetError::from_client(error, &self.host, None);
        error.delivery = Delivery::MaybeSent;
        error
    }

    fn body_error(&self, code: ErrorCode, what: &str) -> NetError {
        let failure = Failure::new(code, format!("{} {what}", self.host));
        NetError { failure, delivery: Delivery::MaybeSent }
    }
}

fn http_date(text: &str) -> Option<UnixTime> {
    let date = httpdate::parse_http_date(text).ok()?;
    let seconds = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    i64::try_from(seconds).ok().map(UnixTime)
}

/// Says where the JSON went wrong without repeating any of it: a token may stand right there.
fn describe_json_error(host: &str, error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let what = match error.classify() {
        serde_json::error::Category::Data => "lacks a field, or has one of another kind",
        serde_json::error::Category::Eof => "ends too early",
        _ => "is not JSON",
    };
    format!("the response of {host} {what} (line {line}, column {column})")
}
