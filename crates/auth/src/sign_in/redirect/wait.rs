//! Waits for the redirect of one sign-in: on a port of this computer, or as an address that the user pastes.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use usher_domain::ports::Clock;
use usher_domain::{ErrorCode, Failure};

use super::callback::{Callback, ForeignRedirects};
use super::launch_page::LaunchPages;
use super::loopback::LoopbackListener;
use super::result_page::{PendingPage, Redirect};
use crate::sign_in::authorization::{AuthorizationRequest, AuthorizationResponse, AuthorizedCode};
use crate::sign_in::progress::{OnProgress, PastedRedirect, SignInProgress};

/// The wait for the user, who signs in on a page.
pub(crate) struct RedirectWait<'a> {
    pub(crate) pasted: &'a mut mpsc::Receiver<PastedRedirect>,
    pub(crate) timeout: Duration,
    pub(crate) on_progress: &'a OnProgress,
    pub(crate) clock: &'a dyn Clock,
}

/// The code of a redirect.
pub(crate) struct ReceivedCode {
    pub(crate) code: AuthorizedCode,
    /// The browser's page, which waits for the result. A pasted address has none.
    pub(crate) page: Option<PendingPage>,
}

impl RedirectWait<'_> {
    /// Reports the page of `request`, and waits for its redirect to `path` of `listener`, or pasted.
    pub(crate) async fn on_port(
        self,
        listener: LoopbackListener,
        path: &str,
        request: &Arc<AuthorizationRequest>,
    ) -> Result<ReceivedCode, Failure> {
        let launch_pages = LaunchPages::new(listener.port());
        let until = self.announce(request, Some(launch_pages.clone()));
        let on_progress = Arc::clone(self.on_progress);
        let callback = Callback {
            request: Arc::clone(request),
            launch_pages,
            path: path.to_owned(),
            port: listener.port(),
            names: listener.names(),
            foreign: ForeignRedirects::new(move || on_progress(SignInProgress::ForeignRedirectIgnored)),
        };
        let Redirect { response, page } = tokio::select! {
            redirect = listener.wait_for_redirect(callback) => redirect,
            response = pasted_response(request, self.pasted) => Redirect { response, page: None },
            () = tokio::time::sleep_until(until) => return Err(timed_out(self.timeout)),
        };
        Ok(ReceivedCode { code: response.into_code()?, page })
    }

    /// Reports the page of `request`, and waits for its pasted redirect. No port is needed.
    pub(crate) async fn for_pasted(self, request: &AuthorizationRequest) -> Result<ReceivedCode, Failure> {
        let until = self.announce(request, None);
        let response = tokio::select! {
            response = pasted_response(request, self.pasted) => response,
            () = tokio::time::sleep_until(until) => return Err(timed_out(self.timeout)),
        };
        Ok(ReceivedCode { code: response.into_code()?, page: None })
    }

    fn announce(&self, request: &AuthorizationRequest, launch_pages: Option<LaunchPages>) -> Instant {
        let until = Instant::now() + self.timeout;
        let seconds = i64::try_from(self.timeout.as_secs()).unwrap_or(i64::MAX);
        (self.on_progress)(SignInProgress::OpenBrowser {
            url: request.shown_url.clone(),
            launch_pages,
            until: self.clock.now().plus(seconds),
        });
        until
    }
}

impl AuthorizationResponse {
    fn into_code(self) -> Result<AuthorizedCode, Failure> {
        match self {
            Self::Code(code) => Ok(code),
            Self::Failed(failure) => Err(failure),
        }
    }
}

/// Waits for a pasted text that is the redirect of `request`. Any other is rejected at once, so that the user can
/// paste again.
async fn pasted_response(
    request: &AuthorizationRequest,
    pasted: &mut mpsc::Receiver<PastedRedirect>,
) -> AuthorizationResponse {
    while let Some((text, result)) = pasted.recv().await {
        // The receiver is gone when the user has left the field; then nobody needs the result.
        match request.parse_pasted(&text) {
            Ok(response) => {
                let _ = result.send(Ok(()));
                return response;
            }
            Err(failure) => drop(result.send(Err(failure))),
        }
    }
    std::future::pending().await
}

fn timed_out(timeout: Duration) -> Failure {
    let cause = format!("the sign-in was not finished within {} s", timeout.as_secs());
    Failure::new(ErrorCode::Timeout, cause)
}
