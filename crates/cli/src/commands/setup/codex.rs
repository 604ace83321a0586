//! The second step for the Codex CLI's own sign-in.

use usher_app::view::{CredentialView, ProviderView};
use usher_app::{CODEX_CLI, Target};
use usher_text::messages as m;

use super::Wizard;
use super::progress::Step;
use crate::commands::accounts::import::can_link;
use crate::commands::accounts::login;
use crate::commands::providers::credential;
use crate::language::language;
use crate::questions::Stop;

/// Links the sign-in, after `codex login` where there is none.
pub(super) async fn link(
    wizard: &mut Wizard<'_>,
    listed: Option<&ProviderView>,
) -> Result<Option<Target>, Stop> {
    let target = Target::of(CODEX_CLI);
    let is_signed_in = can_link(wizard.app).await;
    if let Some(view) = listed.filter(|_| is_signed_in) {
        wizard.progress.found(Step::Access, credential(&view.credential));
        wizard.output.text(m::setup_codex_linked(language(), credential(&view.credential)));
        return Ok(Some(target));
    }
    let question = if is_signed_in { m::setup_ask_codex_use } else { m::setup_ask_codex_login };
    if !wizard.questions.confirm(question(language()), true).await? {
        return Ok(None);
    }
    if is_signed_in {
        wizard.app.providers.add(&CODEX_CLI).await?;
    } else if let Err(failure) = login::codex(wizard.app, wizard.output).await {
        wizard.output.print_failure(&failure);
        return Ok(None);
    }
    wizard.questions.discard_typed();
    let view = wizard.app.providers.get(&CODEX_CLI).await?;
    if matches!(view.credential, CredentialView::Codex { account: None, .. }) {
        wizard.output.text(m::setup_codex_still_not(language()));
        return Ok(None);
    }
    wizard.progress.changed(Step::Access, credential(&view.credential));
    Ok(Some(target))
}
