//! A command exists in three places: its function, its name in the list that `build.rs` reads, and
//! its permission in the window's capability. This test holds them together.

use std::collections::BTreeSet;

const NAMES: &[&str] = include!("../command_names.rs");
const CAPABILITY: &str = include_str!("../capabilities/main.json");

/// Parts of Tauri itself that the page needs.
const OF_TAURI: &[&str] =
    &["core:event:allow-listen", "core:event:allow-unlisten", "core:webview:allow-set-webview-zoom"];

fn permissions() -> BTreeSet<String> {
    let capability: serde_json::Value = serde_json::from_str(CAPABILITY).expect("the capability is JSON");
    let list = capability["permissions"].as_array().expect("the capability has a list of permissions");
    list.iter().map(|name| name.as_str().expect("a permission is named by a string").to_owned()).collect()
}

/// Names of the functions that carry `#[tauri::command]`, read from the source.
fn functions() -> BTreeSet<String> {
    let source = include_str!("../src/commands.rs");
    source
        .split("#[tauri::command")
        .skip(1)
        .map(|after| {
            let (_, rest) = after.split_once("fn ").expect("a function follows the attribute");
            let end = rest.find(['(', '<']).expect("a function has parameters");
            rest[..end].to_owned()
        })
        .collect()
}

#[test]
fn every_command_is_named_in_the_list() {
    let names: BTreeSet<String> = NAMES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(names.len(), NAMES.len(), "a name stands twice in command_names.rs");
    assert_eq!(functions(), names);
}

#[test]
fn the_window_is_granted_our_commands_and_nothing_else() {
    let ours = NAMES.iter().map(|name| format!("allow-{}", name.replace('_', "-")));
    let expected: BTreeSet<String> = ours.chain(OF_TAURI.iter().map(|&name| name.to_owned())).collect();
    assert_eq!(permissions(), expected);
}

#[test]
fn the_capability_holds_for_the_built_in_page_of_the_main_window_only() {
    let capability: serde_json::Value = serde_json::from_str(CAPABILITY).expect("the capability is JSON");
    assert_eq!(capability["windows"], serde_json::json!(["main"]));
    assert_eq!(capability["local"], true);
    assert!(capability.get("remote").is_none());
}

#[test]
fn content_security_policy_allows_no_remote_content() {
    let config: serde_json::Value =
        serde_json::from_str(include_str!("../tauri.conf.json")).expect("the configuration is JSON");
    let policy = config["app"]["security"]["csp"].as_object().expect("the policy is written out");
    for (directive, sources) in policy {
        let allowed: &[&str] = match directive.as_str() {
            "connect-src" => &["ipc:", "http://ipc.localhost"],
            "object-src" | "frame-src" | "base-uri" | "form-action" => &["'none'"],
            _ => &["'self'"],
        };
        let sources: Vec<&str> = sources.as_str().expect("sources are one string").split(' ').collect();
        assert_eq!(sources, allowed, "{directive}");
    }
    for directive in ["default-src", "script-src", "style-src", "connect-src", "object-src", "base-uri"] {
        assert!(policy.contains_key(directive), "{directive} is missing");
    }
}
