use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use interprocess::local_socket::traits::tokio::Listener as _;
use tokio::io::BufReader;

use super::state::{MAX_EARLY_ENDS, MIN_LIFE};
use super::*;
use crate::background::lock::{clear_end_mark, mark_end, take};
use crate::background::protocol::{Greeting, MAX_REQUEST_BYTES, Reply, read_line, version, write_line};
use crate::background::socket::listen;
use crate::{App, Environment, SystemClock, SystemProcesses};

struct NoBrowser;

impl usher_domain::ports::Browser for NoBrowser {
    fn open(&self, _: &url::Url) -> Result<(), Failure> {
        Ok(())
    }
}

fn gateway_in(home: &Path) -> BackgroundGateway {
    let environment = Environment::from(|name| match name {
        "USHER_HOME" | "HOME" => Some(home.as_os_str().to_owned()),
        "USHER_SECRETS" => Some("file".into()),
        _ => None,
    });
    let processes = Arc::new(SystemProcesses::default());
    let app = App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes);
    let program = home.join("usher");
    std::fs::write(&program, "#!/bin/sh\nexit 3\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let gateway = app.unwrap().background.gateway(BackgroundProgram::beside(Some(&program)));
    Arc::into_inner(gateway).unwrap()
}

/// Answers as a process of an older version does, which is idle only the second time it is asked to end.
async fn older_version(context: Arc<Context>) {
    let lock = take(&context).unwrap().unwrap();
    let listener = listen(&context.home).unwrap();
    for running in [1, 0] {
        let mut stream = BufReader::new(listener.accept().await.unwrap());
        let greeting = Greeting { usher: "0.0.1".into(), process: 1 };
        write_line(&mut stream, &greeting).await.unwrap();
        let request: Option<Request> = read_line(&mut stream, MAX_REQUEST_BYTES).await.unwrap();
        assert_eq!(request, Some(Request::Quit { if_idle: true }));
        let ends = running == 0;
        write_line(&mut stream, &Reply::Done(Quit { running, ends })).await.unwrap();
    }
    drop(lock);
}

#[tokio::test]
async fn process_of_another_version_is_replaced_once_it_is_idle() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
    let gateway = gateway_in(folder.path());
    let older = tokio::spawn(older_version(Arc::clone(&gateway.context)));
    tokio::task::yield_now().await;
    assert!(gateway.reach(false).await.unwrap().is_none(), "it answers a request");
    assert!(gateway.state.lock().is_other_version);
    // The next one is started; here it fails.
    let failure = gateway.reach(false).await.err().unwrap();
    assert!(older.await.is_ok());
    assert!(failure.cause.contains("ended at once"), "{failure}");
    assert!(!gateway.state.lock().is_other_version);
}

/// A process of a newer version, as it meets `windows` of this one: none asks it for anything.
async fn newer_version(context: Arc<Context>, windows: usize) {
    let _lock = take(&context).unwrap().unwrap();
    let listener = listen(&context.home).unwrap();
    for _ in 0..windows {
        let mut stream = BufReader::new(listener.accept().await.unwrap());
        let greeting = Greeting { usher: "999.0.0".into(), process: 1 };
        write_line(&mut stream, &greeting).await.unwrap();
        let request: Option<Request> = read_line(&mut stream, MAX_REQUEST_BYTES).await.unwrap();
        assert_eq!(request, None);
    }
}

#[tokio::test]
async fn process_of_a_newer_version_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
    let gateway = gateway_in(folder.path());
    let newer = tokio::spawn(newer_version(Arc::clone(&gateway.context), 3));
    tokio::task::yield_now().await;
    for _ in 0..2 {
        assert!(gateway.reach(false).await.unwrap().is_none());
        let state = gateway.state.lock();
        assert!(state.is_other_version && state.failed.is_none());
    }
    let refused = gateway.change(Request::Switch { on: true }).await.unwrap_err();
    assert!(refused.cause.contains("open it again"), "{refused}");
    newer.await.unwrap();
}

/// Replaces the program beside the window, which is open. Returns the pipe whose text the new one writes.
fn replace_program(folder: &Path, round: u32) -> PathBuf {
    let pipe = folder.join(format!("started{round}"));
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    std::fs::write(folder.join("usher"), format!("#!/bin/sh\ncat '{}'\n", pipe.display())).unwrap();
    pipe
}

/// Is the process of a newer version once the program of `pipe` was started, and goes after the first look at it.
async fn newer_version_when_started(context: Arc<Context>, pipe: PathBuf) {
    // Opened as soon as the program runs.
    let mut started = tokio::fs::File::options().write(true).open(pipe).await.unwrap();
    let running = tokio::spawn(newer_version(context, 1));
    tokio::task::yield_now().await;
    tokio::io::AsyncWriteExt::write_all(&mut started, b"{\"event\":\"ready\"}\n").await.unwrap();
    tokio::io::AsyncWriteExt::flush(&mut started).await.unwrap();
    running.await.unwrap();
}

#[tokio::test]
async fn newer_process_that_an_old_window_starts_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
    let gateway = gateway_in(folder.path());
    let pipe = replace_program(folder.path(), 0);
    let newer = tokio::spawn(newer_version_when_started(Arc::clone(&gateway.context), pipe));
    assert!(gateway.reach(false).await.unwrap().is_none());
    {
        let state = gateway.state.lock();
        assert!(state.is_other_version && state.failed.is_none());
    }
    newer.await.unwrap();
}

#[tokio::test]
async fn newer_process_that_was_ended_on_purpose_is_not_started_again() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
    let gateway = gateway_in(folder.path());
    let newer = tokio::spawn(newer_version(Arc::clone(&gateway.context), 1));
    tokio::task::yield_now().await;
    assert!(gateway.reach(false).await.unwrap().is_none());
    newer.await.unwrap();
    mark_end(&gateway.context).unwrap();
    assert!(gateway.reach(false).await.unwrap().is_none(), "nothing is started");
    assert!(gateway.state.lock().ended);

    // Somebody else starts it again.
    clear_end_mark(&gateway.context).unwrap();
    let newer = tokio::spawn(newer_version(Arc::clone(&gateway.context), 1));
    tokio::task::yield_now().await;
    assert!(gateway.reach(false).await.unwrap().is_none());
    newer.await.unwrap();
    assert!(gateway.starts_by_itself(), "a killed one is started again");
}

#[tokio::test]
async fn newer_process_that_ends_early_each_time_is_not_started_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
    let gateway = gateway_in(folder.path());
    for round in 0..MAX_EARLY_ENDS {
        // Each has a pipe of its own: the program before may still read.
        let pipe = replace_program(folder.path(), round);
        let newer = newer_version_when_started(Arc::clone(&gateway.context), pipe);
        let newer = tokio::spawn(newer);
        assert!(gateway.reach(false).await.unwrap().is_none());
        newer.await.unwrap();
    }
    assert!(gateway.reach(false).await.unwrap().is_none(), "nothing is started");
    let failed = gateway.state.lock().failed.clone().unwrap();
    assert!(failed.cause.contains("ended unexpectedly"), "{failed}");
}

#[tokio::test]
async fn newer_process_that_ran_for_long_does_not_count_as_one_that_ended_early() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway_in(folder.path());
    for _ in 0..MAX_EARLY_ENDS {
        let newer = tokio::spawn(newer_version(Arc::clone(&gateway.context), 1));
        tokio::task::yield_now().await;
        assert!(gateway.reach(false).await.unwrap().is_none());
        newer.await.unwrap();
        gateway.state.lock().newer.as_mut().unwrap().first -= MIN_LIFE;
        assert!(gateway.reach(false).await.unwrap().is_none());
    }
    assert!(gateway.state.lock().failed.is_none());
}

/// Greets the second visitor only: the first one meets a process that is ending.
async fn ending_then_back(context: Arc<Context>, greeted: oneshot::Sender<()>) {
    let _lock = take(&context).unwrap().unwrap();
    let listener = listen(&context.home).unwrap();
    drop(listener.accept().await.unwrap());
    let mut stream = BufReader::new(listener.accept().await.unwrap());
    write_line(&mut stream, &Greeting { usher: version().into(), process: 1 }).await.unwrap();
    let request: Option<Request> = read_line(&mut stream, MAX_REQUEST_BYTES).await.unwrap();
    assert_eq!(request, Some(Request::Stay));
    greeted.send(()).unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn process_that_could_not_be_reached_is_looked_for_again_without_a_change() {
    let folder = tempfile::tempdir().unwrap();
    let gateway = gateway_in(folder.path());
    let (greeted, was_greeted) = oneshot::channel();
    let process = tokio::spawn(ending_then_back(Arc::clone(&gateway.context), greeted));
    tokio::task::yield_now().await;
    tokio::select! {
        () = gateway.run_forever() => unreachable!("it never ends"),
        reached = tokio::time::timeout(Duration::from_secs(20), was_greeted) => reached.unwrap().unwrap(),
    }
    process.abort();
}

/// A process that a window follows until the connection breaks, and that ends afterwards: on purpose if `marks`.
async fn process_that_loses_the_window(context: Arc<Context>, marks: bool) {
    let lock = take(&context).unwrap().unwrap();
    let listener = listen(&context.home).unwrap();
    let mut stream = BufReader::new(listener.accept().await.unwrap());
    write_line(&mut stream, &Greeting { usher: version().into(), process: 1 }).await.unwrap();
    let request: Option<Request> = read_line(&mut stream, MAX_REQUEST_BYTES).await.unwrap();
    assert_eq!(request, Some(Request::Stay));
    write_line(&mut stream, &Reply::Done(News { ends: false, tray: false })).await.unwrap();
    if marks {
        mark_end(&context).unwrap();
    }
    drop((stream, listener, lock));
}

#[tokio::test]
async fn window_that_was_not_connected_learns_of_an_end_on_purpose() {
    for on_purpose in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), "gateway.enabled = true\n").unwrap();
        let gateway = gateway_in(folder.path());
        // Of a process before the window opened: it says nothing about the next one.
        mark_end(&gateway.context).unwrap();
        gateway.note_end();
        assert!(gateway.starts_by_itself());
        clear_end_mark(&gateway.context).unwrap();

        let process = tokio::spawn(process_that_loses_the_window(Arc::clone(&gateway.context), on_purpose));
        tokio::task::yield_now().await;
        let connection = gateway.reach(false).await.unwrap().unwrap();
        gateway.stay(connection).await;
        process.await.unwrap();
        let next = gateway.reach(false).await;
        assert_eq!(next.is_ok_and(|next| next.is_none()), on_purpose, "a killed one is started again");
        assert_eq!(gateway.state.lock().failed.is_none(), on_purpose, "the one that is started here fails");

        // A yes of the person starts it again.
        assert!(gateway.change(Request::Switch { on: true }).await.is_err());
        assert!(!gateway.state.lock().ended);
    }
}
