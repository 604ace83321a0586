//! `kill -9` before each change of the disk that a move makes. At every moment at most one home can use the sign-in, and
//! nothing is lost: the same command goes on, or the move is taken back.

use std::path::Path;

use usher_tests::{Home, KillAt, Output, Running};

use super::{Computers, PASSPHRASE, can_use, export, import, received, sent, with_passphrase};

/// More changes than any command makes.
const MANY: u32 = 60;

/// Runs a command that is killed before its change number `change`.
async fn killed_at(home: &Home, kill: &KillAt, change: u32, arguments: &[&str]) -> Output {
    let mut command = home.command(usher_tests::usher(), &[arguments, &["--json"]].concat());
    command.envs(kill.variables(change));
    let mut running = Running::start(command);
    running.type_line(PASSPHRASE).await;
    running.end().await
}

/// Returns whether the file is there and was not opened: somebody with the passphrase could use what is in it.
fn can_be_opened(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("\"sealed\""))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn export_killed_at_each_change_goes_on_or_is_taken_back() {
    let computers = Computers::new().await;
    let (old, new, file) = (&computers.old, &computers.new, computers.file());
    let kill = KillAt::compile();
    let (mut frozen, mut ended) = (0, 0);
    let moments = 'moments: {
        for change in 1..MANY {
            let output = killed_at(old, &kill, change, &export(&file)).await;
            if output.code == 0 {
                break 'moments change - 1;
            }
            assert_eq!(output.code, -1, "before change {change}: {output:?}");
            let (uses, opens) = (can_use(old).await, can_be_opened(&file));
            assert!(!uses || !opens, "before change {change} both could use it");
            if change % 2 == 0 && with_passphrase(old, &export(&file)).await.code == 0 {
                // It ends what was interrupted, or moves it again.
                ended += 1;
                assert!(!can_use(old).await && can_be_opened(&file));
                received(old, &file).await;
                std::fs::remove_file(&file).unwrap();
            } else {
                let taken_back = old.json(&["transfer", "cancel", "--yes"]).await;
                if taken_back.code == 0 {
                    frozen += 1;
                } else if opens {
                    // All that was left to do was done: it is taken back by opening it.
                    received(old, &file).await;
                    std::fs::remove_file(&file).unwrap();
                }
            }
            assert!(can_use(old).await, "before change {change} the sign-in was lost");
            for name in computers.files() {
                let left = std::fs::read(computers.folder.path().join(&name)).unwrap();
                let sealed = left.windows(8).any(|part| part == b"\"sealed\"");
                assert!(name.contains(".room-") && !sealed, "before change {change}: {name} could be opened");
            }
        }
        panic!("it never ends");
    };
    assert!(
        moments >= 6 && frozen >= 2 && ended >= 2,
        "{moments} moments, {frozen} taken back, {ended} ended"
    );
    received(new, &file).await;
    assert!(can_use(new).await && !can_use(old).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn import_killed_at_each_change_goes_on() {
    let computers = Computers::new().await;
    let kill = KillAt::compile();
    let (mut from, mut to) = (&computers.old, &computers.new);
    from.json(&["preferences", "set", "activity-days", "30"]).await.done();
    for change in 1..MANY {
        let file = computers.folder.path().join(format!("transfer-{change}.json"));
        sent(from, &file).await;
        let output = killed_at(to, &kill, change, &import(&file)).await;
        if output.code == 0 {
            assert!(change > 8, "{change} moments");
            assert!(can_use(to).await && !can_use(from).await);
            return;
        }
        assert_eq!(output.code, -1, "before change {change}: {output:?}");
        let (uses, opens) = (can_use(to).await, can_be_opened(&file));
        assert!(!uses || !opens, "before change {change} two could use it");
        assert!(!can_use(from).await);
        let again = with_passphrase(to, &import(&file)).await;
        // Killed after the last change that matters, it is done.
        assert!(again.code == 0 || uses && again.error_code(1) == "transfer_opened", "{change}: {again:?}");
        assert!(can_use(to).await, "before change {change} the sign-in was lost");
        assert!(!can_be_opened(&file) && computers.files().iter().all(|name| !name.contains("opening")));
        (from, to) = (to, from);
    }
    panic!("it never ends");
}
