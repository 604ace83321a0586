//! The TypeScript of `view` and of the commands, generated and compared with what is committed.

#![expect(clippy::disallowed_methods, reason = "the environment says whether to renew")]

use std::fmt::Write as _;
use std::path::Path;

use heck::ToLowerCamelCase as _;
use ts_rs::{Config, TS};
use usher_app::view::{
    self, AccountCard, AccountView, ActivityFormat, ActivityView, CloseAnswer, CodexLoginEvent, CreatedPass,
    DeepLinkView, DisconnectView, DoctorReport, ExternalSignInView, GatewayStatus, HomeFileKind,
    HomeFileView, Language, LanguageView, LicenceView, Link, ModelsView, MoveDirection, NameHolder,
    NewEndpoint, NewNetwork, NewPass, OtherAccountChoice, Overview, PassChange, PassOutcome, PassUse,
    PassView, PayerView, PreferencesView, ProviderChange, ProviderView, ProvidersView, RequestUpdate,
    ResetView, RevocationView, SecretsMoveView, SecretsPlace, SecretsView, SettingsFileView,
    SettingsImportView, SignInCopiesView, SignInEvent, SignInMethod, SignInPurpose, StoreRepair, TestEvent,
    ToolPreview, ToolSetup, ToolTrialView, ToolUndone, ToolView, TransferContentsView, TransferPreviewView,
    TransferReceivedView, TransferSentView, UpdateProgress, UpdatesView, UsageView,
};
use usher_app::{MIN_PASSPHRASE_CHARS, RoleEdit};
use usher_domain::{self as domain, AccountId, ProviderId, Role, RoleChoice, Selection, SignInRoute};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../ui/src/ipc");

macro_rules! declarations {
    ($config:expr, $($type:ty),* $(,)?) => {{
        let mut text = String::new();
        $(writeln!(text, "\nexport {}", <$type as TS>::decl($config)).expect("a String takes any text");)*
        text
    }};
}

#[expect(clippy::too_many_lines, reason = "a list of types")]
fn generated_types() -> String {
    let config = Config::new();
    let mut text = String::from(
        "// Generated from crates/app/src/view. To renew: UPDATE=1 cargo test -p usher-app --test bindings\n",
    );
    text += &declarations!(
        &config,
        ProviderId,
        domain::ErrorCode,
        domain::UnixTime,
        AccountId,
        domain::Plan,
        SignInRoute,
        domain::PlanUse,
        domain::Effort,
        domain::Capabilities,
        domain::ModelSource,
        domain::Model,
        Role,
        domain::Tier,
        RoleChoice,
        RoleEdit,
        Selection,
        domain::Wire,
        domain::Preset,
        domain::UsageWindow,
        domain::SpendLimitScope,
        domain::SpendLimit,
        domain::ResetCredits,
        domain::Credits,
        domain::LimitReached,
        AccountView,
        view::StoreKind,
        view::StoreView,
        view::StoreFinding,
        StoreRepair,
        view::PackageKind,
        LicenceView,
        SecretsPlace,
        SecretsView,
        view::LeftOverKeyView,
        SecretsMoveView,
        view::PendingRevocationView,
        view::FailureView,
        UsageView,
        Overview,
        SettingsFileView,
        Language,
        LanguageView,
        view::UpdateWay,
        view::FoundUpdateView,
        UpdateProgress,
        UpdatesView,
        NameHolder,
        domain::LinkPanel,
        domain::ProposedService,
        DeepLinkView,
        SignInMethod,
        SignInPurpose,
        OtherAccountChoice,
        SignInEvent,
        view::ModelView,
        ModelsView,
        view::Stage,
        view::CredentialPlace,
        view::StageFinding,
        view::StageView,
        view::TestView,
        TestEvent,
        RevocationView,
        DisconnectView,
        Link,
        view::Billing,
        view::CredentialView,
        view::EndpointView,
        ProviderView,
        view::HostView,
        NewEndpoint,
        ProviderChange,
        AccountCard,
        MoveDirection,
        view::ExternalSignInAdvice,
        ExternalSignInView,
        CodexLoginEvent,
        view::Verdict,
        view::Check,
        DoctorReport,
        view::GatewayRunner,
        GatewayStatus,
        CloseAnswer,
        view::NetworkView,
        NewNetwork,
        HomeFileKind,
        HomeFileView,
        view::SettingChangeView,
        SettingsImportView,
        view::TransferAccountView,
        view::NotMovedReason,
        view::StayingAccountView,
        view::InterruptedTransferView,
        TransferPreviewView,
        TransferSentView,
        TransferContentsView,
        TransferReceivedView,
        ResetView,
        PreferencesView,
        PassView,
        PassChange,
        PassUse,
        view::ToolsView,
        ProvidersView,
        PassOutcome,
        NewPass,
        CreatedPass,
        view::SetupTool,
        ToolSetup,
        view::ToolPassMethod,
        view::ToolConnectionView,
        ToolView,
        view::SignInCopyView,
        SignInCopiesView,
        view::ToolKeyView,
        view::ToolFileView,
        view::ToolConflictKind,
        view::ToolConflictView,
        view::ToolTrialOutcome,
        ToolTrialView,
        ToolPreview,
        view::ToolFileOutcome,
        ToolUndone,
    );
    text.push_str(&generated_requests(&config));
    text.push_str(&generated_constants());
    text
}

fn generated_requests(config: &Config) -> String {
    declarations!(
        config,
        view::RequestStatus,
        PayerView,
        view::RequestTerms,
        view::RequestReceipt,
        view::RequestView,
        RequestUpdate,
        view::ActivityErrors,
        view::WindowShare,
        view::ActivityCounts,
        view::ActivityGroup,
        ActivityView,
        ActivityFormat,
    )
}

fn generated_constants() -> String {
    let codes: Vec<String> = domain::ErrorCode::ALL
        .iter()
        .map(|code| serde_json::to_string(code).expect("a code is text"))
        .collect();
    format!(
        "\nexport const errorCodes: readonly ErrorCode[] = [{}];\n\nexport const minPassphraseChars = {MIN_PASSPHRASE_CHARS};\n",
        codes.join(", ")
    )
}

/// One command as the TypeScript client sees it.
struct Signature {
    doc: Vec<&'static str>,
    name: &'static str,
    /// Names in camelCase, with their types.
    arguments: Vec<(String, String)>,
    event: Option<String>,
    result: String,
}

macro_rules! commands {
    ($($(#[doc = $doc:literal])*
       $name:ident($($argument:ident: $type:ty),*) $(emits($event:ty))? $(-> $result:ty)?;)*) => {
        fn signatures(config: &Config) -> Vec<Signature> {
            vec![$(Signature {
                doc: vec![$($doc),*],
                name: stringify!($name),
                arguments: vec![$(
                    (stringify!($argument).to_lower_camel_case(), <$type as TS>::name(config))
                ),*],
                event: None$(.or(Some(<$event as TS>::name(config))))?,
                result: None$(.or(Some(<$result as TS>::name(config))))?.unwrap_or("void".to_owned()),
            }),*]
        }
    };
}

include!("../src/commands/list.rs");

/// The words of a type that are names of our types.
fn imported(signatures: &[Signature]) -> Vec<&str> {
    let types = signatures.iter().flat_map(|one| {
        let arguments = one.arguments.iter().map(|(_, of_type)| of_type);
        arguments.chain(&one.event).chain([&one.result])
    });
    let words = types.flat_map(|of_type| of_type.split(|c: char| !c.is_alphanumeric()));
    let mut names: Vec<&str> =
        words.filter(|word| word.starts_with(char::is_uppercase) && *word != "Array").collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn parameters(one: &Signature) -> Vec<String> {
    let arguments = one.arguments.iter().map(|(name, of_type)| format!("{name}: {of_type}"));
    arguments.chain(one.event.iter().map(|event| format!("onEvent: (event: {event}) => void"))).collect()
}

/// `call("rename_account", { account, label })`, or the same with `stream` and `onEvent`.
fn invocation(one: &Signature) -> String {
    let mut given = vec![format!("{:?}", one.name)];
    given.extend(one.event.as_ref().map(|_| "onEvent".to_owned()));
    if !one.arguments.is_empty() {
        let names: Vec<&str> = one.arguments.iter().map(|(name, _)| name.as_str()).collect();
        given.push(format!("{{ {} }}", names.join(", ")));
    }
    format!("{}({})", if one.event.is_some() { "stream" } else { "call" }, given.join(", "))
}

fn generated_client() -> String {
    let signatures = signatures(&Config::new());
    let mut lines = vec![
        "// Generated from crates/app/src/commands/list.rs. To renew: UPDATE=1 cargo test -p usher-app --test bindings"
            .to_owned(),
        String::new(),
        format!("import type {{ {} }} from \"./bindings\";", imported(&signatures).join(", ")),
        "import type { Transport } from \"./transport\";".to_owned(),
        String::new(),
        "/** The commands of the core. Every rejection is a `Failure`. */".to_owned(),
        "export interface Commands {".to_owned(),
    ];
    for one in &signatures {
        let name = one.name.to_lower_camel_case();
        lines.push(format!("  /**{} */", one.doc.join("\n   *")));
        lines.push(format!("  {name}({}): Promise<{}>;", parameters(one).join(", "), one.result));
    }
    lines.extend(["}", "", "/** Returns the commands over `transport`. */"].map(str::to_owned));
    lines.push("export function commandsOver({ call, stream }: Transport): Commands {".to_owned());
    lines.push("  return {".to_owned());
    for one in &signatures {
        let name = one.name.to_lower_camel_case();
        let mut given: Vec<&str> = one.arguments.iter().map(|(name, _)| name.as_str()).collect();
        given.extend(one.event.as_ref().map(|_| "onEvent"));
        lines.push(format!("    {name}: ({}) => {},", given.join(", "), invocation(one)));
    }
    lines.extend(["  };", "}", ""].map(str::to_owned));
    lines.join("\n")
}

#[test]
fn committed_types_are_current() {
    compare("bindings.ts", &generated_types());
}

#[test]
fn committed_client_is_current() {
    compare("commands.ts", &generated_client());
}

/// Fails when the committed `file` is not `text`; writes it first when the environment asks for that.
fn compare(file: &str, text: &str) {
    let path = Path::new(FOLDER).join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).expect("the bindings can be written");
    }
    let committed = std::fs::read_to_string(path).expect("the bindings are committed");
    assert!(
        committed == text,
        "{file} differs from its source: UPDATE=1 cargo test -p usher-app --test bindings"
    );
}
