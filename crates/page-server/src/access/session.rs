//! The link, and what it is exchanged for: a cookie and a key.
//!
//! One without the other opens nothing. The cookie is sent to every server at 127.0.0.1, whichever its port, so other
//! programs of this computer can see it; the key is known to the one tab that exchanged the link, and no other site can
//! send it. The key alone could be read by a script, the cookie cannot.

use std::time::Duration;

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use parking_lot::Mutex;
use tokio::time::Instant;
use usher_domain::{ErrorCode, Failure, Secret};

/// The header with the key.
pub(crate) const KEY_HEADER: &str = "x-usher-key";

const SECRET_BYTES: usize = 32;

/// The kinds of secrets of this crate.
mod kind {
    /// The address that opens the page, once.
    pub enum LinkText {}
    /// The part of it that is the secret.
    pub(crate) enum LinkToken {}
    /// The value of the cookie.
    pub(crate) enum Cookie {}
    /// The key of the tab.
    pub(crate) enum Key {}
}

/// The address that opens the page, once.
pub type LinkText = Secret<kind::LinkText>;
/// The secret in the link.
pub(crate) type LinkToken = Secret<kind::LinkToken>;
type CookieValue = Secret<kind::Cookie>;
/// The key of the tab that has the session.
pub(crate) type SessionKey = Secret<kind::Key>;

/// The name of the session's cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie(String);

impl SessionCookie {
    /// Returns the name for a home. Servers of two homes do not overwrite each other's cookie.
    pub fn of_home(hash: &str) -> Self {
        Self(format!("usher-settings-{hash}"))
    }
}

/// The link that was not used yet, and the session of the one that was used last.
pub(crate) struct Sessions {
    cookie: SessionCookie,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    link: Option<Link>,
    session: Option<Session>,
}

struct Link {
    token: LinkToken,
    expires: Instant,
}

struct Session {
    cookie: CookieValue,
    key: SessionKey,
}

impl Sessions {
    pub(crate) fn new(cookie: SessionCookie) -> Self {
        Self { cookie, state: Mutex::default() }
    }

    /// Creates a link that can be exchanged once, within `timeout`. One that was not used is void.
    pub(crate) fn create_link(&self, timeout: Duration) -> Result<LinkToken, Failure> {
        let token = random()?;
        let link = Link { token: token.duplicate(), expires: Instant::now() + timeout };
        self.state.lock().link = Some(link);
        Ok(token)
    }

    /// Exchanges the link for a session, and ends the one before. `None` for a link that is unknown, used or expired.
    pub(crate) fn exchange(
        &self,
        given: &LinkToken,
    ) -> Result<Option<(Cookie<'static>, SessionKey)>, Failure> {
        let mut state = self.state.lock();
        let is_good = |link: &mut Link| link.token.matches(given) && Instant::now() < link.expires;
        if state.link.take_if(is_good).is_none() {
            return Ok(None);
        }
        let session = Session { cookie: random()?, key: random()? };
        let cookie = Cookie::build((self.cookie.0.clone(), session.cookie.expose().to_owned()));
        let cookie = cookie.path("/").http_only(true).same_site(SameSite::Strict).build();
        let key = session.key.duplicate();
        state.session = Some(session);
        Ok(Some((cookie, key)))
    }

    /// Returns whether a request has the cookie and the key of the session.
    pub(crate) fn admits(&self, headers: &HeaderMap) -> bool {
        let cookies = CookieJar::from_headers(headers);
        let Some(cookie) = cookies.get(&self.cookie.0) else { return false };
        let Some(key) = headers.get(KEY_HEADER).and_then(|key| key.to_str().ok()) else { return false };
        let state = self.state.lock();
        state.session.as_ref().is_some_and(|session| {
            session.cookie.matches(&Secret::new(cookie.value())) && session.key.matches(&Secret::new(key))
        })
    }
}

fn random<Kind>() -> Result<Secret<Kind>, Failure> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("the operating system returned no random bytes: {error}"))
    })?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMEOUT: Duration = Duration::from_secs(600);

    fn sessions() -> Sessions {
        Sessions::new(SessionCookie::of_home("0123"))
    }

    fn opened(sessions: &Sessions) -> HeaderMap {
        let token = sessions.create_link(TIMEOUT).unwrap();
        let (cookie, key) = sessions.exchange(&token).unwrap().unwrap();
        headers(&format!("{}={}", cookie.name(), cookie.value()), key.expose())
    }

    fn headers(cookie: &str, key: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        headers.insert(KEY_HEADER, key.parse().unwrap());
        headers
    }

    #[tokio::test(start_paused = true)]
    async fn link_is_exchanged_once_and_in_time() {
        let sessions = sessions();
        let token = sessions.create_link(TIMEOUT).unwrap();
        assert!(sessions.exchange(&LinkToken::new("guess")).unwrap().is_none());
        assert!(sessions.exchange(&token).unwrap().is_some(), "a wrong guess does not use it up");
        assert!(sessions.exchange(&token).unwrap().is_none(), "it was used");
        let late = sessions.create_link(TIMEOUT).unwrap();
        tokio::time::advance(TIMEOUT).await;
        assert!(sessions.exchange(&late).unwrap().is_none(), "it expired");
        let (old, new) = (sessions.create_link(TIMEOUT).unwrap(), sessions.create_link(TIMEOUT).unwrap());
        assert!(sessions.exchange(&old).unwrap().is_none(), "a newer one replaced it");
        assert!(sessions.exchange(&new).unwrap().is_some());
    }

    #[tokio::test]
    async fn cookie_and_key_admit_only_together_and_until_the_next_session() {
        let sessions = sessions();
        let first = opened(&sessions);
        assert!(sessions.admits(&first));
        for missing in ["cookie", KEY_HEADER] {
            let mut one = first.clone();
            one.remove(missing);
            assert!(!sessions.admits(&one), "without {missing}");
        }
        let second = opened(&sessions);
        assert!(sessions.admits(&second) && !sessions.admits(&first));
        let mut mixed = second.clone();
        mixed.insert("cookie", first["cookie"].clone());
        assert!(!sessions.admits(&mixed), "the cookie of another session");
    }

    #[tokio::test]
    async fn nothing_is_admitted_before_a_link_was_used() {
        let sessions = sessions();
        assert!(!sessions.admits(&headers("usher-settings-0123=", "")));
    }
}
