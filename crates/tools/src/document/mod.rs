//! Files of settings that are changed key by key: every byte that is not of a changed key stays as it is.
//!
//! A parser finds where a value is, and the text is changed there. After each change the file is parsed again and must
//! mean what it meant before but for that one key; otherwise nothing is changed, and the message says why. So a mistake of an editor, or a file that is written in a way that nobody thought of, never damages a file.

mod jsonc;
pub(crate) mod key_path;
mod splice;
mod toml;
pub(crate) mod value;
mod yaml;

use std::ops::Range;

use serde::{Deserialize, Serialize};

pub use self::splice::Splice;
pub(crate) use self::splice::merge;
use crate::document::key_path::KeyPath;
use crate::document::value::Value;

/// The largest file that is read. Those of the tools are a few kilobytes.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The deepest nesting that is read, so that a parser cannot run out of stack.
const MAX_DEPTH: usize = 100;

/// The mark that some editors put at the start of a file.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// TOML 1.0.
    Toml,
    /// JSON, with comments and trailing commas.
    Jsonc,
    /// YAML 1.2, one document.
    Yaml,
}

/// What a format can do.
trait Document {
    /// Returns what a text means.
    fn parse(&self, text: &str) -> Result<Value, EditError>;
    /// Returns where the value of `path` is.
    fn locate(&self, text: &str, path: &KeyPath) -> Result<Option<Range<usize>>, EditError>;
    /// Returns the changes, one after the other, that make `value` the value of `path`.
    fn set(&self, text: &str, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, EditError>;
    /// Returns the changes, one after the other, that remove `path`, which is there.
    fn remove(&self, text: &str, path: &KeyPath) -> Result<Vec<Splice>, EditError>;
}

/// Why a file is not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// It is not valid: the position, and what is wrong there.
    Invalid {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// Something on the way to a key has another type than the tool wants.
    WrongType(String),
    /// It is written in a way that cannot be changed safely.
    Unsupported(String),
}

impl std::fmt::Display for EditError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid { line, column, message } => write!(f, "line {line}, column {column}: {message}"),
            Self::WrongType(path) => write!(f, "{path} has another type than the tool expects"),
            Self::Unsupported(why) => f.write_str(why),
        }
    }
}

impl EditError {
    fn at(text: &str, offset: usize, message: impl Into<String>) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let line = before.matches('\n').count() + 1;
        let column = before[before.rfind('\n').map_or(0, |end| end + 1)..].chars().count() + 1;
        Self::Invalid { line, column, message: message.into() }
    }
}

impl Format {
    fn document(self) -> &'static dyn Document {
        match self {
            Self::Toml => &toml::Toml,
            Self::Jsonc => &jsonc::Jsonc,
            Self::Yaml => &yaml::Yaml,
        }
    }

    /// Returns what a text means.
    pub fn parse(self, text: &str) -> Result<Value, EditError> {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        check_depth(text)?;
        self.document().parse(text)
    }

    /// Returns the text of the value of `path`.
    pub fn raw(self, text: &str, path: &KeyPath) -> Result<Option<String>, EditError> {
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        check_depth(text)?;
        Ok(self.document().locate(text, path)?.map(|range| text[range].to_owned()))
    }

    /// Returns the changes, one after the other, that make `value` the value of `path`.
    pub fn set(self, text: &str, path: &KeyPath, value: &Value) -> Result<Vec<Splice>, EditError> {
        self.change(text, path, Some(value), |document, text| document.set(text, path, value))
    }

    /// Returns the change that replaces the text of a value by that of an older one.
    pub fn set_raw(self, text: &str, path: &KeyPath, raw: &str) -> Result<Vec<Splice>, EditError> {
        let plain = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        check_depth(plain)?;
        let missing = || EditError::WrongType(path.to_string());
        let document = self.document();
        let range = document.locate(plain, path)?.ok_or_else(missing)?;
        let splice = Splice::replacement(plain, range, raw);
        let new = document.parse(&splice.apply(plain))?;
        let old = path.find(&new).cloned().ok_or_else(missing)?;
        self.change(text, path, Some(&old), |_, _| Ok(vec![splice]))
    }

    /// Returns the changes, one after the other, that remove `path`.
    pub fn remove(self, text: &str, path: &KeyPath) -> Result<Vec<Splice>, EditError> {
        self.change(text, path, None, |document, text| document.remove(text, path))
    }

    /// Makes a change and compares what it means with what was asked for.
    fn change(
        self,
        text: &str,
        path: &KeyPath,
        value: Option<&Value>,
        edit: impl FnOnce(&dyn Document, &str) -> Result<Vec<Splice>, EditError>,
    ) -> Result<Vec<Splice>, EditError> {
        let plain = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        check_depth(plain)?;
        let document = self.document();
        let before = document.parse(plain)?;
        let wanted = path.put(&before, value).ok_or_else(|| EditError::WrongType(path.to_string()))?;
        let mut splices = edit(document, plain)?;
        let after = document.parse(&splice::apply_all(&splices, plain));
        if !after.is_ok_and(|after| is_wanted(&after, wanted, path)) {
            let why = format!("it is written in a way in which {path} cannot be changed safely");
            return Err(EditError::Unsupported(why));
        }
        for splice in &mut splices {
            splice.at += text.len() - plain.len();
        }
        Ok(splices)
    }
}

/// Returns whether a text means what was wanted. With the last key of it a table may have gone, too: one of TOML may be there
/// only by its keys. And a file of nothing is an empty list as well as an empty table.
fn is_wanted(after: &Value, mut wanted: Value, path: &KeyPath) -> bool {
    let is_same = |wanted: &Value| after.means(wanted) || (after.is_empty() && wanted.is_empty());
    if is_same(&wanted) {
        return true;
    }
    for parent in path.parents() {
        if !parent.find(&wanted).is_some_and(Value::is_empty) {
            return false;
        }
        let Some(without) = parent.put(&wanted, None) else { return false };
        wanted = without;
        if is_same(&wanted) {
            return true;
        }
    }
    false
}

/// Refuses a text whose brackets or indentation are nested so deeply that a parser could run out of stack.
fn check_depth(text: &str) -> Result<(), EditError> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => continue,
        }
        if depth > MAX_DEPTH {
            return Err(EditError::at(text, at, "it is nested too deeply"));
        }
    }
    let deepest =
        text.lines().map(|line| line.len() - line.trim_start_matches([' ', '-', '?', '\t']).len()).max();
    match deepest {
        Some(deepest) if deepest > MAX_DEPTH * 10 => {
            Err(EditError::Unsupported("it is nested too deeply".into()))
        }
        _ => Ok(()),
    }
}
