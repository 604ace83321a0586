//! What identifies this computer.

/// Returns the id that the operating system made for this installation of it, if there is one.
///
/// Other programs know it as well, so it is never sent or saved as it is.
pub fn machine_id() -> Option<String> {
    let id =
        machine_uid::get().inspect_err(|error| tracing::debug!(%error, "this computer has no id")).ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_id_is_the_same_every_time_and_never_empty() {
        let id = machine_id();
        assert_eq!(machine_id(), id);
        assert_ne!(id.as_deref(), Some(""));
    }
}
