//! Memory that is free again, and who has it.

/// Gives what is free back to the system. The C library of GNU keeps it for itself otherwise: what one request of
/// 60 MB or one count of tokens took would count as this program's for the weeks that it runs. Other systems'
/// allocators see to that themselves.
pub(crate) fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "there is no other way to ask, and nothing that could be passed wrongly")]
    // SAFETY: it takes no pointer and may be called at any time from any thread (malloc_trim(3), MT-Safe).
    unsafe {
        libc::malloc_trim(0);
    }
}
