//! How the web view draws: a page of text and buttons, without the graphics processor and in little memory.
//!
//! `WebKit` and GTK read this from the environment only, the process of the page included, which inherits it. Other
//! programs that the window starts must not: a browser of the same engine would become slow by it.

use std::sync::OnceLock;

/// Variables of WebKitGTK and GTK, with their values.
#[cfg(target_os = "linux")]
const WITHOUT_GRAPHICS: [(&str, &str); 2] = [
    // Pictures of the page are handed over in plain memory. Otherwise they cost a tenth of the start, and with some
    // drivers the window stays empty.
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    // GTK loads the graphics driver to ask the display which visuals could draw with OpenGL.
    ("GDK_GL", "disable"),
];

/// The page's scripts are interpreted: compiled ones take 10 MiB more, and none runs long enough to be faster by it.
/// Memory that is written and then run is not needed either.
#[cfg(target_os = "linux")]
const WITHOUT_COMPILER: [(&str, &str); 1] = [("JSC_useJIT", "0")];

/// The variables that this process has set for itself.
static OWN: OnceLock<Vec<&'static str>> = OnceLock::new();

/// Sets the variables, unless the person has chosen another value for one of a group. To be called before there is
/// another thread that could read the environment meanwhile. Other systems have another web view.
#[cfg(target_os = "linux")]
pub(crate) fn draw_plainly() {
    let mut own = Vec::new();
    // One with our value is of the window that started this one, after an update.
    let is_decided = |group: &[(&str, &str)]| {
        group.iter().any(|(name, value)| glib::getenv(name).is_some_and(|set| set.as_os_str() != *value))
    };
    if !is_decided(&WITHOUT_GRAPHICS) {
        set(&WITHOUT_GRAPHICS, &mut own);
        find_no_driver();
    }
    if !is_decided(&WITHOUT_COMPILER) {
        set(&WITHOUT_COMPILER, &mut own);
    }
    // Called once.
    let _ = OWN.set(own);
}

#[cfg(target_os = "linux")]
fn set(group: &[(&'static str, &str)], own: &mut Vec<&'static str>) {
    for (name, value) in group {
        // Fails for no name like these.
        let _ = glib::setenv(name, value, true);
        own.push(name);
    }
}

/// Has EGL look for graphics drivers now, and find none: `WebKit` would load one into this process, 20 MiB, only to learn
/// the name of a device that nothing uses. The process of the page looks for itself, and needs one.
///
/// The list of drivers is read once in a process, from the files that a variable names: see the dispatch library's
/// "EGL ICD enumeration". Where EGL is the driver's own library, nothing changes.
#[cfg(target_os = "linux")]
fn find_no_driver() {
    const FILES_OF_DRIVERS: &str = "__EGL_VENDOR_LIBRARY_FILENAMES";
    if glib::getenv(FILES_OF_DRIVERS).is_some() {
        return;
    }
    let _ = glib::setenv(FILES_OF_DRIVERS, "/dev/null", true);
    #[expect(unsafe_code, reason = "EGL has no safe binding, and this call takes no pointer of ours")]
    // SAFETY: the library is the one that WebKit links, and stays loaded; this is the declaration of `eglQueryString` in
    // EGL 1.5 §3.3, which allows no display with EGL_EXTENSIONS.
    unsafe {
        use std::ffi::{c_char, c_int, c_void};
        type QueryString = unsafe extern "C" fn(*mut c_void, c_int) -> *const c_char;
        const EGL_EXTENSIONS: c_int = 0x3055;
        if let Ok(library) = libloading::Library::new("libEGL.so.1") {
            if let Ok(query) = library.get::<QueryString>(b"eglQueryString\0") {
                query(std::ptr::null_mut(), EGL_EXTENSIONS);
            }
            std::mem::forget(library);
        }
    }
    glib::unsetenv(FILES_OF_DRIVERS);
}

/// Returns the variables that this process has set for itself, and that no other program should get.
pub(crate) fn own_variables() -> &'static [&'static str] {
    OWN.get().map_or(&[], Vec::as_slice)
}
