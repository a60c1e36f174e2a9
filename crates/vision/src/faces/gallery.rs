//! Many faces, searched exactly.

use std::collections::HashMap;

use super::{DIMENSIONS, Embedding};

/// Faces by id, as one flat run of numbers: a hundred thousand are searched in some ten milliseconds.
#[derive(Clone, Debug, Default)]
pub struct Gallery {
    ids: Vec<u128>,
    values: Vec<f32>,
    places: HashMap<u128, usize>,
}

impl Gallery {
    /// How many faces there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Whether the face is there.
    pub fn contains(&self, id: u128) -> bool {
        self.places.contains_key(&id)
    }

    /// Adds a face; one of the same id is replaced.
    pub fn add(&mut self, id: u128, embedding: &Embedding) {
        if let Some(&place) = self.places.get(&id) {
            self.values[place * DIMENSIONS..][..DIMENSIONS].copy_from_slice(&embedding.0);
            return;
        }
        self.places.insert(id, self.ids.len());
        self.ids.push(id);
        self.values.extend_from_slice(&embedding.0);
    }

    /// Removes a face, if it is there.
    pub fn remove(&mut self, id: u128) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        let last = self.ids.len() - 1;
        self.ids.swap_remove(place);
        self.values
            .copy_within(last * DIMENSIONS.., place * DIMENSIONS);
        self.values.truncate(last * DIMENSIONS);
        if let Some(moved) = self.ids.get(place) {
            self.places.insert(*moved, place);
        }
    }

    /// Up to `limit` faces whose cosine is at least `cosine_min`, nearest first; equals by id.
    pub fn nearest(&self, to: &Embedding, cosine_min: f32, limit: usize) -> Vec<(u128, f32)> {
        let mut found: Vec<(u128, f32)> = self
            .values
            .as_chunks::<DIMENSIONS>()
            .0
            .iter()
            .zip(&self.ids)
            .map(|(values, id)| (*id, dot(values, &to.0)))
            .filter(|(_, cosine)| *cosine >= cosine_min)
            .collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(limit);
        found
    }
}

/// Eight sums side by side, which the compiler turns into vector instructions.
pub(crate) fn dot(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn towards(axis: usize, other: usize) -> Embedding {
        let mut values = [0.0; DIMENSIONS];
        values[axis] += 0.8;
        values[other] += 0.6;
        Embedding(values)
    }

    #[test]
    fn what_was_removed_is_not_found_and_the_rest_keeps_its_ids() {
        let mut gallery = Gallery::default();
        for id in 0..10 {
            gallery.add(id, &towards(id as usize, 100));
        }
        gallery.remove(3);
        gallery.remove(3);
        gallery.remove(9);
        assert_eq!(gallery.len(), 8);
        for id in 0..10 {
            let best = gallery.nearest(&towards(id as usize, 100), 0.9, 4);
            let expected: &[u128] = if id == 3 || id == 9 { &[] } else { &[id] };
            assert_eq!(best.iter().map(|(id, _)| *id).collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn the_nearest_come_first_and_no_more_than_asked() {
        let mut gallery = Gallery::default();
        gallery.add(1, &towards(0, 5));
        gallery.add(2, &towards(0, 1));
        gallery.add(3, &towards(1, 0));
        gallery.add(2, &towards(0, 0));
        let found = gallery.nearest(&towards(0, 1), -1.0, 2);
        let ids: Vec<u128> = found.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, [2, 3]);
    }
}
