//! `usher activity receipts`: the last requests, one by one.

use serde::Serialize;
use usher_app::view::ReceiptView;
use usher_app::{App, Receipt};
use usher_domain::{ExitStatus, Failure, sanitize_for_terminal};

use super::{finished, new_table};
use crate::output::{Output, time_format};

#[derive(Serialize)]
struct ReceiptsDocument<'a> {
    receipts: &'a [ReceiptView],
}

pub(super) async fn run(app: &App, last: usize, output: Output) -> Result<ExitStatus, Failure> {
    let receipts = app.activity.receipts(last).await?;
    output.document(&ReceiptsDocument { receipts: &receipts });
    if receipts.is_empty() {
        output.text("There are no receipts: no request came through the gateway, or `activity_days` is 0.");
        return Ok(ExitStatus::Success);
    }
    let mut table = new_table();
    table.set_header(["Time", "Tool", "Model", "Paid by", "In", "Cached", "Out", "Took", "Ended", "Changed"]);
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
        receipt.code.clone().unwrap_or_else(|| receipt.outcome.clone()),
        clean(&changes(receipt)),
    ]
}

/// Returns what was mapped and dropped, and the tier: `claude-opus-5-5 to gpt-6, fast tier, without top_k`.
fn changes(receipt: &Receipt) -> String {
    let mapped = receipt.requested_model.as_ref().map(|name| format!("{name} to {}", receipt.model));
    let dropped = (!receipt.dropped.is_empty()).then(|| format!("without {}", receipt.dropped.join(", ")));
    let tier = receipt.tier.as_ref().map(|tier| format!("{tier} tier"));
    [mapped, tier, dropped].into_iter().flatten().collect::<Vec<_>>().join(", ")
}
