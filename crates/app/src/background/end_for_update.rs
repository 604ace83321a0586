//! Ends the gateway before the program is replaced, and lets it go on when that failed.

use std::sync::atomic::Ordering;

use usher_domain::Failure;

use crate::background::client::connect;
use crate::background::gateway::BackgroundGateway;
use crate::context::blocking;
use crate::gateway::gateway_view;

/// What became of the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayEnd {
    /// None runs, and none is started before [`BackgroundGateway::resume`].
    Ended,
    /// It goes on, because it answers so many requests.
    Answering(usize),
    /// Another program runs one, with this process id: `usher serve`, or a service.
    OfOther(u32),
}

impl BackgroundGateway {
    /// Ends the background process if it answers no request, and waits for its end.
    pub async fn end_if_idle(&self) -> Result<GatewayEnd, Failure> {
        let _nothing_is_started = self.reaching.lock().await;
        self.ended_for_update.store(true, Ordering::Relaxed);
        if let Some(connection) = connect(&self.context).await? {
            let quit = connection.quit(true).await?;
            if !quit.ends {
                self.ended_for_update.store(false, Ordering::Relaxed);
                return Ok(GatewayEnd::Answering(quit.running));
            }
        }
        let other = blocking(|| gateway_view(&self.context)).process;
        Ok(other.map_or(GatewayEnd::Ended, GatewayEnd::OfOther))
    }

    /// Starts the gateway again, if it was ended for an update.
    pub fn resume(&self) {
        if self.ended_for_update.swap(false, Ordering::Relaxed) {
            // The mark is of the end that this window asked for.
            self.followed.store(false, Ordering::Relaxed);
            self.state.lock().ended = false;
            self.recheck();
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use interprocess::local_socket::traits::tokio::Listener as _;
    use tokio::io::BufReader;

    use super::*;
    use crate::background::lock::take;
    use crate::background::protocol::{
        Greeting, MAX_REQUEST_BYTES, Quit, Reply, Request, read_line, version, write_line,
    };
    use crate::background::socket::listen;
    use crate::background::start::BackgroundProgram;
    use crate::context::Context;
    use crate::{App, Environment, SystemClock, SystemProcesses};

    struct NoBrowser;

    impl usher_domain::ports::Browser for NoBrowser {
        fn open(&self, _: &url::Url) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn gateway_in(home: &Path) -> Arc<BackgroundGateway> {
        std::fs::write(home.join("config.toml"), "gateway.enabled = true\n").unwrap();
        let environment = Environment::from(|name| match name {
            "USHER_HOME" | "HOME" => Some(home.as_os_str().to_owned()),
            "USHER_SECRETS" => Some("file".into()),
            _ => None,
        });
        let processes = Arc::new(SystemProcesses::default());
        let app = App::new(environment.unwrap(), Arc::new(SystemClock), Arc::new(NoBrowser), processes);
        app.unwrap().background.gateway(BackgroundProgram::beside(Some(Path::new("/nowhere/usher"))))
    }

    /// A background process that answers two requests, then one, then none, and ends.
    async fn busy_process(context: Arc<Context>) {
        let lock = take(&context).unwrap().unwrap();
        let listener = listen(&context.home).unwrap();
        for running in [2, 1, 0] {
            let mut stream = BufReader::new(listener.accept().await.unwrap());
            let greeting = Greeting { usher: version().into(), process: 1 };
            write_line(&mut stream, &greeting).await.unwrap();
            let request: Option<Request> = read_line(&mut stream, MAX_REQUEST_BYTES).await.unwrap();
            assert_eq!(request, Some(Request::Quit { if_idle: true }));
            write_line(&mut stream, &Reply::Done(Quit { running, ends: running == 0 })).await.unwrap();
        }
        drop(lock);
    }

    #[tokio::test]
    async fn gateway_ends_after_its_last_answer_and_is_not_started_before_it_resumes() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway_in(folder.path());
        let process = tokio::spawn(busy_process(Arc::clone(&gateway.context)));
        tokio::task::yield_now().await;
        assert_eq!(gateway.end_if_idle().await.unwrap(), GatewayEnd::Answering(2));
        assert!(gateway.starts_by_itself(), "it goes on, and is started again if it is killed");
        assert_eq!(gateway.end_if_idle().await.unwrap(), GatewayEnd::Answering(1));
        assert_eq!(gateway.end_if_idle().await.unwrap(), GatewayEnd::Ended);
        process.await.unwrap();
        assert!(!gateway.starts_by_itself(), "the program is being replaced");
        gateway.resume();
        assert!(gateway.starts_by_itself());
    }

    #[tokio::test]
    async fn gateway_that_the_person_ended_stays_ended() {
        let folder = tempfile::tempdir().unwrap();
        let gateway = gateway_in(folder.path());
        gateway.quit().await.unwrap();
        gateway.resume();
        assert!(!gateway.starts_by_itself());
    }
}
