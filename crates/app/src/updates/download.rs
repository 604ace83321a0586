//! Downloads lists of versions and packages: by the same client as everything else, but from one host only.

use std::time::Duration;

use serde_json::Value;
use tokio::time::timeout;
use url::Url;
use usher_domain::{ErrorCode, Failure};
use usher_net::{AllowedHosts, HttpClient, HttpRequest, HttpResponse, NetworkConfig};

use super::UpdateSource;
use super::source::is_safe;

/// The longest list that is read.
const MAX_LIST_BYTES: usize = 256 * 1024;

/// The largest package that is read. It is in memory until it is installed.
const MAX_PACKAGE_BYTES: u64 = 256 * 1024 * 1024;

/// How long the server may say nothing.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a package may take in all.
const PACKAGE_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// Downloads from the host of a source.
pub(super) struct Downloader {
    http: HttpClient,
    silence: Duration,
}

impl Downloader {
    /// Returns a downloader that speaks to the host of `source` only, and follows no redirect.
    pub(super) fn new(network: &NetworkConfig, source: &UpdateSource) -> Result<Self, Failure> {
        let hosts = AllowedHosts::from_urls([&source.endpoint]);
        Ok(Self { http: HttpClient::new(network, hosts)?, silence: SILENCE_TIMEOUT })
    }

    /// Downloads the list of versions; `None` where the server has none (status 204).
    pub(super) async fn list(&self, source: &UpdateSource) -> Result<Option<Value>, Failure> {
        let response = self.get(source.endpoint.clone()).await?;
        if response.status().as_u16() == 204 {
            return Ok(None);
        }
        Ok(Some(response.json(MAX_LIST_BYTES).await.map_err(|error| error.failure)?))
    }

    /// Downloads a package. `on_progress` is called with what has arrived, and with the size where the server says it.
    pub(super) async fn package(
        &self,
        package: &Url,
        source: &UpdateSource,
        on_progress: impl Fn(u64, Option<u64>),
    ) -> Result<Vec<u8>, Failure> {
        if !is_safe(package) || package.origin() != source.endpoint.origin() {
            let here = source.endpoint.host_str().unwrap_or_default();
            let there = package.host_str().unwrap_or_default();
            let cause = format!("the package is at {there}; only packages of {here}, by https, are taken");
            return Err(Failure::new(ErrorCode::HostNotAllowed, cause));
        }
        let download = async {
            let response = self.get(package.clone()).await?;
            collect(response, on_progress).await
        };
        timeout(PACKAGE_TIMEOUT, download).await.unwrap_or_else(|_| {
            let minutes = PACKAGE_TIMEOUT.as_secs() / 60;
            Err(Failure::new(ErrorCode::Timeout, format!("the download took longer than {minutes} minutes")))
        })
    }

    async fn get(&self, url: Url) -> Result<HttpResponse, Failure> {
        let request = HttpRequest::get(url).with_timeout(self.silence);
        let response = self.http.send(request).await.map_err(|error| error.failure)?;
        if response.status().is_success() {
            return Ok(response);
        }
        let cause = format!("{} answered with status {}", response.host(), response.status().as_u16());
        Err(Failure::new(ErrorCode::UpstreamError, cause))
    }
}

async fn collect(
    mut response: HttpResponse,
    on_progress: impl Fn(u64, Option<u64>),
) -> Result<Vec<u8>, Failure> {
    let size: Option<u64> = response.header("content-length").and_then(|length| length.parse().ok());
    let too_large = || {
        let megabytes = MAX_PACKAGE_BYTES / 1024 / 1024;
        Failure::new(ErrorCode::MalformedAnswer, format!("the package is larger than {megabytes} MiB"))
    };
    if size.is_some_and(|size| size > MAX_PACKAGE_BYTES) {
        return Err(too_large());
    }
    let mut package = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| error.failure)? {
        if package.len() as u64 + chunk.len() as u64 > MAX_PACKAGE_BYTES {
            return Err(too_large());
        }
        package.extend_from_slice(&chunk);
        on_progress(package.len() as u64, size);
    }
    Ok(package)
}
