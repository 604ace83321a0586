//! What a link that begins with `usher://` asks for, as the page shows it.

use serde::Serialize;
use ts_rs::TS;
use usher_domain::{DeepLink, LinkPanel, ProposedService};

/// What the page does with a link. Nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DeepLinkView {
    /// Opens a panel.
    Open {
        /// Which one.
        panel: LinkPanel,
    },
    /// Shows the service, and adds it after a yes.
    Add {
        /// All that is added.
        service: ProposedService,
    },
    /// Says why the link was rejected.
    Rejected {
        /// What is wrong with the link.
        cause: String,
    },
}

impl DeepLinkView {
    /// Parses a link that another program gave to Usher.
    pub fn parse(link: &str) -> Self {
        match DeepLink::parse(link) {
            Ok(DeepLink::Open(panel)) => Self::Open { panel },
            Ok(DeepLink::Add(service)) => Self::Add { service },
            Err(refused) => Self::Rejected { cause: refused.cause },
        }
    }
}
