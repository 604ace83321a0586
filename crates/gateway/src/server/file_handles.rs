//! The number of files and sockets that this process may have open.

/// Handles for everything but connections: the listeners, files of the home, the log, the runtime.
const RESERVED: u64 = 128;
/// A connection of a client may need one to the provider.
const HANDLES_PER_CONNECTION: u64 = 2;

/// Raises the limit of open files as far as the system lets it, and returns how many connections fit in it.
///
/// Many systems give a process 1,024, which is for programs that use `select`; the hard limit is far higher.
pub(crate) fn connections_that_fit() -> usize {
    let handles = raise_limit().unwrap_or(u64::MAX);
    usize::try_from(connections_in(handles)).unwrap_or(usize::MAX)
}

fn connections_in(handles: u64) -> u64 {
    (handles.saturating_sub(RESERVED) / HANDLES_PER_CONNECTION).max(1)
}

/// Returns the limit that is in force then; `None` if there is none.
#[cfg(unix)]
fn raise_limit() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_ok() {
        return limit.maximum;
    }
    limit.current
}

#[cfg(not(unix))]
fn raise_limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_in_the_handles() {
        assert_eq!([0, 130, 1024, 524_288].map(connections_in), [1, 1, 448, 262_080]);
        assert!(connections_that_fit() > 0);
    }

    #[cfg(unix)]
    #[test]
    fn limit_of_handles_is_raised_to_the_maximum() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        let Some(most) = maximum else { return };
        setrlimit(Resource::Nofile, Rlimit { current: Some(most / 2), maximum }).unwrap();
        connections_that_fit();
        assert_eq!(getrlimit(Resource::Nofile).current, maximum);
    }
}
