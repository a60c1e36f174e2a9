//! Whether a face wears sunglasses: measures of the eye region against the cheeks, and a small network over them. Coefficients and how they were fitted: `training/`; how often it errs: `docs/faces.md`.

use super::align::SIDE;
use super::attributes::luminance;
use super::coefficients::{BIAS, HIDDEN, HIDDEN_BIAS, MEAN, OUT, SPREAD};

/// The classifier's verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sunglasses {
    pub worn: bool,
    /// How sure the verdict is, from 0.5 to 1; lower the more the head is turned, since lenses seen from the side
    /// are missed.
    pub confidence: f32,
}

/// How many measures [`measures`] takes.
pub(crate) const MEASURES: usize = 18;

/// The verdict on an aligned face that is turned by `yaw` degrees.
pub(crate) fn classify(aligned: &[[f32; 3]], yaw: f32) -> Sunglasses {
    let probability = probability(&measures(aligned));
    // Frontal faces were seen in training; at 60 degrees the verdict is worth nothing.
    let turned = ((yaw.abs() - 20.0) / 40.0).clamp(0.0, 1.0);
    let certainty = (probability - 0.5).abs() * (1.0 - turned);
    Sunglasses {
        worn: probability >= 0.5,
        confidence: 0.5 + certainty,
    }
}

fn probability(measures: &[f32; MEASURES]) -> f32 {
    let mut sum = BIAS;
    for ((weights, bias), out) in HIDDEN.iter().zip(HIDDEN_BIAS).zip(OUT) {
        let mut unit = bias;
        for (index, weight) in weights.iter().enumerate() {
            // Beyond four standard deviations nothing was seen, so nothing more is concluded.
            let value = ((measures[index] - MEAN[index]) / SPREAD[index]).clamp(-4.0, 4.0);
            unit += weight * value;
        }
        sum += out * unit.tanh();
    }
    1.0 / (1.0 + (-sum).exp())
}

/// A rectangle of the aligned face: columns and rows from, to.
type Region = (usize, usize, usize, usize);

/// On the viewer's left; the other side is mirrored. The template's eye is at (38, 52), its mouth at row 92.
const LENS: Region = (28, 49, 44, 63);
const CORE: Region = (32, 45, 47, 59);
const BELOW: Region = (28, 48, 62, 68);
const BROW: Region = (28, 50, 36, 43);
const CHEEK: Region = (28, 46, 70, 86);
const BRIDGE: Region = (53, 59, 46, 56);
const NOSE: Region = (51, 61, 60, 74);

/// What the network sees of an aligned face. Light and skin colour are divided out.
pub(crate) fn measures(aligned: &[[f32; 3]]) -> [f32; MEASURES] {
    let mirrored = |(from, to, top, bottom): Region| (SIDE - to, SIDE - from, top, bottom);
    let pixels = |(from, to, top, bottom): Region| {
        (top..bottom).flat_map(move |y| (from..to).map(move |x| aligned[y * SIDE + x]))
    };
    let light = |region: Region| -> Vec<f32> {
        let mut values: Vec<f32> = pixels(region).map(luminance).collect();
        values.sort_by(f32::total_cmp);
        values
    };
    let part = |values: &[f32], share: f32| values[(share * (values.len() - 1) as f32) as usize];
    let nose = part(&light(NOSE), 0.5);

    let side = |mirror: bool| {
        let at = |region: Region| if mirror { mirrored(region) } else { region };
        // A cheek in shadow is measured against itself, one hidden by hair or a hand against the nose.
        let skin = part(&light(at(CHEEK)), 0.5).max(0.6 * nose);
        let against_skin = |value: f32| ((value + 10.0) / (skin + 10.0)).ln();
        let lens = light(at(LENS));
        let dark = lens.iter().filter(|value| **value < 0.45 * skin).count() as f32;
        let mean = lens.iter().map(|value| against_skin(*value)).sum::<f32>() / lens.len() as f32;
        let spread = lens
            .iter()
            .map(|value| (against_skin(*value) - mean).powi(2))
            .sum::<f32>()
            / lens.len() as f32;
        let core = light(at(CORE));
        let tint = chroma_distance(pixels(at(LENS)), pixels(at(CHEEK)));
        [
            against_skin(part(&lens, 0.1)),
            against_skin(part(&lens, 0.5)),
            against_skin(part(&lens, 0.9)),
            dark / lens.len() as f32,
            spread.sqrt(),
            gradient(aligned, at(LENS)) / (skin + 10.0),
            tint,
            against_skin(part(&light(at(BELOW)), 0.5)),
            against_skin(part(&light(at(BROW)), 0.5)),
            lower_edge(aligned, at(LENS)),
            against_skin(part(&core, 0.9)) - against_skin(part(&core, 0.1)),
            against_skin(part(&core, 0.5)),
        ]
    };
    let (left, right) = (side(false), side(true));
    let both = |index: usize| f32::midpoint(left[index], right[index]);
    let bridge = ((part(&light(BRIDGE), 0.5) + 10.0) / (nose + 10.0)).ln();
    [
        both(0),
        both(1),
        both(2),
        both(3),
        both(4),
        both(5),
        both(6),
        both(7),
        both(8),
        both(9),
        both(10),
        both(11),
        left[1].max(right[1]),
        left[2].max(right[2]),
        left[3].min(right[3]),
        left[6].min(right[6]),
        left[9].min(right[9]),
        bridge,
    ]
}

/// The steepest step from dark to light that a row-wide edge makes below the eye, in logarithms over three rows: a
/// lens ends sharply, a shadow softly, a bare eye not at all.
fn lower_edge(aligned: &[[f32; 3]], (from, to, ..): Region) -> f32 {
    let row = |y: usize| {
        let sum: f32 = (from..to).map(|x| luminance(aligned[y * SIDE + x])).sum();
        (sum / (to - from) as f32 + 10.0).ln()
    };
    (56..76).map(|y| row(y + 3) - row(y)).fold(0.0, f32::max)
}

/// How far the mean colours lie apart, light set aside.
fn chroma_distance(a: impl Iterator<Item = [f32; 3]>, b: impl Iterator<Item = [f32; 3]>) -> f32 {
    let chroma = |pixels: &mut dyn Iterator<Item = [f32; 3]>| {
        let mut sum = [10.0_f32; 3];
        for pixel in pixels {
            for (sum, value) in sum.iter_mut().zip(pixel) {
                *sum += value;
            }
        }
        let all = sum[0] + sum[1] + sum[2];
        (sum[0] / all, sum[1] / all)
    };
    let (mut a, mut b) = (a, b);
    let ((ar, ag), (br, bg)) = (chroma(&mut a), chroma(&mut b));
    (ar - br).hypot(ag - bg)
}

fn gradient(aligned: &[[f32; 3]], (from, to, top, bottom): Region) -> f32 {
    let at = |x: usize, y: usize| luminance(aligned[y * SIDE + x]);
    let mut sum = 0.0;
    for y in top..bottom {
        for x in from..to {
            sum += (at(x + 1, y) - at(x - 1, y)).hypot(at(x, y + 1) - at(x, y - 1));
        }
    }
    sum / ((to - from) * (bottom - top)) as f32
}
