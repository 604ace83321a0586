//! Searches of the web that the backend makes by itself, as the API's own server tool tells them: a `server_tool_use`
//! block, and a `web_search_tool_result` that lists what was found. Claude Code takes its links from the second
//! (`features.md` A7: a search that says nothing).
//!
//! A search tells its sources where the request includes them. Where it does not, the links that the answer cites stand
//! in, and the two blocks follow the text. Citations are not written: one of Anthropic's quotes the page it points at,
//! and one of `OpenAI`'s only says where in the answer it belongs.

use serde::Deserialize;

use super::blocks::Blocks;
use super::item::{call_id, parts};
use super::sink::{Block, Caller, Found, Link, More, SearchFailed, Sink, no_arguments};
use crate::json::{Raw, Text};
use crate::responses::Item;

/// The searches of one answer.
#[derive(Debug, Default)]
pub(super) struct Searches {
    /// How many there were: the API counts them in `usage`.
    pub(super) made: u64,
    /// Those whose links have not come.
    pending: Vec<Search>,
}

#[derive(Debug)]
struct Search {
    id: String,
    /// `{"query":…}`.
    input: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Action<'a> {
    #[serde(rename = "type", borrow)]
    kind: Text<'a>,
    #[serde(borrow)]
    query: Option<Text<'a>>,
    #[serde(borrow)]
    queries: Option<Vec<Text<'a>>>,
    #[serde(borrow)]
    sources: Option<Vec<Page<'a>>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Page<'a> {
    #[serde(borrow)]
    url: Option<Text<'a>>,
    #[serde(borrow)]
    title: Option<Text<'a>>,
}

/// Tells the search `item`. Opening a page and looking for words in it are steps between, and no search.
pub(super) fn tell(item: &Item<'_>, blocks: &mut Blocks, sink: &mut impl Sink) {
    let action: Action<'_> = item.action.as_ref().and_then(Raw::read).unwrap_or_default();
    if *action.kind != *"search" {
        return;
    }
    blocks.searches.made += 1;
    let queries = action.queries.unwrap_or_default();
    let query = action.query.or(queries.into_iter().next()).unwrap_or_default();
    let search = Search {
        id: format!("srvtoolu_{}", call_id(item).map_or_else(|| blocks.begun.to_string(), str::to_owned)),
        input: serde_json::json!({ "query": &*query }).to_string(),
    };
    if item.status.as_deref() == Some("failed") {
        search.tell(Found::Failed(SearchFailed { error_code: "unavailable" }), blocks, sink);
    } else if let Some(sources) = action.sources {
        search.tell(Found::Links(links(sources)), blocks, sink);
    } else {
        blocks.searches.pending.push(search);
    }
}

impl Blocks {
    /// Tells the searches whose sources were not told. Which search found which link is not told either, so the first
    /// has them all.
    pub(super) fn tell_searches(&mut self, links: &[Link], sink: &mut impl Sink) {
        let mut links = links.to_vec();
        for search in std::mem::take(&mut self.searches.pending) {
            search.tell(Found::Links(std::mem::take(&mut links)), self, sink);
        }
    }
}

impl Search {
    fn tell(self, found: Found, blocks: &mut Blocks, sink: &mut impl Sink) {
        let (id, caller) = (self.id, Caller::default());
        let (name, input) = ("web_search", no_arguments());
        let call = blocks.begin(Block::ServerToolUse { id: id.as_str().into(), name, input, caller }, sink);
        sink.more(call, More::Input(&self.input));
        sink.end(call);
        let result = Block::WebSearchToolResult { tool_use_id: id.into(), content: found, caller };
        let result = blocks.begin(result, sink);
        sink.end(result);
    }
}

/// The pages that a message cites.
pub(super) fn cited(message: &Item<'_>) -> Vec<Link> {
    let mut cited = Vec::new();
    for part in parts(message.content.as_ref()) {
        let annotations: Option<Vec<Page<'_>>> = part.annotations.as_ref().and_then(Raw::read);
        cited.extend(links(annotations.unwrap_or_default()));
    }
    let mut seen = std::collections::BTreeSet::new();
    cited.retain(|link: &Link| seen.insert(link.url.clone()));
    cited
}

fn links(pages: Vec<Page<'_>>) -> Vec<Link> {
    let link = |page: Page<'_>| {
        let url = page.url?.0.into_owned();
        // Callers show the title, and have it for certain.
        let title = page.title.map_or_else(|| url.clone(), |title| title.0.into_owned());
        Some(Link { url, title, ..Link::default() })
    };
    pages.into_iter().filter_map(link).collect()
}
