use usher_domain::{AccountId, LimitReached, Plan, Usage, UsageWindow};

use super::*;
use crate::state::State;

const NOON: UnixTime = UnixTime(43_200);

fn used(used_percent: f64) -> Usage {
    let window = UsageWindow { window_seconds: 18_000, used_percent, resets_at: None, meter: None };
    Usage { windows: vec![window], ..Usage::default() }
}

/// Returns an observer, and a function that returns what it has written.
fn observer(folder: &std::path::Path) -> (DebouncedObserver, impl Fn() -> Option<Usage>) {
    let (state, account) = (Arc::new(State::new(folder)), AccountId("user:a".into()));
    let recorder = Recorder::new(Arc::clone(&state), account.clone(), Arc::new(|| NOON), None);
    (DebouncedObserver::new(recorder), move || Some(state.usage(&account)?.0))
}

/// A response of a model.
fn observe(observer: &DebouncedObserver, usage: Usage) {
    observer.usage(ObservedUsage { usage, reports_limit: true });
}

fn newest(observer: &DebouncedObserver) -> Option<Usage> {
    Some(observer.newest_usage()?.0)
}

/// Each response of a plan says that a little more of it is used.
#[tokio::test(start_paused = true)]
async fn usage_that_changes_all_the_time_is_written_once_a_second() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let mut writes = vec![written()];
    for count in 0..=100_u32 {
        observe(&observer, used(f64::from(count)));
        tokio::time::sleep(Duration::from_millis(50)).await;
        if *writes.last().unwrap() != written() {
            writes.push(written());
        }
    }
    assert!((5..=7).contains(&(writes.len() - 1)), "{} writes in 5 seconds", writes.len() - 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(100.0)), "the newest is written last");
    observe(&observer, used(0.0));
    tokio::time::sleep(Duration::from_millis(10)).await;
    observe(&observer, used(1.0));
    assert_eq!((written(), newest(&observer)), (Some(used(0.0)), Some(used(1.0))), "known meanwhile");
    observer.write_down();
    assert_eq!(written(), Some(used(1.0)), "and written when the gateway ends");
}

/// Either may lack a window, and neither has been written when the next request comes.
#[tokio::test(start_paused = true)]
async fn windows_that_a_response_lacks_are_known_before_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let week = UsageWindow { window_seconds: 604_800, ..used(85.0).windows[0].clone() };
    let both = Usage { windows: vec![used(1.0).windows[0].clone(), week.clone()], ..Usage::default() };
    observe(&observer, both.clone());
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(written(), Some(both.clone()));
    observe(&observer, Usage { plan: Some(Plan("plus".into())), ..Usage::default() });
    let of_plus = |used_percent| Usage {
        plan: Some(Plan("plus".into())),
        windows: vec![used(used_percent).windows[0].clone(), week.clone()],
        ..Usage::default()
    };
    assert_eq!(newest(&observer), Some(of_plus(1.0)));
    observe(&observer, used(2.0));
    assert_eq!((written(), newest(&observer)), (Some(both), Some(of_plus(2.0))));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(of_plus(2.0)));
}

#[tokio::test(start_paused = true)]
async fn limit_that_is_lifted_before_it_is_written_is_not_written() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let limit = LimitReached { reason: "rate_limit_reached".into(), resets_at: None };
    observe(&observer, used(1.0));
    tokio::time::sleep(Duration::from_millis(10)).await;
    observe(&observer, Usage { limit_reached: Some(limit.clone()), ..used(2.0) });
    observer.unlimited();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(2.0)));
    observe(&observer, Usage { limit_reached: Some(limit), ..Usage::default() });
    observer.unlimited();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(2.0)), "one that came alone leaves what was known");
}

/// A list of models has the same windows, but does not know of limits.
#[tokio::test(start_paused = true)]
async fn answer_of_a_model_lifts_the_limit_that_a_list_left() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let limit = LimitReached { reason: "rate_limit_reached".into(), resets_at: None };
    let limited = Usage { limit_reached: Some(limit), ..used(2.0) };
    for pause in [10, 2000] {
        observe(&observer, limited.clone());
        tokio::time::sleep(Duration::from_secs(2)).await;
        observer.usage(ObservedUsage { usage: used(2.0), reports_limit: false });
        tokio::time::sleep(Duration::from_millis(pause)).await;
        assert_eq!(newest(&observer), Some(limited.clone()));
        observe(&observer, used(2.0));
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(written(), Some(used(2.0)), "{pause} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn usage_that_cannot_be_written_is_known_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("no folder");
    let (observer, written) = observer(&place);
    std::fs::write(&place, "").unwrap();
    observe(&observer, used(90.0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((written(), newest(&observer)), (None, Some(used(90.0))));
    std::fs::remove_file(&place).unwrap();
    observe(&observer, used(91.0));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(91.0)));
}

/// Times have whole seconds.
#[tokio::test(start_paused = true)]
async fn limit_in_the_second_of_an_answer_before_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let account = AccountId("user:a".into());
    State::new(folder.path()).keep_usage(&account, &used(90.0), NOON).unwrap();
    let limit = LimitReached { reason: "rate_limit_reached".into(), resets_at: None };
    let limited = Usage { limit_reached: Some(limit), ..used(100.0) };
    observe(&observer, limited.clone());
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(written(), Some(limited.clone()));
    observe(&observer, used(20.0));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!((written(), newest(&observer)), (Some(limited), Some(used(20.0))));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(20.0)));
}

#[tokio::test(start_paused = true)]
async fn usage_that_another_process_saw_later_stays() {
    let folder = tempfile::tempdir().unwrap();
    let (observer, written) = observer(folder.path());
    let account = AccountId("user:a".into());
    observe(&observer, used(1.0));
    tokio::time::sleep(Duration::from_millis(10)).await;
    observe(&observer, used(2.0));
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!((written(), newest(&observer)), (Some(used(1.0)), Some(used(2.0))));
    State::new(folder.path()).keep_usage(&account, &used(70.0), NOON).unwrap();
    assert_eq!(newest(&observer), Some(used(70.0)));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(70.0)));
    observe(&observer, used(3.0));
    State::new(folder.path()).keep_usage(&account, &used(71.0), UnixTime(99_999)).unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(written(), Some(used(3.0)), "nothing was seen in the future: a clock was wrong");
}
