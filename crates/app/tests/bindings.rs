//! The TypeScript side of `view`, generated and compared with what is committed.

#![expect(clippy::disallowed_methods, reason = "the environment says whether to renew")]

use std::fmt::Write as _;
use std::path::Path;

use ts_rs::{Config, TS};
use usher_app::view;
use usher_domain as domain;

const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc/bindings.ts");

macro_rules! declarations {
    ($config:expr, $($type:ty),* $(,)?) => {{
        let mut text = String::from(
            "// Generated from crates/app/src/view.rs. To renew: UPDATE=1 cargo test -p usher-app --test bindings\n",
        );
        $(writeln!(text, "\nexport {}", <$type as TS>::decl($config)).expect("a String takes any text");)*
        text
    }};
}

fn generated() -> String {
    let config = Config::new();
    let mut text = declarations!(
        &config,
        domain::ProviderId,
        domain::ErrorCode,
        domain::UnixTime,
        domain::AccountId,
        domain::Plan,
        domain::Effort,
        domain::Capabilities,
        domain::ModelSource,
        domain::Model,
        domain::Selection,
        domain::Wire,
        domain::Preset,
        domain::UsageWindow,
        domain::Credits,
        domain::LimitReached,
        view::AccountView,
        view::StoreKind,
        view::StoreView,
        view::PendingRevocationView,
        view::FailureView,
        view::UsageView,
        view::Overview,
        view::SignInMethod,
        view::SignInEvent,
        view::ModelView,
        view::ModelsView,
        view::Stage,
        view::CredentialPlace,
        view::StageFinding,
        view::StageView,
        view::TestView,
        view::TestEvent,
        view::RevocationView,
        view::DisconnectView,
        view::Link,
        view::Billing,
        view::CredentialView,
        view::EndpointView,
        view::ProviderView,
        view::HostView,
        view::ProvidersView,
        view::NewEndpoint,
        view::ProviderChange,
        view::AccountCard,
        view::MoveDirection,
        view::ExternalSignInAdvice,
        view::ExternalSignInView,
        view::CodexLoginEvent,
        view::Verdict,
        view::Check,
        view::DoctorReport,
        view::GatewayRunner,
        view::GatewayStatus,
        view::PassView,
        view::NewPass,
        view::CreatedPass,
        view::RequestStatus,
        view::RequestView,
        view::RequestUpdate,
    );
    let codes: Vec<String> = domain::ErrorCode::ALL
        .iter()
        .map(|code| serde_json::to_string(code).expect("a code is text"))
        .collect();
    writeln!(text, "\nexport const errorCodes: readonly ErrorCode[] = [{}];", codes.join(", "))
        .expect("a String takes any text");
    text
}

#[test]
fn committed_bindings_are_current() {
    let text = generated();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(COMMITTED, &text).expect("the bindings can be written");
    }
    let committed = std::fs::read_to_string(Path::new(COMMITTED)).expect("the bindings are committed");
    assert!(
        committed == text,
        "bindings.ts differs from view.rs: UPDATE=1 cargo test -p usher-app --test bindings"
    );
}
