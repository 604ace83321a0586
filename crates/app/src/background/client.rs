//! Speaks to the background process of a home.

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt as _, BufReader};
use tokio::time::timeout;
use usher_domain::{ErrorCode, Failure};

use crate::background::protocol::{Greeting, MAX_REPLY_BYTES, Quit, Reply, Request, read_line, write_line};
use crate::background::socket::connect;
use crate::context::Context;

/// How long the background process may take to answer. Switching the gateway off waits seconds for its last responses.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it may take to end: the last responses, a refresh, and what comes before them.
const END_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection whose request was sent.
pub(super) struct Conversation {
    stream: BufReader<Stream>,
}

impl Conversation {
    /// Connects, reads the greeting and sends `request`.
    pub(super) async fn begin(context: &Context, request: &Request) -> Result<(Greeting, Self), Failure> {
        let stream = connect(&context.home).await.map_err(|error| lost(&error))?;
        let mut stream = BufReader::new(stream);
        let greeted = async {
            let greeting: Option<Greeting> = read_line(&mut stream, MAX_REPLY_BYTES).await?;
            write_line(&mut stream, request).await?;
            Ok(greeting)
        };
        let greeting = timeout(ANSWER_TIMEOUT, greeted).await.map_err(|_| silent())?;
        match greeting.map_err(|error| lost(&error))? {
            Some(greeting) => Ok((greeting, Self { stream })),
            None => Err(lost(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Reads the next reply, which may be long in coming.
    pub(super) async fn next<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        match read_line(&mut self.stream, MAX_REPLY_BYTES).await.map_err(|error| lost(&error))? {
            Some(Reply::Done(value)) => Ok(value),
            Some(Reply::Failed(failure)) => Err(failure.into()),
            None => Err(lost(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// Reads the one reply to a request that is answered at once.
    pub(super) async fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        timeout(ANSWER_TIMEOUT, self.next()).await.map_err(|_| silent())?
    }

    /// Waits until the background process has ended, or has closed the connection.
    pub(super) async fn ended(&mut self) {
        let _ = self.stream.read(&mut [0]).await;
    }
}

/// Asks the background process to end, and waits for its end. Returns the reply: with `if_idle` it may go on.
pub(super) async fn ask_to_quit(context: &Context, if_idle: bool) -> Result<Quit, Failure> {
    let (_, mut conversation) = Conversation::begin(context, &Request::Quit { if_idle }).await?;
    let quit: Quit = conversation.answer().await?;
    if quit.ends {
        timeout(END_TIMEOUT, conversation.ended()).await.map_err(|_| silent())?;
    }
    Ok(quit)
}

fn lost(error: &io::Error) -> Failure {
    Failure::new(ErrorCode::Internal, format!("the background process cannot be reached: {error}"))
}

fn silent() -> Failure {
    Failure::new(ErrorCode::Timeout, "the background process does not answer")
}
