//! The gateway, passes and requests.

use usher_domain::Failure;

use super::{CommandContext, Events};
use crate::gateway::PassEdit;
use crate::view::{
    CreatedPass, GatewayStatus, NewPass, PassChange, PassOutcome, PassView, RequestUpdate, ToolSetup,
};

pub(super) async fn gateway_status(context: &CommandContext) -> Result<GatewayStatus, Failure> {
    context.gateway.status().await
}

pub(super) async fn switch_gateway(context: &CommandContext, on: bool) -> Result<GatewayStatus, Failure> {
    context.gateway.switch(on).await
}

pub(super) async fn set_gateway_port(context: &CommandContext, port: u16) -> Result<GatewayStatus, Failure> {
    context.gateway.set_port(port).await
}

pub(super) async fn lock_passes(context: &CommandContext) -> Result<(), Failure> {
    context.app.pass_lock.lock()
}

pub(super) async fn unlock_passes(context: &CommandContext) -> Result<(), Failure> {
    context.app.pass_lock.unlock()
}

pub(super) async fn passes(context: &CommandContext) -> Result<Vec<PassView>, Failure> {
    context.app.passes.list_views().await
}

pub(super) async fn make_pass(context: &CommandContext, pass: NewPass) -> Result<CreatedPass, Failure> {
    context.app.passes.create_view(pass).await
}

pub(super) async fn set_pass_reserve(
    context: &CommandContext,
    id: String,
    leaves_percent: Option<u8>,
) -> Result<(), Failure> {
    let edit = PassEdit { leaves_percent: Some(leaves_percent.unwrap_or_default()), ..PassEdit::default() };
    context.app.passes.change_by_id(&id, edit).await.map(drop)
}

pub(super) async fn tool_setups(context: &CommandContext, pass: String) -> Result<Vec<ToolSetup>, Failure> {
    context.app.passes.setups(&pass).await
}

pub(super) async fn try_pass(context: &CommandContext, pass: String) -> Result<(), Failure> {
    context.app.passes.try_out(&pass).await
}

pub(super) async fn pass_outcomes(
    context: &CommandContext,
    change: Option<PassChange>,
) -> Result<Vec<PassOutcome>, Failure> {
    context.app.passes.outcomes(change.as_ref()).await
}

pub(super) async fn revoke_pass(context: &CommandContext, id: String) -> Result<(), Failure> {
    context.app.passes.revoke_by_id(&id).await
}

pub(super) async fn watch_requests(
    context: &CommandContext,
    events: Events<RequestUpdate>,
) -> Result<(), Failure> {
    context.gateway.watch_requests(Box::new(move |update| events.emit(&update))).await;
    Ok(())
}

pub(super) async fn stop_watching_requests(context: &CommandContext) -> Result<(), Failure> {
    context.gateway.stop_watching_requests();
    Ok(())
}
