//! What was counted, as files for other programs.

use std::collections::BTreeSet;
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

/// Returns a table of comma-separated values (RFC 4180): a line for each day, tool, account, payer and model. The last columns
/// have the percentage points of each window of the plan, by its length.
pub(super) fn csv(rows: &[(GroupKey, Totals)]) -> Result<Vec<u8>, Failure> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let failed = |error: &dyn std::fmt::Display| Failure::new(ErrorCode::Internal, error.to_string());
    let windows: BTreeSet<u64> =
        rows.iter().flat_map(|(_, totals)| totals.window_share.keys().copied()).collect();
    let of_windows = windows.iter().map(|seconds| format!("window_{seconds}s_percent"));
    let header = COLUMNS.map(str::to_owned).into_iter().chain(of_windows);
    table.write_record(header).map_err(|error| failed(&error))?;
    for (key, totals) in rows {
        let shares = windows.iter().map(|seconds| share(totals, *seconds));
        let record = record(key, &counts(totals)).into_iter().chain(shares);
        table.write_record(record).map_err(|error| failed(&error))?;
    }
    table.into_inner().map_err(|error| failed(&error))
}

/// Returns the percentage points of a window; nothing where none were seen.
fn share(totals: &Totals, window_seconds: u64) -> String {
    totals.window_share.get(&window_seconds).map(|percent| format!("{percent:.2}")).unwrap_or_default()
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
///
/// Where a decimal comma is written, spreadsheets end cells at semicolons, also within the quotes of this format. So each part
/// of the text may be a cell of its own. The wide signs are those of Japanese keyboards, which start formulas too.
fn cell(text: &str) -> String {
    let mut cell = String::with_capacity(text.len());
    let mut is_start = true;
    for character in text.chars() {
        if is_start && matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            cell.push('\'');
        }
        is_start =
            matches!(character, ';' | ',' | '\t' | '\r' | '\n') || is_start && matches!(character, '"' | ' ');
        cell.push(character);
    }
    cell
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

    fn key(model: &str) -> GroupKey {
        GroupKey {
            day: "2026-11-29".into(),
            tool: "codex".into(),
            provider: "chatgpt".into(),
            account: "user:account".into(),
            payer: "plan".into(),
            model: model.into(),
        }
    }

    #[test]
    fn names_of_tools_stay_one_cell_and_no_formula() {
        let key = GroupKey { tool: "a, \"b\"\nc".into(), ..key("=HYPERLINK(\"http://example.com\")") };
        let totals = Totals { requests: 2, errors: [("timeout".into(), 2)].into(), ..Totals::default() };
        let text = String::from_utf8(csv(&[(key, totals)]).unwrap()).unwrap();
        let expected = "2026-11-29,\"a, \"\"b\"\"\nc\",chatgpt,user:account,plan,\
            \"'=HYPERLINK(\"\"http://example.com\"\")\",2,0,0,2,0,0,0,0,,,timeout 2\n";
        assert_eq!(text, format!("{}\n{expected}", COLUMNS.join(",")));
    }

    #[test]
    fn no_part_of_a_name_is_a_formula() {
        for (name, expected) in [
            ("gpt-6=x", "gpt-6=x"),
            ("-1+1", "'-1+1"),
            ("＝1+1", "'＝1+1"),
            ("\t@SUM(A1)", "\t'@SUM(A1)"),
            ("a;=cmd|'/c calc'!A1", "a;'=cmd|'/c calc'!A1"),
            ("a;\" +1", "a;\" '+1"),
            ("a\n=1;-2", "a\n'=1;'-2"),
        ] {
            assert_eq!(cell(name), expected);
        }
    }

    #[test]
    fn each_window_of_the_plan_has_a_column() {
        let row = |shares: &[(u64, f64)]| {
            (key("m"), Totals { window_share: shares.iter().copied().collect(), ..Totals::default() })
        };
        let rows = [row(&[(604_800, 0.5)]), row(&[(18_000, 3.333), (604_800, 12.0)]), row(&[])];
        let text = String::from_utf8(csv(&rows).unwrap()).unwrap();
        let shares: Vec<String> = text
            .lines()
            .map(|line| line.split(',').skip(COLUMNS.len()).collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(shares, ["window_18000s_percent window_604800s_percent", " 0.50", "3.33 12.00", " "]);
    }
}
