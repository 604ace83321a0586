//! The heap of the window's process.

/// Has all threads take memory from one heap.
///
/// The GNU C library otherwise makes one for each thread of the runtime, and what a thread has used once stays in its heap:
/// 2 MiB in the window, and more on a computer with more processors. Nothing here allocates so much that threads wait for
/// each other. To be called before there is another thread. Other C libraries do not do this.
pub(crate) fn share_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "libc has no safe function for this, and it takes no pointer")]
    // SAFETY: it takes no pointer, and is called before another thread could allocate (mallopt(3), MT-Unsafe init).
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
