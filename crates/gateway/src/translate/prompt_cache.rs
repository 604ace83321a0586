//! Why the provider's prompt cache was missed.
//!
//! OpenAI reads the beginning of a prompt from its cache when the same account has sent the same beginning to the same
//! model in the last minutes (OpenAI, guide "Prompt caching"). The last prompts of each conversation are remembered as
//! digests, with a key of this process, and the next one is compared with them. Nothing of their content is kept.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;
use parking_lot::Mutex;
use usher_dialect::json::{Raw, RawObject};
use usher_domain::UnixTime;

use crate::host::Route;

/// A prompt that is shorter is never cached (OpenAI, guide "Prompt caching").
pub(crate) const MIN_CACHED_TOKENS: u64 = 1024;
/// How long a prompt is in the cache at least: five to ten minutes after its last use (the same guide).
const CACHED_SECONDS: i64 = 5 * 60;
/// Most conversations that are remembered; the one that was used least lately is forgotten.
const MAX_CONVERSATIONS: usize = 256;
/// Most prompts of one conversation: programs send others beside it, for a title or a summary.
const MAX_PROMPTS: usize = 4;

/// Why a prompt was not read from the provider's cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CacheMiss {
    /// No prompt before had this beginning: a conversation begins, or a prompt of another kind.
    NewPrompt,
    /// Another account, or another provider, was sent the prompt before.
    AccountChanged,
    /// Another model was.
    ModelChanged,
    /// The list of tools has changed.
    ToolsChanged,
    /// The instructions have changed.
    InstructionsChanged,
    /// Messages that were sent before have changed, as when a program summarises them.
    HistoryChanged,
    /// The prompt before was sent more than five minutes ago.
    Idle,
    /// The prompt begins as the one before; the provider had it no longer.
    Unknown,
}

impl CacheMiss {
    /// Returns its name in receipts.
    pub fn name(self) -> &'static str {
        match self {
            Self::NewPrompt => "new_prompt",
            Self::AccountChanged => "account_changed",
            Self::ModelChanged => "model_changed",
            Self::ToolsChanged => "tools_changed",
            Self::InstructionsChanged => "instructions_changed",
            Self::HistoryChanged => "history_changed",
            Self::Idle => "idle",
            Self::Unknown => "unknown",
        }
    }
}

/// The prompts that were sent last, by conversation.
#[derive(Default)]
pub(crate) struct PromptCaches {
    conversations: Mutex<HashMap<String, Vec<SentPrompt>>>,
    hasher: RandomState,
}

/// The digests of a prompt that was sent.
#[derive(Clone)]
struct SentPrompt {
    at: UnixTime,
    account: String,
    model: String,
    tools: u64,
    instructions: u64,
    /// The length of the messages in bytes.
    length: usize,
    messages: u64,
}

impl PromptCaches {
    /// Notes the prompt of `body`, which is sent now, and returns why the cache would be missed. `None` for a provider
    /// whose cache is not known.
    pub(crate) fn note(
        &self,
        conversation: &str,
        route: &Route,
        body: &RawObject<'_>,
        now: UnixTime,
    ) -> Option<CacheMiss> {
        route
            .backend
            .is_openai()
            .then(|| self.compare(conversation, &route.reasoning_origin(), &route.model.id, body, now))
    }

    fn compare(
        &self,
        conversation: &str,
        account: &str,
        model: &str,
        body: &RawObject<'_>,
        now: UnixTime,
    ) -> CacheMiss {
        let messages = beginning_of_messages(body);
        let sent = SentPrompt {
            at: now,
            account: account.to_owned(),
            model: model.to_owned(),
            tools: self.digest(text_of(body, "tools")),
            instructions: self.digest(text_of(body, "instructions")),
            length: messages.len(),
            messages: self.digest(messages),
        };
        let known = self.conversations.lock().get(conversation).cloned().unwrap_or_default();
        let continued = known.iter().rev().find(|before| {
            messages.get(..before.length).is_some_and(|beginning| self.digest(beginning) == before.messages)
        });
        let miss = match continued {
            Some(before) => before.change_to(&sent),
            None if known.iter().any(|before| before.has_same_frame(&sent)) => CacheMiss::HistoryChanged,
            None => CacheMiss::NewPrompt,
        };
        self.remember(conversation, continued.map(|before| before.messages), sent);
        miss
    }

    /// Remembers `sent`, in place of the prompt that it continues.
    fn remember(&self, conversation: &str, continued: Option<u64>, sent: SentPrompt) {
        let mut conversations = self.conversations.lock();
        if conversations.len() >= MAX_CONVERSATIONS && !conversations.contains_key(conversation) {
            let last_use = |prompts: &[SentPrompt]| prompts.iter().map(|prompt| prompt.at).max();
            let oldest = conversations.iter().min_by_key(|(_, prompts)| last_use(prompts));
            if let Some(oldest) = oldest.map(|(oldest, _)| oldest.clone()) {
                conversations.remove(&oldest);
            }
        }
        let prompts = conversations.entry(conversation.to_owned()).or_default();
        prompts.retain(|before| Some(before.messages) != continued);
        if prompts.len() >= MAX_PROMPTS {
            prompts.remove(0);
        }
        prompts.push(sent);
    }

    fn digest(&self, bytes: &[u8]) -> u64 {
        self.hasher.hash_one(bytes)
    }
}

impl SentPrompt {
    /// Returns what has changed since this prompt, which `next` continues.
    fn change_to(&self, next: &Self) -> CacheMiss {
        if self.account != next.account {
            CacheMiss::AccountChanged
        } else if self.model != next.model {
            CacheMiss::ModelChanged
        } else if self.tools != next.tools {
            CacheMiss::ToolsChanged
        } else if self.instructions != next.instructions {
            CacheMiss::InstructionsChanged
        } else if next.at.since(self.at) > CACHED_SECONDS {
            CacheMiss::Idle
        } else {
            CacheMiss::Unknown
        }
    }

    /// Returns whether only the messages differ.
    fn has_same_frame(&self, other: &Self) -> bool {
        self.account == other.account
            && self.model == other.model
            && self.tools == other.tools
            && self.instructions == other.instructions
    }
}

/// Returns the messages without the end of their list, so that a longer list begins with a shorter one.
fn beginning_of_messages<'a>(body: &'a RawObject<'_>) -> &'a [u8] {
    let list =
        ["input", "messages"].into_iter().map(|name| text_of(body, name)).find(|text| !text.is_empty());
    let list = list.unwrap_or_default().trim_ascii_end();
    list.strip_suffix(b"]").unwrap_or(list).trim_ascii_end()
}

fn text_of<'a>(body: &'a RawObject<'_>, name: &str) -> &'a [u8] {
    body.raw(name).map(Raw::get).unwrap_or_default().as_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Sends a prompt as one account to one model, unless `change` says otherwise.
    struct Conversation {
        caches: PromptCaches,
        account: &'static str,
        model: &'static str,
        tools: Value,
        instructions: &'static str,
        now: UnixTime,
    }

    impl Conversation {
        fn new() -> Self {
            let caches = PromptCaches::default();
            let (account, model, instructions) = ("chatgpt ada", "gpt-6", "Be brief.");
            Self {
                caches,
                account,
                model,
                tools: json!([{ "name": "read" }]),
                instructions,
                now: UnixTime(0),
            }
        }

        fn send_in(&self, conversation: &str, messages: &[&str]) -> CacheMiss {
            let body = json!({
                "tools": self.tools, "instructions": self.instructions, "input": messages, "stream": true,
            });
            let body = body.to_string();
            let body = RawObject::parse(body.as_bytes()).unwrap();
            self.caches.compare(conversation, self.account, self.model, &body, self.now)
        }

        fn send(&self, messages: &[&str]) -> CacheMiss {
            self.send_in("one", messages)
        }
    }

    #[test]
    fn each_change_is_named() {
        let mut chat = Conversation::new();
        assert_eq!(chat.send(&["a"]), CacheMiss::NewPrompt);
        assert_eq!(chat.send(&["a", "b"]), CacheMiss::Unknown, "it continues");
        chat.now = UnixTime(CACHED_SECONDS);
        assert_eq!(chat.send(&["a", "b"]), CacheMiss::Unknown, "sent again");
        chat.now = chat.now.plus(CACHED_SECONDS + 1);
        assert_eq!(chat.send(&["a", "b", "c"]), CacheMiss::Idle);
        chat.instructions = "Be long.";
        assert_eq!(chat.send(&["a", "b", "c"]), CacheMiss::InstructionsChanged);
        chat.tools = json!([]);
        assert_eq!(chat.send(&["a", "b", "c"]), CacheMiss::ToolsChanged);
        chat.model = "gpt-6-mini";
        assert_eq!(chat.send(&["a", "b", "c"]), CacheMiss::ModelChanged);
        chat.account = "chatgpt work";
        assert_eq!(chat.send(&["a", "b", "c"]), CacheMiss::AccountChanged);
        assert_eq!(chat.send(&["A", "b", "c", "d"]), CacheMiss::HistoryChanged);
        assert_eq!(chat.send(&["A", "b", "c", "d"]), CacheMiss::Unknown);
    }

    #[test]
    fn a_prompt_beside_the_conversation_does_not_hide_it() {
        let mut chat = Conversation::new();
        chat.send(&["a"]);
        chat.model = "gpt-6-mini";
        assert_eq!(chat.send(&["A title for this"]), CacheMiss::NewPrompt);
        chat.model = "gpt-6";
        assert_eq!(chat.send(&["a", "b"]), CacheMiss::Unknown);
        assert_eq!(chat.send_in("two", &["a", "b"]), CacheMiss::NewPrompt, "another conversation");
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_goes_first() {
        let mut chat = Conversation::new();
        for number in 0..=MAX_CONVERSATIONS {
            chat.now = chat.now.plus(1);
            chat.send_in(&number.to_string(), &["a"]);
        }
        assert_eq!(chat.caches.conversations.lock().len(), MAX_CONVERSATIONS);
        assert_eq!(chat.send_in("1", &["a"]), CacheMiss::Unknown);
        assert_eq!(chat.send_in("0", &["a"]), CacheMiss::NewPrompt, "forgotten");
        for text in ["b", "c", "d", "e", "f"] {
            chat.send(&[text]);
        }
        assert_eq!(chat.caches.conversations.lock()["one"].len(), MAX_PROMPTS);
    }
}
