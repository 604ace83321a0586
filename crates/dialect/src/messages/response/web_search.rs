//! Encodes the backend's web searches as the API's own server tool: a `server_tool_use` block, and a
//! `web_search_tool_result` that lists the links. Claude Code reads its links from the second.
//!
//! A search reports its sources if the request includes them. If not, the links that the message cites are used, and
//! the two blocks follow the text. Citations are not written: one of Anthropic's quotes the page, and one of
//! `OpenAI`'s only gives its position in the text.

use serde::Deserialize;

use super::block_writer::{
    Block, BlockDelta, BlockWriter, Caller, Link, SearchError, SearchResult, no_arguments,
};
use super::state::{PendingSearch, ResponseState};
use crate::json::{Raw, Text};
use crate::responses::events::item::{Item, Part};

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

/// Encodes the search `item`. Opening a page and searching in it are intermediate steps, not searches.
pub(crate) fn write(item: &Item<'_>, state: &mut ResponseState, writer: &mut impl BlockWriter) {
    let action: Action<'_> = item.action.as_ref().and_then(Raw::read).unwrap_or_default();
    if *action.kind != *"search" {
        return;
    }
    state.search_count += 1;
    let queries = action.queries.unwrap_or_default();
    let query = action.query.or(queries.into_iter().next()).unwrap_or_default();
    let search = PendingSearch {
        id: format!(
            "srvtoolu_{}",
            item.pairing_id().map_or_else(|| state.next_index.to_string(), str::to_owned)
        ),
        input: serde_json::json!({ "query": &*query }).to_string(),
    };
    if item.status.as_deref() == Some("failed") {
        write_search(search, SearchResult::Failed(SearchError { error_code: "unavailable" }), state, writer);
    } else if let Some(sources) = action.sources {
        write_search(search, SearchResult::Links(links(sources)), state, writer);
    } else {
        state.pending_searches.push(search);
    }
}

/// Writes the searches whose sources were not reported.
///
/// Which search result which link is not reported either, so the first one gets them all.
pub(crate) fn write_pending(links: &[Link], state: &mut ResponseState, writer: &mut impl BlockWriter) {
    let mut links = links.to_vec();
    for search in std::mem::take(&mut state.pending_searches) {
        write_search(search, SearchResult::Links(std::mem::take(&mut links)), state, writer);
    }
}

fn write_search(
    search: PendingSearch,
    result: SearchResult,
    state: &mut ResponseState,
    writer: &mut impl BlockWriter,
) {
    let (id, caller) = (search.id, Caller::default());
    let (name, input) = ("web_search", no_arguments());
    let call =
        state.begin_block(Block::ServerToolUse { id: id.as_str().into(), name, input, caller }, writer);
    writer.delta(call, BlockDelta::Input(&search.input));
    writer.end(call);
    let result = Block::WebSearchToolResult { tool_use_id: id.into(), content: result, caller };
    let result = state.begin_block(result, writer);
    writer.end(result);
}

/// Returns the pages that a message cites.
pub(crate) fn cited(message: &Item<'_>) -> Vec<Link> {
    let mut cited = Vec::new();
    for part in Part::list(message.content.as_ref()) {
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
        // Callers show the title, so it is always set.
        let title = page.title.map_or_else(|| url.clone(), |title| title.0.into_owned());
        Some(Link { url, title, ..Link::default() })
    };
    pages.into_iter().filter_map(link).collect()
}
