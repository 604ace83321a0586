//! Tests of what is kept of requests.

use usher_domain::UnixTime;

use super::*;
use crate::state::FILE;

/// What the clock shows where the time of day does not matter.
const NOW: UnixTime = UnixTime(1_795_953_600);

fn key(day: &str, tool: &str, model: &str) -> GroupKey {
    GroupKey {
        day: day.into(),
        tool: tool.into(),
        provider: "chatgpt".into(),
        account: "user-0123456789abcdef:acct-0123456789abcdef".into(),
        payer: "plan".into(),
        model: model.into(),
    }
}

/// Totals of a heavy day: every kind of field, and first words of many lengths.
fn totals(requests: u64) -> Totals {
    let mut totals = Totals { requests, completed: requests, input: 50_000_000, ..Totals::default() };
    (0..40).for_each(|step| totals.first_output.add(100 << (step / 4)));
    for code in ["rate_limited", "usage_limit_reached", "timeout"] {
        totals.errors.insert(code.to_owned(), 12);
    }
    totals.window_share.extend([(18_000, 3.5), (604_800, 0.5)]);
    totals
}

fn receipt(at: i64) -> Receipt {
    let text = r#"{"at":0,"tool":"Claude Code","project":"usher","dialect":"messages","provider":"chatgpt",
        "account":"user-0123456789abcdef:acct-0123456789abcdef","payer":"plan","model":"gpt-5.3-codex",
        "requested_model":"claude-opus-4-6","effort":"high","outcome":"done","took_ms":12345,
        "first_output_ms":1234,"tokens":{"input":123456,"output":2345,"cached":120000,"reasoning":1024},
        "dropped":["cache_control","temperature","top_k"],"request_id":"req_0123456789abcdef0123456789abcdef",
        "windows":[{"window_seconds":18000,"used_percent":12.5,"resets_at":1795953600,"meter":null},
        {"window_seconds":604800,"used_percent":40.5,"resets_at":1796953600,"meter":null}]}"#;
    Receipt { at: UnixTime(at), ..parse(text).unwrap() }
}

fn batch(keys: impl IntoIterator<Item = GroupKey>, receipts: usize) -> ActivityBatch {
    ActivityBatch {
        since: NOW,
        totals: keys.into_iter().map(|key| (key, totals(1))).collect(),
        receipts: (0..receipts).map(|at| receipt(i64::try_from(at).unwrap())).collect(),
    }
}

fn new_state() -> (tempfile::TempDir, State) {
    let folder = tempfile::tempdir().unwrap();
    let state = State::new(folder.path());
    (folder, state)
}

/// Days of which all that is kept is of long ago, too.
fn days(oldest: &str, today: &str) -> KeptDays {
    KeptDays { today: today.to_owned(), oldest: oldest.to_owned(), long_ago: oldest.to_owned() }
}

fn requests(state: &State) -> Vec<(String, u64)> {
    let rows = state.activity("0000-00-00", "9999-12-31").unwrap();
    rows.into_iter().map(|(key, totals)| (key.day, totals.requests)).collect()
}

#[test]
fn days_are_added_up_and_deleted_after_their_time() {
    let (_folder, state) = new_state();
    let day = |day: &str| batch([key(day, "codex", "m")], 1);
    state.keep_activity(&day("2026-11-01"), &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    state.keep_activity(&day("2026-11-01"), &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    state.keep_activity(&day("2026-11-30"), &days("2026-09-02", "2026-11-30"), NOW).unwrap();
    assert_eq!(requests(&state), [("2026-11-01".into(), 2), ("2026-11-30".into(), 1)]);
    state.keep_activity(&day("2027-01-30"), &days("2026-11-02", "2027-01-30"), NOW).unwrap();
    assert_eq!(requests(&state), [("2026-11-30".into(), 1), ("2027-01-30".into(), 1)]);
    assert_eq!(state.receipts(10).unwrap().len(), 2, "those of deleted days go too");
    state.clear_activity(NOW).unwrap();
    assert_eq!((requests(&state), state.receipts(10).unwrap()), (vec![], vec![]));
}

/// A person who keeps few days may use a tool on few of them.
#[test]
fn short_time_is_held_whatever_days_have_requests() {
    let (_folder, state) = new_state();
    let write = |today: &str, oldest: &str| {
        let kept = KeptDays { long_ago: "2026-08-01".into(), ..days(oldest, today) };
        state.keep_activity(&batch([key(today, "codex", "m")], 1), &kept, NOW).unwrap();
    };
    write("2026-11-01", "2026-11-01");
    write("2026-11-02", "2026-11-02");
    assert_eq!(requests(&state), [("2026-11-02".into(), 1)], "one day");
    write("2026-11-09", "2026-11-03");
    assert_eq!(requests(&state), [("2026-11-09".into(), 1)], "once in seven days");
    assert_eq!(state.receipts(9).unwrap().len(), 1);
}

/// A gateway writes every ten seconds, so a clock that is wrong for a while is seen by several writes.
#[test]
fn clock_that_jumps_deletes_nothing_at_once() {
    let (_folder, state) = new_state();
    let write = |day: &str, oldest: &str| {
        for _ in 0..3 {
            state.keep_activity(&batch([key(day, "codex", "m")], 1), &days(oldest, day), NOW).unwrap();
        }
    };
    write("2026-10-31", "2026-08-03");
    write("2026-11-01", "2026-08-04");
    write("2031-01-01", "2030-10-04");
    write("2026-11-01", "2026-08-04");
    write("1970-01-01", "1969-10-04");
    write("2026-11-01", "2026-08-04");
    let kept = [("2026-10-31".into(), 3), ("2026-11-01".into(), 9), ("2031-01-01".into(), 3)];
    assert_eq!(requests(&state), kept, "only what the clock of 1970 counted is too old");
    assert_eq!(state.receipts(99).unwrap().len(), 15);
}

/// The bound of the file by design: 50 MB.
#[test]
fn ninety_days_of_heavy_use_stay_small() {
    let (folder, state) = new_state();
    for day in 0..90 {
        let name = format!("2026-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
        let groups =
            (0..400).map(|group| key(&name, "a program with a long name", &format!("model-{group}")));
        state.keep_activity(&batch(groups, 300), &days("2026-01-01", &name), NOW).unwrap();
    }
    let bytes: u64 =
        std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    let rows = state.activity("2026-01-01", "2026-01-01").unwrap();
    assert_eq!(rows.len(), 201, "and one for all others");
    assert_eq!(rows.iter().map(|(_, totals)| totals.requests).sum::<u64>(), 400, "nothing is lost");
    assert_eq!(state.receipts(usize::MAX).unwrap().len(), MAX_RECEIPTS);
    assert!(bytes < 30_000_000, "{bytes}");
}

#[test]
fn version_before_is_migrated_and_damaged_counts_are_as_none() {
    let (folder, state) = new_state();
    let path = folder.path().join(FILE);
    let old = "CREATE TABLE pass_uses (pass TEXT PRIMARY KEY, last_at INTEGER NOT NULL);
        INSERT INTO pass_uses VALUES ('one', 7); PRAGMA user_version = 5;";
    Connection::open(&path).unwrap().execute_batch(old).unwrap();
    let day = batch([key("2026-11-01", "codex", "m")], 1);
    state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    assert_eq!(state.pass_uses().len(), 1);
    let damage = "UPDATE activity_days SET totals = '{'; UPDATE activity_receipts SET receipt = '7'";
    Connection::open(&path).unwrap().execute_batch(damage).unwrap();
    assert_eq!((requests(&state), state.receipts(9).unwrap()), (vec![("2026-11-01".into(), 0)], vec![]));
    state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    assert_eq!(requests(&state), [("2026-11-01".into(), 1)]);
}

#[test]
fn two_processes_add_to_one_day() {
    let (folder, _) = new_state();
    let add = |tool: &'static str| {
        let state = State::new(folder.path());
        std::thread::spawn(move || {
            for _ in 0..20 {
                let day = batch([key("2026-11-01", tool, "m"), key("2026-11-01", "both", "m")], 1);
                state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
            }
        })
    };
    let both = [add("one"), add("two")];
    for one in both {
        one.join().unwrap();
    }
    let state = State::new(folder.path());
    let all: u64 = requests(&state).iter().map(|(_, requests)| requests).sum();
    assert_eq!((all, state.receipts(99).unwrap().len()), (80, 40));
}

#[test]
fn write_that_fails_changes_nothing() {
    let (folder, state) = new_state();
    let day = batch([key("2026-11-01", "codex", "m")], 1);
    state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    // As on a disk that is full: the file may not grow.
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON activity_receipts BEGIN SELECT RAISE(ABORT, 'full'); END";
    let db = Connection::open(folder.path().join(FILE)).unwrap();
    db.execute_batch(full).unwrap();
    state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap_err();
    assert_eq!(requests(&state), [("2026-11-01".into(), 1)], "all or nothing");
    db.execute_batch("DROP TRIGGER full").unwrap();
    drop(db);
    state.keep_activity(&day, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    assert_eq!(requests(&state), [("2026-11-01".into(), 2)]);
    let wal = folder.path().join(FILE).with_extension("db-wal");
    assert!(!wal.exists(), "the log is moved into the database after each write");
}

#[test]
fn counts_of_before_they_were_deleted_are_not_written() {
    let (_folder, state) = new_state();
    let day = |since: i64| {
        let day = batch([key("2026-11-01", "codex", "m")], 1);
        // Each took 12 seconds.
        let receipts = [receipt(since - 12), receipt(since)].into();
        ActivityBatch { since: UnixTime(since), receipts, ..day }
    };
    let write = |since: i64, now: i64| {
        state.keep_activity(&day(since), &days("2026-08-04", "2026-11-01"), UnixTime(now)).unwrap();
        (
            requests(&state).iter().map(|(_, requests)| requests).sum::<u64>(),
            state.receipts(99).unwrap().len(),
        )
    };
    assert_eq!(write(100, 120), (1, 2));
    state.clear_activity(UnixTime(200)).unwrap();
    assert_eq!(write(150, 210), (0, 0), "counted by another process before");
    assert_eq!(write(200, 220), (0, 1), "the second request ended after that");
    assert_eq!(write(201, 230), (1, 3));
    // A clock that is years ahead, and right again a minute later.
    state.clear_activity(UnixTime(900_000_000)).unwrap();
    assert_eq!(write(300, 320), (0, 0));
    assert_eq!(write(340, 360), (1, 2), "counting goes on");
}

#[test]
fn share_of_the_plan_does_not_bring_deleted_requests_back() {
    let (_folder, state) = new_state();
    let share =
        ActivityBatch { totals: [(key("2026-11-01", "codex", "m"), totals(0))].into(), ..batch([], 0) };
    state.keep_activity(&share, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    assert_eq!(requests(&state), []);
    state
        .keep_activity(&batch([key("2026-11-01", "codex", "m")], 0), &days("2026-08-04", "2026-11-01"), NOW)
        .unwrap();
    state.keep_activity(&share, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    let used = state.activity("2026-11-01", "2026-11-01").unwrap()[0].1.window_share[&604_800];
    assert!((used - 1.0).abs() < 0.01, "half a point of the requests, and another of the share: {used}");
}

#[test]
fn receipt_of_a_request_with_many_dropped_fields_is_kept() {
    let (_folder, state) = new_state();
    let dropped: Vec<String> = (0..40).map(|at| format!("messages.{at}.{}", "x".repeat(80))).collect();
    let long = Receipt { dropped: dropped.clone(), ..receipt(7) };
    let receipts = ActivityBatch { receipts: [long].into(), ..batch([], 0) };
    state.keep_activity(&receipts, &days("2026-08-04", "2026-11-01"), NOW).unwrap();
    let kept = state.receipts(9).unwrap().remove(0).dropped;
    assert!(kept.len() > 5 && kept[..kept.len() - 1] == dropped[..kept.len() - 1], "{kept:?}");
    assert_eq!(kept.last().unwrap(), "…");
}
