//! A bare window of the same Tauri, for `./dev bench` to compare with: it says when its page has painted.

mod commands {
    /// The page has painted. By the name that the window's own command has: the permissions are the same.
    #[tauri::command]
    #[expect(clippy::print_stdout, reason = "the benchmark reads it from there")]
    pub(crate) fn painted() {
        println!("painted");
    }
}

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![commands::painted])
        .run(tauri::generate_context!("examples/bare/tauri.conf.json"))
}
