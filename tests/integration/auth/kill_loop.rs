//! `kill -9` all along a refresh and its save. The store is never half written, and nobody is signed out unless the
//! kill fell between the server's rotation and our durable save. No client can close that window: it is made small,
//! the still valid access token goes on being used after it, and the true reason is said when that ends too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use usher_sandbox::{Fault, GrantOperation, Options, Sandbox};
use usher_tests::{Home, Ran, sign_in};

const LONG: Duration = Duration::from_secs(60);
/// Rounds in which the server refuses the access token, so that a lost refresh token ends the sign-in.
const REFUSED_ROUNDS: u32 = 216;
/// Rounds in which the access token works for some minutes more.
const EARLY_ROUNDS: u32 = 48;

/// When the process dies.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// So long after its start, wherever that is.
    Started(Duration),
    /// The server has the refresh token and has not looked at it.
    Asked,
    /// So long after the server rotated: the answer is on its way, is read, is saved.
    Answered(Duration),
    /// The same, with an answer that never comes.
    Unanswered(Duration),
}

impl Moment {
    /// The moments of `rounds` rounds, spread over a life of `whole` that asks `rest` before its end.
    fn spread(rounds: u32, whole: Duration, rest: Duration) -> impl Iterator<Item = Self> {
        (0..rounds).map(move |round| {
            let part = |of: Duration| of * round / rounds;
            match round % 8 {
                0 => Self::Asked,
                1 => Self::Unanswered(part(rest)),
                2..=4 => Self::Started(part(whole)),
                _ => Self::Answered(part(rest)),
            }
        })
    }
}

struct Loop {
    sandbox: Sandbox,
    home: Home,
    tally: BTreeMap<&'static str, u32>,
}

impl Loop {
    async fn new(lifetime: i64) -> Self {
        let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
        sandbox.change_settings(|settings| settings.access_token_lifetime_s = lifetime);
        let home = Home::at(&sandbox);
        sign_in(&home, &sandbox, "ada").await;
        Self { sandbox, home, tally: BTreeMap::new() }
    }

    fn refuse_access(&self) {
        self.sandbox.change_grants(GrantOperation::ExpireAccess, None);
    }

    /// How long a refreshing command lives, and how long after its request to the token endpoint.
    async fn measure(&self) -> (Duration, Duration) {
        self.refuse_access();
        let began = Instant::now();
        let mut running = self.home.start(&["usage", "--json"]);
        self.sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
        let asked = Instant::now();
        assert_eq!(running.end().await.code, 0);
        self.sandbox.reset();
        (began.elapsed(), asked.elapsed())
    }

    /// Starts a refresh and kills it; says how often the token endpoint was asked.
    async fn kill_at(&self, moment: Moment) -> u64 {
        self.sandbox.reset();
        match moment {
            Moment::Asked => self.sandbox.push_fault("token.refresh_token", Fault::Hang),
            Moment::Unanswered(_) => self.sandbox.push_fault("token.refresh_token", Fault::DropAfter),
            _ => {}
        }
        let mut command = self.home.command(usher_tests::usher(), &["usage"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("usher starts");
        let wait = match moment {
            Moment::Started(wait) => wait,
            Moment::Asked => self.asked(Duration::ZERO).await,
            Moment::Answered(wait) | Moment::Unanswered(wait) => self.asked(wait).await,
        };
        // A point in time is what is asked for here; there is nothing that tells of it.
        std::thread::sleep(wait);
        child.start_kill().expect("it runs or has ended");
        child.wait().await.expect("it can be waited for");
        // A request can outlive its sender by a moment, on its way through the socket: it belongs to this round too.
        self.sandbox.connections_over().await;
        let asked = self.sandbox.count("token.refresh_token");
        self.sandbox.reset();
        asked
    }

    async fn asked(&self, and_then: Duration) -> Duration {
        self.sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
        and_then
    }

    /// What the next command makes of it. Nothing may be damaged.
    async fn next_command(&self, moment: Moment) -> Ran {
        let ran = self.home.json(&["usage"]).await;
        assert_eq!(self.home.files("damaged"), [""; 0], "{moment:?}: {ran:?}");
        ran
    }

    /// The one loss that is allowed, for the reason that it had; then signs in again.
    async fn assert_lost_truly(&mut self, moment: Moment, asked: u64, ran: &Ran) {
        let error = ran.error(3);
        assert_eq!(error["code"], "sign_in_reused", "{moment:?}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("interrupted before its response was saved"), "{moment:?}: {message}");
        assert!(asked == 1 && moment != Moment::Asked, "{moment:?} cost the sign-in, asked {asked} times");
        sign_in(&self.home, &self.sandbox, "ada").await;
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn print(&self, rounds: u32, title: &str) {
        let mut text = format!("{rounds} rounds of kill -9, {title}:\n");
        for (what, times) in &self.tally {
            writeln!(text, "{times:6} {what}").expect("a String takes any text");
        }
        std::io::stderr().write_all(text.as_bytes()).expect("somebody reads");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_loop_with_an_access_token_that_is_refused() {
    let mut rounds = Loop::new(7 * 24 * 60 * 60).await;
    let (whole, rest) = rounds.measure().await;
    for moment in Moment::spread(REFUSED_ROUNDS, whole, rest) {
        rounds.refuse_access();
        let asked = rounds.kill_at(moment).await;
        let ran = rounds.next_command(moment).await;
        let again = rounds.sandbox.count("token.refresh_token");
        if ran.code != 0 {
            rounds.assert_lost_truly(moment, asked, &ran).await;
            rounds.count(match moment {
                Moment::Unanswered(_) => {
                    "fell after an answer that never came: signed out, with the true reason"
                }
                _ => "fell between rotation and save: signed out, with the true reason",
            });
            continue;
        }
        match (asked, again) {
            (0, 1) => rounds.count("fell before the refresh was sent"),
            (1, 1) => rounds.count("fell before the server rotated"),
            (1, 0) => rounds.count("fell after the save"),
            other => panic!("{moment:?}: asked (before, after the kill) {other:?} times"),
        }
        if again == 1 {
            assert_eq!(rounds.home.files(".tmp-"), [""; 0], "{moment:?}: the next write sweeps");
        }
    }
    rounds.print(REFUSED_ROUNDS, "the access token refused");
    assert!(rounds.tally.len() == 5, "every kind of moment was met: {:?}", rounds.tally);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_loop_with_an_access_token_that_still_works() {
    // Each token ends in less than five minutes, so each command wants a new one early.
    let mut rounds = Loop::new(4 * 60).await;
    let (whole, rest) = rounds.measure().await;
    for moment in Moment::spread(EARLY_ROUNDS, whole, rest) {
        let asked = rounds.kill_at(moment).await;
        // Whatever was lost, the token that still works goes on.
        let ran = rounds.next_command(moment).await;
        assert_eq!(ran.code, 0, "{moment:?}: {ran:?}");
        let went_on = rounds.sandbox.count("token.refresh_token") == 0;
        rounds.refuse_access();
        let ran = rounds.home.json(&["usage"]).await;
        if ran.code != 0 {
            assert!(went_on, "{moment:?}: renewed, and lost all the same");
            rounds.assert_lost_truly(moment, asked, &ran).await;
            rounds.count("went on with the token that works, signed out when it was refused");
        } else if went_on {
            rounds.count("went on with the token that works, then renewed");
        } else {
            rounds.count("renewed at once");
        }
    }
    rounds.print(EARLY_ROUNDS, "the access token good for minutes");
    assert!(rounds.tally.len() == 3, "every kind of moment was met: {:?}", rounds.tally);
}
