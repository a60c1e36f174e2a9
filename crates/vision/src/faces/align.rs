//! The face turned upright and scaled to the template that the recogniser learnt with.

use super::Point;
use crate::Picture;

/// Pixels a side of an aligned face.
pub(crate) const SIDE: usize = 112;

/// Where ArcFace's template has the five landmarks.
pub(crate) const TEMPLATE: [Point; 5] = [
    Point {
        x: 38.2946,
        y: 51.6963,
    },
    Point {
        x: 73.5318,
        y: 51.5014,
    },
    Point {
        x: 56.0252,
        y: 71.7366,
    },
    Point {
        x: 41.5493,
        y: 92.3655,
    },
    Point {
        x: 70.7299,
        y: 92.2041,
    },
];

/// A rotation, a scaling and a shift: x' = a·x − b·y + dx, y' = b·x + a·y + dy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Similarity {
    a: f32,
    b: f32,
    dx: f32,
    dy: f32,
}

impl Similarity {
    /// The least-squares fit that takes `from` to `to` (Umeyama 1991, in two dimensions without reflection).
    pub(crate) fn fit(from: &[Point; 5], to: &[Point; 5]) -> Self {
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut along, mut across, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (px, py) = (p.x - from_mean.x, p.y - from_mean.y);
            let (qx, qy) = (q.x - to_mean.x, q.y - to_mean.y);
            along += px * qx + py * qy;
            across += px * qy - py * qx;
            spread += px * px + py * py;
        }
        let spread = spread.max(f32::EPSILON);
        let (a, b) = (along / spread, across / spread);
        Self {
            a,
            b,
            dx: to_mean.x - a * from_mean.x + b * from_mean.y,
            dy: to_mean.y - b * from_mean.x - a * from_mean.y,
        }
    }

    pub(crate) fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// Where the transform takes a point from.
    fn back(&self, x: f32, y: f32) -> (f32, f32) {
        let square = (self.a * self.a + self.b * self.b).max(f32::EPSILON);
        let (x, y) = (x - self.dx, y - self.dy);
        (
            (self.a * x + self.b * y) / square,
            (self.a * y - self.b * x) / square,
        )
    }
}

fn mean(points: &[Point; 5]) -> Point {
    Point {
        x: points.iter().map(|point| point.x).sum::<f32>() / 5.0,
        y: points.iter().map(|point| point.y).sum::<f32>() / 5.0,
    }
}

/// The face as `SIDE` × `SIDE` RGB values from 0 to 255, row by row; black where the picture ends.
///
/// A face larger than the template is averaged over as many samples as it has pixels, up to 8 by 8.
pub(crate) fn aligned(picture: &Picture, landmarks: &[Point; 5]) -> Vec<[f32; 3]> {
    let transform = Similarity::fit(landmarks, &TEMPLATE);
    let samples = (1.0 / transform.scale().max(0.01)).round().clamp(1.0, 8.0) as usize;
    let step = 1.0 / samples as f32;
    let first = (step - 1.0) / 2.0;
    let share = step * step;
    let mut out = Vec::with_capacity(SIDE * SIDE);
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mut sum = [0.0; 3];
            for index in 0..samples * samples {
                let (column, row) = (index % samples, index / samples);
                let (u, v) = transform.back(
                    x as f32 + first + step * column as f32,
                    y as f32 + first + step * row as f32,
                );
                let pixel = bilinear(picture, u, v);
                for (sum, value) in sum.iter_mut().zip(pixel) {
                    *sum += value * share;
                }
            }
            out.push(sum);
        }
    }
    out
}

fn bilinear(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, bottom_share) = (x - left, y - top);
    let (left, top) = (left as i64, top as i64);
    let mut out = [0.0; 3];
    for (dx, dy, share) in [
        (0, 0, (1.0 - right_share) * (1.0 - bottom_share)),
        (1, 0, right_share * (1.0 - bottom_share)),
        (0, 1, (1.0 - right_share) * bottom_share),
        (1, 1, right_share * bottom_share),
    ] {
        let (x, y) = (left + dx, top + dy);
        if x < 0 || y < 0 || x >= i64::from(picture.width()) || y >= i64::from(picture.height()) {
            continue;
        }
        let at = (y as usize * picture.width() as usize + x as usize) * 3;
        for (out, value) in out.iter_mut().zip(&picture.rgb()[at..at + 3]) {
            *out += f32::from(*value) * share;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fit_takes_a_turned_and_scaled_template_back() {
        let turned = TEMPLATE.map(|Point { x, y }| Point {
            x: 3.0 * (0.8 * x - 0.6 * y) + 50.0,
            y: 3.0 * (0.6 * x + 0.8 * y) - 20.0,
        });
        let transform = Similarity::fit(&turned, &TEMPLATE);
        assert!((transform.scale() - 1.0 / 3.0).abs() < 1e-4);
        for (there, here) in turned.iter().zip(&TEMPLATE) {
            let (x, y) = transform.back(here.x, here.y);
            assert!((x - there.x).hypot(y - there.y) < 1e-2);
        }
    }
}
