//! What a notification says.

use usher_domain::UnixTime;
use usher_text::{Language, messages as m, moment_from, percent, window};

use super::Notification;
use super::due::Event;

/// Returns the notification of an event; `name` is what the account is called.
pub(super) fn notification(language: Language, event: &Event, name: &str, now: UnixTime) -> Notification {
    let (title, text) = sentences(language, event, now);
    Notification { title, body: m::notification_body(language, name, text) }
}

fn sentences(language: Language, event: &Event, now: UnixTime) -> (String, String) {
    let moment = |at| moment_from(language, at, now);
    match event {
        Event::Near(near) => {
            let used = percent(language, near.used_percent.floor());
            let text = match near.resets_at {
                Some(at) => m::notification_near_text_until(language, moment(at)),
                None => m::notification_near_text(language).to_owned(),
            };
            (m::notification_near(language, used, window(language, near)), text)
        }
        Event::Reached { window: reached, resets_at } => {
            let title = match reached {
                Some(reached) => m::notification_reached(language, window(language, reached)),
                None => m::notification_reached_plan(language).to_owned(),
            };
            let text = match resets_at {
                Some(at) => m::notification_refused_until(language, moment(*at)),
                None => m::notification_refused(language).to_owned(),
            };
            (title, text)
        }
        Event::PaidByCredits(paid) => {
            let text = match paid.resets_at {
                Some(at) => m::notification_credits_pay_until(language, moment(at)),
                None => m::notification_credits_pay(language).to_owned(),
            };
            (m::notification_reached(language, window(language, paid)), text)
        }
        Event::Refilled { window: refilled, was_reached } => {
            let title = match refilled {
                Some(refilled) => m::notification_refilled(language, window(language, refilled)),
                None => m::notification_refilled_plan(language).to_owned(),
            };
            let text = if *was_reached { m::notification_works_again } else { m::notification_all_left };
            (title, text(language).to_owned())
        }
        Event::ResetsExpire { count, first } => (
            m::notification_resets_expire(language, *count as u64),
            m::notification_resets_expire_text(language, *count as u64, moment(*first)),
        ),
    }
}

#[cfg(test)]
mod tests {
    use usher_domain::UsageWindow;

    use super::*;

    #[test]
    fn body_names_the_account() {
        let event = Event::Refilled { window: None, was_reached: true };
        let shown = notification(Language::English, &event, "Work", UnixTime(0));
        assert_eq!(
            (shown.title.as_str(), shown.body.as_str()),
            ("The limit of the plan was reset", "Work: Requests work again.")
        );
    }

    #[test]
    fn window_that_credits_pay_for_refuses_nothing() {
        let window =
            |resets_at| UsageWindow { window_seconds: 18_000, used_percent: 100.0, resets_at, meter: None };
        let shown = |language, resets_at| {
            notification(language, &Event::PaidByCredits(window(resets_at)), "Work", UnixTime(0))
        };
        let endless = shown(Language::English, None);
        assert_eq!(
            (endless.title.as_str(), endless.body.as_str()),
            ("The 5-hour window is used up", "Work: Credits pay for requests now.")
        );
        for language in Language::ALL {
            let body = shown(language, Some(UnixTime(60))).body;
            let refused = notification(
                language,
                &Event::Reached { window: Some(window(None)), resets_at: Some(UnixTime(60)) },
                "Work",
                UnixTime(0),
            );
            assert_ne!(body, refused.body);
        }
    }

    #[test]
    fn notification_is_in_the_language_of_the_person() {
        let near = UsageWindow { window_seconds: 18_000, used_percent: 90.4, resets_at: None, meter: None };
        let shown = notification(Language::German, &Event::Near(near), "Arbeit", UnixTime(0));
        assert_eq!(shown.title, "5-Stunden-Fenster: 90\u{a0}% genutzt");
        assert_eq!(shown.body, "Arbeit: Von diesem Fenster ist wenig übrig.");
        let expire = |count| {
            let event = Event::ResetsExpire { count, first: UnixTime(0) };
            notification(Language::French, &event, "Travail", UnixTime(0)).title
        };
        assert_eq!(expire(1), "1 réinitialisation en réserve expire bientôt");
        assert_eq!(expire(2), "2 réinitialisations en réserve expirent bientôt");
    }
}
