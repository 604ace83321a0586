//! A sign-in that needs no port, so that tests which are about something else can run side by side.

use usher_sandbox::browser::Browser;
use usher_sandbox::{Fault, Options, Sandbox};

use crate::home::Home;
use crate::program::Ran;

/// A poll that comes before the person is done is followed by a pause of a second; the first poll is held for this
/// long instead. When it is not enough, the sign-in only takes longer.
const PERSON_TAKES_MS: u64 = 150;

/// A sandbox, and a home at it in which Ada is signed in.
pub async fn signed_in() -> (Sandbox, Home) {
    let sandbox = Sandbox::start(Options::for_tests()).await.expect("a sandbox starts");
    let home = Home::at(&sandbox);
    sign_in(&home, &sandbox, "ada").await;
    (sandbox, home)
}

/// Signs `account` in with a device code. The sandbox forgets what it counted and was told meanwhile.
pub async fn sign_in(home: &Home, sandbox: &Sandbox, account: &str) {
    let ran = device_login(home, sandbox, account).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    sandbox.reset();
}

/// `usher login --device --json`, with the person entering the code.
pub async fn device_login(home: &Home, sandbox: &Sandbox, account: &str) -> Ran {
    sandbox.change_settings(|settings| settings.device_interval_s = 0);
    sandbox.push_fault("device.token", Fault::Delay { ms: PERSON_TAKES_MS });
    let mut login = home.start(&["login", "--device", "--json"]);
    let code = login.event_called("code").await;
    let code = code["user_code"].as_str().expect("a code to enter");
    let landing = Browser::new().enter_device_code(sandbox.issuer(), code, account).await;
    assert_eq!(landing.status, Some(200), "{landing:?}");
    login.end().await
}
