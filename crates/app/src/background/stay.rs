//! What the tray asks of the background process that it is part of.

use crate::background::Background;
use crate::background::reasons::StayReason;

impl Background {
    /// Returns a reason to stay although the gateway is off, for as long as it is held.
    pub fn hold(&self) -> StayReason {
        self.server.reasons.hold()
    }

    /// Ends this process in order.
    pub fn end(&self) {
        self.server.quit.notify_one();
    }
}
