//! The `OpenAI` Responses API (protocol §8.2, protocol §8.3): the format that the other dialects are translated through.

pub(crate) mod call_arguments;
mod collect;
pub(crate) mod commentary;
mod complete_body;
mod count_tokens;
pub(crate) mod error;
pub(crate) mod event;
pub(crate) mod item;
pub(crate) mod item_places;
mod non_streaming;
mod probe_reader;
mod probe_request;
mod public_events;
mod reader;
mod stream;
pub(crate) mod token_usage;

pub use collect::ResponseCollector;
pub use complete_body::read_body;
pub use count_tokens::visit_countable;
pub use error::{translate_error, write_failed_event};
pub use event::{DeltaKind, Event, IncompleteDetails, InvalidEvent, Response};
pub use item::{Item, Part};
pub use non_streaming::translate_response;
pub use probe_reader::ResponsesProbeReader;
pub use probe_request::ResponsesProbe;
pub use public_events::is_public_event;
pub use reader::ResponsesReader;
pub use stream::writer::ResponsesWriter;
pub use token_usage::{InputTokenDetails, OutputTokenDetails, ReportedUsage, TokenUsage};
