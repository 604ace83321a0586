//! The certificate authorities that are trusted.
//!
//! The OS trust store is the base and `SSL_CERT_FILE` adds to it. The loader for Unix reads that variable
//! as a replacement of the system's store, which would cut off every host outside a company's own
//! authority, so with the variable set the system's bundle is read by its well-known paths instead.

use std::path::Path;

use reqwest::Certificate;
use usher_domain::{ErrorCode, Failure};

/// The paths of the system's bundle on Linux and the BSDs.
const SYSTEM_BUNDLES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
];

/// The trust anchors of a client: added to the system's verifier, or in place of it.
pub(crate) enum TrustRoots {
    /// The system's verifier as it is.
    System,
    /// The system's bundle and the extra file, read by us.
    Custom(Vec<Certificate>),
    /// The system's verifier, and the extra file in addition.
    SystemAnd(Vec<Certificate>),
}

/// Reads the file that `SSL_CERT_FILE` names, if it is set.
pub(crate) fn load_roots(extra: Option<&Path>) -> Result<TrustRoots, Failure> {
    let Some(extra) = extra else { return Ok(TrustRoots::System) };
    let mut added = read_certificates(extra)?;
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return Ok(TrustRoots::SystemAnd(added));
    }
    if let Some(bundle) = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.exists()) {
        added.extend(read_certificates(bundle)?);
    } else {
        tracing::warn!("the system's certificates were not found; only those of SSL_CERT_FILE are trusted");
    }
    Ok(TrustRoots::Custom(added))
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bad =
        |why: String| Failure::new(ErrorCode::Tls, format!("certificate file {}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&pem).map_err(|error| bad(error.to_string()))?;
    if found.is_empty() {
        return Err(bad("holds no certificate".into()));
    }
    Ok(found)
}
