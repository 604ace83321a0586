//! What the tray asks of the background process that it is part of.

use crate::background::Background;
use crate::background::reasons::StayReason;

impl Background {
    /// Returns a reason to stay although the gateway is off, for as long as it is held.
    pub fn hold(&self) -> StayReason {
        self.server.reasons.hold()
    }

    /// Notes whether a tray shows the icon. Where one does, a window closes without a question.
    pub fn set_tray(&self, shown: bool) {
        // The same again is no news for the windows.
        self.server.tray.send_if_modified(|now| std::mem::replace(now, shown) != shown);
    }

    /// Ends this process in order.
    pub fn end(&self) {
        self.server.quit.notify_one();
    }
}
