//! Every text of a notification, in one place.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use usher_domain::{UnixTime, UsageWindow};

use super::Notification;
use super::due::Event;
use crate::usage::window_label;

/// Returns the notification of an event; `name` is what the account is called.
pub(super) fn notification(event: &Event, name: &str, now: UnixTime) -> Notification {
    let (title, text) = sentences(event, now);
    Notification { title, body: format!("{name}: {text}") }
}

fn sentences(event: &Event, now: UnixTime) -> (String, String) {
    match event {
        Event::Near(window) => {
            let resets = window.resets_at.map(|at| format!(", which resets {}", moment(at, now)));
            (
                format!("{:.0}% of the {} is used", window.used_percent.floor(), window_name(window)),
                format!("Little is left of this window{}.", resets.unwrap_or_default()),
            )
        }
        Event::Reached { window, resets_at } => {
            let title = window.as_ref().map_or_else(
                || "The limit of the plan is reached".to_owned(),
                |window| format!("The {} is used up", window_name(window)),
            );
            let text = resets_at.map_or_else(
                || {
                    "Requests are refused. It does not reset by itself: check your usage at OpenAI."
                        .to_owned()
                },
                |at| format!("Requests are refused. They work again {}.", moment(at, now)),
            );
            (title, text)
        }
        Event::Refilled { window, was_reached } => {
            let title = window.as_ref().map_or_else(
                || "The limit of the plan was reset".to_owned(),
                |window| format!("The {} was reset", window_name(window)),
            );
            let text = if *was_reached { "Requests work again." } else { "All of it is left again." };
            (title, text.to_owned())
        }
        Event::ResetsExpire { count: 1, first } => (
            "A reset in reserve expires soon".to_owned(),
            format!("It expires {}. You can use it at OpenAI.", moment(*first, now)),
        ),
        Event::ResetsExpire { count, first } => (
            format!("{count} resets in reserve expire soon"),
            format!("The first expires {}. You can use them at OpenAI.", moment(*first, now)),
        ),
    }
}

fn window_name(window: &UsageWindow) -> String {
    format!("{} window", window_label(window))
}

/// Formats a local time in the middle of a sentence: with its day, unless that is today.
fn moment(time: UnixTime, now: UnixTime) -> String {
    moment_in(time, now, &TimeZone::system())
}

fn moment_in(time: UnixTime, now: UnixTime, zone: &TimeZone) -> String {
    let local = |time: UnixTime| Timestamp::from_second(time.0).map(|at| at.to_zoned(zone.clone()));
    let (Ok(at), Ok(now)) = (local(time), local(now)) else { return "later".to_owned() };
    // Without a known zone the time alone would mislead.
    let clock = if zone.is_unknown() { "%H:%M UTC" } else { "%H:%M" };
    let day = if at.date() == now.date() { "" } else { "on %a %d %b, " };
    let time = at.strftime(&format!("{day}{clock}")).to_string();
    if day.is_empty() { format!("at {time}") } else { time }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moment_has_its_day_unless_that_is_today() {
        let zone = TimeZone::posix("CET-1").unwrap();
        // 29 November 2026, 23:00 in this zone.
        let now = UnixTime(1_795_989_600);
        assert_eq!(moment_in(now.plus(1800), now, &zone), "at 23:30");
        assert_eq!(moment_in(now.plus(3600), now, &zone), "on Mon 30 Nov, 00:00");
        assert_eq!(moment_in(now, now, &TimeZone::unknown()), "at 22:00 UTC");
        assert_eq!(moment_in(UnixTime(i64::MAX), now, &zone), "later");
    }

    #[test]
    fn body_names_the_account() {
        let event = Event::Refilled { window: None, was_reached: true };
        let shown = notification(&event, "Work", UnixTime(0));
        assert_eq!(
            (shown.title.as_str(), shown.body.as_str()),
            ("The limit of the plan was reset", "Work: Requests work again.")
        );
    }
}
