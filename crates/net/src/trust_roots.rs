//! The certificate authorities that are trusted.
//!
//! The OS trust store is the base; `SSL_CERT_FILE`, `SSL_CERT_DIR` and the person's file add to it. The loader for Unix reads these
//! variables as a replacement of the system's store, which would cut off every host outside a company's own
//! authority, so with one of them set the system's bundle is read by its well-known paths instead.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use reqwest::Certificate;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
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
/// The folders with one file for each authority, for systems without a bundle.
const SYSTEM_FOLDERS: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
/// The first byte of a certificate that is not PEM (a SEQUENCE of ASN.1).
const DER_SEQUENCE: u8 = 0x30;

/// The trust anchors of a client: added to the system's verifier, or in place of it.
pub(crate) enum TrustRoots {
    /// The system's verifier as it is.
    System,
    /// The system's bundle and the extra ones, read by us.
    Custom(Vec<Certificate>),
    /// The system's verifier, and the extra ones in addition.
    SystemAnd(Vec<Certificate>),
}

/// The variables that the loader for Unix reads by itself.
#[derive(Default)]
pub(crate) struct CertificateVariables {
    /// Whether `SSL_CERT_FILE` is set, also to nothing.
    has_file: bool,
    /// `SSL_CERT_DIR`.
    folders: Option<OsString>,
}

impl CertificateVariables {
    #[expect(clippy::disallowed_methods, reason = "the loader reads the same variables by itself")]
    pub(crate) fn read() -> Self {
        Self {
            has_file: std::env::var_os("SSL_CERT_FILE").is_some(),
            folders: std::env::var_os("SSL_CERT_DIR"),
        }
    }
}

/// Reads the `extra` files, those of `SSL_CERT_FILE` and of the settings, and the folders of `SSL_CERT_DIR`, if they are set.
///
/// An entry that is no certificate is passed over. A file without any is an error, because it was set on purpose; a folder
/// may be empty or gone, as it is in many containers.
pub(crate) fn load_roots(extra: &[PathBuf], variables: &CertificateVariables) -> Result<TrustRoots, Failure> {
    if extra.is_empty() && !variables.has_file && variables.folders.is_none() {
        return Ok(TrustRoots::System);
    }
    let mut anchors = Anchors::new();
    for file in extra {
        anchors.add_file(file)?;
    }
    for folder in folders(variables) {
        anchors.add_folder(&folder);
    }
    if cfg!(any(target_os = "windows", target_os = "macos")) {
        return Ok(TrustRoots::SystemAnd(anchors.certificates));
    }
    if !anchors.add_system() {
        tracing::warn!("the system's certificates were not found; only the added ones are trusted");
    }
    Ok(TrustRoots::Custom(anchors.certificates))
}

/// Checks that a file holds a certificate that can be trusted.
pub fn check_certificate_file(path: &Path) -> Result<(), Failure> {
    Anchors::new().add_file(path)
}

fn folders(variables: &CertificateVariables) -> Vec<PathBuf> {
    let folders = variables.folders.iter().flat_map(std::env::split_paths);
    folders.filter(|folder| !folder.as_os_str().is_empty()).collect()
}

/// Certificates that can be trust anchors, each once: the variables often name what the system's bundle holds, too.
struct Anchors {
    known: HashSet<CertificateDer<'static>>,
    /// Takes what can be an anchor. One that cannot would make every connection fail.
    store: RootCertStore,
    certificates: Vec<Certificate>,
}

impl Anchors {
    fn new() -> Self {
        Self { known: HashSet::new(), store: RootCertStore::empty(), certificates: Vec::new() }
    }

    /// Adds the certificates of a file, which is PEM or one certificate.
    fn add_file(&mut self, path: &Path) -> Result<(), Failure> {
        let bad =
            |why: String| Failure::new(ErrorCode::Tls, format!("certificate file {}: {why}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
        let mut found = rustls_native_certs::load_certs_from_paths(Some(path), None);
        if found.certs.is_empty() && bytes.first() == Some(&DER_SEQUENCE) {
            found.certs.push(bytes.into());
        }
        match self.add(path, found) {
            0 => Err(bad("it holds no certificate that can be used".into())),
            _ => Ok(()),
        }
    }

    fn add_folder(&mut self, folder: &Path) -> usize {
        self.add(folder, rustls_native_certs::load_certs_from_paths(None, Some(folder)))
    }

    /// Adds the system's bundle, or what its folders hold. Returns whether there was any certificate.
    fn add_system(&mut self) -> bool {
        let there = |path: &&Path| path.exists();
        if let Some(bundle) = SYSTEM_BUNDLES.iter().map(Path::new).find(there) {
            return self.add(bundle, rustls_native_certs::load_certs_from_paths(Some(bundle), None)) > 0;
        }
        let folders = SYSTEM_FOLDERS.iter().map(Path::new).filter(there);
        folders.map(|folder| self.add_folder(folder)).sum::<usize>() > 0
    }

    /// Adds what was found, and returns how many of it can be used, with those that were known.
    fn add(&mut self, path: &Path, found: rustls_native_certs::CertificateResult) -> usize {
        let (mut bad, mut good) = (found.errors.len(), 0);
        for certificate in found.certs {
            let is_known = self.known.contains(&certificate);
            if is_known || self.take(certificate) {
                good += 1;
            } else {
                bad += 1;
            }
        }
        if bad > 0 {
            tracing::info!(path = %path.display(), bad, "entries that are no certificate were passed over");
        }
        good
    }

    fn take(&mut self, certificate: CertificateDer<'static>) -> bool {
        let (Ok(()), Ok(of_client)) =
            (self.store.add(certificate.clone()), Certificate::from_der(&certificate))
        else {
            return false;
        };
        self.certificates.push(of_client);
        self.known.insert(certificate)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const RUBBISH: &str = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    /// An authority that no system has.
    const OWN: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgjCCASegAwIBAgIUU+9lV3fHrVej+hx60TVksdCcJiwwCgYIKoZIzj0EAwIw
FTETMBEGA1UEAwwKVXNoZXIgdGVzdDAgFw0yNjExMjgyMzM2NTZaGA8yMTI2MTEw
NDIzMzY1NlowFTETMBEGA1UEAwwKVXNoZXIgdGVzdDBZMBMGByqGSM49AgEGCCqG
SM49AwEHA0IABIzZ9AtdzpLts0Bh3zwwbuPn4EkLwnERYwnPkCqoF3vAoWkVqwN8
TtBOr7k7OD3oQGWQib0KGcVAygXafWPP9lKjUzBRMB0GA1UdDgQWBBRjHuH57Y51
oaNr6VrmHEOYis8EKjAfBgNVHSMEGDAWgBRjHuH57Y51oaNr6VrmHEOYis8EKjAP
BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQDtMSrzAJhwFoCPEw9N
VGwgGFVVqYbCS65UMaBahYDDuAIhAJNb2a+TT4piPR3kiGIP6geVVdFWQwjEm/Rx
ovsjtfvc
-----END CERTIFICATE-----
";
    const BROKEN: &str = "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";

    fn system() -> Option<String> {
        SYSTEM_BUNDLES.iter().find_map(|path| std::fs::read_to_string(path).ok())
    }

    fn count(roots: Result<TrustRoots, Failure>) -> usize {
        match roots.unwrap() {
            TrustRoots::Custom(certificates) => certificates.len(),
            TrustRoots::System | TrustRoots::SystemAnd(_) => {
                panic!("the variables would be read by the loader")
            }
        }
    }

    fn with_folders(folders: &str) -> CertificateVariables {
        CertificateVariables { has_file: false, folders: Some(folders.into()) }
    }

    #[test]
    fn entries_that_are_no_certificate_are_passed_over() {
        let Some(system) = system() else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bundle.pem");
        let all = count(load_roots(&[], &with_folders("/nowhere")));
        std::fs::write(&file, format!("{RUBBISH}{system}{BROKEN}")).unwrap();
        assert_eq!(
            count(load_roots(std::slice::from_ref(&file), &CertificateVariables::default())),
            all,
            "each once"
        );
        for none in ["", RUBBISH, "hello"] {
            std::fs::write(&file, none).unwrap();
            let failure =
                load_roots(std::slice::from_ref(&file), &CertificateVariables::default()).err().unwrap();
            assert!(failure.cause.contains(file.to_str().unwrap()), "{failure}");
            assert!(failure.cause.contains("no certificate that can be used"), "{failure}");
        }
    }

    #[test]
    fn folder_adds_to_the_system() {
        let Some(system) = system() else { return };
        let all = count(load_roots(&[], &with_folders("")));
        assert!(all > 1, "{all}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert_eq!(count(load_roots(&[], &with_folders(path))), all, "an empty one");
        assert_eq!(count(load_roots(&[], &with_folders("/nowhere"))), all, "one that is gone");
        std::fs::write(folder.path().join("own.pem"), OWN).unwrap();
        std::fs::write(folder.path().join("known.pem"), system).unwrap();
        std::fs::write(folder.path().join("bad.pem"), RUBBISH).unwrap();
        assert_eq!(count(load_roots(&[], &with_folders(&format!("/nowhere:{path}")))), all + 1);
        let empty = CertificateVariables { has_file: true, folders: None };
        assert_eq!(count(load_roots(&[], &empty)), all, "SSL_CERT_FILE is set to nothing");
    }
}
