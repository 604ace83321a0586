//! The client ids of this sign-in (siwc §0).

use std::fmt;

use usher_domain::{ErrorCode, Failure};

/// The client id of a first sign-in. It registers; it is never stored, and never used for an exchange or a refresh.
pub const DYNAMIC_CLIENT_ID: &str = "dynamic_agent_client";

const MAX_CHARS: usize = 200;

/// A client id that a registration issued. It is no secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IssuedClientId(String);

impl IssuedClientId {
    /// Parses a client id: up to 200 letters, digits, `_` and `-`, and not [`DYNAMIC_CLIENT_ID`].
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if text.is_empty() || text.len() > MAX_CHARS || !text.bytes().all(allowed) {
            return Err(incomplete("the client id in the response is not one"));
        }
        if text == DYNAMIC_CLIENT_ID {
            return Err(incomplete("no client id was issued to this installation"));
        }
        Ok(Self(text.to_owned()))
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IssuedClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn incomplete(why: &str) -> Failure {
    Failure::new(ErrorCode::RegistrationIncomplete, format!("the registration is not complete: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_id_of_a_registration_is_taken_and_others_are_refused() {
        for good in ["oaiapp_1", "a", "A-b_9", &"x".repeat(MAX_CHARS)] {
            assert_eq!(IssuedClientId::parse(good).unwrap().to_string(), good);
        }
        for bad in
            ["", DYNAMIC_CLIENT_ID, "oaiapp 1", "oaiapp\n", "oaiapp.1", "é", &"x".repeat(MAX_CHARS + 1)]
        {
            assert_eq!(
                IssuedClientId::parse(bad).unwrap_err().code,
                ErrorCode::RegistrationIncomplete,
                "{bad}"
            );
        }
    }
}
