//! What the store holds, and how it is written as bytes.

pub(super) mod plan_grant;
mod secret_fields;
pub(super) mod transfer_records;
pub(super) mod vault;

pub(super) use self::vault::{KeyRecord, SignIn};
