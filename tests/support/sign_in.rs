//! A sign-in without a port, so that tests of other subjects can run at the same time.

use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, Options, Sandbox};

use crate::home::Home;
use crate::program::Output;

/// The delay of the first poll. A poll before the user has finished costs a pause of one second, so the first one is
/// delayed instead. When this is too short, the sign-in only takes longer.
const FIRST_POLL_DELAY_MS: u64 = 150;

/// Starts a sandbox and returns it with a home in which Ada is signed in.
pub async fn signed_in() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    sign_in(&home, &sandbox, "ada").await;
    (sandbox, home)
}

/// Signs `account` in with a device code, then resets the counts and requests of the sandbox.
pub async fn sign_in(home: &Home, sandbox: &Sandbox, account: &str) {
    let output = device_login(home, sandbox, account).await;
    assert_eq!(output.code, 0, "{output:?}");
    sandbox.reset();
}

/// Runs `usher login --device --json` with the user entering the code.
pub async fn device_login(home: &Home, sandbox: &Sandbox, account: &str) -> Output {
    sandbox.change_settings(|settings| settings.device_interval_s = 0);
    sandbox.push_fault("device.token", Fault::Delay { ms: FIRST_POLL_DELAY_MS });
    let mut login = home.start(&["login", "--device", "--json"]);
    let code = login.event_named("code").await;
    let code = code["user_code"].as_str().expect("a code to enter");
    let landing = Browser::new().enter_device_code(sandbox.issuer(), code, account).await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    login.end().await
}
