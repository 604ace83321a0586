//! The file with the host id and the registrations.

use std::io::{BufRead as _, BufReader};
use std::path::Path;

use tempfile::TempDir;
use usher_auth::{HomeLock, IssuedClientId, LOCK_TIMEOUT, LockGuard, Registration, RegistrationFile};
use usher_domain::{ErrorCode, UnixTime};

use crate::support::run_test_in_process;

const PATH: &str = "/auth/callback";

fn file_in(home: &Path) -> RegistrationFile {
    RegistrationFile::new(home, Some("machine-1".into()))
}

fn lock(home: &Path) -> LockGuard {
    HomeLock::new(home).acquire_blocking(LOCK_TIMEOUT).unwrap()
}

fn registration(client_id: &str) -> Registration {
    Registration::new(IssuedClientId::parse(client_id).unwrap(), PATH, UnixTime(1_790_000_000))
}

/// A home with a host id and the registration `oaiapp_1`.
fn home_with_registration() -> (TempDir, RegistrationFile) {
    let home = tempfile::tempdir().unwrap();
    let file = file_in(home.path());
    let guard = lock(home.path());
    file.host_id(&guard).unwrap();
    file.add(&guard, &registration("oaiapp_1")).unwrap();
    (home, file)
}

#[test]
fn host_id_is_made_once() {
    let home = tempfile::tempdir().unwrap();
    let guard = lock(home.path());
    let made = file_in(home.path()).host_id(&guard).unwrap();
    assert_eq!(file_in(home.path()).host_id(&guard).unwrap(), made);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(file_in(other.path()).host_id(&lock(other.path())).unwrap(), made);
}

#[test]
fn registration_is_saved_before_its_person_is_known() {
    let (home, file) = home_with_registration();
    let guard = lock(home.path());
    file.add(&guard, &registration("oaiapp_2")).unwrap();
    let id = IssuedClientId::parse("oaiapp_1").unwrap();
    file.set_person(&guard, &id, "user-ada", Some("ada@example.com".into())).unwrap();
    file.set_welcome_shown(&guard, &id).unwrap();
    // The same one again, as after a returning sign-in, takes nothing away.
    file.add(&guard, &registration("oaiapp_1")).unwrap();
    let mut expected = registration("oaiapp_1");
    expected.subject = Some("user-ada".into());
    expected.email = Some("ada@example.com".into());
    expected.welcome_shown = true;
    assert_eq!(file_in(home.path()).read().unwrap(), [expected, registration("oaiapp_2")]);
}

#[test]
fn person_of_a_registration_does_not_change() {
    let (home, file) = home_with_registration();
    let guard = lock(home.path());
    let id = IssuedClientId::parse("oaiapp_1").unwrap();
    file.set_person(&guard, &id, "user-ada", None).unwrap();
    let before = std::fs::read(file.path()).unwrap();
    let refused = file.set_person(&guard, &id, "user-bob", Some("bob@example.com".into())).unwrap_err();
    assert_eq!(refused.code, ErrorCode::OtherAccount);
    assert_eq!(std::fs::read(file.path()).unwrap(), before);
    let unknown = IssuedClientId::parse("oaiapp_2").unwrap();
    let refused = file.set_person(&guard, &unknown, "user-bob", None).unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
}

#[test]
fn copy_on_another_computer_gets_a_new_host_id_and_keeps_the_registrations() {
    let (home, file) = home_with_registration();
    let guard = lock(home.path());
    let before = file.host_id(&guard).unwrap();
    let copied = RegistrationFile::new(home.path(), Some("machine-2".into()));
    let made = copied.host_id(&guard).unwrap();
    assert_ne!(made, before);
    assert_eq!(copied.host_id(&guard).unwrap(), made, "the same from then on");
    assert_eq!(copied.read().unwrap(), [registration("oaiapp_1")]);
    let text = std::fs::read_to_string(copied.path()).unwrap();
    assert!(!text.contains("machine-"), "the id of the computer is not saved: {text}");
}

#[test]
fn computer_that_is_identified_later_keeps_the_host_id() {
    let home = tempfile::tempdir().unwrap();
    let guard = lock(home.path());
    let made = RegistrationFile::new(home.path(), None).host_id(&guard).unwrap();
    assert_eq!(file_in(home.path()).host_id(&guard).unwrap(), made);
    // Not identified once more, as in a container: nothing says that it is another one.
    assert_eq!(RegistrationFile::new(home.path(), Some(" ".into())).host_id(&guard).unwrap(), made);
    let copied = RegistrationFile::new(home.path(), Some("machine-2".into()));
    assert_ne!(copied.host_id(&guard).unwrap(), made);
}

#[test]
fn comments_and_unknown_fields_are_kept() {
    let (home, file) = home_with_registration();
    let guard = lock(home.path());
    let text = std::fs::read_to_string(file.path()).unwrap();
    let text = text.replace("client_id =", "# mine\ncolor = \"blue\"\nclient_id =") + "\n[later]\nx = 1\n";
    std::fs::write(file.path(), text).unwrap();
    file.set_welcome_shown(&guard, &IssuedClientId::parse("oaiapp_1").unwrap()).unwrap();
    file.add(&guard, &registration("oaiapp_2")).unwrap();
    let after = std::fs::read_to_string(file.path()).unwrap();
    for kept in ["# mine", "color = \"blue\"", "[later]", "x = 1", "welcome_shown = true", "oaiapp_2"] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
    assert_eq!(file.read().unwrap().len(), 2);
}

#[test]
fn damaged_file_is_refused_and_never_overwritten() {
    let (home, file) = home_with_registration();
    let guard = lock(home.path());
    let whole = std::fs::read_to_string(file.path()).unwrap();
    let cut = &whole[..whole.find("redirect_path").unwrap()];
    for damaged in [
        "",
        "not TOML [",
        "\u{0}",
        "version = \"one\"\n",
        &whole.replace("version = 1", "version = 2"),
        &whole.replace("version = 1", ""),
        &whole.replace("urn:uuid:", "urn:"),
        &whole.replace("machine = \"", "machine = 7 # \""),
        &whole.replace("oaiapp_1", "dynamic_agent_client"),
        &whole.replace("[[registration]]", "[registration]"),
        cut,
        &whole.replace("created_at = ", "created_at = true # "),
    ] {
        std::fs::write(file.path(), damaged).unwrap();
        let id = IssuedClientId::parse("oaiapp_1").unwrap();
        for outcome in [
            file.host_id(&guard).map(drop),
            file.read().map(drop),
            file.add(&guard, &registration("oaiapp_2")),
            file.set_person(&guard, &id, "user-ada", None),
            file.set_welcome_shown(&guard, &id),
        ] {
            assert_eq!(outcome.expect_err(damaged).code, ErrorCode::StoreUnavailable);
        }
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), damaged);
    }
    std::fs::write(file.path(), &whole).unwrap();
    assert_eq!(file.read().unwrap(), [registration("oaiapp_1")]);
}

#[cfg(unix)]
#[test]
fn file_is_private_and_no_link_is_followed() {
    use std::os::unix::fs::PermissionsExt as _;
    let (home, file) = home_with_registration();
    let mode = std::fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600);
    let target = home.path().join("target");
    std::fs::rename(file.path(), &target).unwrap();
    std::os::unix::fs::symlink(&target, file.path()).unwrap();
    let before = std::fs::read(&target).unwrap();
    let refused = file.add(&lock(home.path()), &registration("oaiapp_2")).unwrap_err();
    assert_eq!(refused.code, ErrorCode::StoreUnavailable);
    assert_eq!(std::fs::read(&target).unwrap(), before);
}

/// How many processes register at once.
const PROCESSES: usize = 8;

#[test]
fn processes_at_once_agree_on_one_host_id_and_lose_no_registration() {
    let home = tempfile::tempdir().unwrap();
    let start = |number: usize| {
        let mut command = run_test_in_process(&[], "plan_usage::registrations::helper_registers");
        command.env("USHER_TEST_HOME", home.path()).env("USHER_TEST_NUMBER", number.to_string());
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..PROCESSES).map(start).collect();
    let mut host_ids = Vec::new();
    for mut child in children {
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        host_ids.extend(lines.map_while(Result::ok).filter(|line| line.contains("urn:uuid:")));
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(host_ids.len(), PROCESSES);
    host_ids.dedup();
    assert_eq!(host_ids.len(), 1, "{host_ids:?}");
    let mut ids: Vec<String> =
        file_in(home.path()).read().unwrap().iter().map(|known| known.client_id.to_string()).collect();
    ids.sort();
    assert_eq!(ids, (0..PROCESSES).map(|number| format!("oaiapp_{number}")).collect::<Vec<_>>());
}

#[test]
#[ignore = "a helper process of another test"]
fn helper_registers() {
    let home = std::env::var_os("USHER_TEST_HOME").unwrap();
    let number = std::env::var("USHER_TEST_NUMBER").unwrap();
    let home = Path::new(&home);
    let file = file_in(home);
    println!("\nhost {}", file.host_id(&lock(home)).unwrap().to_urn());
    file.add(&lock(home), &registration(&format!("oaiapp_{number}"))).unwrap();
}
