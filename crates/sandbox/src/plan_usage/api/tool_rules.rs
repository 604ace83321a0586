//! Which tools a request may have (siwc §10.3).

use axum::response::Response;
use serde_json::Value;

use crate::plan_usage::error::unsupported_capability;

const ADDITIONAL_TOOLS: &str = "additional_tools";

/// Checks the tools of the request, and those in items of the input.
#[expect(clippy::result_large_err, reason = "a response, once a request")]
pub(super) fn check(tools: Option<&Value>, input: &[Value], flat_tools: bool) -> Result<(), Response> {
    let top = tools.and_then(Value::as_array).into_iter().flatten();
    for tool in top {
        check_tool(tool, flat_tools, "tools")?;
    }
    for item in input.iter().filter(|item| item["type"] == ADDITIONAL_TOOLS) {
        if item["role"] != "developer" {
            return Err(unsupported_capability("input", "additional_tools needs the role developer."));
        }
        // An item of this kind is the other documented place, so its tools may be flat.
        for tool in item["tools"].as_array().into_iter().flatten() {
            check_tool(tool, true, "input")?;
        }
    }
    Ok(())
}

#[expect(clippy::result_large_err, reason = "a response, once a request")]
fn check_tool(tool: &Value, flat_tools: bool, param: &str) -> Result<(), Response> {
    match tool["type"].as_str().unwrap_or_default() {
        "web_search" => Ok(()),
        "namespace" => {
            let mut nested = tool["tools"].as_array().into_iter().flatten();
            nested.try_for_each(|tool| check_tool(tool, true, param))
        }
        "function" | "custom" if flat_tools => Ok(()),
        "function" | "custom" => {
            Err(unsupported_capability(param, "Function and custom tools have to be in a namespace."))
        }
        other => Err(unsupported_capability(param, &format!("The tool '{other}' is not supported."))),
    }
}
