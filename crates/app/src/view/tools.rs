//! Tools of this computer, and what connecting them changes.

use serde::Serialize;
use ts_rs::TS;
use usher_domain::UnixTime;

/// A tool that can use the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolView {
    /// Names it in commands.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is on this computer.
    pub found: bool,
    /// Its version, where that is known.
    pub version: Option<String>,
    /// Whether Usher changes its files, or the person does.
    pub automatic: bool,
    /// Whether it can sign in to OpenAI by itself.
    pub own_sign_in: bool,
    /// How it gets its pass.
    pub pass_method: ToolPassMethod,
    /// Its connection, if it is connected.
    pub connection: Option<ToolConnectionView>,
}

/// A connection of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolConnectionView {
    /// The name of its pass.
    pub pass: String,
    /// When it was connected.
    pub at: UnixTime,
    /// Whether that was interrupted; disconnecting restores the files.
    pub interrupted: bool,
    /// Whether its files are back because the gateway does not answer; it is connected again when that does.
    pub suspended: bool,
    /// The name of another tool with the same keys, whose connection serves this one, too.
    pub served_by: Option<String>,
    /// After how many minutes without an answer of the gateway that happens, if the person wants it.
    pub restore_after_minutes: Option<u32>,
    /// When its pass was used last.
    pub last_used_at: Option<UnixTime>,
    /// Its files.
    pub files: Vec<String>,
}

/// Every place of this computer that holds a sign-in of OpenAI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct SignInCopiesView {
    /// Whether each sign-in is renewed by one program only.
    pub one_writer: bool,
    /// The places, Usher's own first.
    pub copies: Vec<SignInCopyView>,
    /// Programs that may hold one in a form that is documented nowhere.
    pub not_looked_at: Vec<String>,
}

/// A place that holds a sign-in of OpenAI. It has no token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, TS)]
pub struct SignInCopyView {
    /// Names the program in commands.
    pub program: String,
    /// Its name for people.
    pub program_name: String,
    /// Where it is.
    pub place: String,
    /// The e-mail address, if known.
    pub email: Option<String>,
    /// The plan.
    pub plan_name: Option<String>,
    /// Usher's account that it is of.
    pub account: Option<String>,
    /// The name of that account.
    pub account_name: Option<String>,
    /// When it was renewed last; if its file does not have that, when the file was written.
    pub last_refresh: Option<UnixTime>,
    /// Whether, of several of one account, this was renewed last.
    pub renewed_last: bool,
    /// The place of another program that holds the same sign-in.
    pub same_as: Option<String>,
    /// The tool that can use a pass in its place.
    pub tool: Option<String>,
    /// Whether that tool is connected.
    pub connected: bool,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// What a check did with a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolCheckView {
    /// The tool.
    pub tool: String,
    /// What was done.
    pub outcome: ToolCheckOutcome,
    /// The keys that somebody changed, or why it failed.
    pub detail: Vec<String>,
}

/// Outcomes of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolCheckOutcome {
    /// The gateway has been silent too long, so its files are back.
    Restored,
    /// The gateway answers, so it is connected again.
    Connected,
    /// Somebody changed a key, so nothing was changed.
    Left,
    /// It failed, and is tried again with the next check.
    Failed,
}

/// The script that puts the files of all tools back without Usher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestoreScriptView {
    /// Where it is.
    pub path: String,
    /// The line that runs it in a shell of this system.
    pub command: String,
}

/// How a tool gets its pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ToolPassMethod {
    /// It runs `usher pass print NAME`.
    Helper,
    /// It reads a file that only the person can read, beside the data of Usher.
    PassFile,
    /// It reads a variable of the environment, or asks for it.
    Environment,
    /// The pass stands in its file, which then only the person can read.
    Literal,
}

/// What connecting a tool would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolPreview {
    /// The tool.
    pub tool: String,
    /// Its name for people.
    pub name: String,
    /// The name that its pass gets.
    pub pass: String,
    /// Its files. Empty for a tool that is connected by hand.
    pub files: Vec<ToolFileView>,
    /// What the person should know before.
    pub conflicts: Vec<ToolConflictView>,
    /// Whether one of them has to go first.
    pub blocked: bool,
    /// Whether connecting it ends what the person used before.
    pub takes_over: bool,
    /// Whether it can be made to use Usher by itself.
    pub has_default: bool,
    /// How to use it afterwards.
    pub usage: Option<String>,
    /// The command that tries it afterwards, if it has one.
    pub trial: Option<String>,
    /// The lines that the person writes, if Usher does not.
    pub lines: Option<String>,
    /// Names this preview: the tool is connected only if nothing has changed since.
    pub token: String,
}

/// The outcome of the smallest command of a connected tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolTrialView {
    /// The tool.
    pub tool: String,
    /// The command.
    pub command: String,
    /// How it ended.
    pub outcome: ToolTrialOutcome,
    /// The last line that it printed.
    pub last_line: Option<String>,
    /// How long it took.
    #[ts(type = "number")]
    pub took_ms: u64,
}

/// How the smallest command of a tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ToolTrialOutcome {
    /// It succeeded, and a request with its pass arrived.
    Answered,
    /// It failed.
    Failed,
    /// It succeeded, but no request with its pass arrived: something else wins over its file.
    Bypassed,
    /// It did not end in time.
    TimedOut,
}

/// What would change in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolFileView {
    /// Where it is.
    pub path: String,
    /// Whether there is one.
    pub exists: bool,
    /// Whether others may read it now, and could not any more.
    pub becomes_private: bool,
    /// The keys.
    pub keys: Vec<ToolKeyView>,
    /// The lines, in the unified format.
    pub diff: String,
}

/// What would change of one key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolKeyView {
    /// Which.
    pub path: String,
    /// Its value now.
    pub old: Option<String>,
    /// Its value then.
    pub new: String,
    /// Whether it ends what the person used before.
    pub takes_over: bool,
}

/// What the person should know before a tool is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolConflictView {
    /// What it is.
    pub kind: ToolConflictKind,
    /// The variable, the key, the program or the version.
    pub subject: String,
    /// Where it is, or what is needed.
    pub detail: String,
}

/// Kinds of conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ToolConflictKind {
    /// A variable of the environment wins over the file.
    Variable,
    /// A key of the file wins, or is a secret that would be replaced.
    Key,
    /// A key in the settings of a project wins in that project.
    Project,
    /// A key in the settings of an organization wins.
    Managed,
    /// A sign-in that the tool stores wins.
    SignIn,
    /// The tool refuses the file, because comments are in it.
    Comments,
    /// Another program writes the same file.
    Switcher,
    /// The tool is too old.
    Version,
    /// A new file would take the place of an older one.
    OlderFile,
    /// The gateway would send requests to itself.
    Loop,
    /// Another tool reads the same keys and uses Usher, too.
    Shared,
    /// Another tool is connected with the same keys, and its connection serves this one.
    Served,
}

/// What came back of a tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolUndone {
    /// The tool.
    pub tool: String,
    /// Its files.
    pub files: Vec<ToolFileOutcome>,
    /// Whether its pass was revoked; false if there was none any more.
    pub pass_revoked: bool,
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
pub struct ToolFileOutcome {
    /// Where it is.
    pub path: String,
    /// Whether it was changed now.
    pub changed: bool,
    /// Whether it is what it was before, byte for byte.
    pub exact: bool,
    /// Whether it was removed, because it was made for the tool.
    pub removed: bool,
    /// Keys that somebody changed since, and that stay.
    pub kept: Vec<String>,
}
