//! Removes keys and tables from the file, and keeps the comments above them.
//!
//! `toml_edit` stores a comment with the key below it, so a plain `remove` would delete comments of the person's, the
//! header of the file among them.

use toml_edit::{Array, DocumentMut, Item, RawString, Table, Value};

/// Removes `key` from the table at `path`.
///
/// Comments above it stay; a comment after its value is about it, and is removed.
pub(super) fn remove_key(document: &mut DocumentMut, path: &[&str], key: &str) {
    let header = header_position(document, path);
    let Some(table) = item_at(document, path).and_then(Item::as_table_like_mut) else { return };
    let next = table.iter().map(|(name, _)| name.to_owned()).skip_while(|name| name != key).nth(1);
    let mut kept = table.key(key).map(|key| comments(text(key.leaf_decor().prefix()))).unwrap_or_default();
    if let Some(Item::Value(Value::Array(list))) = table.remove(key)
        && list.is_empty()
    {
        kept += &comments(text(Some(list.trailing())));
    }
    if kept.is_empty() {
        return;
    }
    let next = next.filter(|name| table.get(name).is_some_and(Item::is_value));
    match next.and_then(|name| table.key_mut(&name)) {
        Some(mut next) => {
            let prefix = kept + text(next.leaf_decor().prefix());
            next.leaf_decor_mut().set_prefix(prefix);
        }
        None => insert_after_table(document, header, &kept),
    }
}

/// Removes the table `name` from the one at `group`, with its contents and the comments right above it.
///
/// Comments that a blank line separates from those are about more than this table, and stay.
pub(super) fn remove_table(document: &mut DocumentMut, group: &str, name: &str) {
    let header = header_position(document, &[group, name]);
    let Some(table) = item_at(document, &[group]).and_then(Item::as_table_like_mut) else { return };
    if !table.get(name).is_some_and(Item::is_table) {
        return remove_key(document, &[group], name);
    }
    let Some(Item::Table(removed)) = table.remove(name) else { return };
    let Some((separate, _)) = text(removed.decor().prefix()).rsplit_once("\n\n") else { return };
    let kept = comments(separate);
    if !kept.is_empty() {
        insert_after_table(document, header, &kept);
    }
}

/// Removes a text from a list, and keeps the comments around it.
pub(super) fn remove_from_list(list: &mut Array, removed: &str) {
    let find = |list: &Array| list.iter().position(|one| one.as_str() == Some(removed));
    while let Some(at) = find(list) {
        let value = list.remove(at);
        let around = [text(value.decor().prefix()), text(value.decor().suffix())];
        let kept = around.map(comments).concat();
        if kept.is_empty() {
            continue;
        }
        if let Some(next) = list.get_mut(at) {
            let prefix = format!("\n{kept}{}", text(next.decor().prefix()));
            next.decor_mut().set_prefix(prefix);
        } else {
            let trailing = format!("\n{kept}{}", text(Some(list.trailing())));
            list.set_trailing(trailing);
        }
    }
}

/// Returns what is at `path`. Not by `Item::get_mut`, which adds an empty entry for a key that is missing.
pub(super) fn item_at<'a>(document: &'a mut DocumentMut, path: &[&str]) -> Option<&'a mut Item> {
    path.iter().try_fold(document.as_item_mut(), |item, key| item.as_table_like_mut()?.get_mut(key))
}

/// Returns the position of the header that the table at `path` is below; `None` where it is above all headers.
fn header_position(document: &DocumentMut, path: &[&str]) -> Option<isize> {
    let mut item = document.as_item();
    let mut position = None;
    for key in path {
        let Some(next) = item.get(key) else { break };
        position = next.as_table().filter(|table| has_header(table)).and_then(Table::position).or(position);
        item = next;
    }
    position
}

/// Inserts comments after the table with the header at `position`, which may have been removed.
fn insert_after_table(document: &mut DocumentMut, position: Option<isize>, kept: &str) {
    if let Some(next) = next_table(document.as_table_mut(), position) {
        let prefix = format!("{kept}\n{}", text(next.decor().prefix()).trim_start_matches('\n'));
        next.decor_mut().set_prefix(prefix);
    } else {
        let end = format!("{kept}{}", text(Some(document.trailing())));
        document.set_trailing(end);
    }
}

/// Returns the table whose header is the next one after `position`.
fn next_table(root: &mut Table, position: Option<isize>) -> Option<&mut Table> {
    let next = positions(root).into_iter().filter(|other| Some(*other) > position).min()?;
    at_position(root, next)
}

fn positions(table: &Table) -> Vec<isize> {
    let below = table.iter().flat_map(|(_, item)| match item {
        Item::Table(table) => positions(table),
        Item::ArrayOfTables(list) => list.iter().flat_map(positions).collect(),
        _ => Vec::new(),
    });
    table.position().filter(|_| has_header(table)).into_iter().chain(below).collect()
}

fn at_position(table: &mut Table, position: isize) -> Option<&mut Table> {
    if has_header(table) && table.position() == Some(position) {
        return Some(table);
    }
    table.iter_mut().find_map(|(_, item)| match item {
        Item::Table(table) => at_position(table, position),
        Item::ArrayOfTables(list) => list.iter_mut().find_map(|table| at_position(table, position)),
        _ => None,
    })
}

fn has_header(table: &Table) -> bool {
    !table.is_implicit() && !table.is_dotted()
}

/// Returns the comments between two values, each on a line of its own.
fn comments(between: &str) -> String {
    let starts = between.lines().filter_map(|line| line.find('#').map(|at| &line[at..]));
    starts.fold(String::new(), |all, comment| all + comment + "\n")
}

fn text(raw: Option<&RawString>) -> &str {
    raw.and_then(RawString::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remove_key_keeps_comments_above_it() {
        let text = "[a]\n# one\nx = 1 # of x\n# two\ny = 2 # of y\n# three\nz = 3\n# end\n";
        let rows = [
            ("x", "[a]\n# one\n# two\ny = 2 # of y\n# three\nz = 3\n# end\n"),
            ("y", "[a]\n# one\nx = 1 # of x\n# two\n# three\nz = 3\n# end\n"),
            ("z", "[a]\n# one\nx = 1 # of x\n# two\ny = 2 # of y\n# three\n# end\n"),
        ];
        for (key, expected) in rows {
            let mut document: DocumentMut = text.parse().unwrap();
            remove_key(&mut document, &["a"], key);
            assert_eq!(document.to_string(), expected, "{key}");
        }
        let mut document: DocumentMut = text.parse().unwrap();
        for key in ["y", "x", "z"] {
            remove_key(&mut document, &["a"], key);
        }
        assert_eq!(document.to_string(), "[a]\n# one\n# two\n# three\n# end\n");
    }

    #[test]
    fn remove_last_key_moves_its_comments_above_the_next_table() {
        let rows = [
            ("[a]\n# one\nx = 1\n\n[b]\ny = 1\n", "[a]\n# one\n\n[b]\ny = 1\n"),
            ("# one\na.x = 1\n[b]\ny = 1\n", "# one\n\n[b]\ny = 1\n"),
            ("[c]\n[a]\n# one\nx = 1\n[b]\n[a.z]\n", "[c]\n[a]\n# one\n\n[b]\n[a.z]\n"),
        ];
        for (text, expected) in rows {
            let mut document: DocumentMut = text.parse().unwrap();
            remove_key(&mut document, &["a"], "x");
            assert_eq!(document.to_string(), expected);
        }
    }

    #[test]
    fn remove_table_removes_only_its_own_comments() {
        let text = "# the file\n\n# of x\n[a.x]\n# in x\nk = 1\n\n# of y\n[a.y]\nk = 1\n";
        let mut document: DocumentMut = text.parse().unwrap();
        remove_table(&mut document, "a", "x");
        assert_eq!(document.to_string(), "# the file\n\n# of y\n[a.y]\nk = 1\n");
        remove_table(&mut document, "a", "y");
        assert_eq!(document.to_string(), "# the file\n");
    }

    #[test]
    fn remove_from_list_keeps_comments() {
        let mut document: DocumentMut = "l = [\n  # one\n  'x', # of x\n  'y',\n]\n".parse().unwrap();
        let list = document["l"].as_array_mut().unwrap();
        remove_from_list(list, "x");
        remove_from_list(list, "y");
        let left = document.to_string();
        assert!(left.contains("# one\n") && left.contains("# of x\n"), "{left}");
        assert!(left.parse::<DocumentMut>().is_ok(), "{left}");
    }
}
