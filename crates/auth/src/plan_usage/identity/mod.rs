//! Whose sign-in it is: verified ID tokens (siwc §6).

pub(super) mod id_token;
mod signing_keys;
