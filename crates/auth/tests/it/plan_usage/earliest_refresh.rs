//! The forms of `earliest_refresh_at`.

use serde_json::{Value, json};
use usher_auth::EarliestRefresh;
use usher_domain::UnixTime;

#[test]
fn time_is_read_in_every_form() {
    let at = EarliestRefresh::At(UnixTime(1_790_003_240));
    for field in [
        json!(1_790_003_240),
        json!(1_790_003_239.2),
        json!(1_790_003_240_000_i64),
        json!(1_790_003_239_001_i64),
        json!("1790003240"),
        json!("2026-09-21T15:07:20Z"),
        json!("2026-09-21T17:07:20+02:00"),
        json!(" 2026-09-21T15:07:19.000001Z "),
    ] {
        assert_eq!(EarliestRefresh::parse(Some(&field)), at, "{field}");
    }
    assert_eq!(EarliestRefresh::parse(None), EarliestRefresh::NotGiven);
    assert_eq!(EarliestRefresh::parse(Some(&Value::Null)), EarliestRefresh::NotGiven);
}

#[test]
fn what_is_no_time_of_today_is_unreadable() {
    for field in [
        json!(0),
        json!(3240),
        json!(-1),
        json!(1e300),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!("soon"),
        json!("NaN"),
        json!("2026-09-21T14:27:20"),
        json!("1970-01-01T00:00:00Z"),
        json!(true),
        json!([1_790_003_240]),
        json!({}),
    ] {
        assert_eq!(EarliestRefresh::parse(Some(&field)), EarliestRefresh::Unreadable, "{field}");
    }
}
