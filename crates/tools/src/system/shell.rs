//! Lines for a shell.

/// Whose syntax the lines for a shell are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash, zsh and other shells of Unix.
    Posix,
    /// PowerShell.
    PowerShell,
}

impl Shell {
    /// Returns the shell that this operating system has.
    pub fn of_this_system() -> Self {
        if cfg!(windows) { Self::PowerShell } else { Self::Posix }
    }

    /// Quotes `text` as one word, where it needs quotes.
    pub fn word(self, text: &str) -> String {
        if !text.is_empty() && text.chars().all(|one| one.is_ascii_alphanumeric() || "-_./:=".contains(one)) {
            return text.to_owned();
        }
        match self {
            Self::Posix => format!("'{}'", text.replace('\'', r"'\''")),
            Self::PowerShell => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// Writes the lines that set two variables: an address, and the pass.
    pub fn variables(self, (address_name, address): (&str, &str), (pass_name, pass): (&str, &str)) -> String {
        let pass = self.word(pass);
        match self {
            Self::Posix => {
                format!("export {address_name}={address}\nexport {pass_name}=$(usher pass print {pass})")
            }
            Self::PowerShell => {
                format!("$env:{address_name} = \"{address}\"\n$env:{pass_name} = usher pass print {pass}")
            }
        }
    }

    /// Writes a command with its arguments as one line.
    pub fn line(self, program: &str, arguments: &[String]) -> String {
        let words = arguments.iter().map(|argument| self.word(argument));
        std::iter::once(self.word(program)).chain(words).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_with_special_characters_is_one_word_in_every_shell() {
        assert_eq!(Shell::Posix.word("claude-code"), "claude-code");
        assert_eq!(Shell::Posix.word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(Shell::PowerShell.word("it's $env:X"), "'it''s $env:X'");
    }
}
