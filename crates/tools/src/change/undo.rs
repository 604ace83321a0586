//! Restores a file from the ledger.
//!
//! A file that nobody changed since becomes what it was, byte for byte. In one that was changed, those keys are restored
//! that still have what was written; a key that somebody changed stays, and is named.

use usher_domain::Failure;

use crate::ledger::{FileChange, KeyChange, hash};
use crate::system::disk;

/// What a file becomes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Its text; `None` for a file that was made for the tool.
    pub(crate) text: Option<String>,
    /// Keys that somebody changed since.
    pub(crate) kept: Vec<String>,
    /// Whether it is what it was, byte for byte.
    pub(crate) is_exact: bool,
}

/// Returns what a file with this text becomes; `None` where there is nothing to restore.
pub(crate) fn restore(change: &FileChange, text: &str) -> Result<Option<Restored>, Failure> {
    let now = hash(text);
    if now == change.before {
        return Ok(None);
    }
    if now == change.after
        && let Some(old) = reversed(change, text).filter(|old| hash(old) == change.before)
    {
        let text = change.existed.then_some(old);
        return Ok(Some(Restored { text, kept: Vec::new(), is_exact: true }));
    }
    let (mut new, mut kept) = (text.to_owned(), Vec::new());
    for key in change.keys.iter().rev() {
        match restore_key(change, key, &new)? {
            Some(restored) => new = restored,
            None => kept.push(key.path.to_string()),
        }
    }
    kept.reverse();
    if new == text {
        return Ok((!kept.is_empty()).then_some(Restored { text: Some(new), kept, is_exact: false }));
    }
    // A file that was made for the tool goes when nothing is left in it.
    let is_empty = change.format.parse(&new).is_ok_and(|value| value.is_empty());
    let text = (change.existed || !is_empty || new.contains('#') || new.contains("//")).then_some(new);
    Ok(Some(Restored { text, kept, is_exact: false }))
}

/// Applies the changes backwards.
fn reversed(change: &FileChange, text: &str) -> Option<String> {
    change.splices.iter().rev().try_fold(text.to_owned(), |text, splice| {
        let (before, after) = (text.get(..splice.at)?, text.get(splice.at + splice.inserted..)?);
        Some([before, &splice.removed, after].concat())
    })
}

/// Restores one key; `None` where somebody changed it.
fn restore_key(change: &FileChange, key: &KeyChange, text: &str) -> Result<Option<String>, Failure> {
    let format = change.format;
    let path = std::path::Path::new(&change.path);
    let failed = |error| disk::failure(path, error);
    let raw = format.raw(text, &key.path).map_err(failed)?;
    let is_ours = raw.as_deref().is_some_and(|raw| hash(raw) == key.written);
    let splices = match (&key.previous, raw) {
        (None, None) => return Ok(Some(text.to_owned())),
        (Some(previous), Some(raw)) if *previous == raw => return Ok(Some(text.to_owned())),
        (previous, _) if is_ours => match previous {
            Some(previous) => format.set_raw(text, &key.path, previous).map_err(failed)?,
            None => format.remove(text, &key.path).map_err(failed)?,
        },
        _ => return Ok(None),
    };
    let mut text = splices.iter().fold(text.to_owned(), |text, splice| splice.apply(&text));
    if key.previous.is_none() {
        for parent in key.path.parents().take(key.made) {
            let values = format.parse(&text).map_err(failed)?;
            if !parent.find(&values).is_some_and(crate::document::value::Value::is_empty) {
                break;
            }
            let splices = format.remove(&text, &parent).map_err(failed)?;
            text = splices.iter().fold(text, |text, splice| splice.apply(&text));
        }
    }
    Ok(Some(text))
}
