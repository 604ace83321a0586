//! Random bytes of the operating system.

use usher_domain::{ErrorCode, Failure};

const ID_BYTES: usize = 8;

/// Returns random bytes.
///
/// Fails with [`ErrorCode::Internal`] when the operating system returns none; then nothing is encrypted or saved.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("the operating system returned no random bytes: {error}"))
    })?;
    Ok(bytes)
}

/// Returns a new record id, which no other record has.
pub(crate) fn new_id() -> Result<String, Failure> {
    Ok(format!("{:016x}", u64::from_le_bytes(random::<ID_BYTES>()?)))
}
