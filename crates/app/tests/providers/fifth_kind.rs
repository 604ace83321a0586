//! A kind that only the tests know: a provider with a key, in one file and one line of the table.

use std::sync::Arc;

use url::Url;
use usher_domain::ports::Browser;
use usher_domain::{ApiKey, Failure, ProviderId};
use usher_sandbox::{Options, Sandbox};
use usher_upstream::{BackendRules, COMPATIBLE_SERVER};

use crate::context::Context;
use crate::providers::kinds::{ProviderAccess, ProviderKind};
use crate::settings::EndpointSettings;
use crate::view::{Billing, CredentialView};
use crate::{App, Environment, SystemClock, SystemProcesses, Target};

pub(super) struct FifthKind;

impl ProviderKind for FifthKind {
    fn id(&self) -> &'static str {
        "fifth"
    }

    fn access(&self) -> ProviderAccess {
        ProviderAccess::RequiredKey
    }

    fn billing(&self) -> Billing {
        Billing::Service
    }

    fn display_name(&self, _: &ProviderId, _: &EndpointSettings) -> String {
        "Fifth".into()
    }

    fn rules(&self) -> &'static BackendRules {
        &COMPATIBLE_SERVER
    }

    fn root(&self, context: &Context, _: &ProviderId, _: &EndpointSettings) -> Result<Url, Failure> {
        Ok(context.platform.clone())
    }
}

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &Url) -> Result<(), Failure> {
        Ok(())
    }
}

#[tokio::test]
async fn a_kind_of_one_file_is_added_with_a_key_and_answers() {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let environment = Environment::from(|name| match name {
        "USHER_HOME" => Some(home.path().into()),
        "USHER_SECRETS" => Some("file".into()),
        "USHER_PLATFORM_URL" => Some(format!("{}/both/v1", sandbox.compatible()).into()),
        _ => None,
    });
    let processes = Arc::new(SystemProcesses::default());
    let app = App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes).unwrap();
    let id = crate::parse_provider_id("fifth").unwrap();

    let added = app.providers.save_key(&id, ApiKey::new("sk-sandbox-1")).await.unwrap();
    assert_eq!((added.name.as_str(), added.pays), ("Fifth", Billing::Service));
    assert!(matches!(added.credential, CredentialView::Key { .. }), "{:?}", added.credential);
    assert!(app.settings_warnings().is_empty(), "its table is known");

    let outcome = app.tests.run_test(&Target::of(id.clone()), Arc::new(|_| {})).await;
    assert!(outcome.report.ok, "{:?}", outcome.report);
    app.providers.remove(&id).await.unwrap();
}
