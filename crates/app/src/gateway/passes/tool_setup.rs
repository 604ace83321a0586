//! What a program needs to use the gateway with a pass: lines for its settings or for a shell, in one place for window and
//! command line. They name the pass and never hold its secret, so that they may be kept in files.

use std::time::Duration;

use serde_json::json;
use url::Url;
use usher_domain::{ErrorCode, Failure};
use usher_net::{AllowedHosts, HttpClient, HttpRequest, NetworkConfig};
use usher_tools::{Helper, Setup, Shell, Tool};

use crate::gateway::passes::GatewayPasses;
use crate::gateway::process::lock::gateway_view;
use crate::gateway::process::server::gateway_port;
use crate::view::{SetupTool, ToolSetup};

/// How long the response to the request that tries a pass may take.
const TRY_TIMEOUT: Duration = Duration::from_secs(60);

impl GatewayPasses {
    /// Returns the lines that connect `tool` to the gateway with the pass `name`.
    ///
    /// Without a name, the only pass is meant. Refused with [`ErrorCode::BadUsage`] when there is none of this name, none at
    /// all, or several.
    pub async fn setup(&self, tool: SetupTool, name: Option<&str>) -> Result<ToolSetup, Failure> {
        let name = self.name_of(name).await?;
        let text = lines(tool, &self.gateway_address(), &name, Shell::of_this_system());
        Ok(ToolSetup { tool, pass: name, text })
    }

    /// Returns the lines of every program for the pass `name`.
    pub async fn setups(&self, name: &str) -> Result<Vec<ToolSetup>, Failure> {
        let mut setups = Vec::new();
        for tool in SetupTool::ALL {
            setups.push(self.setup(tool, Some(name)).await?);
        }
        Ok(setups)
    }

    /// Sends one short request through the gateway, as a program with the pass `name` would. The list of requests has its
    /// outcome; this fails only if the gateway cannot be reached.
    pub async fn try_out(&self, name: &str) -> Result<(), Failure> {
        let secret = self.secret_of(name).await?;
        let Some(address) = gateway_view(&self.context).address else {
            return Err(Failure::new(ErrorCode::Offline, "the gateway is off"));
        };
        let invalid = |error| {
            Failure::new(ErrorCode::Internal, "the address of the gateway is invalid").with_source(error)
        };
        let base = Url::parse(&address).map_err(invalid)?;
        let url = base.join("v1/responses").map_err(invalid)?;
        // A client of its own: the gateway is no provider, and stays out of the list of their hosts.
        let http = HttpClient::new(&NetworkConfig::default(), AllowedHosts::from_urls([&base]))?;
        // An empty name means the model that the person chose.
        let body = json!({ "model": "", "input": "Reply with the word hello.", "stream": false });
        let request = HttpRequest::post_json(url, &body).bearer(&secret).with_timeout(TRY_TIMEOUT);
        http.send(request).await.map(drop).map_err(|error| error.failure)
    }

    async fn name_of(&self, name: Option<&str>) -> Result<String, Failure> {
        let now = self.context.clock.now();
        let passes = self.list().await?;
        if let Some(name) = name {
            let found = passes.iter().any(|pass| pass.name == name);
            let unknown = || Failure::new(ErrorCode::BadUsage, format!("there is no pass named {name}"));
            return found.then(|| name.to_owned()).ok_or_else(unknown);
        }
        let valid: Vec<&str> =
            passes.iter().filter(|pass| !pass.is_expired(now)).map(|pass| pass.name.as_str()).collect();
        match valid[..] {
            [only] => Ok(only.to_owned()),
            [] => Err(Failure::new(
                ErrorCode::BadUsage,
                "there is no pass; create one with `usher pass new NAME`",
            )),
            _ => {
                let cause = format!("there are several passes; choose one with --pass: {}", valid.join(", "));
                Err(Failure::new(ErrorCode::BadUsage, cause))
            }
        }
    }

    /// Returns where the gateway listens, or will listen.
    pub(crate) fn gateway_address(&self) -> String {
        let running = gateway_view(&self.context).address;
        running.unwrap_or_else(|| format!("http://127.0.0.1:{}", gateway_port(&self.context)))
    }
}

/// Returns the lines for `tool`. Which variables and settings each one reads is on the page of clients.
fn lines(tool: SetupTool, address: &str, pass: &str, shell: Shell) -> String {
    // A JSON text is a string of Python.
    let quoted = json!(pass).to_string();
    match tool {
        SetupTool::Claude => shell.variables(("ANTHROPIC_BASE_URL", address), ("ANTHROPIC_AUTH_TOKEN", pass)),
        SetupTool::Anthropic => shell.variables(("ANTHROPIC_BASE_URL", address), ("ANTHROPIC_API_KEY", pass)),
        SetupTool::Openai => {
            shell.variables(("OPENAI_BASE_URL", &format!("{address}/v1")), ("OPENAI_API_KEY", pass))
        }
        SetupTool::Codex => codex(address, pass),
        SetupTool::Python => format!(
            r#"import subprocess
from openai import OpenAI

key = subprocess.check_output(["usher", "pass", "print", {quoted}], text=True).strip()
client = OpenAI(base_url="{address}/v1", api_key=key)
model = client.models.list().data[0].id
print(client.responses.create(model=model, input="Say hello.").output_text)"#
        ),
    }
}

/// Returns the keys that `usher tools connect codex` writes.
fn codex(address: &str, pass: &str) -> String {
    let setup = Setup {
        address: address.to_owned(),
        pass: pass.to_owned(),
        helper: Helper::new("usher", None, pass),
        pass_file: String::new(),
        models: Vec::new(),
        model: None,
        make_default: true,
        restore_after: None,
    };
    Tool::find("codex").map(|tool| tool.lines(&setup)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "http://127.0.0.1:18740";

    #[test]
    fn shell_lines_for_claude_code_set_address_and_pass() {
        assert_eq!(
            lines(SetupTool::Claude, ADDRESS, "Claude Code", Shell::Posix),
            "export ANTHROPIC_BASE_URL=http://127.0.0.1:18740\n\
             export ANTHROPIC_AUTH_TOKEN=$(usher pass print 'Claude Code')"
        );
        assert_eq!(
            lines(SetupTool::Openai, ADDRESS, "it's", Shell::PowerShell),
            "$env:OPENAI_BASE_URL = \"http://127.0.0.1:18740/v1\"\n\
             $env:OPENAI_API_KEY = usher pass print 'it''s'"
        );
    }

    #[test]
    fn lines_for_codex_are_valid_toml_with_the_name_of_the_pass() {
        let name = r#"a "b" \ ü"#;
        let text = lines(SetupTool::Codex, ADDRESS, name, Shell::Posix);
        let parsed: toml_edit::DocumentMut = text.parse().expect("TOML");
        let auth = &parsed["model_providers"]["usher"]["auth"];
        assert_eq!(auth["args"][2].as_str(), Some(name));
        assert_eq!(
            parsed["model_providers"]["usher"]["base_url"].as_str(),
            Some("http://127.0.0.1:18740/v1")
        );
    }
}
