//! The tokens that a response has used, whatever service counted them.

use serde::{Deserialize, Deserializer, Serialize};

use crate::json::{Raw, RawObject};

/// The tokens of a response (protocol §8.3, `response.completed`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct TokenUsage {
    /// Input tokens, including cached ones.
    pub input_tokens: u64,
    /// How many input tokens came from the cache.
    pub input_tokens_details: InputTokenDetails,
    /// Output tokens, including reasoning.
    pub output_tokens: u64,
    /// How many output tokens were reasoning.
    pub output_tokens_details: OutputTokenDetails,
    /// Input and output tokens.
    pub total_tokens: u64,
}

/// The details of [`TokenUsage::input_tokens`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct InputTokenDetails {
    /// Tokens read from the prompt cache.
    pub cached_tokens: u64,
}

/// The details of [`TokenUsage::output_tokens`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct OutputTokenDetails {
    /// Tokens spent on reasoning.
    pub reasoning_tokens: u64,
}

/// Reads the usage: what is missing, `null` or not a count is 0, and a missing total is the sum.
pub(crate) fn read_usage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TokenUsage>, D::Error> {
    let raw = Raw::deserialize(deserializer)?;
    Ok(raw.read().map(|usage| of_response(&usage)))
}

fn of_response(usage: &RawObject<'_>) -> TokenUsage {
    let number = |name| usage.count(name).unwrap_or(0);
    let detail =
        |object, name| usage.get(object).and_then(|details: RawObject<'_>| details.count(name)).unwrap_or(0);
    let (input_tokens, output_tokens) = (number("input_tokens"), number("output_tokens"));
    TokenUsage {
        input_tokens,
        input_tokens_details: InputTokenDetails {
            cached_tokens: detail("input_tokens_details", "cached_tokens"),
        },
        output_tokens,
        output_tokens_details: OutputTokenDetails {
            reasoning_tokens: detail("output_tokens_details", "reasoning_tokens"),
        },
        total_tokens: usage
            .count("total_tokens")
            .unwrap_or_else(|| input_tokens.saturating_add(output_tokens)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::responses::event::Response;

    fn counts(usage: &Value) -> Option<[u64; 5]> {
        let json = json!({"usage": usage}).to_string();
        let response: Response<'_> = serde_json::from_str(&json).unwrap();
        let usage = response.usage?;
        Some([
            usage.input_tokens,
            usage.input_tokens_details.cached_tokens,
            usage.output_tokens,
            usage.output_tokens_details.reasoning_tokens,
            usage.total_tokens,
        ])
    }

    #[test]
    fn counts_are_read_as_far_as_they_are_counts() {
        let whole = json!({"input_tokens": 5, "input_tokens_details": {"cached_tokens": 2}, "output_tokens": 7,
            "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 13, "more": [{}]});
        assert_eq!(counts(&whole), Some([5, 2, 7, 3, 13]));
        assert_eq!(counts(&json!({"input_tokens": 5.0, "output_tokens": 7.9})), Some([5, 0, 7, 0, 12]));
        let odd = json!({"input_tokens": "5", "input_tokens_details": [2], "output_tokens": -7,
            "output_tokens_details": {"reasoning_tokens": null}, "total_tokens": {}});
        assert_eq!(counts(&odd), Some([0; 5]));
        let most = json!({"input_tokens": u64::MAX, "output_tokens": 1e300});
        assert_eq!(counts(&most), Some([u64::MAX, 0, u64::MAX, 0, u64::MAX]));
        assert_eq!(counts(&json!({})), Some([0; 5]));
        for none in [json!(null), json!([1]), json!("5"), json!(5), json!(true)] {
            assert_eq!(counts(&none), None, "{none}");
        }
    }
}
