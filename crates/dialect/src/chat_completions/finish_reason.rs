//! The reasons why a completion ended, in the words of the reference and of services that pass on those of another API.

/// How a completion ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinishReason {
    /// The model finished or called a tool. Words that are not known count as this: a completion that counts as cut
    /// short would be asked for again.
    Complete,
    /// It was cut short, for this reason of the Responses API.
    Incomplete(&'static str),
    /// The service gave up.
    Failed,
}

/// The words that do not mean [`FinishReason::Complete`], in lower case, of `OpenAI`, Anthropic, Gemini, Cohere, Zhipu,
/// `DeepSeek` and vLLM.
const WORDS: &[(&str, FinishReason)] = &[
    ("length", FinishReason::Incomplete("max_output_tokens")),
    ("max_tokens", FinishReason::Incomplete("max_output_tokens")),
    ("max_output_tokens", FinishReason::Incomplete("max_output_tokens")),
    ("max_length", FinishReason::Incomplete("max_output_tokens")),
    ("model_length", FinishReason::Incomplete("max_output_tokens")),
    ("context_length_exceeded", FinishReason::Incomplete("context_length_exceeded")),
    ("model_context_window_exceeded", FinishReason::Incomplete("model_context_window_exceeded")),
    ("content_filter", FinishReason::Incomplete("content_filter")),
    ("content_filtered", FinishReason::Incomplete("content_filter")),
    ("safety", FinishReason::Incomplete("content_filter")),
    ("recitation", FinishReason::Incomplete("content_filter")),
    ("blocklist", FinishReason::Incomplete("content_filter")),
    ("prohibited_content", FinishReason::Incomplete("content_filter")),
    ("spii", FinishReason::Incomplete("content_filter")),
    ("refusal", FinishReason::Incomplete("content_filter")),
    ("sensitive", FinishReason::Incomplete("content_filter")),
    ("error_toxic", FinishReason::Incomplete("content_filter")),
    ("error", FinishReason::Failed),
    ("network_error", FinishReason::Failed),
    ("insufficient_system_resource", FinishReason::Failed),
    ("abort", FinishReason::Failed),
    ("aborted", FinishReason::Failed),
];

impl FinishReason {
    /// Reads a `finish_reason` that is not empty.
    pub(crate) fn read(word: &str) -> Self {
        let known = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim()));
        known.map_or(Self::Complete, |(_, reason)| *reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_other_apis_are_understood() {
        let complete = [
            "stop",
            "STOP",
            "Stop",
            "stop_sequence",
            "eos_token",
            "COMPLETE",
            "end_turn",
            "tool_calls",
            "TOOL_CALLS",
            "tool_use",
            "function_call",
            "word of tomorrow",
        ];
        for word in complete {
            assert_eq!(FinishReason::read(word), FinishReason::Complete, "{word}");
        }
        for word in ["length", "MAX_TOKENS", "max_tokens", "model_length"] {
            assert_eq!(FinishReason::read(word), FinishReason::Incomplete("max_output_tokens"), "{word}");
        }
        for word in ["content_filter", "SAFETY", "refusal"] {
            assert_eq!(FinishReason::read(word), FinishReason::Incomplete("content_filter"), "{word}");
        }
        assert_eq!(FinishReason::read("ERROR"), FinishReason::Failed);
    }
}
