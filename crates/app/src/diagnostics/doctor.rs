//! Doctor: what can prevent a sign-in, each with what was found.

use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use parking_lot::Mutex;
use usher_auth::{UnreadableStore, port_holder};
use usher_domain::{ErrorCode, ProviderId, append_path};
use usher_net::HttpRequest;

use crate::accounts::codex_login::CodexLogins;
use crate::context::{Context, Network, blocking, run_blocking};
use crate::platform::environment::Session;
use crate::providers::hosts::hosts;
use crate::providers::kinds;
use crate::providers::known::{known_providers, left_keys};
use crate::settings::{ProxySetting, Settings};
use crate::view::{Check, DoctorReport, HostView, Verdict};

/// Clocks that differ by more than this are reported.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;
/// How long a host may take to say anything.
const HOST_TIMEOUT: Duration = Duration::from_secs(5);
/// Files that container engines leave inside.
const CONTAINER_MARKS: [&str; 2] = ["/.dockerenv", "/run/.containerenv"];

/// Checks the surroundings.
pub struct Doctor {
    pub(super) context: Arc<Context>,
    codex_logins: Arc<CodexLogins>,
    /// The folder of the last export of this process.
    pub(super) exported: Mutex<Option<PathBuf>>,
}

impl Doctor {
    pub(crate) fn new(context: Arc<Context>, codex_logins: Arc<CodexLogins>) -> Self {
        Self { context, codex_logins, exported: Mutex::default() }
    }

    /// Looks at what a sign-in and a request need, in their order.
    pub async fn run(&self) -> DoctorReport {
        let mut checks =
            blocking(|| self.context.provider.callback_ports.iter().copied().map(port).collect::<Vec<_>>());
        checks.push(self.check_session());
        checks.push(self.check_settings());
        checks.push(self.check_store().await);
        checks.extend(self.check_keys().await);
        checks.push(self.check_state().await);
        checks.extend(self.check_pass_lock());
        checks.push(self.check_environment());
        checks.extend(self.check_api_key());
        checks.push(self.check_proxy());
        checks.push(self.check_certificates());
        checks.push(self.check_clock().await);
        checks.extend(self.check_hosts().await);
        checks.extend(self.check_plan_usage().await);
        checks.push(self.check_codex().await);
        DoctorReport { checks }
    }

    /// Which way to sign in suits this computer.
    fn check_session(&self) -> Check {
        let Session { ssh, wsl, display } = self.context.session;
        let container = CONTAINER_MARKS.iter().any(|mark| std::path::Path::new(mark).exists());
        let found = if ssh {
            "over SSH: a browser here is not before you; use a code (`--device`) or paste (`--paste`)"
        } else if container {
            "in a container: the browser's answer may not come in here; if it does not, use a code (`--device`) or paste (`--paste`)"
        } else if wsl {
            "in WSL: the browser is Windows'; if its answer does not come through, use a code (`--device`)"
        } else if cfg!(target_os = "linux") && !display {
            "no display: no browser opens here; use a code (`--device`) or paste (`--paste`)"
        } else {
            return check("session", Verdict::Good, "a browser can open here".into(), None);
        };
        // The text includes the remedy.
        check("session", Verdict::Note, found.into(), None)
    }

    /// Reports that all passes are locked; `None` while they are not.
    fn check_pass_lock(&self) -> Option<Check> {
        blocking(|| self.context.pass_lock.since())?;
        let found =
            "all passes are locked, so every program is refused; allow them again with `usher unlock`";
        Some(check("passes", Verdict::Bad, found.into(), Some(ErrorCode::Locked)))
    }

    /// Checks for variables that make other programs use another key or address than the one they are set up with.
    fn check_environment(&self) -> Check {
        if self.context.overriding.is_empty() {
            return check("environment", Verdict::Good, "no variable overrides other programs".into(), None);
        }
        let found = format!(
            "{}: programs started from here take these before their own settings; unset those that you do not mean",
            self.context.overriding.join(", ")
        );
        check("environment", Verdict::Note, found, None)
    }

    /// Reports a key of the environment that is invalid; `None` if there is nothing to report.
    fn check_api_key(&self) -> Option<Check> {
        let found = format!(
            "OPENAI_API_KEY {}, so Usher does not use it: set it again or unset it",
            self.context.api_key_unused?
        );
        Some(check("environment", Verdict::Note, found, None))
    }

    /// Asks each host for its model list without any credential: an answer of whatever kind shows that it can be
    /// reached, a page for people that something stands between.
    async fn check_hosts(&self) -> Vec<Check> {
        let (network, settings) = match (self.context.network(), self.context.read_settings()) {
            (Ok(network), Ok(settings)) => (network, settings),
            // The checks before this one report the reason.
            (Err(_), _) => return vec![unasked("no connection can be made")],
            (_, Err(_)) => return vec![unasked("the settings cannot be read")],
        };
        let enabled = known_providers(&self.context, &settings).into_iter().filter(|id| settings.enabled(id));
        // All at once: ten hosts that do not answer take as long as one.
        join_all(enabled.map(|id| self.check_host(network, &settings, id))).await
    }

    async fn check_host(&self, network: &Network, settings: &Settings, id: ProviderId) -> Check {
        let list = kinds::of(&id).and_then(|kind| {
            let root = kind.root(&self.context, &id, &settings.endpoint(&id)?)?;
            Ok(append_path(&root, kind.rules().models_path()))
        });
        let name = format!("host {id}");
        let found = match list {
            Ok(list) => reach(network, &name, list).await,
            Err(failure) => check(&name, Verdict::Bad, failure.cause, Some(failure.code)),
        };
        Check { provider: Some(id), ..found }
    }

    async fn check_codex(&self) -> Check {
        match self.codex_logins.codex_version().await {
            Ok(version) => check("codex", Verdict::Good, version, None),
            Err(failure) if failure.code == ErrorCode::ProgramMissing => {
                check("codex", Verdict::Good, "not installed; nothing here needs it".into(), None)
            }
            Err(failure) => check("codex", Verdict::Note, failure.cause, Some(failure.code)),
        }
    }

    fn check_settings(&self) -> Check {
        let path = self.context.settings_path().display();
        match self.context.read_settings() {
            // The cause includes the remedy: line and column.
            Err(failure) => check("settings", Verdict::Bad, failure.cause, None),
            Ok(settings) if settings.file_error().is_some() => {
                let why = settings.file_error().map(ToString::to_string).unwrap_or_default();
                let found = format!("{why}; the last valid settings stay in force until you correct it");
                check("settings", Verdict::Bad, found, None)
            }
            Ok(settings) if settings.warnings().is_empty() => {
                check("settings", Verdict::Good, format!("no errors in {path}"), None)
            }
            Ok(settings) => {
                let warnings = settings.warnings();
                check(
                    "settings",
                    Verdict::Note,
                    format!("{path}: {}; correct these keys, or leave them", warnings.join("; ")),
                    None,
                )
            }
        }
    }

    async fn check_store(&self) -> Check {
        match self.context.unreadable_store().await {
            Ok(None) => {}
            Ok(Some(UnreadableStore { failure, .. })) | Err(failure) => {
                return check("store", Verdict::Bad, failure.cause, Some(failure.code));
            }
        }
        let store = Arc::clone(&self.context.store);
        match run_blocking(move || store.key_location()).await {
            Ok(place) => {
                let found = match place {
                    usher_auth::KeyLocation::Keyring => "sealed file, key in the keyring",
                    usher_auth::KeyLocation::Passphrase => "sealed file, opened by a passphrase",
                    usher_auth::KeyLocation::KeyFile => "sealed file, key in a file beside it",
                };
                let found = format!("{found}, in {}", self.context.home.data.display());
                let problems = self.store_problems().await;
                if !problems.is_empty() {
                    let found = format!("{found}: {}", problems.join("; "));
                    return check("store", Verdict::Bad, found, None);
                }
                if place == usher_auth::KeyLocation::KeyFile {
                    let found = format!("{found}: protected by file rights alone; keep the disk encrypted");
                    return check("store", Verdict::Note, found, None);
                }
                check("store", Verdict::Good, found, None)
            }
            Err(failure) => check("store", Verdict::Bad, failure.cause, Some(failure.code)),
        }
    }

    /// Reports keys of providers whose table the user removed from the file; they are shown nowhere else.
    ///
    /// `None` if all have one, or if it is unknown, which other checks report.
    async fn check_keys(&self) -> Option<Check> {
        let (vault, settings) = (self.context.vault().await.ok()?, self.context.read_settings().ok()?);
        let left = left_keys(&self.context, &settings, &vault);
        if left.is_empty() {
            return None;
        }
        let each = left.iter().map(|id| format!("{id} (erase it with `usher logout --provider {id}`)"));
        let found =
            format!("still kept for what is no provider any more: {}", each.collect::<Vec<_>>().join(", "));
        Some(check("keys", Verdict::Note, found, None))
    }

    /// What was seen last: lists and limits. Nothing fails without it.
    async fn check_state(&self) -> Check {
        let state = Arc::clone(&self.context.state);
        match run_blocking(move || state.check()).await {
            Ok(()) => check("state", Verdict::Good, "lists and limits are kept in state.db".into(), None),
            Err(failure) => {
                let found = format!(
                    "{}; lists and limits are fetched again each time. Make room for it, or move it away",
                    failure.cause
                );
                check("state", Verdict::Note, found, None)
            }
        }
    }

    /// Checks the way to remote hosts: the proxy, the certificates, and whether each host answers.
    pub async fn check_network(&self) -> DoctorReport {
        let mut checks = vec![self.check_proxy(), self.check_certificates()];
        checks.extend(self.check_hosts().await);
        DoctorReport { checks }
    }

    fn check_proxy(&self) -> Check {
        let proxies = match self.context.proxies() {
            Ok(proxies) => proxies,
            Err(failure) => return check("proxy", Verdict::Bad, failure.cause, Some(failure.code)),
        };
        let of = |host: HostView| {
            let url = url::Url::parse(&host.origin).ok()?;
            let way = proxies.proxy_for(&url).map_or("direct".to_owned(), |proxy| format!("through {proxy}"));
            Some(format!("{}: {way}", url.host_str().unwrap_or_default()))
        };
        let hosts =
            self.context.read_settings().map(|settings| hosts(&self.context, &settings)).unwrap_or_default();
        let mut ways: Vec<String> = hosts.into_iter().filter_map(of).collect();
        let chosen = self.context.read_settings();
        let is_chosen = |settings: &Settings| {
            settings.no_proxy().is_some()
                || !settings.proxy().is_ok_and(|proxy| proxy == ProxySetting::System)
        };
        if !proxies.variables().is_empty() && chosen.is_ok_and(|settings| is_chosen(&settings)) {
            ways.push(format!(
                "{} of the environment wins over the settings",
                proxies.variables().join(" and ")
            ));
        }
        let unreadable = proxies.invalid_variables();
        if unreadable.is_empty() {
            return check("proxy", Verdict::Good, ways.join("; "), None);
        }
        let found = format!(
            "{} holds no address of a proxy and is not used; {}",
            unreadable.join(" and "),
            ways.join("; ")
        );
        check("proxy", Verdict::Bad, found, Some(ErrorCode::Proxy))
    }

    fn check_certificates(&self) -> Check {
        match self.context.network() {
            Ok(_) => {
                let files = self.context.certificate_files();
                let files: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
                let found = match files[..] {
                    [] => "the system's own".to_owned(),
                    _ => format!("the system's own and those of {}", files.join(" and ")),
                };
                check("certificates", Verdict::Good, found, None)
            }
            Err(failure) => check("certificates", Verdict::Bad, failure.cause, Some(failure.code)),
        }
    }

    /// Compares with the `Date` of the authorization server.
    async fn check_clock(&self) -> Check {
        let network = match self.context.network() {
            Ok(network) => network,
            Err(failure) => return check("clock", Verdict::Note, failure.cause, Some(failure.code)),
        };
        let url = self.context.provider.endpoints.at_issuer("/.well-known/openid-configuration");
        let answer = match network.http.send(HttpRequest::get(url)).await {
            Ok(answer) => answer,
            Err(error) => return check("clock", Verdict::Bad, error.failure.cause, Some(error.failure.code)),
        };
        let Some(theirs) = answer.date() else {
            return check("clock", Verdict::Note, format!("{} does not say its time", answer.host()), None);
        };
        let off = self.context.clock.now().since(theirs);
        if off.abs() <= CLOCK_TOLERANCE_SECONDS {
            return check(
                "clock",
                Verdict::Good,
                format!("within {CLOCK_TOLERANCE_SECONDS} s of {}", answer.host()),
                None,
            );
        }
        let found = format!("differs by {off} s from {}", answer.host());
        check("clock", Verdict::Bad, found, Some(ErrorCode::ClockSkew))
    }
}

fn unasked(why: &str) -> Check {
    check("hosts", Verdict::Note, format!("not asked, because {why}: mend that first"), None)
}

pub(super) async fn reach(network: &Network, name: &str, url: url::Url) -> Check {
    let began = Instant::now();
    let answer = match network.http.send(HttpRequest::get(url).with_timeout(HOST_TIMEOUT)).await {
        Ok(answer) => answer,
        Err(error) => return check(name, Verdict::Bad, error.failure.cause, Some(error.failure.code)),
    };
    if let Some(page) = answer.challenge_page() {
        return check(name, Verdict::Bad, page.cause, Some(page.code));
    }
    let found = format!("{} answers, in {} ms", answer.host(), began.elapsed().as_millis());
    check(name, Verdict::Good, found, None)
}

/// Whether a sign-in could take `port` now.
fn port(port: u16) -> Check {
    let name = format!("port_{port}");
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => check(&name, Verdict::Good, "free".into(), None),
        Err(error) => {
            let found =
                port_holder(port).map_or_else(|| error.to_string(), |holder| format!("used by {holder}"));
            check(&name, Verdict::Note, found, Some(ErrorCode::PortBusy))
        }
    }
}

pub(super) fn check(name: &str, verdict: Verdict, found: String, code: Option<ErrorCode>) -> Check {
    Check { check: name.into(), verdict, found, provider: None, code }
}
