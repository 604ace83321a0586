//! `kill -9` at every moment of a refresh and its save. The store is never half written, and the sign-in is lost only
//! when the kill came between the server's rotation and our durable save. No client can close that window; it is kept
//! small, the valid access token stays in use, and the true reason is reported when that expires, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use usher_sandbox::{Fault, GrantOperation, Options, Sandbox};
use usher_tests::{Home, Output, sign_in};

const LONG: Duration = Duration::from_secs(60);
/// Rounds in which the server rejects the access token, so that a lost refresh token ends the sign-in.
const REFUSED_ROUNDS: u32 = 216;
/// Rounds in which the access token stays valid for some minutes.
const EARLY_ROUNDS: u32 = 48;

/// The moment at which the process is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Moment {
    /// This long after its start.
    Started(Duration),
    /// The server has received the refresh token but not processed it.
    Requested,
    /// This long after the server rotated: the response is in transit, is read, or is saved.
    Rotated(Duration),
    /// This long after the server rotated, with a response that never arrives.
    ResponseLost(Duration),
}

impl Moment {
    /// Returns the moments of `rounds` rounds, spread over a command of `duration` that ends `after_request` after its
    /// request.
    fn spread(rounds: u32, duration: Duration, after_request: Duration) -> impl Iterator<Item = Self> {
        (0..rounds).map(move |round| {
            let part = |of: Duration| of * round / rounds;
            match round % 8 {
                0 => Self::Requested,
                1 => Self::ResponseLost(part(after_request)),
                2..=4 => Self::Started(part(duration)),
                _ => Self::Rotated(part(after_request)),
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

    /// Measures how long a refreshing command runs, in total and after its request to the token endpoint.
    async fn measure(&self) -> (Duration, Duration) {
        self.refuse_access();
        let began = Instant::now();
        let mut running = self.home.start(&["usage", "--json"]);
        self.sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
        let refreshes = Instant::now();
        assert_eq!(running.end().await.code, 0);
        self.sandbox.reset();
        (began.elapsed(), refreshes.elapsed())
    }

    /// Starts a refresh and kills it; returns the number of requests to the token endpoint.
    async fn kill_at(&self, moment: Moment) -> u64 {
        self.sandbox.reset();
        match moment {
            Moment::Requested => self.sandbox.push_fault("token.refresh_token", Fault::Hang),
            Moment::ResponseLost(_) => self.sandbox.push_fault("token.refresh_token", Fault::DropAfter),
            _ => {}
        }
        let mut command = self.home.command(usher_tests::usher(), &["usage"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("usher starts");
        let wait = match moment {
            Moment::Started(wait) => wait,
            Moment::Requested => self.refreshes(Duration::ZERO).await,
            Moment::Rotated(wait) | Moment::ResponseLost(wait) => self.refreshes(wait).await,
        };
        // A point in time is meant, so there is no event to wait for.
        std::thread::sleep(wait);
        child.start_kill().expect("it runs or has ended");
        child.wait().await.expect("it can be waited for");
        // A request can still be in the socket when its sender has ended; it belongs to this round, too.
        self.sandbox.connections_over().await;
        let refreshes = self.sandbox.count("token.refresh_token");
        self.sandbox.reset();
        refreshes
    }

    async fn refreshes(&self, and_then: Duration) -> Duration {
        self.sandbox.wait_for("token.refresh_token", 1, LONG).await.expect("it refreshes");
        and_then
    }

    /// Runs the next command, which must find nothing damaged.
    async fn next_command(&self, moment: Moment) -> Output {
        let output = self.home.json(&["usage"]).await;
        assert_eq!(self.home.files("damaged"), [""; 0], "{moment:?}: {output:?}");
        output
    }

    /// Asserts that the sign-in was lost for the one allowed reason, then signs in again.
    async fn assert_lost_truly(&mut self, moment: Moment, refreshes: u64, output: &Output) {
        let error = output.error(3);
        assert_eq!(error["code"], "sign_in_reused", "{moment:?}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("interrupted before its response was saved"), "{moment:?}: {message}");
        assert!(
            refreshes == 1 && moment != Moment::Requested,
            "{moment:?} cost the sign-in after {refreshes} requests"
        );
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
async fn kill_loop_with_rejected_access_token_loses_sign_in_only_with_true_reason() {
    let mut rounds = Loop::new(7 * 24 * 60 * 60).await;
    let (duration, after_request) = rounds.measure().await;
    for moment in Moment::spread(REFUSED_ROUNDS, duration, after_request) {
        rounds.refuse_access();
        let refreshes = rounds.kill_at(moment).await;
        let output = rounds.next_command(moment).await;
        let again = rounds.sandbox.count("token.refresh_token");
        if output.code != 0 {
            rounds.assert_lost_truly(moment, refreshes, &output).await;
            rounds.count(match moment {
                Moment::ResponseLost(_) => {
                    "fell after an answer that never came: signed out, with the true reason"
                }
                _ => "fell between rotation and save: signed out, with the true reason",
            });
            continue;
        }
        match (refreshes, again) {
            (0, 1) => rounds.count("fell before the refresh was sent"),
            (1, 1) => rounds.count("fell before the server rotated"),
            (1, 0) => rounds.count("fell after the save"),
            other => panic!("{moment:?}: asked (before, after the kill) {other:?} times"),
        }
        if again == 1 {
            assert_eq!(rounds.home.files(".tmp-"), [""; 0], "{moment:?}: the next write sweeps");
        }
    }
    rounds.print(REFUSED_ROUNDS, "rejected access token");
    assert!(rounds.tally.len() == 5, "every kind of moment was met: {:?}", rounds.tally);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_loop_with_valid_access_token_keeps_working() {
    // Each token expires in less than five minutes, so each command refreshes it early.
    let mut rounds = Loop::new(4 * 60).await;
    let (duration, after_request) = rounds.measure().await;
    for moment in Moment::spread(EARLY_ROUNDS, duration, after_request) {
        let refreshes = rounds.kill_at(moment).await;
        // Whatever was lost, the valid token still works.
        let output = rounds.next_command(moment).await;
        assert_eq!(output.code, 0, "{moment:?}: {output:?}");
        let went_on = rounds.sandbox.count("token.refresh_token") == 0;
        rounds.refuse_access();
        let output = rounds.home.json(&["usage"]).await;
        if output.code != 0 {
            assert!(went_on, "{moment:?}: renewed, and lost all the same");
            rounds.assert_lost_truly(moment, refreshes, &output).await;
            rounds.count("went on with the token that works, signed out when it was refused");
        } else if went_on {
            rounds.count("went on with the token that works, then renewed");
        } else {
            rounds.count("renewed at once");
        }
    }
    rounds.print(EARLY_ROUNDS, "access token valid for minutes");
    assert!(rounds.tally.len() == 3, "every kind of moment was met: {:?}", rounds.tally);
}
