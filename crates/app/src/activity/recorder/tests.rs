//! Tests of counting and writing.

use usher_domain::{ErrorCode, ProviderId, UsageWindow};
use usher_gateway::{Outcome, Payer, RequestEnd, RequestedTerms, ResponseFacts, TokenCounts};

use super::*;

const NOW: UnixTime = UnixTime(1_795_953_600);

/// A request of a day of use: two tools, some that fail or are ended by the tool.
fn request(id: u64) -> RequestRecord {
    let outcome = match id % 50 {
        0 => Outcome::Failed(ErrorCode::Offline),
        1 => Outcome::Cancelled,
        _ => Outcome::Completed,
    };
    let tokens = TokenCounts { input: 1000, output: 100, cached: 900, reasoning: 10 };
    let window = UsageWindow {
        window_seconds: 604_800,
        used_percent: f64::from(u32::try_from(id / 1000).unwrap()),
        resets_at: None,
        meter: None,
    };
    let end = RequestEnd {
        outcome,
        took_ms: 5000,
        tokens: Some(tokens),
        requested: RequestedTerms::default(),
        effort: Some("high".into()),
        tier: Some("fast".into()),
        dropped: vec!["top_k".into()],
        cache_miss: None,
        response: ResponseFacts {
            first_output_ms: Some(500 + id % 1000),
            request_id: Some(format!("req_{id}")),
            windows: vec![window],
        },
    };
    RequestRecord {
        id,
        pass: if id.is_multiple_of(2) { "Codex CLI".into() } else { "Claude Code".into() },
        project: None,
        dialect: "responses",
        provider: Some(ProviderId::of_kind("chatgpt")),
        account: "user:account".into(),
        payer: Some(Payer {
            provider: "OpenAI".into(),
            account: Some("ada@example.com".into()),
            paid_by: "plan",
        }),
        model: "gpt-6".into(),
        model_name: "GPT-6".into(),
        requested_model: None,
        since: NOW,
        end: Some(end),
    }
}

fn pending(recorder: &ActivityRecorder) -> (usize, usize) {
    let pending = recorder.pending.lock();
    (pending.totals.len(), pending.receipts.len())
}

/// A write for every 100 requests, which is one in ten seconds at ten requests a second.
#[test]
fn day_of_use_is_counted_in_little_memory_and_disk() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::new(folder.path());
    let recorder = ActivityRecorder::default();
    let mut most = 0;
    for id in 1..=10_000 {
        recorder.note(&request(id), NOW);
        most = most.max(pending(&recorder).1);
        if id % 100 == 0 {
            recorder.write_to(&state, || 90, NOW).unwrap();
        }
    }
    assert_eq!((most, pending(&recorder)), (100, (0, 0)), "nothing stays in memory");
    let version = state.version();
    recorder.write_to(&state, || 90, NOW).unwrap();
    assert!(state.version() == version, "nothing is written when nothing came");
    let rows = state.activity("0000-01-01", "9999-12-31").unwrap();
    let sum = |count: fn(&Totals) -> u64| rows.iter().map(|(_, totals)| count(totals)).sum::<u64>();
    assert_eq!((rows.len(), sum(|totals| totals.requests)), (2, 10_000));
    assert_eq!((sum(|totals| totals.input), sum(|totals| totals.stopped)), (10_000_000, 200));
    assert_eq!(sum(|totals| totals.errors.get("offline").copied().unwrap_or_default()), 200);
    let share: f64 = rows.iter().filter_map(|(_, totals)| totals.window_share.get(&604_800)).sum();
    assert!((share - 10.0).abs() < 0.01, "ten points of the week were used: {share}");
    let file = std::fs::read(folder.path().join("state.db")).unwrap();
    assert!(file.len() < 10_000_000, "{}", file.len());
    assert!(!String::from_utf8_lossy(&file).contains("ada@example.com"));
    recorder.note(&request(1), NOW);
    recorder.write_to(&state, || 0, NOW).unwrap();
    assert!(state.activity("0000-01-01", "9999-12-31").unwrap().is_empty(), "0 days keep nothing");
}

#[test]
fn what_cannot_be_written_is_kept_within_bounds_and_written_later() {
    let folder = tempfile::tempdir().unwrap();
    // A file is where the folder of the state should be, as good as a disk that takes nothing.
    let blocked = folder.path().join("blocked");
    std::fs::write(&blocked, "").unwrap();
    let recorder = ActivityRecorder::default();
    for id in 1..=3000 {
        recorder.note(&RequestRecord { model: format!("model-{id}"), ..request(id) }, NOW);
        if id % 1000 == 0 {
            recorder.write_to(&State::new(&blocked), || 90, NOW).unwrap_err();
        }
    }
    let (groups, receipts) = pending(&recorder);
    assert!(groups <= MAX_PENDING_GROUPS + 2 && receipts == MAX_PENDING_RECEIPTS, "{groups} {receipts}");
    let state = State::new(folder.path());
    recorder.write_to(&state, || 90, NOW).unwrap();
    let rows = state.activity("0000-01-01", "9999-12-31").unwrap();
    assert_eq!(rows.iter().map(|(_, totals)| totals.requests).sum::<u64>(), 3000, "no request is lost");
    assert_eq!(state.receipts(1).unwrap()[0].request_id.as_deref(), Some("req_3000"), "the newest are kept");
}

/// Times are whole seconds.
#[test]
fn what_ends_in_the_second_after_all_was_deleted_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let state = State::new(folder.path());
    let recorder = ActivityRecorder::default();
    recorder.note(&request(1), NOW.plus(5));
    recorder.clear(&state, NOW.plus(5)).unwrap();
    recorder.note(&request(2), NOW.plus(5));
    recorder.note(&request(3), NOW.plus(9));
    recorder.write_to(&state, || 90, NOW.plus(9)).unwrap();
    let rows = state.activity("0000-01-01", "9999-12-31").unwrap();
    assert_eq!(rows.iter().map(|(_, totals)| totals.requests).sum::<u64>(), 2);
    assert_eq!(state.receipts(9).unwrap().len(), 2);
}

/// As when `usher activity clear` runs while the gateway of another process could not write for hours.
#[test]
fn counts_that_were_not_written_do_not_come_back_after_all_were_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let (state, blocked) = (State::new(folder.path()), folder.path().join("blocked"));
    std::fs::write(&blocked, "").unwrap();
    let recorder = ActivityRecorder::default();
    // Each takes five seconds.
    recorder.note(&request(1), NOW.plus(5));
    recorder.write_to(&State::new(&blocked), || 90, NOW.plus(6)).unwrap_err();
    recorder.note(&RequestRecord { since: NOW.plus(60), ..request(2) }, NOW.plus(65));
    State::new(folder.path()).clear_activity(NOW.plus(70)).unwrap();
    recorder.write_to(&state, || 90, NOW.plus(80)).unwrap();
    let rows = || state.activity("0000-01-01", "9999-12-31").unwrap();
    assert_eq!((rows(), state.receipts(9).unwrap()), (vec![], vec![]));
    // The plan has more used since the last request before: that one stays deleted.
    recorder.note(&RequestRecord { since: NOW.plus(90), ..request(2001) }, NOW.plus(95));
    recorder.write_to(&state, || 90, NOW.plus(100)).unwrap();
    let kept: Vec<_> = rows().iter().map(|(key, totals)| (key.tool.clone(), totals.requests)).collect();
    assert_eq!((kept, state.receipts(9).unwrap().len()), (vec![("Claude Code".into(), 1)], 1));
}
