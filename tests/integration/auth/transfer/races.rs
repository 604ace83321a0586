//! Two processes at once: one alone gets the sign-in.

use usher_tests::{Home, KillAt, Output, Running};

use super::{Computers, PASSPHRASE, can_use, export, import, sent, with_passphrase};

const ROUNDS: usize = 4;

/// Asserts that one home can use the sign-in, and that its command and no other succeeded.
async fn one_has_it(results: [(&Home, &Output); 2]) -> usize {
    let mut owners = Vec::new();
    for (index, (home, output)) in results.iter().enumerate() {
        let uses = can_use(home).await;
        assert_eq!(uses, output.code == 0, "{results:?}", results = results.map(|(_, output)| output));
        if uses {
            owners.push(index);
        } else {
            assert!(
                ["transfer_opened", "transfer_unusable"].contains(&output.error_code(1).as_str()),
                "{output:?}"
            );
        }
    }
    assert_eq!(owners.len(), 1, "{results:?}", results = results.map(|(_, output)| output));
    owners[0]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn file_opened_by_two_homes_at_once_is_of_one_of_them() {
    let computers = Computers::new().await;
    let third = Home::at(&computers.sandbox);
    let homes = [&computers.new, &third];
    let mut from = &computers.old;
    for round in 0..ROUNDS {
        let file = computers.folder.path().join(format!("transfer-{round}.json"));
        sent(from, &file).await;
        let arguments = import(&file);
        let [one, two] = homes.map(|home| with_passphrase(home, &arguments));
        let (one, two) = tokio::join!(one, two);
        from = homes[one_has_it([(homes[0], &one), (homes[1], &two)]).await];
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancel_and_import_at_once_exclude_each_other() {
    let computers = Computers::new().await;
    let (mut from, mut to) = (&computers.old, &computers.new);
    let kill = KillAt::compile();
    for round in 0..ROUNDS {
        let file = computers.folder.path().join(format!("transfer-{round}.json"));
        interrupted_after_the_file(from, &kill, &file).await;
        let cancel = from.json(&["transfer", "cancel"]);
        let arguments = import(&file);
        let import = with_passphrase(to, &arguments);
        let (cancelled, imported) = tokio::join!(cancel, import);
        if one_has_it([(from, &cancelled), (to, &imported)]).await == 1 {
            // What is left of the interrupted move ends with the note that is there.
            with_passphrase(from, &export(&file)).await.done();
            (from, to) = (to, from);
        }
    }
}

/// Starts a move that is killed once its file is there, and before the tokens are erased.
async fn interrupted_after_the_file(home: &Home, kill: &KillAt, file: &std::path::Path) {
    for change in 1.. {
        let mut command = home.command(usher_tests::usher(), &[&export(file)[..], &["--json"]].concat());
        command.envs(kill.variables(change));
        let mut running = Running::start(command);
        running.type_line(PASSPHRASE).await;
        let output = running.end().await;
        assert_eq!(output.code, -1, "it was not interrupted: {output:?}");
        if file.exists() {
            return;
        }
        // Fails where nothing was frozen yet.
        home.json(&["transfer", "cancel", "--yes"]).await;
    }
}
