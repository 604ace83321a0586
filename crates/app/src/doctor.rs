//! Doctor: what could stand in the way of a sign-in, each with what was found.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use usher_auth::holder;
use usher_domain::ErrorCode;
use usher_net::{Call, ProxyInForce};

use crate::app::{App, off_thread};
use crate::view::{Check, Checkup, Verdict};

/// Clocks that differ by more than this are said to differ.
const CLOCK_TOLERANCE_SECONDS: i64 = 60;

impl App {
    /// Looks at ports, settings, store, proxy, certificates and clock.
    pub async fn doctor(&self) -> Checkup {
        let mut checks: Vec<Check> = self.provider.callback_ports.iter().copied().map(port).collect();
        checks.push(self.check_settings());
        checks.push(self.check_store().await);
        checks.push(self.check_proxy());
        checks.push(self.check_certificates());
        checks.push(self.check_clock().await);
        Checkup { checks }
    }

    fn check_settings(&self) -> Check {
        let path = self.settings_path().display();
        match self.read_settings() {
            Err(failure) => check("settings", Verdict::Bad, failure.cause, Some(failure.code)),
            Ok(settings) if settings.notes().is_empty() => {
                check("settings", Verdict::Good, format!("all of {path} is understood"), None)
            }
            Ok(settings) => {
                let notes: Vec<String> = settings.notes().iter().map(ToString::to_string).collect();
                check("settings", Verdict::Note, format!("{path}: {}", notes.join("; ")), None)
            }
        }
    }

    async fn check_store(&self) -> Check {
        let store = Arc::clone(&self.store);
        match off_thread(move || store.key_place()).await {
            Ok(place) => {
                let found = match place {
                    usher_auth::KeyPlace::Keyring => "sealed file, key in the keyring",
                    usher_auth::KeyPlace::Passphrase => "sealed file, opened by a passphrase",
                    usher_auth::KeyPlace::KeyFile => "sealed file, key in a file beside it",
                };
                let verdict =
                    if place == usher_auth::KeyPlace::KeyFile { Verdict::Note } else { Verdict::Good };
                check("store", verdict, format!("{found}, in {}", self.home.data.display()), None)
            }
            Err(failure) => check("store", Verdict::Bad, failure.cause, Some(failure.code)),
        }
    }

    fn check_proxy(&self) -> Check {
        let proxies = ProxyInForce::from_system();
        let endpoints = &self.provider.endpoints;
        let of = |url: &url::Url| {
            let way = proxies.of(url).map_or("direct".to_owned(), |proxy| format!("through {proxy}"));
            format!("{}: {way}", url.host_str().unwrap_or_default())
        };
        check("proxy", Verdict::Good, format!("{}; {}", of(&endpoints.issuer), of(&endpoints.backend)), None)
    }

    fn check_certificates(&self) -> Check {
        match self.network() {
            Ok(_) => {
                let extra = self.extra_certificates();
                let found = extra.map_or("the system's own".to_owned(), |path| {
                    format!("the system's own and those of {}", path.display())
                });
                check("certificates", Verdict::Good, found, None)
            }
            Err(failure) => check("certificates", Verdict::Bad, failure.cause, Some(failure.code)),
        }
    }

    /// Compares with the `Date` of the authorization server.
    async fn check_clock(&self) -> Check {
        let network = match self.network() {
            Ok(network) => network,
            Err(failure) => return check("clock", Verdict::Note, failure.cause, Some(failure.code)),
        };
        let url = self.provider.endpoints.at_issuer("/.well-known/openid-configuration");
        let answer = match network.http.send(Call::get(url)).await {
            Ok(answer) => answer,
            Err(error) => return check("clock", Verdict::Bad, error.failure.cause, Some(error.failure.code)),
        };
        let Some(theirs) = answer.date() else {
            return check("clock", Verdict::Note, format!("{} does not say its time", answer.host()), None);
        };
        let off = self.clock.now().since(theirs);
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

/// Whether a sign-in could take `port` now.
fn port(port: u16) -> Check {
    let name = format!("port_{port}");
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => check(&name, Verdict::Good, "free".into(), None),
        Err(error) => {
            let found = holder(port).map_or_else(|| error.to_string(), |holder| format!("used by {holder}"));
            check(&name, Verdict::Note, found, Some(ErrorCode::PortBusy))
        }
    }
}

fn check(name: &str, verdict: Verdict, found: String, code: Option<ErrorCode>) -> Check {
    Check { check: name.into(), verdict, found, code }
}
