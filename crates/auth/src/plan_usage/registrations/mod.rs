//! What has to outlive the keyring and the sealed file: the host id and the client ids that were issued (siwc §2).

pub(super) mod client_id;
pub(super) mod file;
pub(super) mod host_id;
pub(super) mod record;
