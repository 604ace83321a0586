//! `usher run`.

use std::ffi::OsString;

use clap::Args;

use super::values;

pub(super) const RUN_HELP: &str = "\
The program finds the gateway and its pass in its environment (OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL,
ANTHROPIC_AUTH_TOKEN); no file is changed. Variables that would win, such as ANTHROPIC_API_KEY, are taken out. Codex does
not read them for its own provider: a program named `codex` also gets `-c` options with a provider for this run. If no
gateway is running, this command runs one. It exits as the program does, with 127 if there is no such program.

Examples:
  usher run -- codex exec 'say hi'
  usher run --budget 200000 -- claude -p 'say hi'
  usher run --model gpt-5.5 -- python3 script.py";

/// The arguments of `usher run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArguments {
    /// Let it use what this pass may use, and no longer than this pass is valid
    #[arg(long, value_name = "NAME", conflicts_with = "model")]
    pub(crate) pass: Option<String>,
    /// Always use this model, whatever a request names
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<String>,
    /// Refuse its requests once they have used this many tokens
    #[arg(long, value_name = "TOKENS", value_parser = clap::value_parser!(u64).range(1..=MAX_BUDGET))]
    pub(crate) budget: Option<u64>,
    /// Refuse its requests when less than this share of a plan's window is left; 0 leaves nothing
    #[arg(long, value_name = "PERCENT", value_parser = values::percent)]
    pub(crate) leave: Option<u8>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, value_name = "CMD")]
    pub(crate) command: Vec<OsString>,
}

/// More tokens than anybody uses, and exact as a number of JSON.
const MAX_BUDGET: u64 = 1_000_000_000_000;
