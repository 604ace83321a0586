//! The same commands as `src-tauri/src/commands.rs`, by name.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use usher_app::view::{Link, SignInMethod};
use usher_app::{App, SignInOptions};
use usher_domain::{ErrorCode, Failure};

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
        "models" => json(&app.models(argument(arguments, "refresh")?).await?),
        "choose" => {
            let model: Option<String> = argument(arguments, "model")?;
            let effort: Option<String> = argument(arguments, "effort")?;
            json(&app.choose(model.as_deref(), effort.as_deref(), None).await?)
        }
        "usage" => json(&app.usage().await?),
        "stop_test" => {
            app.stop_test();
            Ok(Value::Null)
        }
        "disconnect" => json(&app.disconnect().await?),
        "retry_revocation" => json(&app.retry_revocation(&argument::<String>(arguments, "id")?).await?),
        "forget_revocation" => json(&app.forget_revocation(&argument::<String>(arguments, "id")?).await?),
        "set_enabled" => json(&app.set_enabled(argument(arguments, "enabled")?).await?),
        "unlock_store" => json(&app.unlock_store().await?),
        "painted" => Ok(Value::Null),
        other => Err(Failure::new(ErrorCode::BadUsage, format!("there is no command {other}"))),
    }
}

/// Starts a command whose events go to `lines`; the stream ends with the command.
pub(crate) fn stream(app: &Arc<App>, command: &str, arguments: &Value, lines: Lines) -> Result<(), Failure> {
    match command {
        "sign_in" => {
            let options = SignInOptions::new(argument::<SignInMethod>(arguments, "method")?);
            let app = Arc::clone(app);
            tokio::spawn(async move {
                // Its events, the failure among them, have gone down the stream.
                let _ = app.sign_in(options, Arc::new(move |event| send(&lines, event))).await;
            });
            Ok(())
        }
        "run_test" => {
            let app = Arc::clone(app);
            tokio::spawn(async move { app.run_test(Arc::new(move |event| send(&lines, &event))).await });
            Ok(())
        }
        other => Err(Failure::new(ErrorCode::BadUsage, format!("there is no command {other}"))),
    }
}

fn json(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::new(ErrorCode::MalformedAnswer, error.to_string()))
}

fn argument<T: DeserializeOwned>(arguments: &Value, name: &str) -> Result<T, Failure> {
    let value = arguments.get(name).cloned().unwrap_or(Value::Null);
    serde_json::from_value(value)
        .map_err(|error| Failure::new(ErrorCode::BadUsage, format!("{name}: {error}")))
}
