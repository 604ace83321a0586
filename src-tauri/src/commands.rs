//! Tauri's IPC as a transport of the commands, which are in `usher_app::commands`, and of what the page waits for.
//!
//! Tauri checks the permission of a command before it gets here.

use std::str::FromStr as _;
use std::sync::Arc;

use serde_json::Value;
use tauri::ipc::{Invoke, InvokeBody, InvokeError, JavaScriptChannelId};
use tauri::{Manager as _, Webview, Wry};
use usher_app::App;
use usher_app::BackgroundGateway;
use usher_app::commands::{COMMANDS, CommandContext, EventSink, call};

use crate::page_events::{NEXT_EVENTS, PageEvents};
use crate::window::ShellWindow;

/// The argument that holds the page's channel for events.
const CHANNEL: &str = "channel";

/// Runs the command that the page invoked. Returns whether there is one with this name.
pub(crate) fn handle(app: &Arc<App>, gateway: &Arc<BackgroundGateway>, invoke: Invoke<Wry>) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    let command = message.command().to_owned();
    if command == NEXT_EVENTS {
        let app = message.webview().app_handle().clone();
        resolver.respond_async(async move { Ok(app.state::<PageEvents>().next().await) });
        return true;
    }
    if !COMMANDS.contains(&command.as_str()) {
        return false;
    }
    let arguments = match message.payload() {
        InvokeBody::Json(arguments) => arguments.clone(),
        InvokeBody::Raw(_) => Value::Null,
    };
    let webview = message.webview();
    let window = Arc::new(ShellWindow(webview.app_handle().clone()));
    let gateway = Arc::<BackgroundGateway>::clone(gateway);
    let context = CommandContext { app: Arc::clone(app), gateway, window };
    let events = event_sink(&arguments, webview);
    resolver.respond_async(async move {
        call(&context, &command, arguments, events).await.map_err(InvokeError::from)
    });
    true
}

/// Returns the sink of the channel in `arguments`; without one, events are dropped.
fn event_sink(arguments: &Value, webview: Webview) -> EventSink {
    let id = arguments.get(CHANNEL).and_then(Value::as_str);
    match id.and_then(|id| JavaScriptChannelId::from_str(id).ok()) {
        Some(id) => {
            let channel = id.channel_on::<Wry, Value>(webview);
            // Fails when the page has gone.
            Arc::new(move |event| drop(channel.send(event)))
        }
        None => Arc::new(drop),
    }
}
