//! Counts the tokens of a request on this computer.
//!
//! Claude Code sends 26 count requests at the same time when a user displays the context (clients §1). A count that is
//! missing, zero or far off makes it believe that the context is almost full (features, section 3, no. 2). The ranks of
//! the tokenizer take 50 MiB of memory, so they are loaded only while they are used.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tiktoken_rs::CoreBPE;
use tokio::time::{Instant, sleep_until};
use usher_dialect::Countable;
use usher_dialect::error::BadRequest;

use crate::admission::body::Body;
use crate::dialects::Dialect;
use crate::server::memory;

/// How long the ranks stay loaded after the last count.
const RELEASE_AFTER: Duration = Duration::from_secs(60);
/// Maximum length of a text that is counted at once. The tokenizer searches for the end of a word or of whitespace: a
/// megabyte of one kind of character takes it 400 MiB, and with whitespace it fails. A token may be split between two
/// chunks, which is one in thousands.
const CHUNK_BYTES: usize = 16 * 1024;
/// Tokens that frame a message: its start, its role, the end of the role, and its end.
const TOKENS_PER_MESSAGE: u64 = 4;
/// Tokens that start the response.
const TOKENS_PER_REQUEST: u64 = 3;
/// Side of the squares that an image is divided into, and their maximum number. An estimate of what servers bill: the
/// protocol has no rule.
const IMAGE_TILE_PIXELS: u32 = 32;
const MAX_IMAGE_TILES: u64 = 1536;
/// Tokens of an image of unknown size: as many as for about 1000 by 1000 pixels.
const DEFAULT_IMAGE_TOKENS: u64 = 1024;
/// Bytes of a file per token. A page of a PDF has about 50 kB and about 2,000 tokens; an estimate as well.
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
    /// Counts the tokens of `body`, a request in `dialect`.
    ///
    /// What is `held` is kept until the count is done, because a count goes on even when its client disconnects.
    pub(crate) async fn count(
        &self,
        dialect: Dialect,
        body: Body,
        held: impl Send + 'static,
    ) -> Result<u64, BadRequest> {
        let ranks = Arc::clone(&self.ranks);
        let count = tokio::task::spawn_blocking(move || {
            let _held = held;
            let tokenizer = tokenizer(&ranks);
            let mut tokens = TOKENS_PER_REQUEST;
            dialect
                .visit_countable(&body.bytes, &mut |part| tokens += count_part(&tokenizer, part))
                .map(|()| tokens)
        });
        let count = count.await.unwrap_or_else(|_| Err(BadRequest::new("the tokens cannot be counted")));
        self.release_when_idle();
        count
    }

    /// Frees the tokenizer when it is idle. At most one task waits for that.
    fn release_when_idle(&self) {
        let mut ranks = lock(&self.ranks);
        if ranks.used.replace(Instant::now()).is_some() {
            return;
        }
        let shared = Arc::clone(&self.ranks);
        tokio::spawn(async move {
            loop {
                let used = lock(&shared).used;
                let Some(until) = used.map(|used| used + RELEASE_AFTER) else { return };
                sleep_until(until).await;
                let mut ranks = lock(&shared);
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
    let load = || Arc::new(tiktoken_rs::o200k_base().expect("the ranks are a part of this program"));
    Arc::clone(ranks.tokenizer.get_or_insert_with(load))
}

fn lock(ranks: &Mutex<Ranks>) -> parking_lot::MutexGuard<'_, Ranks> {
    ranks.lock()
}

fn count_part(tokenizer: &CoreBPE, part: Countable<'_>) -> u64 {
    match part {
        Countable::Message => TOKENS_PER_MESSAGE,
        Countable::Text(text) => {
            text_chunks(text).map(|chunk| tokenizer.encode_ordinary(chunk).len() as u64).sum()
        }
        Countable::Image { size: None } => DEFAULT_IMAGE_TOKENS,
        Countable::Image { size: Some((width, height)) } => {
            let squares = |pixels: u32| u64::from(pixels.div_ceil(IMAGE_TILE_PIXELS).max(1));
            (squares(width) * squares(height)).min(MAX_IMAGE_TILES)
        }
        Countable::File { bytes } => {
            bytes.map_or(DEFAULT_IMAGE_TOKENS, |bytes| bytes as u64 / BYTES_PER_TOKEN)
        }
    }
}

/// Returns `text` in chunks of at most [`CHUNK_BYTES`] bytes.
fn text_chunks(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = (0..=text.len().min(CHUNK_BYTES)).rev().find(|&end| text.is_char_boundary(end))?;
        let (chunk, rest) = text.split_at(end);
        text = rest;
        (!chunk.is_empty()).then_some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialects::MESSAGES;
    use crate::server::memory_budget::MemoryBudget;

    async fn count(counter: &TokenCounter, body: &str) -> Result<u64, BadRequest> {
        let budget = MemoryBudget::new(1024);
        let body = Body { bytes: body.to_owned().into(), share: budget.share(0).unwrap() };
        counter.count(MESSAGES, body, ()).await
    }

    async fn counted(counter: &TokenCounter, body: &str) -> u64 {
        count(counter, body).await.unwrap()
    }

    #[tokio::test]
    async fn count_of_request_includes_text_tools_and_images() {
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
        assert!(count(&counter, "[]").await.is_err());
    }

    #[tokio::test]
    async fn count_of_any_megabyte_succeeds() {
        let counter = TokenCounter::default();
        for (of, least) in [(" ", 4_000), ("\t ", 4_000), ("\n", 4_000), ("a", 50_000), ("漢", 100_000)] {
            let text = format!("{}.", of.repeat(1_000_000 / of.len()));
            let body = serde_json::json!({ "messages": [{ "role": "user", "content": text }] });
            let tokens = counted(&counter, &body.to_string()).await;
            assert!((least..1_000_000).contains(&tokens), "{of:?}: {tokens}");
        }
    }

    #[test]
    fn text_chunks_of_multibyte_text_split_no_character() {
        for text in ["", "a", &"é".repeat(CHUNK_BYTES), &format!("a{}", "😀".repeat(CHUNK_BYTES))] {
            assert_eq!(text_chunks(text).collect::<String>(), text);
            assert!(text_chunks(text).all(|chunk| (1..=CHUNK_BYTES).contains(&chunk.len())));
        }
    }

    /// Requests, and their counts by another tokenizer (`tests/perf/tokens`).
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
    async fn count_of_golden_requests_is_within_five_percent() {
        let golden: Golden = serde_json::from_str(include_str!("../../tests/golden/tokens.json")).unwrap();
        assert!(golden.requests.len() > 20 && golden.source.contains("o200k_base"));
        let counter = TokenCounter::default();
        for Known { name, tokens, body } in golden.requests {
            let ours = counted(&counter, body.get()).await;
            assert!(ours.abs_diff(tokens) * 20 <= tokens, "{name}: {ours}, the other tokenizer {tokens}");
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
        assert!(lock(&counter.ranks).tokenizer.is_some(), "it was used less than `RELEASE_AFTER` ago");
        tokio::time::advance(RELEASE_AFTER).await;
        tokio::task::yield_now().await;
        assert!(lock(&counter.ranks).tokenizer.is_none());
    }
}
