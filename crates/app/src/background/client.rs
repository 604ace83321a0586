//! Speaks to the background process of a home.

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::time::{Instant, timeout};
use usher_domain::{ErrorCode, Failure, Passphrase};

use crate::background::lock::is_held;
use crate::background::protocol::{
    Greeting, MAX_REPLY_BYTES, Quit, Reply, Request, read_line, version, write_line, write_passphrase,
};
use crate::background::socket::open;
use crate::context::Context;

/// How long a process that has the lock may take until it listens.
const LISTEN_TIMEOUT: Duration = Duration::from_secs(5);

/// How often it is tried meanwhile.
const LISTEN_POLL: Duration = Duration::from_millis(50);

/// How long the background process may take to answer. Switching the gateway off waits seconds for its last responses.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take to end: the last responses, a refresh, and what comes before them.
const END_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection whose request is still to be sent.
pub(super) struct Connection {
    stream: BufReader<Stream>,
    greeting: Greeting,
}

/// A connection whose request was sent.
pub(super) struct Conversation(BufReader<Stream>);

/// Connects to the background process; `None` where none runs. Waits for one that only starts.
pub(super) async fn connect(context: &Context) -> Result<Option<Connection>, Failure> {
    let began = Instant::now();
    while is_held(context) {
        match open(&context.home).await {
            Ok(stream) => return Connection::greeted(stream).await.map(Some),
            Err(error) if began.elapsed() >= LISTEN_TIMEOUT => return Err(lost(&error)),
            Err(_) => tokio::time::sleep(LISTEN_POLL).await,
        }
    }
    Ok(None)
}

impl Connection {
    async fn greeted(stream: Stream) -> Result<Self, Failure> {
        let mut stream = BufReader::new(stream);
        let greeting = timeout(ANSWER_TIMEOUT, read_line(&mut stream, MAX_REPLY_BYTES)).await;
        match greeting.map_err(|_| silent())?.map_err(|error| lost(&error))? {
            Some(greeting) => Ok(Self { stream, greeting }),
            None => Err(lost(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Returns the version of the process, where that is not the one of this program.
    pub(super) fn other_version(&self) -> Option<&str> {
        Some(self.greeting.usher.as_str()).filter(|other| *other != version())
    }

    /// Returns whether the process is of a newer version than this program.
    pub(super) fn is_newer(&self) -> bool {
        let parse = |version: &str| semver::Version::parse(version).ok();
        self.other_version().and_then(parse) > parse(version())
    }

    /// Sends the request.
    pub(super) async fn begin(mut self, request: &Request) -> Result<Conversation, Failure> {
        let sent = timeout(ANSWER_TIMEOUT, write_line(&mut self.stream, request)).await;
        sent.map_err(|_| silent())?.map_err(|error| lost(&error))?;
        Ok(Conversation(self.stream))
    }

    /// Sends a request that is answered at once, and returns the answer.
    pub(super) async fn ask<T: DeserializeOwned>(self, request: &Request) -> Result<T, Failure> {
        self.begin(request).await?.answer().await
    }

    /// Unlocks the store of the process.
    pub(super) async fn unlock(self, passphrase: &Passphrase) -> Result<(), Failure> {
        let mut conversation = self.begin(&Request::Unlock).await?;
        let sent = timeout(ANSWER_TIMEOUT, write_passphrase(&mut conversation.0, passphrase)).await;
        sent.map_err(|_| silent())?.map_err(|error| lost(&error))?;
        conversation.answer().await
    }

    /// Asks the process to end, and waits for its end. With `if_idle` it may go on, as the reply says.
    pub(super) async fn quit(self, if_idle: bool) -> Result<Quit, Failure> {
        let mut conversation = self.begin(&Request::Quit { if_idle }).await?;
        let quit: Quit = conversation.answer().await?;
        if quit.ends {
            // The connection ends with the process.
            let ended = timeout(END_TIMEOUT, conversation.0.read(&mut [0])).await;
            drop(ended.map_err(|_| silent())?);
        }
        Ok(quit)
    }
}

impl Conversation {
    /// Reads the next reply, which may be long in coming.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        match read_line(&mut self.0, MAX_REPLY_BYTES).await.map_err(|error| lost(&error))? {
            Some(Reply::Done(value)) => Ok(value),
            Some(Reply::Failed(failure)) => Err(failure.into()),
            None => Err(lost(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    async fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        timeout(ANSWER_TIMEOUT, self.next()).await.map_err(|_| silent())?
    }
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(ErrorCode::Internal, format!("the background process cannot be reached: {error}"))
}

fn silent() -> Failure {
    Failure::new(ErrorCode::Internal, "the background process does not answer")
}
