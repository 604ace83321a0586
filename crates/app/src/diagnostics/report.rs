//! What can be handed to others for help: the checks, without who, where and with which secrets.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use url::Url;
use usher_auth::{make_private_folder, replace_file};
use usher_domain::{ErrorCode, Failure, PRESETS, ProviderId, is_loopback, redact};

use crate::diagnostics::doctor::Doctor;
use crate::providers::hosts::hosts;
use crate::providers::known::{known_providers, left_keys};
use crate::settings::Settings;
use crate::view::{DoctorReport, Verdict};

/// The name of the exported file, unless the person chooses another one.
pub(crate) const EXPORT_FILE: &str = "diagnostics.txt";
/// Hosts that say nothing of the person.
const OPENAI: [&str; 2] = ["openai.com", "chatgpt.com"];

fn not_written(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(ErrorCode::StoreUnavailable, format!("could not write {}: {error}", path.display()))
}

impl Doctor {
    /// Writes `doctor_report` to a file beside the logs, for the person to read before they share it.
    pub async fn export(&self, doctor_report: &DoctorReport) -> Result<PathBuf, Failure> {
        let path = self.context.home.logs.join(EXPORT_FILE);
        self.export_to(&path, doctor_report).await?;
        Ok(path)
    }

    /// Writes `doctor_report` to `path`, which the person chose. Only this user can read the file.
    pub(crate) async fn export_to(&self, path: &Path, doctor_report: &DoctorReport) -> Result<(), Failure> {
        if let Some(folder) = path.parent() {
            make_private_folder(folder).map_err(|error| not_written(path, &error))?;
        }
        let report = report(doctor_report, &self.redactions().await);
        replace_file(path, report.as_bytes(), None).map_err(|error| not_written(path, &error))?;
        *self.exported.lock() = path.parent().map(Path::to_owned);
        Ok(())
    }

    /// Returns the folder that an export was last written to.
    pub(crate) fn export_folder(&self) -> PathBuf {
        self.exported.lock().clone().unwrap_or_else(|| self.context.home.logs.clone())
    }

    /// Returns the user's own names to redact: folders, services, hosts.
    async fn redactions(&self) -> Redactions {
        let mut known = Redactions::default();
        let home = &self.context.home;
        let named =
            [Some(&home.config), Some(&home.data), Some(&home.logs), self.context.places.home.as_ref()];
        let certificates = self.context.certificate_files();
        for folder in
            named.into_iter().flatten().map(PathBuf::as_path).chain(certificates.iter().map(PathBuf::as_path))
        {
            known.folder(folder);
        }
        let settings = self.context.read_settings().ok();
        let services = self.services(settings.as_ref()).await;
        for (at, id) in services.iter().enumerate() {
            known.word(id.to_string(), &format!("service {}", at + 1));
        }
        for (name, address) in settings.iter().flat_map(Settings::written_providers) {
            let at = services.iter().position(|id| id.to_string() == name);
            let service = at.map_or_else(|| "a service".to_owned(), |at| format!("service {}", at + 1));
            known.address(address.unwrap_or_default(), &format!("host of {service}"));
            if name.parse::<ProviderId>().is_err() {
                known.word(name.to_owned(), &service);
            }
        }
        for url in [
            &self.context.provider.endpoints.issuer,
            &self.context.provider.endpoints.backend,
            &self.context.platform,
        ] {
            known.host(url, "host of OpenAI's stand-in");
        }
        let proxies = self.context.proxies().ok();
        let hosts = settings.map(|settings| hosts(&self.context, &settings)).unwrap_or_default();
        let urls = hosts.iter().filter_map(|host| Url::parse(&host.origin).ok());
        for proxy in urls.filter_map(|url| proxies.as_ref()?.proxy_for(&url)) {
            known.word(proxy.rsplit_once(':').map_or(proxy.as_str(), |(host, _)| host).to_owned(), "[proxy]");
        }
        known
    }

    /// Those of the file, and those that only a key is left of. Presets say nothing of the person.
    async fn services(&self, settings: Option<&Settings>) -> Vec<ProviderId> {
        let Some(settings) = settings else { return Vec::new() };
        let left = self.context.vault().await.map(|vault| left_keys(&self.context, settings, &vault));
        let all = known_providers(&self.context, settings).into_iter().chain(left.unwrap_or_default());
        let is_own = |id: &ProviderId| {
            let is_preset = |name: String| PRESETS.iter().any(|preset| preset.id == name);
            id.name().is_some_and(|name| !is_preset(name.to_string()))
        };
        all.filter(is_own).collect()
    }
}

/// The shortest host that can be somebody's own: a name, a dot and two letters.
const MIN_HOST_LENGTH: usize = 4;

/// What is blacked out wherever it stands, and what stands there instead.
#[derive(Debug, Default)]
struct Redactions(Vec<(String, String)>);

impl Redactions {
    fn folder(&mut self, folder: &Path) {
        let folder = folder.display().to_string();
        // The root is in every path.
        if folder.len() > 1 {
            self.word(folder, "[path]");
        }
    }

    /// The host of an address, or the whole text of one that cannot be parsed, unless that is as short as parts of other
    /// words are.
    fn address(&mut self, address: &str, stands_for: &str) {
        match Url::parse(address).ok().filter(Url::has_host) {
            Some(url) => self.host(&url, stands_for),
            None if address.trim().len() < MIN_HOST_LENGTH => {}
            None => self.word(address.trim().to_owned(), stands_for),
        }
    }

    /// A host of the person's own; this computer is nobody's in particular.
    fn host(&mut self, url: &Url, stands_for: &str) {
        let Some(host) = url.host_str().filter(|_| !is_loopback(url)) else { return };
        let presets = PRESETS.iter().filter_map(|preset| Url::parse(preset.base_url).ok());
        let of_preset = presets.into_iter().any(|preset| preset.host_str() == Some(host));
        let of_openai = OPENAI.iter().any(|end| host == *end || host.ends_with(&format!(".{end}")));
        if !of_preset && !of_openai {
            self.word(host.to_owned(), stands_for);
        }
    }

    fn word(&mut self, word: String, stands_for: &str) {
        if !word.is_empty() {
            self.0.push((word, stands_for.to_owned()));
            // One may be part of another.
            self.0.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        }
    }

    fn replace(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (word, stands_for)| text.replace(word, stands_for))
    }
}

fn report(doctor_report: &DoctorReport, known: &Redactions) -> String {
    let mut text = format!(
        "Usher {} on {} {}\n\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    let names: Vec<String> = doctor_report.checks.iter().map(|check| known.replace(&check.check)).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default() + 2;
    for (name, check) in names.iter().zip(&doctor_report.checks) {
        let verdict = match check.verdict {
            Verdict::Good => "ok",
            Verdict::Note => "note",
            Verdict::Bad => "bad",
        };
        let found = redact_personal(&known.replace(&check.found));
        writeln!(text, "{name:<width$}{verdict:<6}{found}").expect("a String takes any text");
    }
    text
}

/// Takes out e-mail addresses and paths, and what looks like a secret.
fn redact_personal(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let bare = word.trim_matches(|one: char| !one.is_alphanumeric() && one != '/' && one != '~');
        let is_address = bare.contains('@') && bare.contains('.');
        let is_path =
            bare.starts_with('/') || bare.starts_with("~/") || bare.contains(":\\") || word.contains('\\');
        match (is_address, is_path) {
            (true, _) => "[e-mail]".to_owned(),
            (_, true) => "[path]".to_owned(),
            _ => word.to_owned(),
        }
    });
    redact(&words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Check;

    #[test]
    fn who_and_where_are_blacked_out() {
        let text = redact_personal(
            "key in /home/ada/.local/usher, of <ada@example.com>; sk-abcdefghijklmnopqrst in C:\\Users\\ada",
        );
        for part in ["ada", "home", "abcdefghij"] {
            assert!(!text.contains(part), "{text}");
        }
        assert!(redact_personal("https://api.groq.com answers, in 12 ms").contains("api.groq.com"));
    }

    #[test]
    fn folders_services_and_hosts_are_blacked_out_whole() {
        let mut known = Redactions::default();
        known.folder(Path::new("/home/Ada Lovelace"));
        known.folder(Path::new("/home/Ada Lovelace/.config"));
        known.word("openai-compatible:ada".into(), "service 1");
        known.host(&Url::parse("https://ada.example/v1").unwrap(), "host of service 1");
        known.address("llm.ada.example/v1", "host of service 2");
        known.address("http://gpu.ada.example:11434/v1", "host of a service");
        for kept in ["https://api.groq.com/openai/v1", "https://chatgpt.com/", "http://127.0.0.1:9/v1"] {
            known.host(&Url::parse(kept).unwrap(), "host of another");
        }
        let check = |check: &str, found: &str| Check {
            check: check.into(),
            verdict: Verdict::Good,
            found: found.into(),
            code: None,
            provider: None,
        };
        let checks = vec![
            check("settings", "in /home/Ada Lovelace/.config/config.toml, of /home/Ada Lovelace"),
            check(
                "host openai-compatible:ada",
                "ada.example answers; api.groq.com, chatgpt.com, 127.0.0.1: direct",
            ),
            check(
                "addresses",
                "begin with https:// (llm.ada.example/v1), http (http://gpu.ada.example:11434/v1)",
            ),
        ];
        let text = report(&DoctorReport { checks }, &known);
        let expected = "\
            settings        ok    in [path]/config.toml, of [path]\n\
            host service 1  ok    host of service 1 answers; api.groq.com, chatgpt.com, 127.0.0.1: direct\n\
            addresses       ok    begin with https:// (host of service 2), http (http://host of a service:11434/v1)\n";
        assert!(text.ends_with(&format!("\n\n{expected}")), "{text}");
    }
}
