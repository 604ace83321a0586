//! Searches of the web that the backend makes by itself, as the API's own server tool tells them: a `server_tool_use`
//! block, and a `web_search_tool_result` that lists what was found. Claude Code takes its links from the second
//! (`features.md` A7: a search that says nothing).
//!
//! A search tells its sources where the request includes them. Where it does not, the links that the answer cites stand
//! in, and the two blocks follow the text. Citations are not written: one of Anthropic's quotes the page it points at,
//! and one of `OpenAI`'s only says where in the answer it belongs.

use serde::Deserialize;

use super::block_writer::{Block, BlockDelta, BlockWriter, Caller, Found, Link, SearchFailed, no_arguments};
use super::item::{call_id, parts};
use super::state::{PendingSearch, ResponseState};
use crate::json::{Raw, Text};
use crate::responses::item::Item;

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
pub(crate) fn write(item: &Item<'_>, state: &mut ResponseState, writer: &mut impl BlockWriter) {
    let action: Action<'_> = item.action.as_ref().and_then(Raw::read).unwrap_or_default();
    if *action.kind != *"search" {
        return;
    }
    state.search_count += 1;
    let queries = action.queries.unwrap_or_default();
    let query = action.query.or(queries.into_iter().next()).unwrap_or_default();
    let search = PendingSearch {
        id: format!("srvtoolu_{}", call_id(item).map_or_else(|| state.next_index.to_string(), str::to_owned)),
        input: serde_json::json!({ "query": &*query }).to_string(),
    };
    if item.status.as_deref() == Some("failed") {
        write_search(search, Found::Failed(SearchFailed { error_code: "unavailable" }), state, writer);
    } else if let Some(sources) = action.sources {
        write_search(search, Found::Links(links(sources)), state, writer);
    } else {
        state.pending_searches.push(search);
    }
}

/// Writes the searches whose sources were not reported.
///
/// Which search found which link is not reported either, so the first one gets them all.
pub(crate) fn write_pending(links: &[Link], state: &mut ResponseState, writer: &mut impl BlockWriter) {
    let mut links = links.to_vec();
    for search in std::mem::take(&mut state.pending_searches) {
        write_search(search, Found::Links(std::mem::take(&mut links)), state, writer);
    }
}

fn write_search(
    search: PendingSearch,
    found: Found,
    state: &mut ResponseState,
    writer: &mut impl BlockWriter,
) {
    let (id, caller) = (search.id, Caller::default());
    let (name, input) = ("web_search", no_arguments());
    let call =
        state.begin_block(Block::ServerToolUse { id: id.as_str().into(), name, input, caller }, writer);
    writer.delta(call, BlockDelta::Input(&search.input));
    writer.end(call);
    let result = Block::WebSearchToolResult { tool_use_id: id.into(), content: found, caller };
    let result = state.begin_block(result, writer);
    writer.end(result);
}

/// The pages that a message cites.
pub(crate) fn cited(message: &Item<'_>) -> Vec<Link> {
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
