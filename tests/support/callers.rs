//! Runs many concurrent callers in one process, on the core that window and command line share.
//!
//! `usher-callers [SECONDS]` sets its clock that many seconds ahead, prints `{"ready":true}` and then runs one command for
//! each line of standard input: a number makes that many callers request usage at the same time and prints
//! `{"ok":n,"failed":[codes]}`; `models N` makes them request the list of models instead; `revoke` sends the revocations
//! that are due, and `renew` renews the accounts that are not used.

use std::io::{BufRead as _, Write as _};
use std::sync::Arc;

use serde_json::{Value, json};
use usher_app::{App, Environment, SystemClock, SystemProcesses, Target};
use usher_domain::ports::{Browser, Clock};
use usher_domain::{Failure, UnixTime};

struct ClockAhead(i64);

impl Clock for ClockAhead {
    fn now(&self) -> UnixTime {
        SystemClock.now().plus(self.0)
    }
}

struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _: &url::Url) -> Result<(), Failure> {
        unreachable!("this program never signs in")
    }
}

#[tokio::main]
async fn main() {
    let seconds = std::env::args().nth(1).map_or(0, |seconds| seconds.parse().expect("a number of seconds"));
    let environment = Environment::read().expect("a home and addresses");
    let app = App::new(
        environment,
        Arc::new(ClockAhead(seconds)),
        Arc::new(NoBrowser),
        Arc::new(SystemProcesses::default()),
    )
    .expect("an app");
    let app = Arc::new(app);
    print(&json!({"ready": true}));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("lines of text");
        print(&match line.as_str() {
            "usage at most once a minute" => {
                let read = |app: Arc<App>| async move { app.usage.read(&Target::default()).await.map(drop) };
                outcome(&at_once(&app, "5", read).await)
            }
            "renew" => outcome(&[app.accounts.renew_unused().await]),
            "revoke" => outcome(&[app.accounts.process_pending_revocations().await]),
            line => match line.strip_prefix("models ") {
                Some(number) => {
                    outcome(&at_once(&app, number, |app| async move { models(&app).await }).await)
                }
                None => outcome(&at_once(&app, line, |app| async move { usage(&app).await }).await),
            },
        });
    }
    app.wait_idle().await;
}

async fn usage(app: &App) -> Result<(), Failure> {
    app.usage.fetch(&Target::default()).await.map(|_| ())
}

async fn models(app: &App) -> Result<(), Failure> {
    let list = app.catalog.models(&Target::default(), true).await?;
    list.stale.map_or(Ok(()), |stale| Err(Failure::new(stale.code, stale.cause)))
}

/// Makes `number` callers request at the same time.
async fn at_once<F: Future<Output = Result<(), Failure>> + Send + 'static>(
    app: &Arc<App>,
    number: &str,
    request: impl Fn(Arc<App>) -> F,
) -> Vec<Result<(), Failure>> {
    let number: usize = number.parse().expect("a number of callers");
    let all: Vec<_> = (0..number).map(|_| tokio::spawn(request(Arc::clone(app)))).collect();
    let mut results = Vec::new();
    for caller in all {
        results.push(caller.await.expect("no caller panics"));
    }
    results
}

fn outcome(results: &[Result<(), Failure>]) -> Value {
    let failed: Vec<_> =
        results.iter().filter_map(|result| result.as_ref().err()).map(|one| one.code).collect();
    json!({"ok": results.len() - failed.len(), "failed": failed})
}

fn print(document: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{document}").and_then(|()| out.flush()).expect("standard output is open");
}
