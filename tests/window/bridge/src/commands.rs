//! The same commands as `src-tauri/src/commands.rs`, by name.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use usher_app::view::{Link, MoveDirection, SignInMethod};
use usher_app::{App, SignInOptions, Target};
use usher_domain::{AccessToken, ApiKey, ErrorCode, Failure, HeaderSecret, ProviderId};

use crate::{Lines, send};

pub(crate) async fn call(app: &Arc<App>, command: &str, arguments: &Value) -> Result<Value, Failure> {
    match command {
        "overview" => json(&app.overview().await?),
        "cancel_sign_in" => {
            app.cancel_sign_in();
            Ok(Value::Null)
        }
        "paste_redirect" => json(&app.paste_redirect(argument(arguments, "url")?).await?),
        "open_link" => json(&app.open_link(argument::<Link>(arguments, "link")?)?),
        "models" => json(&app.models(&target(arguments)?, argument(arguments, "refresh")?).await?),
        "choose" => {
            let model: Option<String> = argument(arguments, "model")?;
            let effort: Option<String> = argument(arguments, "effort")?;
            let small: Option<String> = argument(arguments, "small")?;
            let target = target(arguments)?;
            json(&app.select_model(&target, model.as_deref(), effort.as_deref(), small.as_deref()).await?)
        }
        "add_model" => {
            let id: String = argument(arguments, "id")?;
            json(&app.set_manual_model(&target(arguments)?, &id, true).await?)
        }
        "remove_model" => {
            let id: String = argument(arguments, "id")?;
            json(&app.set_manual_model(&target(arguments)?, &id, false).await?)
        }
        "usage" => json(&app.usage(&Target::of(ProviderId::Chatgpt)).await?),
        "stop_test" => {
            app.stop_test();
            Ok(Value::Null)
        }
        "disconnect" => {
            let account: Option<String> = argument(arguments, "account")?;
            json(&app.disconnect(account.as_deref()).await?)
        }
        "retry_revocation" => json(&app.retry_revocation(&argument::<String>(arguments, "id")?).await?),
        "forget_revocation" => json(&app.forget_revocation(&argument::<String>(arguments, "id")?).await?),
        "set_enabled" => {
            json(&app.set_enabled(&provider(arguments)?, argument(arguments, "enabled")?).await?)
        }
        "providers" => json(&app.providers().await?),
        "add_provider" => json(&app.add_provider(&provider(arguments)?).await?),
        "add_endpoint" => json(&app.add_endpoint(argument(arguments, "endpoint")?).await?),
        "change_provider" => {
            json(&app.change_provider(&provider(arguments)?, argument(arguments, "change")?).await?)
        }
        "remove_provider" => json(&app.remove_provider(&provider(arguments)?).await?),
        "save_key" => {
            let key = ApiKey::new(argument::<String>(arguments, "key")?);
            json(&app.save_key(&provider(arguments)?, key).await?)
        }
        "forget_key" => json(&app.forget_key(&provider(arguments)?).await?),
        "save_header" => {
            let (name, value): (String, String) =
                (argument(arguments, "name")?, argument(arguments, "value")?);
            json(&app.save_header(&provider(arguments)?, &name, HeaderSecret::new(value)).await?)
        }
        "remove_header" => {
            let name: String = argument(arguments, "name")?;
            json(&app.remove_header(&provider(arguments)?, &name).await?)
        }
        "accounts" => json(&app.accounts().await?),
        "use_account" => json(&app.use_account(argument(arguments, "account")?).await?),
        "rename_account" => {
            let label: String = argument(arguments, "label")?;
            json(&app.rename_account(argument(arguments, "account")?, &label).await?)
        }
        "move_account" => {
            let direction: MoveDirection = argument(arguments, "direction")?;
            json(&app.move_account(argument(arguments, "account")?, direction).await?)
        }
        "save_access_token" => {
            let token = AccessToken::new(argument::<String>(arguments, "token")?.trim());
            json(&app.save_access_token(token).await?)
        }
        "found_sign_ins" => json(&app.external_sign_ins().await?),
        "stop_codex_login" => {
            app.stop_codex_login();
            Ok(Value::Null)
        }
        "doctor" => json(&app.doctor().await),
        "export_diagnostics" => {
            let checkup = app.doctor().await;
            json(&app.export_diagnostics(&checkup).await?.display().to_string())
        }
        "unlock_store" => json(&app.unlock_store().await?),
        "gateway_status" => json(&app.gateway_status().await),
        "switch_gateway" => json(&app.switch_gateway(argument(arguments, "on")?).await?),
        "passes" => json(&app.list_pass_views().await?),
        "make_pass" => json(&app.create_pass_view(argument(arguments, "pass")?).await?),
        "revoke_pass" => json(&app.revoke_pass_by_id(&argument::<String>(arguments, "id")?).await?),
        "stop_watching_requests" => {
            app.stop_watching_requests();
            Ok(Value::Null)
        }
        "painted" => Ok(Value::Null),
        other => Err(Failure::new(ErrorCode::BadUsage, format!("there is no command {other}"))),
    }
}

/// Starts a command whose events go to `lines`; the stream ends with the command.
pub(crate) fn stream(app: &Arc<App>, command: &str, arguments: &Value, lines: Lines) -> Result<(), Failure> {
    match command {
        "sign_in" => {
            let usual = SignInOptions::new(argument::<SignInMethod>(arguments, "method")?);
            let add_account = argument::<Option<bool>>(arguments, "addAccount")?.unwrap_or_default();
            let options = SignInOptions { add_account, ..usual };
            let app = Arc::clone(app);
            tokio::spawn(async move {
                // Its events, the failure among them, have gone down the stream.
                let _ = app.sign_in(options, Arc::new(move |event| send(&lines, event))).await;
            });
            Ok(())
        }
        "run_test" => {
            let (app, target) = (Arc::clone(app), target(arguments)?);
            tokio::spawn(
                async move { app.run_test(&target, Arc::new(move |event| send(&lines, &event))).await },
            );
            Ok(())
        }
        "watch_requests" => {
            let app = Arc::clone(app);
            tokio::spawn(async move { app.watch_requests(move |requests| send(&lines, &requests)).await });
            Ok(())
        }
        "codex_login" => {
            let app = Arc::clone(app);
            tokio::spawn(async move {
                // How it ended is asked afterwards, by the page.
                let _ = app.codex_login(Arc::new(move |event| send(&lines, &event))).await;
            });
            Ok(())
        }
        other => Err(Failure::new(ErrorCode::BadUsage, format!("there is no command {other}"))),
    }
}

fn json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::new(ErrorCode::MalformedAnswer, error.to_string()))
}

fn provider(arguments: &Value) -> Result<ProviderId, Failure> {
    argument(arguments, "provider")
}

fn target(arguments: &Value) -> Result<Target, Failure> {
    provider(arguments).map(Target::of)
}

fn argument<T: DeserializeOwned>(arguments: &Value, name: &str) -> Result<T, Failure> {
    let value = arguments.get(name).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value)
        .map_err(|error| Failure::new(ErrorCode::BadUsage, format!("{name}: {error}")))
}
