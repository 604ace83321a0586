//! Gives each item of a response a place of its own.
//!
//! By the reference, `output_index` is the place of an item in the output. Some services count from 1, or give all
//! items the index 0; the items' ids agree then. Others give an item another id with each event; the indexes agree then.

use super::event::DeltaKind;
use super::item::Item;

/// The places of the items of one response.
#[derive(Debug, Default)]
pub(crate) struct ItemPlaces {
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    output_index: u32,
    id: Option<String>,
    kind: String,
    place: u32,
    done: bool,
}

impl ItemPlaces {
    /// Returns the place of an item that begins.
    pub(crate) fn added(&mut self, output_index: u32, item: &Item<'_>) -> u32 {
        let open = |known: &Known| !known.done && known.id.is_none();
        let place = self.by_id(item).or_else(|| self.by_index(output_index, item, open));
        self.place(place, output_index, item, false)
    }

    /// Returns the place of the item that a delta belongs to.
    pub(crate) fn delta(&mut self, output_index: u32, of: DeltaKind) -> u32 {
        let kind = of.item_type();
        let found =
            self.known.iter().rposition(|known| known.output_index == output_index && known.kind == kind);
        match found {
            Some(found) => self.known[found].place,
            None => self.push(output_index, None, kind, false),
        }
    }

    /// Returns the place of a complete item.
    pub(crate) fn done(&mut self, output_index: u32, item: &Item<'_>) -> u32 {
        let other = |known: &Known| known.done && known.id.is_some() && item.pairing_id().is_some();
        let place = self.by_id(item).or_else(|| self.by_index(output_index, item, |known| !other(known)));
        self.place(place, output_index, item, true)
    }

    /// Returns the place of an item in the output of the last event.
    pub(crate) fn last(&mut self, output_index: u32, item: &Item<'_>) -> u32 {
        let place = self.by_id(item).or_else(|| self.by_index(output_index, item, |_| true));
        self.place(place, output_index, item, true)
    }

    fn by_id(&self, item: &Item<'_>) -> Option<usize> {
        let id = item.pairing_id()?;
        self.known.iter().rposition(|known| known.id.as_deref() == Some(id) && known.kind == kind(item))
    }

    /// Finds the item by its index. The id that pairs a call with its result never changes, so a call with another one
    /// is another call.
    fn by_index(&self, output_index: u32, item: &Item<'_>, right: impl Fn(&Known) -> bool) -> Option<usize> {
        self.known.iter().rposition(|known| {
            let other_call = item.call_id.is_some() && known.id.is_some();
            known.output_index == output_index && known.kind == kind(item) && !other_call && right(known)
        })
    }

    fn place(&mut self, found: Option<usize>, output_index: u32, item: &Item<'_>, done: bool) -> u32 {
        let Some(found) = found else {
            return self.push(output_index, item.pairing_id(), kind(item), done);
        };
        let known = &mut self.known[found];
        known.done |= done;
        if known.id.is_none() {
            known.id = item.pairing_id().map(str::to_owned);
        }
        known.place
    }

    fn push(&mut self, output_index: u32, id: Option<&str>, kind: &str, done: bool) -> u32 {
        let taken = self.known.iter().any(|known| known.place == output_index);
        let after_all = self.known.iter().map(|known| known.place.saturating_add(1)).max().unwrap_or(0);
        let place = if taken { after_all } else { output_index };
        let (id, kind) = (id.map(str::to_owned), kind.to_owned());
        self.known.push(Known { output_index, id, kind, place, done });
        place
    }
}

/// Returns the type of an item; a message may leave it out.
fn kind<'i>(item: &'i Item<'_>) -> &'i str {
    if item.kind.is_empty() { "message" } else { &item.kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(id: &str) -> Item<'static> {
        Item { kind: "message".into(), id: Some(id.to_owned().into()), ..Item::default() }
    }

    fn call(id: &str) -> Item<'static> {
        Item { kind: "function_call".into(), call_id: Some(id.to_owned().into()), ..Item::default() }
    }

    #[test]
    fn items_that_are_counted_from_one_are_found_by_id() {
        let mut places = ItemPlaces::default();
        assert_eq!(places.added(1, &message("m")), 1);
        assert_eq!(places.delta(1, DeltaKind::Text), 1);
        assert_eq!(places.done(1, &message("m")), 1);
        assert_eq!(places.last(0, &message("m")), 1);
    }

    #[test]
    fn items_with_one_index_have_places_of_their_own() {
        let mut places = ItemPlaces::default();
        assert_eq!(places.added(0, &message("m")), 0);
        assert_eq!(places.added(0, &call("c")), 1);
        assert_eq!(places.delta(0, DeltaKind::FunctionArguments), 1);
        assert_eq!(places.delta(0, DeltaKind::Text), 0);
        assert_eq!((places.done(0, &message("m")), places.done(0, &call("c"))), (0, 1));
        assert_eq!((places.last(0, &message("m")), places.last(1, &call("c"))), (0, 1));
        assert_eq!(places.done(0, &message("other")), 2);
        assert_eq!(places.done(0, &call("other")), 3);
    }

    #[test]
    fn items_whose_ids_change_are_found_by_index() {
        let mut places = ItemPlaces::default();
        assert_eq!(places.added(0, &message("a")), 0);
        assert_eq!(places.done(0, &message("b")), 0);
        assert_eq!(places.last(0, &message("c")), 0);
    }
}
