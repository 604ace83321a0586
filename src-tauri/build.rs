//! Gives every command a permission of its own, so that a command that is not granted by name in
//! `capabilities/main.json` is refused.

const COMMANDS: &[&str] = include!("command_names.rs");

fn main() {
    println!("cargo:rerun-if-changed=command_names.rs");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning=is the page built? `./dev` builds it into ui/dist first");
        panic!("{error:#}");
    }
}
