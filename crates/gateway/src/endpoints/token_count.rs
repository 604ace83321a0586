//! Counts the tokens of a request on this computer.
//!
//! Claude Code asks for 26 counts at the same instant when a person looks at what fills the context (clients §1); a
//! count that is missing, zero or far off tells it that the context is almost full (features, section 3, no. 2). The
//! ranks of the tokenizer take 50 MiB in memory, so they are there only while somebody counts.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tiktoken_rs::CoreBPE;
use tokio::time::{Instant, sleep_until};
use usher_dialect::error::BadRequest;
use usher_dialect::messages::{Countable, visit_countable};

use crate::server::memory;
use crate::server::pass_limiter::PassPermit;

/// How long the ranks stay after the last count.
const RELEASE_AFTER: Duration = Duration::from_secs(60);
/// Longest text that is taken in one go. The tokenizer looks for the end of a word or of a blank before it goes on: for
/// a megabyte of one kind of character it takes 400 MiB, and blanks it gives up on. Between two pieces a token may be
/// cut in two, which is one in thousands.
const CHUNK_BYTES: usize = 16 * 1024;
/// What frames a message: its beginning, its role, the end of that, and its own end.
const TOKENS_PER_MESSAGE: u64 = 4;
/// The beginning of the answer.
const TOKENS_PER_REQUEST: u64 = 3;
/// Pixels of one side of the squares that an image is read in, and the most squares: our own reading of what servers
/// of this kind bill, for want of a rule in the protocol.
const IMAGE_TILE_PIXELS: u32 = 32;
const MAX_IMAGE_TILES: u64 = 1536;
/// An image whose size is not known counts as one of about a thousand pixels across and down.
const DEFAULT_IMAGE_TOKENS: u64 = 1024;
/// Bytes of a file that come to one token. A page of a PDF has about 50 kB and comes to about 2,000 tokens; our own
/// reading as well.
const BYTES_PER_TOKEN: u64 = 25;

/// Counts tokens, and frees the tokenizer when it has been idle for a while.
#[derive(Default)]
pub(crate) struct TokenCounter {
    ranks: Arc<Mutex<Ranks>>,
}

#[derive(Default)]
struct Ranks {
    tokenizer: Option<Arc<CoreBPE>>,
    used: Option<Instant>,
}

impl TokenCounter {
    /// Counts the tokens of `body`, a request of the Messages API.
    ///
    /// The permit is held until the count is done, because a count goes on even when its caller disconnects.
    pub(crate) async fn count(&self, body: Bytes, permit: PassPermit) -> Result<u64, BadRequest> {
        let ranks = Arc::clone(&self.ranks);
        let counted = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let tokenizer = tokenizer(&ranks);
            let mut tokens = TOKENS_PER_REQUEST;
            visit_countable(&body, |one| tokens += count_text(&tokenizer, one)).map(|()| tokens)
        });
        let counted = counted.await.unwrap_or_else(|_| Err(BadRequest::new("the tokens cannot be counted")));
        self.release_when_idle();
        counted
    }

    /// Frees the tokenizer when it is idle. At most one task waits for that.
    fn release_when_idle(&self) {
        let mut ranks = lock(&self.ranks);
        if ranks.used.replace(Instant::now()).is_some() {
            return;
        }
        let waiting = Arc::clone(&self.ranks);
        tokio::spawn(async move {
            loop {
                let used = lock(&waiting).used;
                let Some(until) = used.map(|used| used + RELEASE_AFTER) else { return };
                sleep_until(until).await;
                let mut ranks = lock(&waiting);
                if ranks.used == used {
                    *ranks = Ranks::default();
                    drop(ranks);
                    memory::trim_heap();
                    return;
                }
            }
        });
    }
}

/// Returns the tokenizer, loading it if necessary. Concurrent callers wait instead of loading it twice.
fn tokenizer(ranks: &Mutex<Ranks>) -> Arc<CoreBPE> {
    let mut ranks = lock(ranks);
    let read = || Arc::new(tiktoken_rs::o200k_base().expect("the ranks are a part of this program"));
    Arc::clone(ranks.tokenizer.get_or_insert_with(read))
}

fn lock(ranks: &Mutex<Ranks>) -> parking_lot::MutexGuard<'_, Ranks> {
    ranks.lock()
}

fn count_text(tokenizer: &CoreBPE, countable: Countable<'_>) -> u64 {
    match countable {
        Countable::Message => TOKENS_PER_MESSAGE,
        Countable::Text(text) => {
            text_chunks(text).map(|piece| tokenizer.encode_ordinary(piece).len() as u64).sum()
        }
        Countable::Image { size: None } => DEFAULT_IMAGE_TOKENS,
        Countable::Image { size: Some((across, down)) } => {
            let squares = |pixels: u32| u64::from(pixels.div_ceil(IMAGE_TILE_PIXELS).max(1));
            (squares(across) * squares(down)).min(MAX_IMAGE_TILES)
        }
        Countable::File { bytes } => {
            bytes.map_or(DEFAULT_IMAGE_TOKENS, |bytes| bytes as u64 / BYTES_PER_TOKEN)
        }
    }
}

/// `text` in pieces of at most [`CHUNK_BYTES`] bytes.
fn text_chunks(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = (0..=text.len().min(CHUNK_BYTES)).rev().find(|&end| text.is_char_boundary(end))?;
        let (piece, rest) = text.split_at(end);
        text = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::pass_limiter::PassLimiter;

    fn permit() -> PassPermit {
        PassLimiter::default().try_acquire("one", 1).unwrap()
    }

    async fn counted(counter: &TokenCounter, body: &str) -> u64 {
        counter.count(body.to_owned().into(), permit()).await.unwrap()
    }

    #[tokio::test]
    async fn count_includes_text_tools_and_images() {
        let counter = TokenCounter::default();
        let hello = r#"{"messages":[{"role":"user","content":"hello world"}]}"#;
        assert_eq!(counted(&counter, hello).await, TOKENS_PER_REQUEST + TOKENS_PER_MESSAGE + 2);
        let image = r#"{"messages":[{"role":"user","content":[
            {"type":"image","source":{"type":"url","url":"https://a.example/i.png"}}]}]}"#;
        assert_eq!(
            counted(&counter, image).await,
            TOKENS_PER_REQUEST + TOKENS_PER_MESSAGE + DEFAULT_IMAGE_TOKENS
        );
        let tool = r#"{"messages":[],"tools":[{"name":"hello","input_schema":{}}]}"#;
        assert_eq!(counted(&counter, tool).await, TOKENS_PER_REQUEST + 2);
        assert!(counter.count("[]".into(), permit()).await.is_err());
    }

    #[tokio::test]
    async fn count_megabyte_of_any_text_succeeds() {
        let counter = TokenCounter::default();
        for (of, least) in [(" ", 4_000), ("\t ", 4_000), ("\n", 4_000), ("a", 50_000), ("漢", 100_000)] {
            let text = format!("{}.", of.repeat(1_000_000 / of.len()));
            let body = serde_json::json!({ "messages": [{ "role": "user", "content": text }] });
            let tokens = counted(&counter, &body.to_string()).await;
            assert!((least..1_000_000).contains(&tokens), "{of:?}: {tokens}");
        }
    }

    #[test]
    fn text_chunks_never_split_a_character() {
        for text in ["", "a", &"é".repeat(CHUNK_BYTES), &format!("a{}", "😀".repeat(CHUNK_BYTES))] {
            assert_eq!(text_chunks(text).collect::<String>(), text);
            assert!(text_chunks(text).all(|piece| (1..=CHUNK_BYTES).contains(&piece.len())));
        }
    }

    /// Requests, and what a tokenizer that others wrote counts of them (`tests/perf/tokens`).
    #[derive(serde::Deserialize)]
    struct Golden {
        source: String,
        requests: Vec<Known>,
    }

    #[derive(serde::Deserialize)]
    struct Known {
        name: String,
        tokens: u64,
        body: Box<serde_json::value::RawValue>,
    }

    #[tokio::test]
    async fn count_is_within_five_percent_of_other_tokenizer() {
        let golden: Golden = serde_json::from_str(include_str!("../../tests/golden/tokens.json")).unwrap();
        assert!(golden.requests.len() > 20 && golden.source.contains("o200k_base"));
        let counter = TokenCounter::default();
        for Known { name, tokens, body } in golden.requests {
            let ours = counted(&counter, body.get()).await;
            assert!(ours.abs_diff(tokens) * 20 <= tokens, "{name}: {ours}, and {tokens} by the other");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tokenizer_idle_is_released() {
        let counter = TokenCounter::default();
        counted(&counter, r#"{"messages":[]}"#).await;
        tokio::time::advance(RELEASE_AFTER / 2).await;
        counted(&counter, r#"{"messages":[]}"#).await;
        tokio::time::advance(RELEASE_AFTER / 2 + Duration::from_secs(1)).await;
        tokio::task::yield_now().await;
        assert!(lock(&counter.ranks).tokenizer.is_some(), "it was used a while ago only");
        tokio::time::advance(RELEASE_AFTER).await;
        tokio::task::yield_now().await;
        assert!(lock(&counter.ranks).tokenizer.is_none());
    }
}
