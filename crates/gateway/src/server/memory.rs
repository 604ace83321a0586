//! Returns free memory to the system.

/// Returns free heap memory to the system.
///
/// The GNU C library would otherwise retain what one 60 MB request or one token count allocated for as long as the
/// program runs. Other allocators do this themselves.
pub(crate) fn trim_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "libc has no safe function for this, and it takes no pointer")]
    // SAFETY: it takes no pointer and may be called at any time from any thread (malloc_trim(3), MT-Safe).
    unsafe {
        libc::malloc_trim(0);
    }
}
