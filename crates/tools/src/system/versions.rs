//! The version of a program, as the files of what installed it say. Starting a program to ask takes a second, and more for some.

use std::path::{Component, Path, PathBuf};

use serde_json::Value as Json;

use crate::catalog::Tool;
use crate::system::disk::read_to_look;

/// Returns the version of the program of a tool, where a file or a folder says it.
pub(crate) fn version_of(program: &Path, tool: &Tool) -> Option<String> {
    let real = program.canonicalize().ok()?;
    npm(&real)
        .or_else(|| tool.python_package.and_then(|package| python(&real, package)))
        .or_else(|| in_path(&real))
        .or_else(|| cargo(&real))
}

/// Returns the version of one of these extensions of an editor.
pub(crate) fn extension_version(home: &Path, ids: &[&str]) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    EDITORS.iter().find_map(|editor| {
        let list = read_to_look(&home.join(editor).join("extensions/extensions.json"))?;
        let list: Json = serde_json::from_str(&list).ok()?;
        let is_wanted = |one: &&Json| {
            let id = one.pointer("/identifier/id").and_then(Json::as_str);
            id.is_some_and(|id| ids.iter().any(|wanted| wanted.eq_ignore_ascii_case(id)))
        };
        checked(list.as_array()?.iter().find(is_wanted)?.get("version")?.as_str()?)
    })
}

/// Folders of editors that have extensions of VS Code, in the home.
const EDITORS: [&str; 6] =
    [".vscode", ".vscode-insiders", ".vscode-server", ".vscode-oss", ".cursor", ".windsurf"];

/// Reads the `package.json` above a program of npm, which is a link into its package.
fn npm(real: &Path) -> Option<String> {
    /// A program is this deep in its package at most.
    const DEPTH: usize = 4;
    let mut manifests = real.ancestors().skip(1).take(DEPTH).map(|folder| folder.join("package.json"));
    let manifest = manifests.find_map(|path| read_to_look(&path))?;
    let manifest: Json = serde_json::from_str(&manifest).ok()?;
    checked(manifest.get("version")?.as_str()?)
}

/// Reads the name of the folder that an installer of Python keeps the metadata of a package in: `llm-0.27.1.dist-info`. It is
/// the same for pip, pipx and uv, in an environment or not.
fn python(real: &Path, package: &str) -> Option<String> {
    let root = real.parent()?.parent()?;
    let below = |folder: PathBuf| {
        let entries = std::fs::read_dir(folder).ok();
        entries.into_iter().flatten().flatten().map(|entry| entry.path())
    };
    let libraries = below(root.join("lib"))
        .flat_map(|library| ["site-packages", "dist-packages"].map(|packages| library.join(packages)));
    let mut folders = libraries.chain([root.join("Lib/site-packages")]).flat_map(below);
    folders.find_map(|folder| {
        let name = folder.file_name()?.to_str()?.strip_suffix(".dist-info")?;
        let (name, version) = name.rsplit_once('-')?;
        if !name.replace('-', "_").eq_ignore_ascii_case(package) {
            return None;
        }
        checked(version)
    })
}

/// Reads the path of a program whose installer keeps each version in a folder, or file, of its name: Homebrew, mise and asdf,
/// and Claude Code's own.
fn in_path(real: &Path) -> Option<String> {
    let names: Vec<&str> = real.components().filter_map(normal).collect();
    let after = |folders: &[&str], skipped: usize| {
        let at = names.iter().position(|name| folders.contains(name))?;
        names.get(at + 1 + skipped)
    };
    let version = after(&["Caskroom", "Cellar", "installs"], 1).or_else(|| after(&["versions"], 0))?;
    // Homebrew adds its own revision, or the build.
    checked(version.split(['_', ',']).next()?)
}

fn normal(component: Component<'_>) -> Option<&str> {
    match component {
        Component::Normal(name) => name.to_str(),
        _ => None,
    }
}

/// Reads cargo's list of what it installed, which is beside the folder of the programs.
fn cargo(real: &Path) -> Option<String> {
    let (folder, name) = (real.parent()?.parent()?, real.file_stem()?.to_str()?);
    let list: Json = serde_json::from_str(&read_to_look(&folder.join(".crates2.json"))?).ok()?;
    let is_in = |install: &Json| {
        let programs = install.get("bins").and_then(Json::as_array).into_iter().flatten();
        programs.filter_map(Json::as_str).any(|program| program.trim_end_matches(".exe") == name)
    };
    let (package, _) = list.get("installs")?.as_object()?.iter().find(|(_, install)| is_in(install))?;
    checked(package.split(' ').nth(1)?)
}

/// Returns a version if it is one.
fn checked(version: &str) -> Option<String> {
    let is_known = |one: char| one.is_ascii_alphanumeric() || ".+-!".contains(one);
    let is_version = version.starts_with(|one: char| one.is_ascii_digit())
        && version.contains('.')
        && version.len() < 64
        && version.chars().all(is_known);
    is_version.then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes files below a folder; each is its path and its text.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn read(id: &str, program: &str, files: &[(&str, &str)]) -> Option<String> {
        let home = folder(&[&[(program, "")], files].concat());
        version_of(&home.path().join(program), Tool::find(id).unwrap())
    }

    #[test]
    fn version_is_read_from_what_each_installer_leaves() {
        let package = "lib/node_modules/@openai/codex";
        let in_python = |root, name| format!("{root}/lib/python3.12/site-packages/{name}.dist-info/METADATA");
        let aider = in_python("tools/aider-chat", "aider_chat-0.86.2.dev1");
        let llm = [in_python(".local", "llm_ollama-0.9"), in_python(".local", "llm-0.27.1")];
        let crates = r#"{"installs":{"other 9.9.9 (registry+x)":{"bins":["other"]},"zed-cli 0.99.1 (registry+x)":{"bins":["zed"]}}}"#;
        let rows = [
            (
                read(
                    "codex",
                    &format!("{package}/bin/codex.js"),
                    &[(&format!("{package}/package.json"), r#"{"version":"0.171.0"}"#)],
                ),
                "0.171.0",
            ),
            (read("aider", "tools/aider-chat/bin/aider", &[(&aider, "")]), "0.86.2.dev1"),
            (read("llm", ".local/bin/llm", &[(&llm[0], ""), (&llm[1], "")]), "0.27.1"),
            (read("codex", "Caskroom/codex/0.172.0/codex-x86_64", &[]), "0.172.0"),
            (read("goose", "Cellar/block-goose-cli/1.9.3_1/bin/goose", &[]), "1.9.3"),
            (read("opencode", "mise/installs/opencode/1.18.33/opencode", &[]), "1.18.33"),
            (read("claude-code", ".local/share/claude/versions/2.1.332", &[]), "2.1.332"),
            (read("zed", ".cargo/bin/zed", &[(".cargo/.crates2.json", crates)]), "0.99.1"),
        ];
        for (version, expected) in rows {
            assert_eq!(version.as_deref(), Some(expected));
        }
    }

    #[test]
    fn version_is_unknown_where_no_file_has_it() {
        let other = ".local/lib/python3.12/site-packages/other-1.0.dist-info/METADATA";
        assert_eq!(read("aider", ".local/bin/aider", &[(other, "")]), None);
        assert_eq!(read("codex", "versions/current/codex", &[]), None);
        assert_eq!(read("pi", "bin/pi", &[("package.json", r#"{"version":"1.0 \u001b[1m"}"#)]), None);
        assert_eq!(read("zed", ".cargo/bin/zed", &[(".cargo/.crates2.json", "no JSON")]), None);
    }

    #[test]
    fn extension_of_an_editor_has_the_version_of_its_list() {
        let list = r#"[{"identifier":{"id":"x.y"},"version":"9.9.9"},{"identifier":{"id":"saoudrizwan.claude-dev"},"version":"3.40.1"}]"#;
        let home = folder(&[
            (".vscode/extensions/extensions.json", "[]"),
            (".cursor/extensions/extensions.json", list),
        ]);
        let version = |tool| extension_version(home.path(), Tool::find(tool).unwrap().extensions);
        assert_eq!(version("cline").as_deref(), Some("3.40.1"));
        assert_eq!((version("continue"), version("codex")), (None, None));
    }
}
