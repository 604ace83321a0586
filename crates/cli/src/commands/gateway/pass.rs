//! `usher pass`: the credentials of other programs at the gateway.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use comfy_table::Table;
use serde::Serialize;
use usher_app::view::{PassView, ProviderView, SetupTool};
use usher_app::{App, PassEdit, PassRequest, RoleEdit, Target};
use usher_domain::{
    AccountId, ErrorCode, ExitStatus, Failure, Pass, ProviderId, Role, RoleChoice, Roles, UnixTime,
    sanitize_for_terminal,
};
use usher_text::{list as list_of, messages as m, percent};

use crate::args::{ChangedPass, NewPass, PassCommand};
use crate::language::language;
use crate::output::role_choice::with_details;
use crate::output::{Output, shell_quoted, time_format};

/// A pass without its secret, which only `usher pass print` prints.
#[derive(Serialize)]
struct PassFields<'a> {
    id: &'a str,
    name: &'a str,
    provider: Option<&'a ProviderId>,
    account: Option<&'a AccountId>,
    model: Option<&'a str>,
    project: Option<&'a str>,
    folder: Option<&'a str>,
    pay_per_token: bool,
    token: bool,
    budget: Option<u64>,
    leaves_percent: Option<u8>,
    roles: &'a Roles,
    run: bool,
    created_at: UnixTime,
    expires_at: Option<UnixTime>,
    last_used_at: Option<UnixTime>,
}

#[derive(Serialize)]
struct PassDocument<'a> {
    pass: PassFields<'a>,
}

#[derive(Serialize)]
struct SecretDocument<'a> {
    pass: SecretFields<'a>,
}

/// What `usher pass print` prints.
#[derive(Serialize)]
struct SecretFields<'a> {
    name: &'a str,
    secret: &'a str,
    expires_at: Option<UnixTime>,
}

#[derive(Serialize)]
struct PassesDocument<'a> {
    passes: Vec<PassFields<'a>>,
}

#[derive(Serialize)]
struct RevokedDocument<'a> {
    revoked: &'a str,
}

pub(crate) async fn run(
    app: &App,
    command: &PassCommand,
    target: &Target,
    output: Output,
) -> Result<ExitStatus, Failure> {
    match command {
        PassCommand::New(new) => create(app, new, target, output).await,
        PassCommand::Print { name } => print(app, name, output).await,
        PassCommand::List => list(app, output).await,
        PassCommand::Set(change) => set(app, change, output).await,
        PassCommand::Revoke { name } => {
            app.passes.revoke(name).await?;
            output.document(&RevokedDocument { revoked: name });
            output.text(m::pass_revoked(language(), name));
            Ok(ExitStatus::Success)
        }
    }
}

async fn create(app: &App, new: &NewPass, target: &Target, output: Output) -> Result<ExitStatus, Failure> {
    let request = PassRequest {
        name: new.name.clone(),
        target: target.clone(),
        any_provider: new.any_provider,
        pay_per_token: new.pay_per_token,
        model: new.model.clone(),
        folder: new.project.clone(),
        token: new.allow.is_some(),
        leaves_percent: new.leave.filter(|percent| *percent > 0),
        roles: new.roles.choices(),
        seconds: new.expires,
    };
    let created = app.passes.create(request).await;
    let (pass, secret) = match created {
        Err(failure) if failure.code == ErrorCode::BadUsage && exists(app, &new.name).await? => {
            let hint = m::pass_hint_replace(language(), shell_quoted(&new.name));
            return Ok(output.failure_with_hint(&failure, &hint));
        }
        created => created?,
    };
    output.document(&PassDocument { pass: PassFields::from(pass.as_ref()) });
    output.text(secret.expose());
    output.hint(next_steps(app, &pass.name).await?);
    Ok(ExitStatus::Success)
}

/// Changes how much of a plan a pass leaves to others, and what it uses by role.
async fn set(app: &App, change: &ChangedPass, output: Output) -> Result<ExitStatus, Failure> {
    let resets =
        change.role_reset.iter().map(|role| (*role, RoleEdit { reset: true, ..RoleEdit::default() }));
    let edit = PassEdit { leaves_percent: change.leave, roles: resets.chain(change.roles.edits()).collect() };
    let pass = app.passes.change(&change.name, edit).await?;
    output.document(&PassDocument { pass: PassFields::from(pass.as_ref()) });
    let name = sanitize_for_terminal(&pass.name);
    match (change.leave, pass.scope.leaves_percent) {
        (None, _) => {}
        (Some(_), Some(left)) => {
            output.text(m::pass_leaves_now(language(), &name, percent(language(), left.into())));
        }
        (Some(_), None) => output.text(m::pass_leaves_nothing(language(), &name)),
    }
    let named: BTreeSet<Role> =
        change.role_reset.iter().copied().chain(change.roles.edits().iter().map(|(role, _)| *role)).collect();
    for role in named {
        let of = role.as_ref();
        output.text(match pass.scope.roles.get(&role) {
            Some(choice) => m::pass_uses_for(language(), &name, of_pass(choice), of),
            None => m::pass_uses_account_choice(language(), &name, of),
        });
    }
    Ok(ExitStatus::Success)
}

/// Returns what a pass uses for a role: `gpt-5.5, effort high`.
fn of_pass(choice: &RoleChoice) -> String {
    with_details(choice.model.clone().unwrap_or_else(|| m::pass_account_model(language()).into()), choice)
}

async fn exists(app: &App, name: &str) -> Result<bool, Failure> {
    Ok(app.passes.list().await?.iter().any(|pass| pass.name == name))
}

/// Prints only the secret, for tools that run this command to get it; with `--json` also when it expires.
async fn print(app: &App, name: &str, output: Output) -> Result<ExitStatus, Failure> {
    let secret = app.passes.secret_of(name).await?;
    let pass = app.passes.list().await?.into_iter().find(|pass| pass.name == name);
    let expires_at = pass.and_then(|pass| pass.expires_at);
    output.document(&SecretDocument { pass: SecretFields { name, secret: secret.expose(), expires_at } });
    output.text(secret.expose());
    Ok(ExitStatus::Success)
}

async fn list(app: &App, output: Output) -> Result<ExitStatus, Failure> {
    let passes = app.passes.list_views().await?;
    output.document(&PassesDocument { passes: passes.iter().map(PassFields::from).collect() });
    if passes.is_empty() {
        output.text(m::pass_none(language()));
        return Ok(ExitStatus::Success);
    }
    let providers = app.providers.list().await?.providers;
    let mut table = Table::new();
    table.load_preset(comfy_table::presets::NOTHING);
    table.set_content_arrangement(comfy_table::ContentArrangement::Disabled);
    table.set_header([
        m::column_name(language()),
        m::column_may_use(language()),
        m::column_created(language()),
        m::column_last_used(language()),
        m::column_expires(language()),
    ]);
    for pass in &passes {
        table.add_row(row(pass, &providers, app.now()));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    output.lines(table.lines().map(|line| line.trim_end().to_owned()));
    Ok(ExitStatus::Success)
}

impl<'a> From<&'a Pass> for PassFields<'a> {
    fn from(pass: &'a Pass) -> Self {
        let scope = &pass.scope;
        Self {
            id: &pass.id,
            name: &pass.name,
            provider: scope.provider.as_ref(),
            account: scope.account.as_ref(),
            model: scope.model.as_deref(),
            project: scope.project.as_deref(),
            folder: scope.folder.as_deref(),
            pay_per_token: scope.pay_per_token,
            token: scope.token,
            budget: scope.budget,
            leaves_percent: scope.leaves_percent,
            roles: &scope.roles,
            run: pass.run.is_some(),
            created_at: pass.created_at,
            expires_at: pass.expires_at,
            last_used_at: None,
        }
    }
}

impl<'a> From<&'a PassView> for PassFields<'a> {
    fn from(pass: &'a PassView) -> Self {
        Self {
            id: &pass.id,
            name: &pass.name,
            provider: pass.provider.as_ref(),
            account: pass.account.as_ref(),
            model: pass.model.as_deref(),
            project: pass.project.as_deref(),
            folder: pass.folder.as_deref(),
            pay_per_token: pass.pay_per_token,
            token: pass.token,
            budget: pass.budget,
            leaves_percent: pass.leaves_percent,
            roles: &pass.roles,
            run: pass.run,
            created_at: pass.created_at,
            expires_at: pass.expires_at,
            last_used_at: pass.last_used_at,
        }
    }
}

/// Returns the columns of one pass.
fn row(pass: &PassView, providers: &[ProviderView], now: UnixTime) -> [String; 5] {
    let expires = match pass.expires_at {
        Some(end) if end <= now => m::pass_expired(language(), time_format::moment(end)),
        Some(end) => time_format::moment(end),
        None if pass.run => m::pass_expires_with_program(language()).to_owned(),
        None => m::pass_expires_when_revoked(language()).to_owned(),
    };
    let last_used = pass.last_used_at.map_or_else(|| m::never(language()).to_owned(), time_format::moment);
    let name = sanitize_for_terminal(&pass.name).into_owned();
    [name, may_use(pass, providers), time_format::moment(pass.created_at), last_used, expires]
}

/// Returns what a pass may use: `OpenAI, ada@example.com, model gpt-5.5`.
fn may_use(pass: &PassView, providers: &[ProviderView]) -> String {
    let name_of = |id: &ProviderId| {
        let known = providers.iter().find(|one| one.id == *id);
        known.map_or_else(|| id.to_string(), |one| one.name.clone())
    };
    let provider = match &pass.provider {
        Some(id) => name_of(id),
        None if pass.pay_per_token => m::pass_any_provider(language()).to_owned(),
        None => m::pass_any_plan(language()).to_owned(),
    };
    let account = pass.account.as_ref().map(|id| pass.account_name.clone().unwrap_or_else(|| id.0.clone()));
    let model = pass.model.as_ref().map(|model| m::pass_model(language(), model));
    let project = pass.project.as_ref().map(|note| m::pass_project(language(), note));
    let folder = pass.folder.as_ref().map(|folder| m::pass_folder(language(), folder));
    let token = pass.token.then(|| m::pass_token(language()).to_owned());
    let budget = pass.budget.map(|budget| m::pass_budget(language(), budget));
    let leaves = pass.leaves_percent.map(|left| m::pass_leaves(language(), percent(language(), left.into())));
    let roles = pass.roles.iter().map(|(role, choice)| format!("{} {}", role.as_ref(), of_pass(choice)));
    let parts = [Some(provider), account, model, project, folder, token, budget, leaves];
    let parts: Vec<String> = parts.into_iter().flatten().chain(roles).collect();
    sanitize_for_terminal(&list_of(language(), &parts)).into_owned()
}

/// Returns the lines that connect Claude Code, Codex and a shell to the gateway.
async fn next_steps(app: &App, name: &str) -> Result<String, Failure> {
    let mut text = m::pass_print_again(language(), shell_quoted(name));
    if !app.gateway.view().running {
        _ = write!(text, "\n  {}\n    usher serve", m::pass_step_gateway(language()));
    }
    for (title, tool) in [
        ("Claude Code:", SetupTool::Claude),
        (m::pass_step_codex(language()), SetupTool::Codex),
        (m::pass_step_openai(language()), SetupTool::Openai),
    ] {
        let setup = app.passes.setup(tool, Some(name)).await?;
        _ = write!(text, "\n  {title}");
        for line in setup.text.lines() {
            _ = write!(text, "\n    {line}");
        }
    }
    Ok(text)
}
