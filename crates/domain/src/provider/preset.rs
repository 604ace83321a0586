//! Addresses of common services that speak the OpenAI API.
//!
//! Each address is the one that the service's own documentation gives as the base address of its OpenAI API.

use serde::Serialize;
use ts_rs::TS;

/// A service to choose when a provider is added. Everything that it fills in can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, TS)]
pub struct Preset {
    /// Its id on the command line, and the slug of the provider that it adds.
    pub id: &'static str,
    /// The service's own name.
    pub name: &'static str,
    /// Base address.
    pub base_url: &'static str,
    /// Whether it requires a key.
    pub needs_key: bool,
}

/// All presets: remote services first, then local programs.
pub const PRESETS: &[Preset] = &[
    far("groq", "Groq", "https://api.groq.com/openai/v1"),
    far("together", "Together", "https://api.together.xyz/v1"),
    far("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
    far("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1"),
    far("mistral", "Mistral", "https://api.mistral.ai/v1"),
    far("deepseek", "DeepSeek", "https://api.deepseek.com"),
    near("ollama", "Ollama", "http://localhost:11434/v1"),
    near("lm-studio", "LM Studio", "http://localhost:1234/v1"),
    near("vllm", "vLLM", "http://localhost:8000/v1"),
    near("llama.cpp", "llama.cpp", "http://localhost:8080/v1"),
];

const fn far(id: &'static str, name: &'static str, base_url: &'static str) -> Preset {
    Preset { id, name, base_url, needs_key: true }
}

const fn near(id: &'static str, name: &'static str, base_url: &'static str) -> Preset {
    Preset { id, name, base_url, needs_key: false }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BaseUrl, PlainHttp, ProviderSlug, is_loopback};

    #[test]
    fn presets_have_valid_slug_and_base_url() {
        for preset in PRESETS {
            assert_eq!(ProviderSlug::from_title(preset.name).unwrap().to_string(), preset.id);
            let base = BaseUrl::parse(preset.base_url, PlainHttp::LoopbackOnly).unwrap();
            assert_eq!(is_loopback(base.url()), !preset.needs_key, "{}", preset.name);
        }
    }
}
