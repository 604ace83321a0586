//! What a program that is started for one run needs to use the gateway: variables, and for a program that reads none,
//! arguments. Its files are not touched.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::catalog::{Tool, aider, claude_code, codex};
use crate::system::proxy::NO_PROXY;
use crate::system::surroundings::Surroundings;

/// The environment of a run, but for the pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSetup {
    /// Variables with their values.
    pub variables: Vec<(&'static str, OsString)>,
    /// Variables that get the pass.
    pub pass_variables: &'static [&'static str],
    /// Variables that would win over those.
    pub removed: Vec<&'static str>,
    /// Arguments that come before the others.
    pub arguments: Vec<String>,
}

/// The variable by which programs for OpenAI's API get the pass.
const OPENAI_PASS: &str = "OPENAI_API_KEY";
/// Variables that get the pass. Not `ANTHROPIC_API_KEY`: Claude Code asks a person about that one.
const PASS_VARIABLES: &[&str] = &[OPENAI_PASS, "ANTHROPIC_AUTH_TOKEN"];
/// Programs whose variables win over those of the APIs.
const WINNING: [&Tool; 2] = [&claude_code::TOOL, &aider::TOOL];
impl RunSetup {
    /// Returns what `program` needs to use the gateway at `address`. `model` is the only one that its pass allows, if it has
    /// one.
    pub fn new(program: &OsStr, address: &str, model: Option<&str>, surroundings: &Surroundings) -> Self {
        let with_version = format!("{address}/v1");
        let mut variables: Vec<(&str, OsString)> = vec![
            ("OPENAI_BASE_URL", with_version.clone().into()),
            // The older name, which some programs read first.
            ("OPENAI_API_BASE", with_version.into()),
            ("ANTHROPIC_BASE_URL", address.into()),
            ("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY", "1".into()),
        ];
        if let Some(direct) = surroundings.direct_hosts() {
            variables.extend(NO_PROXY.map(|name| (name, direct.to_owned())));
        }
        let is_set = |name: &str| PASS_VARIABLES.contains(&name);
        let removed = WINNING.iter().flat_map(|tool| tool.variables).copied();
        Self {
            variables,
            pass_variables: PASS_VARIABLES,
            removed: removed.filter(|name| !is_set(name)).collect(),
            arguments: arguments(program, address, model),
        }
    }
}

/// Returns the name of a program, without its folder and the ending that programs of Windows have.
pub fn program_name(program: &OsStr) -> String {
    let path = Path::new(program);
    let has_ending = path
        .extension()
        .is_some_and(|end| ["exe", "cmd", "bat"].iter().any(|one| end.eq_ignore_ascii_case(one)));
    let name = if has_ending { path.file_stem() } else { path.file_name() };
    name.unwrap_or(program).to_string_lossy().into_owned()
}

fn arguments(program: &OsStr, address: &str, model: Option<&str>) -> Vec<String> {
    if codex::TOOL.programs.contains(&program_name(program).as_str()) {
        return codex::run_arguments(address, OPENAI_PASS, model);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::proxy::LOOPBACK;

    const ADDRESS: &str = "http://127.0.0.1:18740";

    fn setup(program: &str, environment: &[(&str, &str)]) -> RunSetup {
        let get =
            |name: &str| environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
        RunSetup::new(OsStr::new(program), ADDRESS, None, &Surroundings::from("/home/ada".into(), get))
    }

    #[test]
    fn variables_of_both_apis_are_set_and_winning_ones_removed() {
        let setup = setup("python3", &[]);
        let value =
            |name: &str| setup.variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone());
        assert_eq!(value("OPENAI_BASE_URL"), Some(format!("{ADDRESS}/v1").into()));
        assert_eq!(value("ANTHROPIC_BASE_URL"), Some(ADDRESS.into()));
        assert_eq!(value("CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY"), Some("1".into()));
        for name in ["ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK", "AIDER_OPENAI_API_BASE"] {
            assert!(setup.removed.contains(&name), "{name}");
        }
        for name in setup.pass_variables {
            assert!(!setup.removed.contains(name), "{name}");
        }
        assert!(setup.arguments.is_empty());
    }

    #[test]
    fn proxy_of_the_environment_is_not_used_for_the_gateway() {
        assert!(!setup("x", &[]).variables.iter().any(|(name, _)| NO_PROXY.contains(name)));
        for (before, after) in
            [(None, LOOPBACK.to_owned()), (Some("a.example"), format!("a.example,{LOOPBACK}"))]
        {
            let mut environment = vec![("ALL_PROXY", "http://proxy.example:3128")];
            environment.extend(before.map(|before| ("no_proxy", before)));
            let variables = setup("x", &environment).variables;
            for name in NO_PROXY {
                assert!(variables.contains(&(name, after.clone().into())), "{name}: {variables:?}");
            }
        }
    }

    #[test]
    fn codex_gets_its_provider_whatever_its_path_is() {
        for program in ["codex", "/opt/bin/codex", "codex.cmd"] {
            let arguments = setup(program, &[]).arguments;
            assert_eq!(arguments[..2], ["-c", "model_provider=\"usher_run\""], "{program}");
            for pair in arguments.chunks(2) {
                let parsed: toml_edit::DocumentMut = pair[1].parse().expect("TOML");
                assert_eq!((pair[0].as_str(), parsed.len()), ("-c", 1));
            }
        }
        assert!(setup("codex-of-mine", &[]).arguments.is_empty());
    }
}
