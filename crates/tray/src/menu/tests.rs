use usher_domain::{UnixTime, UsageWindow};
use usher_text::Language;

use super::*;
use crate::state::{OtherPayer, TrayModel};

fn window(window_seconds: u64, used_percent: f64, resets_at: i64) -> UsageWindow {
    UsageWindow { window_seconds, used_percent, resets_at: Some(UnixTime(resets_at)), meter: None }
}

fn account(id: &str, is_active: bool) -> TrayAccount {
    TrayAccount {
        id: AccountId(id.into()),
        name: id.to_uppercase(),
        email: Some(format!("{id}@example.com")),
        is_active,
        is_only_for_usher: false,
        colour: 2,
        windows: vec![window(18_000, 33.6, 900), window(604_800, 61.0, 900)],
        seen_at: None,
    }
}

fn state() -> TrayState {
    let model = |id: &str, is_chosen| TrayModel { id: id.into(), name: format!("Model {id}"), is_chosen };
    TrayState {
        language: Language::English,
        accounts: vec![account("ada", true), account("bob", false)],
        other_payer: None,
        models: vec![model("a", false), model("b", true)],
        gateway: TrayGateway::On,
        is_locked: false,
        attention: None,
        is_unreadable: false,
        failed: None,
        now: UnixTime(100),
    }
}

/// Returns the entries as lines of text; a button with what it does.
fn lines(state: &TrayState) -> Vec<String> {
    let choice = |one: &Choice| format!("{} {}", if one.is_chosen { "(o)" } else { "( )" }, one.label);
    let line = |entry: Entry| match entry {
        Entry::Separator => "--".to_owned(),
        Entry::Line { label, colour } => format!("{label} {colour:?}"),
        Entry::Button { label, action } => format!("{label} -> {action:?}"),
        Entry::Check { label, is_checked, action } => format!("[{is_checked}] {label} -> {action:?}"),
        Entry::Choices { label, choices } => {
            format!("{label} > {}", choices.iter().map(choice).collect::<Vec<_>>().join(" | "))
        }
        Entry::Menu { label, entries } => format!("{label} >> {entries:?}"),
    };
    menu(state).into_iter().map(line).collect()
}

#[test]
fn menu_names_account_usage_and_all_that_can_be_done() {
    let panels = [
        ("Accounts", TrayPanel::Accounts),
        ("Gateway", TrayPanel::Gateway),
        ("Tools", TrayPanel::Tools),
        ("Activity", TrayPanel::Activity),
    ];
    let panels = panels.map(|(label, panel)| button(label, Action::Open(Some(panel))));
    let panels = format!("Show >> {panels:?}");
    assert_eq!(
        lines(&state()),
        [
            "ADA (ada@example.com) Some(2)",
            "5-hour 34% used, weekly 61% used None",
            "--",
            "Open Usher -> Open(None)",
            "--",
            "[true] Gateway -> Some(SwitchGateway(false))",
            "Model: Model b > ( ) Model a | (o) Model b",
            "Account: ADA > (o) ADA (ada@example.com): 5-hour 34% used, weekly 61% used | ( ) BOB (bob@example.com): 5-hour 34% used, weekly 61% used",
            "--",
            "Stop everything -> Lock",
            "--",
            &panels,
            "Preferences -> Open(Some(Preferences))",
            "Quit Usher -> Quit",
        ]
    );
    let face = face(&state());
    assert_eq!(face.icon, IconForm::Normal);
    assert_eq!(face.details, "ADA (ada@example.com)\n5-hour 34% used, weekly 61% used\nGateway on");
}

#[test]
fn usage_is_what_is_known_and_nothing_else() {
    let mut after_reset = state();
    after_reset.now = UnixTime(900);
    assert_eq!(lines(&after_reset)[1], "5-hour reset, weekly reset None");
    let mut only_usher = state();
    only_usher.accounts[0].is_only_for_usher = true;
    assert_eq!(lines(&only_usher)[1], "for Usher only, not for tools None");
    assert!(!lines(&only_usher)[1].contains('%'));
    let mut unseen = state();
    unseen.accounts[0].windows.clear();
    assert_eq!(lines(&unseen)[1], "--");
    let mut key = state();
    key.other_payer = Some(OtherPayer { provider: "Groq".into(), paid_by: "key".into() });
    assert_eq!(lines(&key)[..2], ["Groq, billed per token None", "--"]);
}

#[test]
fn stopped_everything_is_the_first_thing_that_needs_the_person() {
    let mut stopped = state();
    stopped.is_locked = true;
    stopped.attention = Some(ErrorCode::UsageLimitReached);
    let lines = lines(&stopped);
    assert!(
        lines.contains(&"Everything was stopped: all passes are locked -> Open(Some(Gateway))".to_owned()),
        "{lines:?}"
    );
    assert!(lines.contains(&"Allow again -> Unlock".to_owned()));
    assert!(!lines.iter().any(|line| line.starts_with("Stop everything")));
    assert_eq!(face(&stopped).icon, IconForm::Attention);
    stopped.failed = Some("Stop everything failed: disk full".into());
    assert!(face(&stopped).details.starts_with("Stop everything failed"), "a failure is never hidden");
}

#[test]
fn icon_and_attention_follow_gateway_and_sign_in() {
    let mut state = state();
    state.gateway = TrayGateway::Off;
    assert_eq!(face(&state).icon, IconForm::Off);
    state.gateway = TrayGateway::Failed(ErrorCode::PortBusy);
    assert_eq!(face(&state).icon, IconForm::Attention);
    assert!(lines(&state).contains(&"The port of the gateway is in use -> Open(Some(Gateway))".to_owned()));
    state.attention = Some(ErrorCode::SignInRevoked);
    assert!(lines(&state).contains(&"Sign in again: ADA -> Open(Some(Plan))".to_owned()));
    state.gateway = TrayGateway::External;
    assert!(lines(&state).contains(&"[true] Gateway (run by another process) -> None".to_owned()));
}

#[test]
fn menu_without_account_models_and_store_is_still_one() {
    let mut empty = state();
    empty.accounts.clear();
    empty.models.clear();
    assert_eq!(lines(&empty)[0], "Not signed in None");
    assert!(lines(&empty).iter().all(|line| !line.contains(" > ")));
    empty.is_unreadable = true;
    assert_eq!(lines(&empty)[0], "The sign-ins cannot be read None");
}

#[test]
fn hostile_names_become_one_bounded_line_each() {
    let mut hostile = state();
    hostile.accounts[0].name = format!("x\n\u{202e}{}", "y".repeat(1000));
    hostile.models = (0..200)
        .map(|at| TrayModel { id: at.to_string(), name: "m\r\n\u{1b}[31m".into(), is_chosen: at == 0 })
        .collect();
    for line in menu(&hostile) {
        let labels = match line {
            Entry::Choices { label, choices } => {
                assert!(choices.len() <= MAX_MODELS);
                choices.into_iter().map(|one| one.label).chain([label]).collect()
            }
            Entry::Line { label, .. } | Entry::Button { label, .. } | Entry::Check { label, .. } => {
                vec![label]
            }
            Entry::Separator | Entry::Menu { .. } => Vec::new(),
        };
        for label in labels {
            assert!(label.chars().count() <= MAX_LABEL_CHARS + 1, "{label}");
            assert!(!label.contains(['\n', '\r', '\u{202e}', '\u{1b}']), "{label:?}");
        }
    }
}

#[test]
fn menu_is_in_the_language_of_the_person() {
    let german = TrayState { language: Language::German, ..state() };
    assert_eq!(
        lines(&german)[1..9],
        [
            "5 Std. 34 % genutzt, wöchentlich 61 % genutzt None",
            "--",
            "Usher öffnen -> Open(None)",
            "--",
            "[true] Gateway -> Some(SwitchGateway(false))",
            "Modell: Model b > ( ) Model a | (o) Model b",
            "Konto: ADA > (o) ADA (ada@example.com): 5 Std. 34 % genutzt, wöchentlich 61 % genutzt | ( ) BOB (bob@example.com): 5 Std. 34 % genutzt, wöchentlich 61 % genutzt",
            "--",
        ]
    );
    let chinese =
        |attention| face(&TrayState { language: Language::SimplifiedChinese, attention, ..state() });
    assert!(chinese(None).details.starts_with("ADA（ada@example.com）\n5 小时 已用 34%，每周 已用 61%"));
    assert!(chinese(Some(ErrorCode::StoreLocked)).details.starts_with("密钥环已锁定\n"));
}
