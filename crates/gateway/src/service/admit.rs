//! Lets requests in: with a pass, a body and a route, and only as long as the pass is valid.

use std::sync::Arc;

use http::header::CONNECTION;
use http::request::Parts;
use hyper::body::Incoming;
use tokio::task::spawn_blocking;
use usher_domain::{ErrorCode, Failure, Pass};

use super::GatewayService;
use crate::admission::admitted::AdmittedRequest;
use crate::admission::body::{self, Body};
use crate::admission::pass;
use crate::dialects::Dialect;
use crate::host::{PassRejected, Route};
use crate::response::error::GatewayError;
use crate::server::io_timeout::ResponseGuard;
use crate::server::peer::Peer;

impl GatewayService {
    /// Admits a request with a valid pass that has a permit of its concurrency limit.
    pub(super) async fn admit(
        &self,
        parts: &Parts,
        dialect: Dialect,
        response_guard: &ResponseGuard,
    ) -> Result<AdmittedRequest, GatewayError> {
        let presented = pass::from_headers(&parts.headers);
        let mut rejected = PassRejected::Unknown;
        for candidate in &presented.candidates {
            match self.host.authenticate(candidate).await {
                Ok(pass) => {
                    self.check_folder(&pass, parts, dialect).await?;
                    response_guard.has_pass();
                    let limit = self.limits.requests_per_pass;
                    let permit = self
                        .pass_limiter
                        .try_acquire(&pass.id, limit)
                        .ok_or_else(|| GatewayError::too_many_requests(limit))?;
                    return Ok(self.log.admitted().admit(pass, permit));
                }
                Err(PassRejected::Unknown) => {}
                Err(PassRejected::Locked { pass, failure }) => {
                    return Err(self.refuse(&pass, "", dialect, &failure));
                }
                Err(other) => rejected = other,
            }
        }
        let sign_in_only = presented.foreign_jwt && presented.candidates.is_empty();
        Err(GatewayError::pass_rejected(rejected, sign_in_only, self.clock.now()))
    }

    /// Refuses a program that runs outside of the folder of the pass, and one of which that is not known.
    async fn check_folder(
        &self,
        pass: &Arc<Pass>,
        parts: &Parts,
        dialect: Dialect,
    ) -> Result<(), GatewayError> {
        let Some(folder) = pass.scope.folder.clone() else { return Ok(()) };
        let peer = parts.extensions.get::<Peer>().cloned();
        let checked = spawn_blocking(move || {
            peer.map_or_else(|| Err("bound to a folder".to_owned()), |peer| peer.check_runs_in(&folder))
        });
        let checked = checked.await.unwrap_or_else(|error| Err(error.to_string()));
        checked.map_err(|why| {
            self.log.record_refused(pass, "", dialect.name(), self.clock.now(), ErrorCode::AccessDenied);
            GatewayError::not_allowed(&format!("Usher: this pass is {why}."))
        })
    }

    /// Reads the body of a request.
    pub(super) async fn read_body(
        &self,
        request: &mut AdmittedRequest,
        parts: &Parts,
        dialect: Dialect,
        body: Incoming,
        response_guard: &ResponseGuard,
    ) -> Result<Body, GatewayError> {
        let read = self.while_valid(request, body::read(&parts.headers, body, &self.memory)).await;
        let body = read.map_err(|failure| {
            // The rest of the body may never come.
            self.refuse(&request.pass, "", dialect, &failure).header(CONNECTION, "close")
        })??;
        response_guard.has_read();
        Ok(body)
    }

    /// Finds where a request for `model` goes.
    pub(super) async fn find_route(
        &self,
        request: &mut AdmittedRequest,
        model: &str,
        dialect: Dialect,
    ) -> Result<Arc<Route>, GatewayError> {
        let pass = Arc::clone(&request.pass);
        let found = self.while_valid(request, self.host.route(&pass, model)).await.flatten();
        found.map(Arc::new).map_err(|failure| self.refuse(&pass, model, dialect, &failure))
    }

    /// Does `work` for a request. Fails as soon as its pass is no longer valid, and also when it is not after the work: the
    /// next step may send something to a provider, or return the access token.
    pub(super) async fn while_valid<T>(
        &self,
        request: &mut AdmittedRequest,
        work: impl Future<Output = T>,
    ) -> Result<T, Failure> {
        let done = request.unless_revoked(work).await?;
        match self.host.revocation(&request.pass, None).await {
            None => Ok(done),
            Some(failure) => Err(failure),
        }
    }

    /// Records that a request was refused before a provider was called, and returns the error for it.
    pub(super) fn refuse(
        &self,
        pass: &Pass,
        model: &str,
        dialect: Dialect,
        failure: &Failure,
    ) -> GatewayError {
        let now = self.clock.now();
        self.log.record_refused(pass, model, dialect.name(), now, failure.code);
        GatewayError::from_failure(failure, now)
    }
}
