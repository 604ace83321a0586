//! The list has everything that is built in on Linux, with a text.

#![cfg(target_os = "linux")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use usher_licences::{ComponentKind, Licences};

/// The programs that people get.
const PROGRAMS: [&str; 2] = ["usher-cli", "usher-desktop"];

/// Returns name and version of each crate that Cargo builds into the programs on Linux.
#[expect(clippy::disallowed_methods, reason = "cargo names itself by the environment")]
fn built_in() -> BTreeSet<(String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--offline", "--locked", "--format-version", "1"]);
    command.args(["--filter-platform", "x86_64-unknown-linux-gnu"]).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let by_id = |value: &Value| list(value).into_iter().map(|one| (text(&one["id"]), one)).collect();
    let packages: BTreeMap<String, Value> = by_id(&metadata["packages"]);
    let nodes: BTreeMap<String, Value> = by_id(&metadata["resolve"]["nodes"]);
    // Runs while others are compiled, and is not in the program.
    let runs_at_build = |id: &str| {
        list(&packages[id]["targets"])
            .iter()
            .any(|target| list(&target["kind"]).contains(&"proc-macro".into()))
    };
    let is_program = |package: &Value| {
        package["source"].is_null() && PROGRAMS.iter().any(|program| package["name"] == *program)
    };
    let mut open: Vec<String> =
        packages.iter().filter(|(_, package)| is_program(package)).map(|(id, _)| id.clone()).collect();
    assert_eq!(open.len(), PROGRAMS.len());
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if runs_at_build(&id) || !seen.insert(id.clone()) {
            continue;
        }
        let dependencies = list(&nodes[&id]["deps"]);
        let shipped = |one: &&Value| list(&one["dep_kinds"]).iter().any(|kind| kind["kind"].is_null());
        open.extend(dependencies.iter().filter(shipped).map(|one| text(&one["pkg"])));
    }
    let packages = seen.iter().map(|id| &packages[id]).filter(|package| !package["source"].is_null());
    packages.map(|package| (text(&package["name"]), text(&package["version"]))).collect()
}

#[test]
fn every_crate_that_is_built_in_has_a_text() {
    let licences = Licences::read();
    let mut listed = BTreeSet::new();
    for component in licences.components() {
        let texts: Vec<&str> = licences.texts(component).collect();
        let name = &component.name;
        assert!(!component.licence.is_empty(), "{name}");
        assert!(texts.iter().any(|text| text.len() > 100), "{name}: {texts:?}");
        if component.kind == ComponentKind::Crate {
            listed.insert((name.clone(), component.version.clone()));
        }
    }
    let expected = built_in();
    assert!(expected.len() > 100, "{}", expected.len());
    let missing: Vec<_> = expected.difference(&listed).collect();
    let left: Vec<_> = listed.difference(&expected).collect();
    assert!(missing.is_empty() && left.is_empty(), "run `node .dev/licences.mjs`: {missing:?} {left:?}");
}

#[test]
fn page_is_listed_and_the_texts_are_those_of_the_packages() {
    let licences = Licences::read();
    let texts_of = |name: &str| -> Vec<String> {
        let component =
            licences.components().find(|component| component.name == name).expect("it is built in");
        licences.texts(component).map(str::to_owned).collect()
    };
    assert!(texts_of("svelte")[0].contains("Permission is hereby granted"), "MIT");
    let serde = texts_of("serde").concat();
    assert!(
        serde.contains("Apache License") && serde.contains("Permission is hereby granted"),
        "both are offered"
    );
    assert!(texts_of("selectors")[0].contains("Mozilla Public License"), "one without a text of its own");
}
