//! The `OpenAI` Responses API (protocol §8.2, protocol §8.3): the format that the other dialects are translated through.

mod body;
mod count_tokens;
pub(crate) mod error;
pub(crate) mod events;
mod probe;
mod stream;

pub use body::collect::ResponseCollector;
pub use body::complete_body::read_body;
pub use body::non_streaming::translate_response;
pub use count_tokens::visit_countable;
pub use error::{translate_error, write_failed_event};
pub use events::event::{DeltaKind, Event, IncompleteDetails, InvalidEvent, Response};
pub use events::item::{Item, Part};
pub use events::public_events::is_public_event;
pub use events::reader::ResponsesReader;
pub use events::token_usage::{InputTokenDetails, OutputTokenDetails, ReportedUsage, TokenUsage};
pub use probe::reader::ResponsesProbeReader;
pub use probe::request::ResponsesProbe;
pub use stream::writer::ResponsesWriter;
