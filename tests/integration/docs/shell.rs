//! Runs the commands of one page, one after the other, as a person would.

use std::fs;

use serde_json::json;
use tokio::sync::Mutex;
use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, Options, Sandbox};
use usher_tests::{Home, Running, sign_in, usher};

use super::help::check_by_help;
use super::output::compare;
use super::page::{Command, Page};

/// A key that the sandbox takes.
const KEY: &str = "sk-sandbox-0123456789abcd";
/// The gateway's address on the pages; here it has a port of its own, because tests run side by side.
const GATEWAY: &str = "http://127.0.0.1:18740";
/// A service on this computer, on the pages.
const LOCAL_SERVICE: &str = "http://127.0.0.1:11434/v1";

/// The ports to which OpenAI sends a browser back: one sign-in at a time has them.
pub(super) type LoginPorts = Mutex<()>;

/// A home of its own, with the exports and the gateway that earlier commands made.
pub(super) struct Shell<'test> {
    sandbox: Sandbox,
    home: Home,
    exports: Vec<String>,
    gateway: Option<(Running, String)>,
    ports: &'test LoginPorts,
}

impl<'test> Shell<'test> {
    /// Prepares the home: Ada is signed in, unless the first command of the page signs in.
    pub(super) async fn start(page: &Page, ports: &'test LoginPorts) -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
        let mut home = Home::at(&sandbox);
        let mut commands =
            page.blocks.iter().filter(|block| !block.not_run).flat_map(|block| &block.commands);
        if !commands.next().is_some_and(|first| first.line.starts_with("usher login")) {
            sign_in(&home, &sandbox, "ada").await;
        }
        let folder = usher().parent().expect("it lies in a folder").display().to_string();
        home.set("PATH", &format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
        // Takes the address, and opens nothing.
        home.set("BROWSER", "true");
        fs::create_dir(home.path().join("work")).expect("the home can be written");
        home.write("work/key.txt", KEY);
        if page.name.ends_with("codex-cli.md") {
            write_codex_sign_in(&home, &sandbox);
        }
        Self { sandbox, home, exports: Vec::new(), gateway: None, ports }
    }

    /// Returns the home of the page.
    pub(super) fn home(&self) -> &Home {
        &self.home
    }

    /// Runs a command, and compares its output where the page shows one.
    pub(super) async fn run(&mut self, command: &Command) -> Result<(), String> {
        let line = command.line.as_str();
        let printed = match line {
            "usher serve &" => self.serve().await,
            _ if line.starts_with("./dev ") => return check_by_help(&self.home, line).await,
            _ if line.starts_with("usher login") && !line.contains("stdin") => self.login(line).await?,
            _ if line.starts_with("usher settings") => self.settings(line).await,
            _ => self.bash(line).await?,
        };
        let Some(shown) = &command.output else { return Ok(()) };
        let home = self.home.path().display().to_string();
        compare(shown, &printed, &home).map_err(|why| format!("`{line}`: {why}"))
    }

    /// Starts the gateway, and returns what it printed until it listened.
    async fn serve(&mut self) -> String {
        let mut running = self.home.start(&["serve", "--port", "0", "--json"]);
        let listening = running.event_named("listening").await;
        let address = listening["address"].as_str().expect("it has an address").to_owned();
        self.gateway = Some((running, address));
        String::new()
    }

    /// Serves the page for a browser, and stops once it listens.
    async fn settings(&self, line: &str) -> String {
        let options = line.split_whitespace().skip(1).filter(|word| word.parse::<u16>() != Ok(18_750));
        let options: Vec<&str> =
            options.map(|word| if word == "--port" { "--port=0" } else { word }).collect();
        let mut running = self.home.start(&[&options[..], &["--no-browser", "--json"]].concat());
        running.event_named("listening").await;
        String::new()
    }

    /// Signs Ada in: opens the address that is printed, or enters the code.
    async fn login(&self, line: &str) -> Result<String, String> {
        let _ports = self.ports.lock().await;
        let by_code = line.contains("--device");
        if by_code {
            self.sandbox.change_settings(|settings| settings.device_interval_s = 0);
            self.sandbox.push_fault("device.token", Fault::Delay { ms: 150 });
        }
        let mut login = Running::start(self.home.command("bash", &["-euc", &format!("exec 2>&1; {line}")]));
        let browser = Browser::new();
        while let Some(printed) = login.line().await {
            let printed = printed.trim();
            let code = printed.split_whitespace().last().filter(|word| is_device_code(word));
            if let Some(code) = code.filter(|_| by_code) {
                browser.enter_device_code(self.sandbox.issuer(), code, "ada").await;
                break;
            }
            if printed.starts_with("http") && !by_code {
                browser.approve(printed, "ada").await;
                break;
            }
        }
        let output = login.end().await;
        if output.code == 0 { Ok(output.stdout) } else { Err(format!("`{line}`: {output:?}")) }
    }

    /// Runs a line in a shell with the exports before it.
    async fn bash(&mut self, line: &str) -> Result<String, String> {
        let mut line = line.replace(LOCAL_SERVICE, &format!("{}/keyless", self.sandbox.compatible()));
        if let Some((_, address)) = &self.gateway {
            line = line.replace(GATEWAY, address);
        }
        let mut script = format!("exec 2>&1\n{}\n{line}\n", self.exports.join("\n"));
        if let Some(assignments) = line.strip_prefix("export ") {
            // `export` succeeds when the command inside of it fails.
            for name in assignments.split_whitespace().filter_map(|one| Some(one.split_once('=')?.0)) {
                script.extend([": \"${", name, ":?}\"\n"]);
            }
            self.exports.push(line.clone());
        }
        let mut bash = self.home.command("bash", &["-euc", &script]);
        let output = bash.current_dir(self.home.path().join("work")).output().await.expect("bash starts");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(printed)
        } else {
            Err(format!("`{line}`: {}: {printed}", output.status))
        }
    }
}

fn is_device_code(word: &str) -> bool {
    word.len() == 10
        && word.chars().enumerate().all(|(at, c)| if at == 4 { c == '-' } else { c.is_ascii_alphanumeric() })
}

/// Writes the file that the Codex CLI keeps its sign-in in (protocol §6).
fn write_codex_sign_in(home: &Home, sandbox: &Sandbox) {
    let tokens = sandbox.issue("ada");
    let file = json!({
        "auth_mode": "chatgpt",
        "OPENAI_API_KEY": null,
        "tokens": {
            "id_token": tokens.id_token,
            "access_token": tokens.access_token,
            "refresh_token": tokens.refresh_token,
            "oauth_provenance": { "issuer": sandbox.issuer(), "client_id": "app_EMoamEEZ73f0CkXaXp7hrann" },
        },
        "last_refresh": "2026-11-19T10:00:00.5Z",
    });
    fs::create_dir(home.path().join(".codex")).expect("the home can be written");
    home.write(".codex/auth.json", &file.to_string());
}
