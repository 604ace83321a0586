//! Gives the background process the passphrase of the store, which it cannot ask for.

use usher_domain::{Failure, Passphrase};

use crate::background::client::connect;
use crate::background::lock::running;
use crate::context::Context;

/// Unlocks the store in the background process of this home, if one runs that is not this process.
pub(crate) async fn unlock_background(context: &Context, passphrase: &Passphrase) -> Result<(), Failure> {
    if running(context).is_some_and(|holder| holder.process == std::process::id()) {
        return Ok(());
    }
    match connect(context).await? {
        Some(connection) => connection.unlock(passphrase).await,
        None => Ok(()),
    }
}
