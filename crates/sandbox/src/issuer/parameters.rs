//! The parameters of a request, in form encoding.

use std::collections::HashMap;

/// Parameters by name.
pub(crate) struct Parameters(HashMap<String, String>);

impl Parameters {
    /// Parses form encoding, where a space may be `+` or `%20` (protocol correction 1). RFC 6749 §3.1: no parameter twice.
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, String> {
        let mut parameters = HashMap::new();
        for (name, value) in url::form_urlencoded::parse(encoded) {
            if parameters.insert(name.to_string(), value.to_string()).is_some() {
                return Err(format!("The parameter {name} came twice."));
            }
        }
        Ok(Self(parameters))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns the first parameter, by name, that is not one of `known`.
    pub(crate) fn unknown(&self, known: &[&str]) -> Option<&str> {
        self.0.keys().map(String::as_str).filter(|name| !known.contains(name)).min()
    }
}
