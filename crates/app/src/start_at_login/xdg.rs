//! The entry of a Linux desktop (XDG autostart specification).

use std::path::{Path, PathBuf};

use usher_domain::Failure;

use super::{LoginCommand, MARKER};
use crate::platform::marked_file::text_of;

/// Returns where the entry is, below the folder of configuration.
pub(super) fn path(config: &Path, name: &str) -> PathBuf {
    config.join("autostart").join(format!("{name}.desktop"))
}

/// Returns the entry. Without its program, as after a removal of the package, the desktop leaves it out (`TryExec`).
pub(super) fn entry(command: &LoginCommand) -> Result<String, Failure> {
    let words: Vec<String> = command.words()?.into_iter().map(exec_word).collect();
    Ok(format!(
        "# {MARKER}, a switch of its Preferences. Switched off, it is deleted.\n\
         [Desktop Entry]\n\
         Type=Application\n\
         Name=Usher\n\
         Comment=Your OpenAI sign-in for the tools on this computer\n\
         TryExec={}\n\
         Exec={}\n\
         Icon=usher-desktop\n\
         Terminal=false\n\
         NoDisplay=true\n\
         X-GNOME-Autostart-enabled=true\n",
        text_of(&command.program)?.replace('\\', r"\\"),
        words.join(" ")
    ))
}

/// Returns the program of an entry.
pub(super) fn program(entry: &str) -> Option<PathBuf> {
    let written = entry.lines().find_map(|line| line.strip_prefix("TryExec="))?;
    Some(written.replace(r"\\", r"\").into())
}

/// Quotes a word of `Exec` (Desktop Entry Specification): first as an argument, then as a value; a percent sign would
/// begin a field code.
fn exec_word(word: &str) -> String {
    let mut quoted = String::from("\"");
    for one in word.chars() {
        match one {
            '"' | '`' | '$' | '\\' => quoted.extend(['\\', one]),
            '%' => quoted.push_str("%%"),
            one => quoted.push(one),
        }
    }
    quoted.push('"');
    quoted.replace('\\', r"\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_desktop() {
        let of = |program: &str, home: Option<&str>| {
            entry(&LoginCommand { program: program.into(), home: home.map(PathBuf::from) })
        };
        let plain = of("/usr/bin/usher-desktop", None).unwrap();
        assert!(plain.contains("\nExec=\"/usr/bin/usher-desktop\" \"--hidden\"\n"), "{plain}");
        assert!(plain.contains("\nTryExec=/usr/bin/usher-desktop\n"), "{plain}");
        let odd = of("/opt/a b/100%/usher", Some("/home/ada/$x \"y\" \\z")).unwrap();
        let exec = r#"Exec="/opt/a b/100%%/usher" "--hidden" "--home" "/home/ada/\\$x \\"y\\" \\\\z""#;
        assert!(odd.contains(exec), "{odd}");
        for path in ["/usr/bin/usher-desktop", "/opt/a b/100%/usher", r"/opt/a\\b\c/usher"] {
            assert_eq!(program(&of(path, None).unwrap()), Some(path.into()));
        }
        assert!(of("/opt/a\nExec=/bin/sh/usher", None).is_err());
    }
}
