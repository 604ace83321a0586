//! The id of a provider: its kind, and a name where there can be several of the kind.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ErrorCode, Failure, redact};

/// Identifies a provider: `openai`, or `openai-compatible:groq` where there can be several of one kind.
///
/// The form is checked, and nothing else: which kinds there are is known to the app alone, so that a new one changes
/// nothing below it. The ids of today are part of the contract (contract §2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(into = "String", try_from = "String")]
#[ts(type = "string")]
pub struct ProviderId {
    kind: Cow<'static, str>,
    name: Option<ProviderSlug>,
}

impl ProviderId {
    /// Returns the id of the only provider of `kind`, which must have the form of a slug.
    pub const fn of_kind(kind: &'static str) -> Self {
        Self { kind: Cow::Borrowed(kind), name: None }
    }

    /// Returns the id of the provider `name` of `kind`.
    pub const fn named(kind: &'static str, name: ProviderSlug) -> Self {
        Self { kind: Cow::Borrowed(kind), name: Some(name) }
    }

    /// Returns the kind: what is before the colon, or all of it.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the name within the kind: what is after the colon.
    pub fn name(&self) -> Option<&ProviderSlug> {
        self.name.as_ref()
    }
}

impl fmt::Display for ProviderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            None => f.write_str(&self.kind),
            Some(name) => write!(f, "{}:{name}", self.kind),
        }
    }
}

impl FromStr for ProviderId {
    type Err = Failure;

    /// Parses `KIND` or `KIND:NAME`; the error is [`ErrorCode::BadUsage`].
    fn from_str(text: &str) -> Result<Self, Failure> {
        let (kind, name) = match text.split_once(':') {
            Some((kind, name)) => (kind, Some(ProviderSlug::new(name)?)),
            None => (text, None),
        };
        if !ProviderSlug::is_valid(kind) {
            let cause = format!("unknown provider {}", redact(text));
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        Ok(Self { kind: Cow::Owned(kind.to_owned()), name })
    }
}

impl From<ProviderId> for String {
    fn from(id: ProviderId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for ProviderId {
    type Error = Failure;

    fn try_from(text: String) -> Result<Self, Failure> {
        text.parse()
    }
}

/// The slug that identifies a compatible service: lower-case letters, digits, `-`, `_` and `.`.
///
/// It can be typed anywhere without quotes. The name that people see is another one and may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProviderSlug(String);

impl ProviderSlug {
    /// The longest slug, in characters.
    const LONGEST: usize = 40;

    /// Parses a slug; the error is [`ErrorCode::BadUsage`].
    pub fn new(text: &str) -> Result<Self, Failure> {
        if Self::is_valid(text) {
            return Ok(Self(text.to_owned()));
        }
        let cause = format!(
            "`{}` is not a valid provider name: use up to {} lower-case letters, digits, - _ and .",
            redact(text),
            Self::LONGEST
        );
        Err(Failure::new(ErrorCode::BadUsage, cause))
    }

    fn is_valid(text: &str) -> bool {
        let fits = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "-_.".contains(one);
        let begins_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
        begins_well && text.len() <= Self::LONGEST && text.chars().all(fits)
    }

    /// Returns a slug for a service's title: `LM Studio` becomes `lm-studio`.
    ///
    /// A title that is too long or in another script gets a number: `日本` becomes `service-` and eight digits. A title
    /// without letters and digits is an error.
    pub fn from_title(title: &str) -> Result<Self, Failure> {
        let lower = title.trim().to_lowercase();
        if !lower.contains(char::is_alphanumeric) {
            let cause = "the name of a service needs a letter or a digit";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let words = lower.split(|one: char| !(one.is_ascii_alphanumeric() || one == '.' || one == '_'));
        let name: String = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
        if !name.contains(|one: char| one.is_ascii_alphanumeric()) {
            return Self::new(&format!("service-{:08x}", number_of(&lower)));
        }
        // A name begins with a letter or a digit.
        let name = name.trim_start_matches(|one: char| !one.is_ascii_alphanumeric());
        if name.len() <= Self::LONGEST {
            return Self::new(name);
        }
        let beginning = &name[..Self::LONGEST - 9];
        Self::new(&format!("{beginning}-{:08x}", number_of(&lower)))
    }
}

/// Returns a hash of the title (FNV-1a): always the same for one title, and most likely another for another.
fn number_of(title: &str) -> u32 {
    title.bytes().fold(0x811c_9dc5, |number, byte| (number ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

impl fmt::Display for ProviderSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn provider_id_round_trips() {
        for text in
            ["chatgpt", "openai", "codex-cli", "openai-compatible:groq", "openai-compatible:lm-studio.2"]
        {
            assert_eq!(text.parse::<ProviderId>().unwrap().to_string(), text);
        }
        for text in [
            "",
            ":groq",
            "openai-compatible:",
            "openai-compatible:Groq",
            "openai-compatible:a b",
            "ChatGPT",
            "a:b:c",
        ] {
            assert_eq!(text.parse::<ProviderId>().unwrap_err().code, ErrorCode::BadUsage, "{text}");
        }
    }

    #[test]
    fn provider_slug_from_title_is_readable() {
        let rows = [
            ("LM Studio", "lm-studio"),
            ("Groq", "groq"),
            (" My GPU, 2 ", "my-gpu-2"),
            ("llama.cpp", "llama.cpp"),
        ];
        for (title, name) in rows {
            assert_eq!(ProviderSlug::from_title(title).unwrap().to_string(), name);
        }
        for title in ["", "  ", "---", "._"] {
            let refused = ProviderSlug::from_title(title).unwrap_err();
            assert!(refused.cause.starts_with("the name of a service"), "{refused}");
        }
    }

    #[test]
    fn provider_slug_of_other_script_gets_hash() {
        let name = |title: &str| ProviderSlug::from_title(title).unwrap().to_string();
        assert!(name("日本").starts_with("service-") && name("日本") != name("é"));
        assert_eq!(name("_x"), "x");
        let long = "a".repeat(45);
        let (one, other) = (name(&format!("{long} 1")), name(&format!("{long} 2")));
        assert!(one != other && one.len() == 40 && one.starts_with("aaaaaaaa"), "{one} {other}");
    }
}
