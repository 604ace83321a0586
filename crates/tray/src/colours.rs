//! The colours of accounts, which are those of the window.

use std::collections::HashMap;

/// The colours `--account-1` and further of the light theme (`ui/src/styles/tokens.css`).
pub(crate) const PALETTE: [[u8; 3]; 6] = [
    [0x2a, 0x6f, 0xbb],
    [0x2e, 0x7d, 0x4f],
    [0xb8, 0x5c, 0x00],
    [0x8a, 0x4f, 0xbf],
    [0x0f, 0x7c, 0x86],
    [0xc2, 0x40, 0x7a],
];

/// Returns the index of the colour that an account's id gives (`ui/src/components/display/colourOf.ts`).
fn colour_of(id: &str) -> usize {
    let value = id.chars().fold(7_u64, |value, one| (value * 31 + u64::from(u32::from(one))) % 65_521);
    usize::try_from(value).unwrap_or(0) % PALETTE.len()
}

/// Returns the colours of accounts, so that two differ as long as there are colours (`accountPalette.ts`).
pub(crate) fn colours_of<'a>(ids: impl IntoIterator<Item = &'a str>) -> HashMap<String, usize> {
    let mut ids: Vec<&str> = ids.into_iter().collect();
    ids.sort_unstable();
    let mut taken = [false; PALETTE.len()];
    let mut found = HashMap::new();
    for id in ids {
        let own = colour_of(id);
        let free = (0..PALETTE.len()).map(|step| (own + step) % PALETTE.len()).find(|colour| !taken[*colour]);
        let colour = free.unwrap_or(own);
        taken[colour] = true;
        found.insert(id.to_owned(), colour);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of `coloursOf` in the window, which counts from 1.
    #[test]
    fn accounts_have_the_colours_of_the_window() {
        let ids = ["user-1/acc-1", "user-1/acc-2", "ada", "bob", "cy", "dé"];
        let single: Vec<usize> = ids.iter().map(|id| colour_of(id) + 1).collect();
        assert_eq!(single, [5, 6, 4, 5, 6, 5]);
        let all = colours_of(ids);
        let together: Vec<usize> = ids.iter().map(|id| all[*id] + 1).collect();
        assert_eq!(together, [2, 3, 4, 5, 6, 1]);
    }

    #[test]
    fn more_accounts_than_colours_share_them() {
        let ids: Vec<String> = (0..20).map(|number| format!("account {number}")).collect();
        let all = colours_of(ids.iter().map(String::as_str));
        assert!(all.len() == 20 && all.values().all(|colour| *colour < PALETTE.len()));
    }
}
