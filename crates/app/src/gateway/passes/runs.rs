//! Runs of programs: a pass for one run of one program, and what the program needs to use it.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use usher_auth::RunPass;
use usher_domain::{ErrorCode, Failure, Pass, PassScope, PassSecret, UnixTime};
use usher_tools::{RunSetup, program_name};

use crate::connection::Target;
use crate::gateway::pass_lock::check_unlocked;
use crate::gateway::passes::scope::check_leaves_percent;
use crate::gateway::passes::{GatewayPasses, PassRequest};

/// A run to begin.
#[derive(Debug, Clone, Default)]
pub struct RunRequest {
    /// The program.
    pub program: OsString,
    /// The name of a pass, of which the run gets what it may use; else it is for the target and the model.
    pub pass: Option<String>,
    /// The provider and the account; those in use where none is named.
    pub target: Target,
    /// For this model only.
    pub model: Option<String>,
    /// How many tokens it may use.
    pub budget: Option<u64>,
    /// How much of a plan it leaves to others, in percent; 0: nothing. Absent: what its pass leaves.
    pub leaves_percent: Option<u8>,
}

/// A run that lasts. Its pass ends when this is dropped, and with the process however that ends.
pub struct Run {
    pass: RunPass,
    program: OsString,
}

impl GatewayPasses {
    /// Makes the pass of a run. Refused with [`ErrorCode::Locked`] while all passes are locked.
    pub async fn begin_run(&self, request: RunRequest) -> Result<Run, Failure> {
        check_unlocked(&self.context)?;
        let RunRequest { program, pass, target, model, budget, leaves_percent } = request;
        let (scope, expires_at, of) = if let Some(name) = pass {
            self.scope_of_pass(&name, &target, model.is_some()).await?
        } else {
            let request = PassRequest { target, ..PassRequest::default() };
            let (provider, account) = self.binding(&request).await?;
            (PassScope { provider, account, model, ..PassScope::default() }, None, None)
        };
        if budget.is_some() && scope.token {
            let cause = "an access token is not counted, so a pass that may read it has no budget; leave out --budget, \
                         or use another pass";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let leaves_percent = match leaves_percent {
            Some(percent) => Some(percent).filter(|percent| *percent > 0),
            None => scope.leaves_percent,
        };
        check_leaves_percent(leaves_percent, scope.provider.as_ref(), scope.token)?;
        let scope = PassScope { budget, leaves_percent, ..scope };
        let pass = self.saved().create_for_run(&program_name(&program), scope, expires_at, of).await?;
        self.context.changed();
        Ok(Run { pass, program })
    }

    /// Returns what a run of the pass `name` may use and until when, and the id of the pass.
    async fn scope_of_pass(
        &self,
        name: &str,
        target: &Target,
        has_model: bool,
    ) -> Result<(PassScope, Option<UnixTime>, Option<String>), Failure> {
        if target.provider.is_some() || target.account.is_some() || has_model {
            let cause = "a pass already says which provider, account and model it is for; leave out --pass, or the others";
            return Err(Failure::new(ErrorCode::BadUsage, cause));
        }
        let now = self.context.clock.now();
        let passes = self.list().await?;
        let found = passes.iter().find(|pass| pass.name == name).ok_or_else(|| {
            let cause = format!(
                "there is no pass named {}; `usher pass list` shows them",
                usher_domain::redact(name)
            );
            Failure::new(ErrorCode::BadUsage, cause)
        })?;
        if found.is_expired(now) {
            return Err(Failure::new(ErrorCode::BadUsage, format!("the pass {name} has expired")));
        }
        Ok((found.scope.clone(), found.expires_at, Some(found.id.clone())))
    }

    /// Ends a run: its pass is refused from now on, by every process of this home. Returns how many tokens of its budget it
    /// has used, if it had one.
    pub async fn end_run(&self, run: Run) -> Result<Option<u64>, Failure> {
        let pass = Arc::clone(&run.pass.pass);
        let used = pass.scope.budget.map(|_| self.usage.tokens_now(&pass.id, &self.context.state));
        // First, because this cannot fail.
        drop(run);
        self.saved().revoke_id(&pass.id).await?;
        self.revoked().await?;
        Ok(used)
    }
}

impl Run {
    /// Returns the pass.
    pub fn pass(&self) -> &Pass {
        &self.pass.pass
    }

    /// Returns the secret of the pass, for the environment of the program and nothing else.
    pub fn secret(&self) -> &PassSecret {
        &self.pass.secret
    }

    /// Returns the program.
    pub fn program(&self) -> &OsStr {
        &self.program
    }
}

impl GatewayPasses {
    /// Returns what the program of a run needs to use the gateway at `address`.
    pub fn run_setup(&self, run: &Run, address: &str) -> RunSetup {
        let model = run.pass().scope.model.as_deref();
        RunSetup::new(&run.program, address, model, &self.context.tools)
    }
}
