//! After a sleep of the computer, at the gateway of a real process: the token has expired, many requests wait, and the network
//! comes back later than the programs.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Duration, Instant, sleep, sleep_until};
use usher_sandbox::{Fault, Options, Rule, Sandbox};
use usher_tests::{Gateway, Home, Response, parse_response, request, sign_in};

use super::dialects::{code, responses_request};

const CLIENTS: usize = 40;
const REFRESH: &str = "token.refresh_token";
const WEEK: i64 = 7 * 24 * 60 * 60;

/// Returns a gateway that sleeps while many requests wait, and whose access token expires meanwhile.
async fn asleep() -> (Sandbox, Home, Gateway, Vec<TcpStream>) {
    let sandbox = Sandbox::start(Options::for_tests()).await.unwrap();
    let home = Home::at(&sandbox);
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = 1);
    sign_in(&home, &sandbox, "ada").await;
    // Times of tokens are whole seconds.
    let expired = Instant::now() + Duration::from_secs(2);
    sandbox.change_settings(|settings| settings.access_token_lifetime_s = WEEK);
    let gateway = Gateway::start(&home).await;
    signal(&gateway, Signal::SIGSTOP);
    let connections = waiting(&gateway).await;
    sleep_until(expired).await;
    (sandbox, home, gateway, connections)
}

/// Stops the process as a sleep of the computer does, or continues it.
fn signal(gateway: &Gateway, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(gateway.id()).unwrap()), signal).unwrap();
}

/// Sends a request on each of many connections, and returns those.
async fn waiting(gateway: &Gateway) -> Vec<TcpStream> {
    let body = responses_request(false).to_string();
    let pass = format!("Bearer {}", gateway.pass());
    let headers = [
        ("host", gateway.authority()),
        ("authorization", pass.as_str()),
        ("content-type", "application/json"),
    ];
    let text = request("POST", "/v1/responses", &headers, &body);
    let mut all = Vec::new();
    for _ in 0..CLIENTS {
        let mut connection = gateway.connect().await;
        connection.write_all(text.as_bytes()).await.unwrap();
        all.push(connection);
    }
    all
}

async fn answers(connections: Vec<TcpStream>) -> Vec<Response> {
    let mut all = Vec::new();
    for mut connection in connections {
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).await.unwrap();
        all.push(parse_response(&bytes));
    }
    all
}

async fn assert_signed_in(home: &Home) {
    let status = home.json(&["status"]).await.done();
    assert!(status["account"]["email"].is_string() && status["attention"].is_null(), "{status}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_waited_through_a_sleep_share_one_refresh() {
    let (sandbox, home, gateway, connections) = asleep().await;
    signal(&gateway, Signal::SIGCONT);
    let all = answers(connections).await;
    assert!(all.iter().all(|one| one.status == 200), "{all:?}");
    assert_eq!((sandbox.count(REFRESH), sandbox.count("responses")), (1, CLIENTS as u64));
    assert_signed_in(&home).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn network_that_comes_back_late_costs_no_sign_in_and_no_person() {
    let (sandbox, home, gateway, connections) = asleep().await;
    sandbox.script(vec![Rule::always(REFRESH, Fault::DropBefore)]);
    signal(&gateway, Signal::SIGCONT);
    let all = answers(connections).await;
    for one in &all {
        assert_eq!((one.status, code(&one.json())), (502, "upstream_unreachable"), "{one:?}");
        let wait = one.header("retry-after").parse::<u64>();
        assert!(wait.is_ok_and(|seconds| (1..=5).contains(&seconds)), "when to try again: {one:?}");
    }
    assert_eq!(sandbox.count(REFRESH), 1, "one for all");
    assert_signed_in(&home).await;

    sandbox.reset();
    // Programs wait as long as they were answered.
    let waits = all.iter().filter_map(|one| one.header("retry-after").parse::<u64>().ok()).max().unwrap();
    sleep(Duration::from_secs(waits)).await;
    let began = Instant::now();
    let all = answers(waiting(&gateway).await).await;
    assert!(all.iter().all(|one| one.status == 200), "{:?} after {:?}", all[0], began.elapsed());
    assert_eq!(sandbox.count(REFRESH), 1, "one for all");
}
