//! The names of this computer in a redirect address.

/// The names that a redirect may lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopbackNames {
    /// `127.0.0.1` only, as a registration of plan usage has it (siwc §3).
    Ipv4,
    /// All that browsers may take `localhost` for.
    All,
}

impl LoopbackNames {
    pub(super) fn hosts(self) -> &'static [&'static str] {
        match self {
            Self::Ipv4 => &["127.0.0.1"],
            Self::All => &["127.0.0.1", "localhost", "[::1]"],
        }
    }
}
