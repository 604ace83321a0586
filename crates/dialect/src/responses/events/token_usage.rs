//! The tokens that a response has used, whatever service counted them.

use std::fmt;

use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::json::Text;

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

/// A response, or a chunk of one, of which only the counts are read.
#[derive(Debug, Deserialize)]
pub struct ReportedUsage {
    /// The counts, if it has any.
    #[serde(default, deserialize_with = "read_usage")]
    pub usage: Option<TokenUsage>,
}

/// Reads the usage of either format: what is missing, `null` or not a count is 0, and a missing total is the sum.
pub(crate) fn read_usage<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<TokenUsage>, D::Error> {
    Ok(match UsageValue::deserialize(deserializer)? {
        UsageValue::Counts(counts) => Some(counts.into()),
        UsageValue::Count(_) | UsageValue::Other => None,
    })
}

/// The counts of an object, under the names of both formats.
#[derive(Default)]
struct Counts {
    input: Option<u64>,
    output: Option<u64>,
    total: Option<u64>,
    cached: Option<u64>,
    reasoning: Option<u64>,
    /// `DeepSeek`'s name for cached tokens.
    cache_hit: Option<u64>,
}

impl Counts {
    fn take(&mut self, name: &str, value: UsageValue) {
        let (place, count) = match (name, value) {
            ("input_tokens" | "prompt_tokens", UsageValue::Count(count)) => (&mut self.input, Some(count)),
            ("output_tokens" | "completion_tokens", UsageValue::Count(count)) => {
                (&mut self.output, Some(count))
            }
            ("total_tokens", UsageValue::Count(count)) => (&mut self.total, Some(count)),
            ("cached_tokens", UsageValue::Count(count)) => (&mut self.cached, Some(count)),
            ("reasoning_tokens", UsageValue::Count(count)) => (&mut self.reasoning, Some(count)),
            ("prompt_cache_hit_tokens", UsageValue::Count(count)) => (&mut self.cache_hit, Some(count)),
            ("input_tokens_details" | "prompt_tokens_details", UsageValue::Counts(details)) => {
                (&mut self.cached, details.cached)
            }
            ("output_tokens_details" | "completion_tokens_details", UsageValue::Counts(details)) => {
                (&mut self.reasoning, details.reasoning)
            }
            _ => return,
        };
        // Gateways that fill in both formats leave the names of one at 0.
        *place = count.max(*place);
    }
}

impl From<Counts> for TokenUsage {
    fn from(counts: Counts) -> Self {
        let (input_tokens, output_tokens) = (counts.input.unwrap_or(0), counts.output.unwrap_or(0));
        Self {
            input_tokens,
            input_tokens_details: InputTokenDetails {
                cached_tokens: counts.cached.or(counts.cache_hit).unwrap_or(0),
            },
            output_tokens,
            output_tokens_details: OutputTokenDetails { reasoning_tokens: counts.reasoning.unwrap_or(0) },
            total_tokens: counts.total.unwrap_or_else(|| input_tokens.saturating_add(output_tokens)),
        }
    }
}

/// A value of the usage. Read in one pass: it is a part of every response.
enum UsageValue {
    Count(u64),
    Counts(Counts),
    Other,
}

impl<'de> Deserialize<'de> for UsageValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyValue;

        impl<'de> Visitor<'de> for AnyValue {
            type Value = UsageValue;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_u64<E>(self, count: u64) -> Result<UsageValue, E> {
                Ok(UsageValue::Count(count))
            }

            fn visit_i64<E>(self, count: i64) -> Result<UsageValue, E> {
                Ok(UsageValue::Count(count.try_into().unwrap_or(0)))
            }

            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
            fn visit_f64<E>(self, count: f64) -> Result<UsageValue, E> {
                Ok(UsageValue::Count(count as u64))
            }

            fn visit_bool<E>(self, _: bool) -> Result<UsageValue, E> {
                Ok(UsageValue::Other)
            }

            fn visit_str<E>(self, _: &str) -> Result<UsageValue, E> {
                Ok(UsageValue::Other)
            }

            fn visit_unit<E>(self) -> Result<UsageValue, E> {
                Ok(UsageValue::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<UsageValue, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(UsageValue::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<UsageValue, A::Error> {
                let mut counts = Counts::default();
                while let Some((name, value)) = object.next_entry::<Text<'_>, _>()? {
                    counts.take(&name, value);
                }
                Ok(UsageValue::Counts(counts))
            }
        }

        deserializer.deserialize_any(AnyValue)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::responses::events::event::Response;

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
            "output_tokens_details": {"reasoning_tokens": null}, "total_tokens": {"total_tokens": 9}});
        assert_eq!(counts(&odd), Some([0; 5]));
        let most = json!({"input_tokens": u64::MAX, "output_tokens": 1e300});
        assert_eq!(counts(&most), Some([u64::MAX, 0, u64::MAX, 0, u64::MAX]));
        assert_eq!(counts(&json!({})), Some([0; 5]));
        for none in [json!(null), json!([1]), json!("5"), json!(5), json!(true)] {
            assert_eq!(counts(&none), None, "{none}");
        }
    }

    #[test]
    fn counts_of_a_chat_service_are_read() {
        let whole = json!({"prompt_tokens": 5.0, "prompt_tokens_details": {"cached_tokens": 2}, "completion_tokens": 7,
            "completion_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 13});
        assert_eq!(counts(&whole), Some([5, 2, 7, 3, 13]));
        let deepseek = json!({"prompt_tokens": 5, "prompt_tokens_details": null, "completion_tokens": "7",
            "prompt_cache_hit_tokens": 3, "completion_tokens_details": "many"});
        assert_eq!(counts(&deepseek), Some([5, 3, 0, 0, 5]));
        let both =
            json!({"prompt_tokens": 5, "input_tokens": 0, "completion_tokens": 7, "output_tokens": null});
        assert_eq!(counts(&both), Some([5, 0, 7, 0, 12]));
    }
}
