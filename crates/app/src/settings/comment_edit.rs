//! Takes things out of the file and leaves the comments that stood above them where they were.

use toml_edit::{Array, DocumentMut, Item, RawString, Table, Value};

/// Takes `key` out of the table at `path`. Comments above it stay; one behind it is about it, and goes along.
pub(super) fn take_out(document: &mut DocumentMut, path: &[&str], key: &str) {
    let item = item_at(document, path);
    let Some(table) = item.and_then(Item::as_table_like_mut) else { return };
    let names: Vec<String> = table.iter().map(|(name, _)| name.to_owned()).collect();
    let Some(at) = names.iter().position(|name| name == key) else { return };
    let mut kept = table.key(key).map(|key| comments(text(key.leaf_decor().prefix()))).unwrap_or_default();
    if let Some(Item::Value(value)) = table.remove(key) {
        if let Value::Array(list) = &value
            && list.is_empty()
        {
            kept += &comments(text(Some(list.trailing())));
        }
        // What was left here before by a key below.
        kept += &text(value.decor().suffix())
            .split_once('\n')
            .map(|(_, lines)| comments(lines))
            .unwrap_or_default();
    }
    if kept.is_empty() {
        return;
    }
    // The line before is a value, or the next one is, or else it was the only one below its header.
    let before = at.checked_sub(1).and_then(|at| names.get(at));
    if let Some(Item::Value(value)) = before.and_then(|name| table.get_mut(name)) {
        let suffix = lines_behind(value.decor().suffix(), &kept);
        return value.decor_mut().set_suffix(suffix);
    }
    let after = names.get(at + 1).filter(|name| table.get(name).is_some_and(Item::is_value));
    if let Some(mut key) = after.and_then(|name| table.key_mut(name)) {
        let prefix = kept + text(key.leaf_decor().prefix());
        return key.leaf_decor_mut().set_prefix(prefix);
    }
    match item_at(document, path) {
        Some(Item::Table(table)) if !table.is_implicit() && !table.is_dotted() => {
            let suffix = lines_behind(table.decor().suffix(), &kept);
            table.decor_mut().set_suffix(suffix);
        }
        _ => add_to_end(document, &kept),
    }
}

/// Takes the table `name` out of the one at `group`, with all that is in it and with the comments right above it. What
/// stands above those, with a blank line between, is about more than this table, and stays.
pub(super) fn take_table_out(document: &mut DocumentMut, group: &str, name: &str) {
    let Some(table) = item_at(document, &[group]).and_then(Item::as_table_like_mut) else { return };
    if !table.get(name).is_some_and(Item::is_table) {
        return take_out(document, &[group], name);
    }
    let Some(Item::Table(gone)) = table.remove(name) else { return };
    let Some((apart, _)) = text(gone.decor().prefix()).rsplit_once("\n\n") else { return };
    let kept = comments(apart);
    if kept.is_empty() {
        return;
    }
    match gone.position().and_then(|position| next_table(document.as_table_mut(), position)) {
        Some(next) => {
            let prefix = format!("{kept}\n{}", text(next.decor().prefix()).trim_start_matches('\n'));
            next.decor_mut().set_prefix(prefix);
        }
        None => add_to_end(document, &kept),
    }
}

/// Takes a text out of a list.
pub(super) fn take_from(list: &mut Array, gone: &str) {
    let find = |list: &Array| list.iter().position(|one| one.as_str() == Some(gone));
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

fn item_at<'a>(document: &'a mut DocumentMut, path: &[&str]) -> Option<&'a mut Item> {
    path.iter().try_fold(document.as_item_mut(), |item, key| item.get_mut(key))
}

/// The table whose header comes next behind `position`.
fn next_table(root: &mut Table, position: isize) -> Option<&mut Table> {
    let next = positions(root).into_iter().filter(|here| *here > position).min()?;
    at_position(root, next)
}

fn positions(table: &Table) -> Vec<isize> {
    let below = table.iter().flat_map(|(_, item)| match item {
        Item::Table(table) => positions(table),
        Item::ArrayOfTables(list) => list.iter().flat_map(positions).collect(),
        _ => Vec::new(),
    });
    let has_header = !table.is_implicit() && !table.is_dotted();
    table.position().filter(|_| has_header).into_iter().chain(below).collect()
}

fn at_position(table: &mut Table, position: isize) -> Option<&mut Table> {
    if !table.is_implicit() && !table.is_dotted() && table.position() == Some(position) {
        return Some(table);
    }
    table.iter_mut().find_map(|(_, item)| match item {
        Item::Table(table) => at_position(table, position),
        Item::ArrayOfTables(list) => list.iter_mut().find_map(|table| at_position(table, position)),
        _ => None,
    })
}

fn add_to_end(document: &mut DocumentMut, kept: &str) {
    let end = text(Some(document.trailing())).to_owned();
    let gap = if end.is_empty() || end.ends_with('\n') { "" } else { "\n" };
    document.set_trailing(format!("{end}{gap}{kept}"));
}

/// `kept` on lines of its own behind what stands on a line already.
fn lines_behind(there: Option<&RawString>, kept: &str) -> String {
    format!("{}\n{}", text(there), kept.trim_end_matches('\n'))
}

/// The comments of what stands between values, each on a line of its own.
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
    fn comments_stay_where_a_key_was() {
        let text = "[a]\n# one\nx = 1 # of x\n# two\ny = 2 # of y\n# three\nz = 3\n# end\n";
        let rows = [
            ("x", "[a]\n# one\n# two\ny = 2 # of y\n# three\nz = 3\n# end\n"),
            ("y", "[a]\n# one\nx = 1 # of x\n# two\n# three\nz = 3\n# end\n"),
            ("z", "[a]\n# one\nx = 1 # of x\n# two\ny = 2 # of y\n# three\n# end\n"),
        ];
        for (key, expected) in rows {
            let mut document: DocumentMut = text.parse().unwrap();
            take_out(&mut document, &["a"], key);
            assert_eq!(document.to_string(), expected, "{key}");
        }
        let mut document: DocumentMut = text.parse().unwrap();
        for key in ["y", "x", "z"] {
            take_out(&mut document, &["a"], key);
        }
        assert_eq!(document.to_string(), "[a]\n# one\n# two\n# three\n# end\n");
    }

    #[test]
    fn a_table_goes_with_its_own_comments_only() {
        let text = "# the file\n\n# of x\n[a.x]\n# in x\nk = 1\n\n# of y\n[a.y]\nk = 1\n";
        let mut document: DocumentMut = text.parse().unwrap();
        take_table_out(&mut document, "a", "x");
        assert_eq!(document.to_string(), "# the file\n\n# of y\n[a.y]\nk = 1\n");
        take_table_out(&mut document, "a", "y");
        assert_eq!(document.to_string(), "# the file\n");
    }

    #[test]
    fn a_list_keeps_its_comments() {
        let mut document: DocumentMut = "l = [\n  # one\n  'x', # of x\n  'y',\n]\n".parse().unwrap();
        let list = document["l"].as_array_mut().unwrap();
        take_from(list, "x");
        take_from(list, "y");
        let left = document.to_string();
        assert!(left.contains("# one\n") && left.contains("# of x\n"), "{left}");
        assert!(left.parse::<DocumentMut>().is_ok(), "{left}");
    }
}
