//! Which programs of this computer hold a sign-in of OpenAI, and whether two of them renew the same one.
//!
//! A sign-in that is renewed gets new tokens, and the old ones end. So two programs with copies of one sign each other out,
//! whereas each may have one of its own, also of the same account.

use std::path::Path;

use usher_auth::{ExternalProgram, ExternalReadError, ExternalSignIn, SignInSummary, VaultSummary, discover};
use usher_domain::{Failure, UnixTime};
use usher_tools::catalog;

use super::ToolConnections;
use crate::context::{blocking, run_blocking};
use crate::view::{SignInCopiesView, SignInCopyView, shown_path};

/// Tools whose sign-ins are found (protocol §6). The desktop app of Codex has that of the Codex CLI.
const KNOWN: [&str; 5] = ["codex", "codex-app", "opencode", "pi", "goose"];
/// The file of Usher's own sign-ins.
const OWN_FILE: &str = "secrets.usher";

impl ToolConnections {
    /// Returns every place that holds a sign-in of OpenAI, Usher's own first. Nothing is changed, copied or requested.
    pub async fn copies(&self) -> Result<SignInCopiesView, Failure> {
        let (places, now) = (self.context.places.clone(), self.context.clock.now());
        let found = run_blocking(move || Ok(discover(&places, now))).await?;
        let vault = self.context.vault_with_names().await?;
        let connected = self.connected()?;
        let is_connected = |tool: &str| connected.iter().any(|one| one.tool == tool);
        let own = vault.sign_ins.iter().filter(|one| one.renews).map(|one| self.own_copy(one));
        let others = found.sign_ins.iter().map(|one| self.copy(one, &vault.sign_ins, &is_connected));
        let mut copies: Vec<SignInCopyView> = own.chain(others).collect();
        mark_last(&mut copies);
        copies.extend(found.errors.iter().map(|error| self.unreadable(error, &is_connected)));
        if self.context.hides_names() {
            let shown = self.context.vault().await?;
            for copy in &mut copies {
                hide(copy, &shown);
            }
        }
        Ok(SignInCopiesView {
            one_writer: copies.iter().all(|copy| copy.same_as.is_none()),
            copies,
            not_looked_at: blocking(|| self.not_looked_at()),
        })
    }

    fn own_copy(&self, sign_in: &SignInSummary) -> SignInCopyView {
        let account = &sign_in.account;
        SignInCopyView {
            program: "usher".to_owned(),
            program_name: "Usher".to_owned(),
            place: self.shown(&self.context.home.data.join(OWN_FILE)),
            email: account.email.clone(),
            plan_name: Some(account.plan.display_name().into_owned()),
            account: Some(account.id().to_string()),
            account_name: Some(account.name()),
            last_refresh: Some(sign_in.refreshed_at),
            ..SignInCopyView::default()
        }
    }

    fn copy(
        &self,
        found: &ExternalSignIn,
        own: &[SignInSummary],
        is_connected: &impl Fn(&str) -> bool,
    ) -> SignInCopyView {
        let account = own.iter().map(|one| &one.account).find(|account| {
            let has_same_email = match (&account.email, &found.email) {
                (Some(own), Some(other)) => own == other,
                _ => true,
            };
            found.account_id.as_ref() == Some(&account.account_id) && has_same_email
        });
        let tool = tool_of(found.program);
        SignInCopyView {
            program: found.program.id().to_owned(),
            program_name: found.program.to_string(),
            place: self.shown(&found.path),
            email: found.email.clone(),
            plan_name: found.plan.as_ref().map(|plan| plan.display_name().into_owned()),
            account: account.map(|account| account.id().to_string()),
            account_name: account.map(usher_domain::Account::name),
            last_refresh: found.last_refresh,
            same_as: found.same_as.as_deref().map(|path| self.shown(path)),
            connected: tool.is_some_and(is_connected),
            tool: tool.map(str::to_owned),
            ..SignInCopyView::default()
        }
    }

    fn unreadable(&self, error: &ExternalReadError, is_connected: &impl Fn(&str) -> bool) -> SignInCopyView {
        let tool = tool_of(error.program);
        SignInCopyView {
            program: error.program.id().to_owned(),
            program_name: error.program.to_string(),
            place: self.shown(&error.path),
            connected: tool.is_some_and(is_connected),
            tool: tool.map(str::to_owned),
            problem: Some(error.cause.clone()),
            ..SignInCopyView::default()
        }
    }

    /// Returns programs that are here and may hold a sign-in in a form that is documented nowhere.
    fn not_looked_at(&self) -> Vec<String> {
        let surroundings = &self.context.tools;
        let tools = catalog::ALL.into_iter().filter(|tool| tool.own_sign_in && !KNOWN.contains(&tool.id));
        let tools = tools.filter(|tool| surroundings.detect(tool).is_found()).map(|tool| tool.name);
        tools.chain(surroundings.switchers()).map(str::to_owned).collect()
    }

    fn shown(&self, path: &Path) -> String {
        shown_path(Path::new(&self.context.tools.shown(path)))
    }
}

/// Leaves out whose copy it is, but for the name that the account has on screens.
fn hide(copy: &mut SignInCopyView, shown: &VaultSummary) {
    copy.email = None;
    let account = shown.sign_ins.iter().map(|one| &one.account);
    let mut account = account.filter(|account| copy.account.as_ref() == Some(&account.id().0));
    copy.account_name = account.next().map(usher_domain::Account::name);
}

/// Marks the copies of each account that were renewed last, where there are several.
fn mark_last(copies: &mut [SignInCopyView]) {
    let renewed: Vec<(Option<String>, Option<UnixTime>)> =
        copies.iter().map(|copy| (copy.account.clone().or(copy.email.clone()), copy.last_refresh)).collect();
    for (index, copy) in copies.iter_mut().enumerate() {
        let (who, own) = &renewed[index];
        let mut others = renewed.iter().enumerate().filter(|(at, (other, _))| *at != index && other == who);
        let has_others = others.clone().next().is_some();
        copy.renewed_last =
            who.is_some() && has_others && own.is_some() && others.all(|(_, (_, at))| at <= own);
    }
}

/// Returns the tool that can be connected in place of this program's sign-in.
fn tool_of(program: ExternalProgram) -> Option<&'static str> {
    match program {
        ExternalProgram::Codex => Some("codex"),
        ExternalProgram::Opencode => Some("opencode"),
        ExternalProgram::Pi => Some("pi"),
        ExternalProgram::Goose => Some("goose"),
        ExternalProgram::Missy | ExternalProgram::CliProxyApi => None,
    }
}
