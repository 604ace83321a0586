//! Links that begin with `usher://`, by which a web page or another program asks Usher for something.
//!
//! Anybody can make one, so a link decides nothing: it opens a panel, or proposes a service that is added only after the person
//! has seen all of it and agreed. It never holds a key or a header. What is not exactly one of the two forms is rejected.

use serde::{Deserialize, Serialize};
use strum::{EnumString, VariantNames};
use ts_rs::TS;
use url::Url;

use crate::{
    BaseUrl, ErrorCode, Failure, MAX_NAME_CHARS, PRESETS, PlainHttp, ProviderSlug, Wire,
    is_control_or_format, is_printable_within,
};

/// The scheme, with what every link begins with.
pub const LINK_PREFIX: &str = "usher:";

/// The longest link, in bytes.
const MAX_BYTES: usize = 2048;

/// The longest timeout that a service can have, in seconds.
const MAX_TIMEOUT: u32 = 3600;

/// Names by which a service of a link would pass for one that Usher has itself.
const RESERVED_NAMES: [&str; 5] = ["usher", "openai", "open-ai", "chatgpt", "codex"];

/// What a link asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeepLink {
    /// `usher://open/PANEL`: a panel of the window.
    Open(LinkPanel),
    /// `usher://add?name=…&base_url=…`: a service, after a yes.
    Add(ProposedService),
}

/// A panel that a link can open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, VariantNames, TS)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LinkPanel {
    /// The plan's account in use, or the sign-in.
    Plan,
    /// The accounts of the plan.
    Accounts,
    /// What can be added.
    Add,
    /// The gateway.
    Gateway,
    /// The tools of this computer.
    Tools,
    /// What used the plan.
    Activity,
    /// Preferences.
    Preferences,
}

/// A service that speaks the OpenAI API, as a link describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ProposedService {
    /// The name that people see.
    pub name: String,
    /// Base URL: https, or http on this computer.
    #[ts(type = "string")]
    pub base_url: BaseUrl,
    /// Which API it has, where the link says that.
    pub wire: Option<Wire>,
    /// How long it may take to the first byte, where the link says that.
    pub timeout_seconds: Option<u32>,
}

impl DeepLink {
    /// Parses a link.
    ///
    /// The error says what is wrong with it: [`ErrorCode::BadUrl`] for an address that is not accepted, else
    /// [`ErrorCode::BadUsage`].
    pub fn parse(text: &str) -> Result<Self, Failure> {
        if text.len() > MAX_BYTES {
            return Err(rejected(format!("the link is longer than {MAX_BYTES} bytes")));
        }
        // The parser would drop them, and read another link than the person sees.
        if text.chars().any(|one| one.is_whitespace() || is_control_or_format(one)) {
            return Err(rejected("the link has spaces, line breaks or characters that cannot be seen"));
        }
        let url = Url::parse(text).map_err(|error| rejected(format!("this is no link: {error}")))?;
        let plain = url.scheme() == "usher"
            && url.username().is_empty()
            && url.password().is_none()
            && url.port().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(rejected("a link is usher://open/PANEL or usher://add?name=NAME&base_url=ADDRESS"));
        }
        match (url.host_str(), url.path()) {
            (Some("open"), _) if url.query().is_some() => {
                Err(rejected("a link that opens a panel has no parameters"))
            }
            // The parser shortens a path with `..`.
            (Some("open"), path) if url.as_str() == text => panel(path).map(Self::Open),
            (Some("add"), "" | "/") => service(&url).map(Self::Add),
            _ => Err(rejected("a link can only open a panel or add a service")),
        }
    }
}

fn panel(path: &str) -> Result<LinkPanel, Failure> {
    let name = path.strip_prefix('/').unwrap_or(path);
    name.parse().map_err(|_| {
        rejected(format!("the link names no panel; there are {}", LinkPanel::VARIANTS.join(", ")))
    })
}

/// Reads the parameters of a service.
fn service(url: &Url) -> Result<ProposedService, Failure> {
    let (mut name, mut base_url, mut wire, mut timeout) = (None, None, None, None);
    for (key, value) in url.query_pairs() {
        let slot = match &*key {
            "name" => &mut name,
            "base_url" => &mut base_url,
            "wire" => &mut wire,
            "timeout" => &mut timeout,
            // Not quoted: it may be a key, which does not belong in a message.
            _ => {
                return Err(rejected(
                    "a link takes name, base_url, wire and timeout only, and never a key or a header",
                ));
            }
        };
        if slot.replace(value.into_owned()).is_some() {
            return Err(rejected(format!("the link has {key} twice")));
        }
    }
    let name = name_of(name.as_deref())?;
    let base_url = address(base_url.as_deref())?;
    is_no_other(&name, &base_url)?;
    Ok(ProposedService {
        name,
        base_url,
        wire: wire_of(wire.as_deref())?,
        timeout_seconds: seconds(timeout.as_deref())?,
    })
}

fn name_of(text: Option<&str>) -> Result<String, Failure> {
    let name = text.ok_or_else(|| rejected("the link has no name"))?;
    // Bytes that are no UTF-8 were replaced.
    if name.trim() != name || name.contains('\u{fffd}') || !is_printable_within(name, MAX_NAME_CHARS) {
        let cause =
            format!("the name in the link is not one line of 1 to {MAX_NAME_CHARS} visible characters");
        return Err(rejected(cause));
    }
    ProviderSlug::from_title(name)?;
    Ok(name.to_owned())
}

/// Parses the address, which has to be written the way it is understood.
///
/// A person who reads it must see the host that requests go to: names in other scripts, numbers that stand for an address and
/// escapes are not accepted, although a browser would take them.
fn address(text: Option<&str>) -> Result<BaseUrl, Failure> {
    let text = text.ok_or_else(|| rejected("the link has no base_url"))?;
    let bad = |why: &str| Failure::new(ErrorCode::BadUrl, why);
    // The ends would be cut off.
    if text.trim() != text {
        return Err(bad("the address in the link has spaces or line breaks"));
    }
    if !text.is_ascii() {
        return Err(bad(
            "the address in the link has characters outside of ASCII, which can look like others",
        ));
    }
    let base = BaseUrl::parse(text, PlainHttp::LoopbackOnly)?;
    let host = base.url().host_str().unwrap_or_default();
    if host.split('.').any(|label| label.starts_with("xn--")) {
        return Err(bad("the host in the link has characters outside of ASCII, which can look like others"));
    }
    let written = text.split_once("://").map_or("", |(_, rest)| rest).to_ascii_lowercase();
    let after = written
        .strip_prefix(host)
        .ok_or_else(|| bad("the host in the link is not written as it is understood"))?;
    if host.ends_with('.') || !(after.is_empty() || after.starts_with([':', '/'])) {
        return Err(bad("the host in the link is not written as it is understood"));
    }
    Ok(base)
}

/// Checks that the service does not go by the name of another one.
fn is_no_other(name: &str, base_url: &BaseUrl) -> Result<(), Failure> {
    let slug = ProviderSlug::from_title(name)?.to_string();
    let host_of = |url: &Url| url.host_str().map(str::to_owned);
    let preset = PRESETS.iter().find(|preset| preset.id == slug);
    let has_other_host = preset.is_some_and(|preset| {
        preset.needs_key
            && Url::parse(preset.base_url).ok().as_ref().and_then(host_of) != host_of(base_url.url())
    });
    if has_other_host || RESERVED_NAMES.contains(&slug.as_str()) {
        return Err(rejected("the link gives a service the name of another one"));
    }
    Ok(())
}

fn wire_of(text: Option<&str>) -> Result<Option<Wire>, Failure> {
    match text {
        None => Ok(None),
        Some("responses") => Ok(Some(Wire::Responses)),
        Some("chat_completions") => Ok(Some(Wire::ChatCompletions)),
        Some(_) => Err(rejected("wire in the link is neither responses nor chat_completions")),
    }
}

fn seconds(text: Option<&str>) -> Result<Option<u32>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    match text.parse() {
        Ok(seconds) if is_plain && (1..=MAX_TIMEOUT).contains(&seconds) => Ok(Some(seconds)),
        _ => Err(rejected(format!(
            "timeout in the link is no whole number of seconds from 1 to {MAX_TIMEOUT}"
        ))),
    }
}

fn rejected(cause: impl Into<String>) -> Failure {
    Failure::new(ErrorCode::BadUsage, cause)
}

#[cfg(test)]
mod tests;
