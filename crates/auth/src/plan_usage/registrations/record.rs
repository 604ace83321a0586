//! One registration, and how the file has it.

use toml_edit::{Table, value};
use usher_domain::{ErrorCode, Failure, UnixTime};

use super::client_id::IssuedClientId;
use crate::tokens::claims::printable;

const CLIENT_ID: &str = "client_id";
const SUBJECT: &str = "sub";
const EMAIL: &str = "email";
const REDIRECT_PATH: &str = "redirect_path";
const CREATED_AT: &str = "created_at";
const WELCOME_SHOWN: &str = "welcome_shown";

/// An app in a person's `ChatGPT` account: one client id for one person in one workspace (siwc §2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The client id that was issued to it.
    pub client_id: IssuedClientId,
    /// The `sub` of the person; none until an ID token of it was verified.
    pub subject: Option<String>,
    /// The person's e-mail address, as a label.
    pub email: Option<String>,
    /// The path of the redirect address, which a registration fixes for good (siwc §3).
    pub redirect_path: String,
    /// When it was made.
    pub created_at: UnixTime,
    /// Whether the user was shown that the plan is used (siwc §13).
    pub welcome_shown: bool,
}

impl Registration {
    /// Returns a registration as it is before the exchange for tokens: whose it is, is not known yet.
    pub fn new(client_id: IssuedClientId, redirect_path: &str, now: UnixTime) -> Self {
        Self {
            client_id,
            subject: None,
            email: None,
            redirect_path: redirect_path.to_owned(),
            created_at: now,
            welcome_shown: false,
        }
    }

    /// Records whose registration it is; returns whether that is new.
    ///
    /// Fails with [`ErrorCode::OtherAccount`] if it is another person's already.
    pub(super) fn set_person(&mut self, subject: &str, email: Option<String>) -> Result<bool, Failure> {
        if self.subject.as_deref().is_some_and(|known| known != subject) {
            let cause = "another person signed in than the one whose registration this is; nothing was saved";
            return Err(Failure::new(ErrorCode::OtherAccount, cause));
        }
        let before = (self.subject.take(), self.email.clone());
        self.subject = Some(subject.to_owned());
        // A token may lack the address; the label stays then.
        self.email = printable(email).or(self.email.take());
        Ok(before != (self.subject.clone(), self.email.clone()))
    }

    /// Reads a table of the file; `None` if it is not a registration. Unknown fields are ignored here, and kept there.
    pub(super) fn read(table: &Table) -> Option<Self> {
        let text = |name: &str| match table.get(name) {
            None => Some(None),
            Some(item) => Some(Some(printable(Some(item.as_str()?.to_owned()))?)),
        };
        let redirect_path = text(REDIRECT_PATH)?.filter(|path| path.starts_with('/'))?;
        Some(Self {
            client_id: IssuedClientId::parse(&text(CLIENT_ID)??).ok()?,
            subject: text(SUBJECT)?,
            email: text(EMAIL)?,
            redirect_path,
            created_at: UnixTime(table.get(CREATED_AT)?.as_integer()?),
            welcome_shown: match table.get(WELCOME_SHOWN) {
                None => false,
                Some(item) => item.as_bool()?,
            },
        })
    }

    /// Writes the fields into a table of the file, and leaves the others in it.
    pub(super) fn write(&self, table: &mut Table) {
        table.insert(CLIENT_ID, value(self.client_id.as_str()));
        for (name, text) in [(SUBJECT, &self.subject), (EMAIL, &self.email)] {
            if let Some(text) = text {
                table.insert(name, value(text));
            }
        }
        table.insert(REDIRECT_PATH, value(&self.redirect_path));
        table.insert(CREATED_AT, value(self.created_at.0));
        table.insert(WELCOME_SHOWN, value(self.welcome_shown));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        let client_id = IssuedClientId::parse("oaiapp_1").unwrap();
        Registration::new(client_id, "/auth/callback", UnixTime(7))
    }

    #[test]
    fn registration_is_read_as_it_was_written() {
        let mut table = Table::new();
        registration().write(&mut table);
        assert_eq!(Registration::read(&table), Some(registration()));
        let mut of_ada = registration();
        assert!(of_ada.set_person("user-ada", Some("ada@example.com".into())).unwrap());
        of_ada.welcome_shown = true;
        of_ada.write(&mut table);
        assert_eq!(Registration::read(&table), Some(of_ada));
    }

    #[test]
    fn registration_of_one_person_is_refused_to_another() {
        let mut registration = registration();
        assert!(registration.set_person("user-ada", Some("ada@example.com".into())).unwrap());
        assert!(!registration.set_person("user-ada", None).unwrap(), "a missing label changes nothing");
        let before = registration.clone();
        let refused = registration.set_person("user-bob", Some("bob@example.com".into())).unwrap_err();
        assert_eq!((refused.code, registration), (ErrorCode::OtherAccount, before));
    }

    #[test]
    fn table_with_a_broken_field_is_no_registration() {
        for (name, broken) in [
            (CLIENT_ID, value("dynamic_agent_client")),
            (CLIENT_ID, value(7)),
            (SUBJECT, value("")),
            (SUBJECT, value("a\nb")),
            (EMAIL, value(true)),
            (REDIRECT_PATH, value("callback")),
            (CREATED_AT, value("today")),
            (WELCOME_SHOWN, value("yes")),
        ] {
            let mut table = Table::new();
            registration().write(&mut table);
            table.insert(name, broken);
            assert_eq!(Registration::read(&table), None, "{name}");
        }
        for name in [CLIENT_ID, REDIRECT_PATH, CREATED_AT] {
            let mut table = Table::new();
            registration().write(&mut table);
            table.remove(name);
            assert_eq!(Registration::read(&table), None, "{name}");
        }
    }
}
