//! What was counted, as files for other programs.

use std::path::Path;

use usher_auth::{make_private_folder, replace_file};
use usher_domain::{ErrorCode, Failure};

use crate::activity::summary::counts;
use crate::activity::totals::{GroupKey, Totals};
use crate::view::ActivityCounts;

const COLUMNS: [&str; 17] = [
    "day",
    "tool",
    "provider",
    "account",
    "paid_by",
    "model",
    "requests",
    "completed",
    "stopped",
    "failed",
    "tokens_in",
    "tokens_cached",
    "tokens_out",
    "tokens_reasoning",
    "first_word_median_ms",
    "first_word_p95_ms",
    "errors",
];

/// Returns a table of comma-separated values (RFC 4180): a line for each day, tool, account, payer and model.
pub(super) fn csv(rows: &[(GroupKey, Totals)]) -> Result<Vec<u8>, Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let failed = |error: &dyn std::fmt::Display| Failure::new(ErrorCode::Internal, error.to_string());
    table.write_record(COLUMNS).map_err(|error| failed(&error))?;
    for (key, totals) in rows {
        table.write_record(record(key, &counts(totals))).map_err(|error| failed(&error))?;
    }
    table.into_inner().map_err(|error| failed(&error))
}

fn record(key: &GroupKey, counts: &ActivityCounts) -> [String; 17] {
    let errors: Vec<String> =
        counts.errors.iter().map(|error| format!("{} {}", error.code, error.requests)).collect();
    let optional = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        key.day.clone(),
        cell(&key.tool),
        cell(&key.provider),
        cell(&key.account),
        cell(&key.payer),
        cell(&key.model),
        counts.requests.to_string(),
        counts.completed.to_string(),
        counts.stopped.to_string(),
        counts.failed.to_string(),
        counts.tokens_in.to_string(),
        counts.tokens_cached.to_string(),
        counts.tokens_out.to_string(),
        counts.tokens_reasoning.to_string(),
        optional(counts.first_word_median_ms),
        optional(counts.first_word_p95_ms),
        errors.join("; "),
    ]
}

/// Returns a text that no spreadsheet takes for a formula: a tool may name any model.
fn cell(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Writes `bytes` to `path`, which the person chose. Only this user can read the file.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let written = folder.map_or(Ok(()), make_private_folder).and_then(|()| replace_file(path, bytes, None));
    written.map_err(|error| {
        Failure::new(ErrorCode::StoreUnavailable, format!("could not write {}: {error}", path.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tools_stay_one_cell_and_no_formula() {
        let key = GroupKey {
            day: "2026-11-29".into(),
            tool: "a, \"b\"\nc".into(),
            provider: "chatgpt".into(),
            account: "user:account".into(),
            payer: "plan".into(),
            model: "=HYPERLINK(\"http://example.com\")".into(),
        };
        let totals = Totals { requests: 2, errors: [("timeout".into(), 2)].into(), ..Totals::default() };
        let text = String::from_utf8(csv(&[(key, totals)]).unwrap()).unwrap();
        let expected = "2026-11-29,\"a, \"\"b\"\"\nc\",chatgpt,user:account,plan,\
            \"'=HYPERLINK(\"\"http://example.com\"\")\",2,0,0,2,0,0,0,0,,,timeout 2\n";
        assert_eq!(text, format!("{}\n{expected}", COLUMNS.join(",")));
    }
}
