//! What can be said of a face without a model of its own: how it is turned and how good the picture of it is.

use super::align::{self, SIDE};
use super::sunglasses::{self, Sunglasses};
use super::{Face, Point};
use crate::Picture;

/// What [`Models::attributes`](super::Models::attributes) says of a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attributes {
    pub pose: Pose,
    pub quality: Quality,
    pub sunglasses: Sunglasses,
}

/// How the head is turned, in degrees, estimated from five landmarks: good to about ten degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pose {
    /// Clockwise in the picture.
    pub roll: f32,
    /// Towards the picture's right.
    pub yaw: f32,
    /// Upwards.
    pub pitch: f32,
}

/// How good the picture of the face is, from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The mean brightness of the face.
    pub brightness: f32,
    /// How much detail the face shows; a small, blurred or shaken one shows little.
    pub sharpness: f32,
}

pub(crate) fn attributes(picture: &Picture, face: &Face) -> Attributes {
    let aligned = align::aligned(picture, &face.landmarks);
    let pose = pose(&face.landmarks);
    Attributes {
        pose,
        quality: quality(&aligned),
        sunglasses: sunglasses::classify(&aligned, pose.yaw),
    }
}

/// A mean adult head in millimetres: x to the picture's right, y down, z away from the viewer, in the order of
/// [`Face::landmarks`]. Distances between eyes, nose and mouth are those of the anthropometric surveys (interpupillary
/// 63, nose tip 20 before the eye plane after the fit below, mouth 50 wide).
pub(crate) const HEAD: [[f32; 3]; 5] = [
    [-31.5, -34.0, 0.0],
    [31.5, -34.0, 0.0],
    [0.0, 4.0, -24.0],
    [-25.0, 34.0, -4.0],
    [25.0, 34.0, -4.0],
];

/// The turn of [`HEAD`] whose scaled orthographic picture is nearest to the landmarks (DeMenthon and Davis 1995, the
/// first step of POSIT).
pub(crate) fn pose(landmarks: &[Point; 5]) -> Pose {
    let centre = |of: &dyn Fn(usize) -> f32| (0..5).map(of).sum::<f32>() / 5.0;
    let middle = [0, 1, 2].map(|axis| centre(&|index| HEAD[index][axis]));
    let (x_middle, y_middle) = (
        centre(&|index| landmarks[index].x),
        centre(&|index| landmarks[index].y),
    );
    // Normal equations: (Σ h hᵀ) row = Σ h x.
    let mut square = [[0.0; 3]; 3];
    let (mut x_side, mut y_side) = ([0.0; 3], [0.0; 3]);
    for (head, landmark) in HEAD.iter().zip(landmarks) {
        let h = [0, 1, 2].map(|axis| head[axis] - middle[axis]);
        for row in 0..3 {
            for column in 0..3 {
                square[row][column] += h[row] * h[column];
            }
            x_side[row] += h[row] * (landmark.x - x_middle);
            y_side[row] += h[row] * (landmark.y - y_middle);
        }
    }
    let first = solve(&square, x_side);
    let second = solve(&square, y_side);
    let length = |v: [f32; 3]| dot(v, v).sqrt().max(f32::MIN_POSITIVE);
    let first = first.map(|value| value / length(first));
    let second = second.map(|value| value / length(second));
    // The nearest pair at right angles: both give way by the same angle.
    let sum = [0, 1, 2].map(|axis| first[axis] + second[axis]);
    let difference = [0, 1, 2].map(|axis| first[axis] - second[axis]);
    let sum = sum.map(|value| value / length(sum));
    let difference = difference.map(|value| value / length(difference));
    let half = std::f32::consts::FRAC_1_SQRT_2;
    let x_row = [0, 1, 2].map(|axis| (sum[axis] + difference[axis]) * half);
    let y_row = [0, 1, 2].map(|axis| (sum[axis] - difference[axis]) * half);
    let z_row = cross(x_row, y_row);
    let roll = y_row[0].atan2(x_row[0]);
    // Where the head looks is away from the third axis; in the picture turned upright.
    let (sin, cos) = roll.sin_cos();
    let looks = [
        -x_row[2] * cos - y_row[2] * sin,
        x_row[2] * sin - y_row[2] * cos,
        -z_row[2],
    ];
    Pose {
        roll: roll.to_degrees(),
        yaw: looks[0].atan2(-looks[2]).to_degrees(),
        pitch: (-looks[1]).clamp(-1.0, 1.0).asin().to_degrees(),
    }
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

/// Cramer's rule for a symmetric matrix.
fn solve(matrix: &[[f32; 3]; 3], side: [f32; 3]) -> [f32; 3] {
    let [a, b, c] = *matrix;
    let determinant = dot(a, cross(b, c));
    [
        dot(side, cross(b, c)) / determinant,
        dot(a, cross(side, c)) / determinant,
        dot(a, cross(b, side)) / determinant,
    ]
}

fn quality(aligned: &[[f32; 3]]) -> Quality {
    let grey: Vec<f32> = aligned.iter().map(|pixel| luminance(*pixel)).collect();
    // The template's face without hair and background.
    let inside = |x: usize, y: usize| (24..88).contains(&x) && (32..106).contains(&y);
    let (mut sum, mut detail, mut count) = (0.0, 0.0, 0.0);
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            if inside(x, y) {
                let at = |dx: usize, dy: usize| grey[(y + dy - 1) * SIDE + x + dx - 1];
                let laplacian = at(1, 0) + at(1, 2) + at(0, 1) + at(2, 1) - 4.0 * at(1, 1);
                sum += at(1, 1);
                detail += laplacian * laplacian;
                count += 1.0;
            }
        }
    }
    let brightness: f32 = sum / count;
    // Relative to the light there is: a dark picture is not a blurred one.
    let contrast = (detail / count).sqrt() / brightness.max(16.0);
    Quality {
        brightness: (brightness / 2.55).clamp(0.0, 100.0),
        sharpness: (100.0 * (1.0 - (-contrast / 0.06).exp())).clamp(0.0, 100.0),
    }
}

/// Rec. 601, from 0 to 255.
pub(crate) fn luminance([r, g, b]: [f32; 3]) -> f32 {
    0.299 * r + 0.587 * g + 0.114 * b
}
