//! What names this installation in the person's account (siwc §2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use usher_domain::Failure;
use uuid::{Builder, Uuid, Variant, Version};

use crate::platform::random::random;

const PREFIX: &str = "urn:uuid:";

/// The id of one installation on one computer: `urn:uuid:` with a random UUID. It is no secret, and says nothing about
/// the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostId(Uuid);

impl HostId {
    /// Returns a new id (RFC 9562 §5.4).
    pub(in crate::plan_usage) fn generate() -> Result<Self, Failure> {
        Ok(Self(Builder::from_random_bytes(random()?).into_uuid()))
    }

    /// Parses the text of an id; `None` for any other form, such as another version of UUID.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let uuid = Uuid::try_parse(text.strip_prefix(PREFIX)?).ok()?;
        let id = Self(uuid);
        let is_random = uuid.get_version() == Some(Version::Random) && uuid.get_variant() == Variant::RFC4122;
        // The server compares text: no capitals, braces or missing hyphens.
        (is_random && id.to_urn() == text).then_some(id)
    }

    /// Returns the text that is sent as `ext_agent_host_id`.
    pub fn to_urn(&self) -> String {
        format!("{PREFIX}{}", self.0.as_hyphenated())
    }

    /// Returns the hash by which a copy of the file on another computer is recognized.
    ///
    /// The host id is part of it, so that the id of the computer, which other programs know as well, cannot be looked up.
    pub(super) fn machine_hash(&self, machine_id: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.to_urn());
        hash.update([0]);
        hash.update(machine_id);
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_id_is_a_random_uuid_in_lower_case() {
        let id = HostId::generate().unwrap();
        assert_eq!(HostId::parse(&id.to_urn()), Some(id.clone()));
        assert_ne!(HostId::generate().unwrap(), id);
        for other in [
            "",
            "urn:uuid:",
            "0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e",
            "urn:uuid:0c84b5f0-6a3f-1f7d-9f0e-7d3a1b2c4d5e",
            "urn:uuid:0C84B5F0-6A3F-4F7D-9F0E-7D3A1B2C4D5E",
            "urn:uuid:{0c84b5f0-6a3f-4f7d-9f0e-7d3a1b2c4d5e}",
            "urn:uuid:0c84b5f06a3f4f7d9f0e7d3a1b2c4d5e",
            "urn:uuid:0c84b5f0-6a3f-4f7d-cf0e-7d3a1b2c4d5e",
        ] {
            assert_eq!(HostId::parse(other), None, "{other}");
        }
    }

    #[test]
    fn machine_hash_depends_on_machine_and_host_id_and_hides_both() {
        let (one, two) = (HostId::generate().unwrap(), HostId::generate().unwrap());
        assert_eq!(one.machine_hash("m"), one.machine_hash("m"));
        assert_ne!(one.machine_hash("m"), one.machine_hash("n"));
        assert_ne!(one.machine_hash("m"), two.machine_hash("m"));
        assert_eq!(one.machine_hash("machine").len(), 43);
    }
}
