//! The one place that reads the environment (contract section 1).

use std::ffi::OsString;
use std::path::PathBuf;

use usher_auth::{StoreMode, Wanted};
use usher_domain::{Endpoints, ErrorCode, Failure};
use zeroize::Zeroizing;

/// What the surroundings ask for, read once at the start.
pub struct Environment {
    /// `USHER_HOME`: one folder for everything.
    pub home: Option<PathBuf>,
    /// `USHER_ISSUER_URL` and `USHER_CHATGPT_URL`, else OpenAI's own.
    pub endpoints: Endpoints,
    /// `USHER_SECRETS` and `USHER_PASSPHRASE`.
    pub store: StoreMode,
    /// `SSL_CERT_FILE`.
    pub extra_certificates: Option<PathBuf>,
    /// `USHER_LOG`: a `tracing` filter.
    pub log: String,
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Result<Self, Failure> {
        Self::from(|name| std::env::var_os(name))
    }

    /// Reads what `get` answers; an empty value counts as unset.
    pub fn from(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let path = |name| get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let text = |name: &str| match get(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => Err(Failure::new(ErrorCode::BadUsage, format!("{name} is not valid text"))),
        };
        let issuer = text("USHER_ISSUER_URL")?;
        let backend = text("USHER_CHATGPT_URL")?;
        Ok(Self {
            home: path("USHER_HOME"),
            endpoints: Endpoints::parse(
                issuer.as_deref().unwrap_or(Endpoints::ISSUER),
                backend.as_deref().unwrap_or(Endpoints::BACKEND),
            )?,
            store: StoreMode {
                wanted: wanted(text("USHER_SECRETS")?.as_deref())?,
                passphrase: text("USHER_PASSPHRASE")?.map(Zeroizing::new),
            },
            extra_certificates: path("SSL_CERT_FILE"),
            log: text("USHER_LOG")?.unwrap_or_else(|| "warn".into()),
        })
    }
}

fn wanted(value: Option<&str>) -> Result<Wanted, Failure> {
    match value {
        None | Some("auto") => Ok(Wanted::Auto),
        Some("keyring") => Ok(Wanted::Keyring),
        Some("file") => Ok(Wanted::File),
        Some(_) => {
            let cause = "USHER_SECRETS takes keyring, file or auto";
            Err(Failure::new(ErrorCode::BadUsage, cause))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Environment, Failure> {
        Environment::from(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
    }

    #[test]
    fn an_empty_environment_means_openai_and_auto() {
        let environment = read(&[("USHER_HOME", "")]).unwrap();
        assert_eq!(environment.endpoints.issuer.as_str(), "https://auth.openai.com/");
        assert_eq!((environment.store.wanted, environment.home), (Wanted::Auto, None));
    }

    #[test]
    fn wrong_values_are_refused_before_anything_is_done() {
        let code = |pairs| read(pairs).err().map(|failure| failure.code);
        assert_eq!(code(&[("USHER_SECRETS", "cloud")]), Some(ErrorCode::BadUsage));
        assert_eq!(code(&[("USHER_ISSUER_URL", "http://auth.example")]), Some(ErrorCode::BadUrl));
    }
}
