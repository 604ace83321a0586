//! The one place that reads the environment (contract §1).

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use url::Url;
use usher_auth::{ExternalPaths, KeyStorage, StoreConfig};
use usher_domain::{ApiKey, BaseUrl, Endpoints, ErrorCode, Failure, Pass, PlainHttp};
use usher_text::Language;
use usher_tools::Surroundings;
use zeroize::Zeroizing;

use crate::platform::browser_variable::BrowserVariable;

/// What the surroundings ask for, read once at the start.
pub struct Environment {
    /// `USHER_HOME`: one folder for everything.
    pub home: Option<PathBuf>,
    /// `USHER_ISSUER_URL` and `USHER_CHATGPT_URL`, else OpenAI's own.
    pub endpoints: Endpoints,
    /// `USHER_PLATFORM_URL`, else OpenAI's own.
    pub platform: Url,
    /// `OPENAI_API_KEY`: used by the provider `openai` when it has no key of its own; never kept.
    pub api_key: Option<Arc<ApiKey>>,
    /// Why that variable is not used although it is set.
    pub api_key_unused: Option<&'static str>,
    /// Where other programs keep their sign-ins.
    pub places: ExternalPaths,
    /// Variables of the surroundings that change how Codex, Claude Code and the like sign in; names only.
    pub overriding: Vec<String>,
    /// Where the tools are that can use the gateway.
    pub tools: Surroundings,
    /// How this computer is reached and what it runs in, as far as the surroundings say.
    pub session: Session,
    /// `ACCESSIBLE`, or `TERM=dumb`: questions are plain lines, without arrow keys and escape codes.
    pub plain_questions: bool,
    /// `USHER_SECRETS` and `USHER_PASSPHRASE`.
    pub store: StoreConfig,
    /// The languages that the person prefers, best first, as the system has them: BCP 47 tags.
    pub languages: Vec<String>,
    /// `BROWSER`.
    pub browser: BrowserVariable,
    /// `SSL_CERT_FILE`.
    pub extra_certificates: Option<PathBuf>,
    /// `USHER_LOG`: a `tracing` filter.
    pub log: String,
}

/// Returns the languages that the person prefers, best first, as the system has them: BCP 47 tags.
///
/// As with gettext, `LANGUAGE` does not count where the locale is `C` or `POSIX`, by which a script asks for English.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn system_languages() -> Vec<String> {
    let of_locale = locale(|name| std::env::var(name).ok());
    match of_locale.filter(|locale| Language::is_of_scripts(locale)) {
        Some(locale) => vec![locale],
        None => sys_locale::get_locales().collect(),
    }
}

/// Returns the locale of messages (POSIX, 8.2 Internationalization Variables).
fn locale(get: impl Fn(&str) -> Option<String>) -> Option<String> {
    ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(|name| get(name).filter(|value| !value.is_empty()))
}

impl Environment {
    /// Reads the process's environment.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Result<Self, Failure> {
        let mut environment = Self::from(|name| std::env::var_os(name))?;
        environment.tools = environment.tools.working_in(std::env::current_dir().ok());
        environment.languages = system_languages();
        Ok(environment)
    }

    /// Reads what `get` answers; an empty value counts as unset.
    pub fn from(get: impl Fn(&str) -> Option<OsString>) -> Result<Self, Failure> {
        let path = |name: &'static str| get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let text = |name: &str| match get(name).filter(|value| !value.is_empty()).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => Err(Failure::new(ErrorCode::BadUsage, format!("{name} is not valid text"))),
        };
        let issuer = text("USHER_ISSUER_URL")?;
        let backend = text("USHER_CHATGPT_URL")?;
        let platform = text("USHER_PLATFORM_URL")?;
        let (api_key, api_key_unused) = match get(API_KEY).map_or(Ok(None), key) {
            Ok(key) => (key, None),
            Err(why) => (None, Some(why)),
        };
        let places = places(&path);
        Ok(Self {
            home: path("USHER_HOME"),
            tools: Surroundings::from(places.home.clone().unwrap_or_default(), &get),
            endpoints: Endpoints::parse(
                issuer.as_deref().unwrap_or(Endpoints::ISSUER),
                backend.as_deref().unwrap_or(Endpoints::BACKEND),
            )?,
            platform: BaseUrl::parse(platform.as_deref().unwrap_or(PLATFORM), PlainHttp::LoopbackOnly)?
                .url()
                .clone(),
            api_key,
            api_key_unused,
            places,
            overriding: OVERRIDING_VARIABLES
                .iter()
                .filter(|name| path(name).is_some())
                .map(|name| (*name).to_owned())
                .collect(),
            session: Session {
                ssh: path("SSH_CONNECTION").is_some() || path("SSH_TTY").is_some(),
                wsl: path("WSL_DISTRO_NAME").is_some(),
                display: path("DISPLAY").is_some() || path("WAYLAND_DISPLAY").is_some(),
            },
            plain_questions: get("ACCESSIBLE").is_some_and(|value| !value.is_empty() && value != "0")
                || get("TERM").is_some_and(|value| value == "dumb"),
            store: StoreConfig {
                storage: wanted(text("USHER_SECRETS")?.as_deref())?,
                passphrase: text("USHER_PASSPHRASE")?.map(Zeroizing::new),
            },
            languages: Vec::new(),
            browser: BrowserVariable::parse(get("BROWSER")),
            extra_certificates: path("SSL_CERT_FILE"),
            log: text("USHER_LOG")?.unwrap_or_else(|| "warn".into()),
        })
    }
}

/// The Platform's own address (protocol §0).
const PLATFORM: &str = "https://api.openai.com/v1";

const API_KEY: &str = "OPENAI_API_KEY";

/// The key that `value` is; none when it is blank. It was set for other programs, so one that cannot be a key is in no
/// command's way: the doctor reports it.
fn key(value: OsString) -> Result<Option<Arc<ApiKey>>, &'static str> {
    let text = value.into_string().map_err(|_| "is not text")?;
    match text.trim() {
        "" => Ok(None),
        // In a program that Usher runs, or in a shell with the lines of `usher env`.
        pass if pass.starts_with(Pass::PREFIX) => Err("is a pass of Usher's gateway, not a key"),
        key if key.chars().all(|one| one.is_ascii_graphic()) => Ok(Some(Arc::new(ApiKey::new(key)))),
        _ => Err("has characters that no key has, such as spaces or line breaks"),
    }
}

/// Variables that make other programs use another key or address than the one they are set up with.
const OVERRIDING_VARIABLES: [&str; 17] = [
    API_KEY,
    "OPENAI_BASE_URL",
    "OPENAI_API_BASE",
    "OPENAI_ORG_ID",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT_ID",
    "OPENAI_PROJECT",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "ANTHROPIC_MODEL",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CONFIG_DIR",
    "CODEX_API_KEY",
    "CODEX_ACCESS_TOKEN",
    "CODEX_HOME",
];

/// What the surroundings say of the way to this computer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Session {
    /// Over SSH: a browser here would open on another screen.
    pub ssh: bool,
    /// In the Windows Subsystem for Linux.
    pub wsl: bool,
    /// There is a display.
    pub display: bool,
}

impl Session {
    /// Returns whether a browser that is started here is in front of the person.
    pub fn has_browser(self) -> bool {
        // WSL has no browser of its own.
        !self.ssh && !self.wsl && (self.display || !cfg!(target_os = "linux"))
    }
}

/// The usual folders of other programs are found below the person's home, unless a variable moves them.
fn places(path: &impl Fn(&'static str) -> Option<PathBuf>) -> ExternalPaths {
    let base = directories::BaseDirs::new();
    let config = if cfg!(windows) { "APPDATA" } else { "XDG_CONFIG_HOME" };
    ExternalPaths {
        home: path("HOME").or_else(|| base.map(|base| base.home_dir().to_owned())),
        config: path(config),
        data: path("XDG_DATA_HOME"),
        codex_home: path("CODEX_HOME"),
        pi_agent: path("PI_CODING_AGENT_DIR"),
    }
}

fn wanted(value: Option<&str>) -> Result<KeyStorage, Failure> {
    match value {
        None | Some("auto") => Ok(KeyStorage::Auto),
        Some("keyring") => Ok(KeyStorage::Keyring),
        Some("file") => Ok(KeyStorage::File),
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
        assert_eq!((environment.store.storage, environment.home), (KeyStorage::Auto, None));
    }

    #[test]
    fn plain_questions_are_asked_for_by_accessible_or_dumb_terminal() {
        for (variable, value, plain) in [
            ("ACCESSIBLE", "1", true),
            ("ACCESSIBLE", "0", false),
            ("ACCESSIBLE", "", false),
            ("TERM", "dumb", true),
            ("TERM", "xterm", false),
        ] {
            let environment = read(&[(variable, value)]).unwrap();
            assert_eq!(environment.plain_questions, plain, "{variable}={value}");
        }
    }

    #[test]
    fn invalid_key_counts_as_unset_and_is_reported() {
        let rows = [
            ("", false, false),
            (" \n", false, false),
            (" sk-abc ", true, false),
            ("sk-abc\nx", false, true),
            ("sk-\u{e9}", false, true),
            ("usher_pass_abc", false, true),
        ];
        for (value, is_used, is_reported) in rows {
            let environment = read(&[("OPENAI_API_KEY", value)]).unwrap();
            let seen = (environment.api_key.is_some(), environment.api_key_unused.is_some());
            assert_eq!(seen, (is_used, is_reported), "{value:?}");
        }
    }

    #[test]
    fn wrong_values_are_refused_before_anything_is_done() {
        let code = |pairs| read(pairs).err().map(|failure| failure.code);
        assert_eq!(code(&[("USHER_SECRETS", "cloud")]), Some(ErrorCode::BadUsage));
        assert_eq!(code(&[("USHER_ISSUER_URL", "http://auth.example")]), Some(ErrorCode::BadUrl));
    }
}
