//! `usher activity receipts`: the last requests, one by one.

use serde::Serialize;
use usher_app::view::ReceiptView;
use usher_app::{App, Receipt};
use usher_domain::{ExitStatus, Failure, sanitize_for_terminal};
use usher_text::{list, messages as m};

use super::{finished, new_table};
use crate::language::{Text, language};
use crate::output::{Output, time_format};

#[derive(Serialize)]
struct ReceiptsDocument<'a> {
    receipts: &'a [ReceiptView],
}

const COLUMNS: [Text; 10] = [
    m::column_time,
    m::column_tool,
    m::column_model,
    m::column_paid_by,
    m::column_in,
    m::column_cached,
    m::column_out,
    m::column_took,
    m::column_ended,
    m::column_changed,
];

pub(super) async fn run(app: &App, last: usize, output: Output) -> Result<ExitStatus, Failure> {
    let receipts = app.activity.receipts(last).await?;
    output.document(&ReceiptsDocument { receipts: &receipts });
    if receipts.is_empty() {
        output.text(m::activity_no_receipts(language()));
        return Ok(ExitStatus::Success);
    }
    let mut table = new_table();
    table.set_header(COLUMNS.map(|title| title(language())));
    for view in &receipts {
        table.add_row(row(view));
    }
    output.lines(finished(table));
    Ok(ExitStatus::Success)
}

fn row(ReceiptView { receipt, account_name }: &ReceiptView) -> [String; 10] {
    let tokens =
        |count: fn(&Receipt) -> Option<u64>| count(receipt).map(|n| n.to_string()).unwrap_or_default();
    let payer = match (&receipt.payer, account_name) {
        (Some(payer), Some(name)) => format!("{payer}, {name}"),
        (Some(payer), None) => payer.clone(),
        (None, _) => String::new(),
    };
    let clean = |text: &str| sanitize_for_terminal(text).into_owned();
    [
        time_format::moment(receipt.at),
        clean(&receipt.tool),
        clean(&receipt.model),
        clean(&payer),
        tokens(|receipt| Some(receipt.tokens?.input)),
        tokens(|receipt| Some(receipt.tokens?.cached)),
        tokens(|receipt| Some(receipt.tokens?.output)),
        time_format::seconds(receipt.took_ms),
        receipt.code.clone().unwrap_or_else(|| ended(&receipt.outcome)),
        clean(&changes(receipt)),
    ]
}

/// Returns how a request without an error code ended, which the file of the activity has in English.
fn ended(outcome: &str) -> String {
    match outcome {
        "done" => m::receipt_done(language()).to_owned(),
        "stopped" => m::receipt_stopped(language()).to_owned(),
        "refused" => m::receipt_refused(language()).to_owned(),
        "failed" => m::receipt_failed(language()).to_owned(),
        other => other.to_owned(),
    }
}

/// Returns what was mapped and dropped, the tier, why the cache was missed, and that no tokens were reported: `claude-opus-5-5
/// to gpt-6, max to high, fast tier, without top_k`.
fn changes(receipt: &Receipt) -> String {
    let mapped = receipt.requested_model.as_ref();
    let mapped = mapped.map(|name| m::receipt_mapped(language(), name, &receipt.model));
    let effort = receipt.requested_effort.as_ref().zip(receipt.effort.as_ref());
    let effort = effort.map(|(requested, sent)| m::receipt_mapped(language(), requested, sent));
    let dropped = (!receipt.dropped.is_empty())
        .then(|| m::receipt_without(language(), list(language(), &receipt.dropped)));
    let tier = receipt.tier.as_ref().map(|tier| m::tier_of(language(), tier));
    let missed = receipt.cache_miss.as_deref().and_then(cache_miss).map(str::to_owned);
    let unknown = lacks_tokens(receipt).then(|| m::receipt_tokens_unknown(language()).to_owned());
    list(
        language(),
        &[mapped, effort, tier, dropped, missed, unknown].into_iter().flatten().collect::<Vec<_>>(),
    )
}

/// Returns whether a provider answered and did not say, or not yet, how many tokens that took.
fn lacks_tokens(receipt: &Receipt) -> bool {
    receipt.tokens.is_none() && matches!(&*receipt.outcome, "done" | "stopped")
}

/// Returns why the cache was missed, where that is no matter of course.
fn cache_miss(name: &str) -> Option<&'static str> {
    Some(match name {
        "account_changed" => m::receipt_cache_account(language()),
        "model_changed" => m::receipt_cache_model(language()),
        "tools_changed" => m::receipt_cache_tools(language()),
        "instructions_changed" => m::receipt_cache_instructions(language()),
        "history_changed" => m::receipt_cache_history(language()),
        "idle" => m::receipt_cache_idle(language()),
        "unknown" => m::receipt_cache_gone(language()),
        _ => return None,
    })
}
