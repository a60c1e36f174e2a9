//! Sets of characters.

use std::sync::LazyLock;

/// A set of code points: ranges in order, with gaps between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Class {
    ranges: Vec<(u32, u32)>,
}

const LAST: u32 = 0x0010_FFFF;

impl Class {
    pub(super) fn new(mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (start, end) in ranges {
            match merged.last_mut() {
                Some((_, last)) if start <= last.saturating_add(1) => *last = (*last).max(end),
                _ => merged.push((start, end)),
            }
        }
        Self { ranges: merged }
    }

    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.ranges
    }

    pub(super) fn negated(&self) -> Self {
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(start, end) in &self.ranges {
            if start > next {
                ranges.push((next, start - 1));
            }
            next = end + 1;
        }
        if next <= LAST {
            ranges.push((next, LAST));
        }
        Self { ranges }
    }

    pub(super) fn contains(&self, character: char) -> bool {
        let point = u32::from(character);
        let after = self.ranges.partition_point(|&(start, _)| start <= point);
        after
            .checked_sub(1)
            .and_then(|index| self.ranges.get(index))
            .is_some_and(|&(_, end)| point <= end)
    }

    /// A bit for each ASCII character.
    pub(super) fn ascii(&self) -> u128 {
        const LAST: u32 = 127;
        let ranges = self.ranges.iter().filter(|&&(start, _)| start <= LAST);
        ranges.fold(0, |bits, &(start, end)| {
            let up_to_end = u128::MAX >> (LAST - end.min(LAST));
            bits | up_to_end & (u128::MAX << start)
        })
    }

    /// Whether some member has the same upper case.
    pub(super) fn contains_folded(&self, character: char) -> bool {
        let folded = canonical(character);
        let first = LOWER.partition_point(|&(upper, _)| upper < folded);
        let lower = LOWER.get(first..).unwrap_or_default().iter();
        self.contains(folded)
            || lower
                .take_while(|&&(upper, _)| upper == folded)
                .any(|&(_, lower)| self.contains(lower))
    }

    /// `\d`
    pub(super) fn digits() -> Self {
        Self::of(&[('0', '9')])
    }

    /// `\w`
    pub(super) fn word() -> Self {
        Self::of(&[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')])
    }

    /// `\s`
    pub(super) fn space() -> Self {
        Self::of(&[
            ('\t', '\r'),
            (' ', ' '),
            ('\u{a0}', '\u{a0}'),
            ('\u{1680}', '\u{1680}'),
            ('\u{2000}', '\u{200a}'),
            ('\u{2028}', '\u{2029}'),
            ('\u{202f}', '\u{202f}'),
            ('\u{205f}', '\u{205f}'),
            ('\u{3000}', '\u{3000}'),
            ('\u{feff}', '\u{feff}'),
        ])
    }

    pub(super) fn everything() -> Self {
        Self::new(vec![(0, LAST)])
    }

    /// `.`
    pub(super) fn any() -> Self {
        Self::of(&[('\n', '\n'), ('\r', '\r'), ('\u{2028}', '\u{2029}')]).negated()
    }

    fn of(ranges: &[(char, char)]) -> Self {
        Self::new(
            ranges
                .iter()
                .map(|&(start, end)| (u32::from(start), u32::from(end)))
                .collect(),
        )
    }
}

/// What is compared as another character: that one first. Some fourteen hundred.
static LOWER: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    /// No plane above the first two has letters of two cases.
    const CASED: std::ops::RangeInclusive<char> = '\0'..='\u{1ffff}';
    let mut lower: Vec<(char, char)> = CASED
        .map(|character| (canonical(character), character))
        .filter(|(upper, character)| upper != character)
        .collect();
    lower.sort_unstable();
    lower
});

/// What a character is compared as under `i`: its upper case, where that is one character and does not leave what is
/// not ASCII for what is.
pub(super) fn canonical(character: char) -> char {
    if character.is_ascii() {
        return character.to_ascii_uppercase();
    }
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(single), None) if !single.is_ascii() => single,
        _ => character,
    }
}
