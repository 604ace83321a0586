//! The heaps of a process. Of C libraries, only the GNU one needs settings.

use std::ffi::c_int;
use std::num::NonZero;

/// Has all threads take memory from at most so many heaps.
///
/// The GNU C library otherwise makes up to eight for each processor, and what threads have used once stays in each of them:
/// in a gateway with 512 streams a third of its memory, in the window 2 MiB. Threads that work at the same time wait for each
/// other where they share one, so a gateway has one for each processor: measured with 32 connections on two processors, one
/// heap answers a third fewer requests, and two as many as sixteen. To be called before there is another thread. Other C
/// libraries do not do this.
pub fn limit_heaps(most: NonZero<usize>) {
    set(Setting::MostHeaps, most.get().try_into().unwrap_or(c_int::MAX));
}

/// Has free memory at the end of a heap given back to the system when it is 128 KiB or more.
///
/// The GNU C library begins with this bound, and raises it up to 64 MiB by what is freed: after the start of the window it
/// keeps 1 MiB that nothing needs again. Costs a call to the system each time, so it is not for a gateway. To be called
/// before there is another thread.
pub fn give_back_free_memory() {
    set(Setting::MostFreeBytes, 128 * 1024);
}

/// A setting of the GNU C library.
#[derive(Clone, Copy)]
enum Setting {
    MostHeaps,
    MostFreeBytes,
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn set(setting: Setting, value: c_int) {
    let setting = match setting {
        Setting::MostHeaps => libc::M_ARENA_MAX,
        Setting::MostFreeBytes => libc::M_TRIM_THRESHOLD,
    };
    #[expect(unsafe_code, reason = "libc has no safe function for this, and it takes no pointer")]
    // SAFETY: it takes no pointer, and is called before another thread could allocate (mallopt(3), MT-Unsafe init).
    unsafe {
        libc::mallopt(setting, value);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn set(_setting: Setting, _value: c_int) {}
