//! Sign-ins for plan usage at the sandbox.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use usher_auth::{
    LaunchPages, OtherAccountDecision, PastedRedirect, PlanIdentity, PlanSignInFlow, PlanSignInKind,
    PlanSignInRequest, Registration, RegistrationFile, SignInInput, SignInProgress, VaultSummary,
};
use usher_domain::{Account, Endpoints, Failure};
use usher_sandbox::browser::{Browser, Page};

use crate::support::{LONG, World};

impl World {
    /// Returns the issuer and the API.
    pub(crate) fn plan_endpoints(&self) -> Endpoints {
        Endpoints::parse(self.provider.endpoints.issuer.as_str(), self.sandbox.platform()).unwrap()
    }

    pub(crate) fn registration_file(&self) -> RegistrationFile {
        RegistrationFile::new(self.home.path(), Some("machine-1".into()))
    }

    pub(crate) fn saved_registrations(&self) -> Vec<Registration> {
        self.registration_file().read().unwrap()
    }

    pub(crate) fn plan_flow(&self) -> PlanSignInFlow {
        PlanSignInFlow::new(
            self.plan_endpoints(),
            Arc::new(self.registration_file()),
            self.http.clone(),
            self.store.clone(),
            self.revocation.clone(),
            self.clock.clone(),
        )
    }

    /// Starts a sign-in and returns it as soon as its page is known.
    pub(crate) async fn start_plan(&self, identity: PlanIdentity) -> PendingPlanSignIn {
        self.start_plan_request(PlanSignInKind::Browser, identity, false).await
    }

    pub(crate) async fn start_plan_request(
        &self,
        kind: PlanSignInKind,
        identity: PlanIdentity,
        consent: bool,
    ) -> PendingPlanSignIn {
        let request = PlanSignInRequest { kind, timeout: LONG, identity, consent };
        PendingPlanSignIn::start(self.plan_flow(), request).await
    }

    /// Signs `person` in with a new registration, and the plan allowed.
    pub(crate) async fn sign_in_with_plan(&self, person: &str) -> Account {
        let pending = self.start_plan(PlanIdentity::New).await;
        Browser::new().approve(&pending.url, person).await;
        pending.ended().await.unwrap()
    }

    /// Returns the summary of the only sign-in.
    pub(crate) fn only_sign_in(&self) -> usher_auth::SignInSummary {
        let VaultSummary { mut sign_ins, .. } = self.summary();
        assert_eq!(sign_ins.len(), 1);
        sign_ins.remove(0)
    }
}

/// A sign-in that waits for the user.
pub(crate) struct PendingPlanSignIn {
    /// The address that is shown.
    pub(crate) url: String,
    pub(crate) launch_pages: Option<LaunchPages>,
    pub(crate) paste: mpsc::Sender<PastedRedirect>,
    _decide: mpsc::Sender<OtherAccountDecision>,
    task: JoinHandle<Result<Account, Failure>>,
}

impl PendingPlanSignIn {
    pub(crate) async fn start(flow: PlanSignInFlow, request: PlanSignInRequest) -> Self {
        let (paste, pasted) = mpsc::channel(1);
        let (decide, decisions) = mpsc::channel(1);
        let (sender, mut progress) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let on_progress = Arc::new(move |event| drop(sender.send(event)));
            flow.run(request, SignInInput { pasted, decisions }, on_progress).await
        });
        // Without a page it has ended, and `ended` returns why.
        let (mut url, mut launch_pages) = (String::new(), None);
        while let Some(event) = progress.recv().await {
            if let SignInProgress::OpenBrowser { url: shown, launch_pages: pages, .. } = event {
                (url, launch_pages) = (shown.to_string(), pages);
                break;
            }
        }
        Self { url, launch_pages, paste, _decide: decide, task }
    }

    pub(crate) async fn ended(self) -> Result<Account, Failure> {
        tokio::time::timeout(LONG, self.task).await.expect("a sign-in ends").unwrap()
    }

    /// Drops the future of the flow, as a cancelled sign-in does.
    pub(crate) async fn cancel(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }

    /// Opens the page that a browser is started with, as the browser of the person.
    pub(crate) async fn opened_by(&self, browser: &Browser) -> Page {
        let start = self.launch_pages.as_ref().unwrap().create().unwrap();
        browser.open(start.as_str()).await
    }

    /// Returns a parameter of the shown address.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let url = url::Url::parse(&self.url).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Returns the port of the redirect URI.
    pub(crate) fn port(&self) -> u16 {
        url::Url::parse(&self.parameter("redirect_uri").unwrap()).unwrap().port().unwrap()
    }
}
