//! YuNet: where the faces are.

use fast_image_resize::FilterType;

use super::{Face, ModelError, Net, Point, Rect};
use crate::Picture;
use crate::resample::resize;

/// The model's input sides are multiples of its coarsest stride.
const STRIDES: [usize; 3] = [8, 16, 32];
const MULTIPLE: u32 = 32;

/// The longer side at which faces are looked for; a face of 14 pixels there is found, one of 9 is not.
const LONG_SIDE: u32 = 640;
/// YuNet learnt from faces up to 300 pixels. Where none of the faces found is as wide as a quarter of the picture,
/// a second, cheap look at this size finds those that fill it.
const LONG_SIDE_SECOND: u32 = 224;

const SCORE_MIN: f32 = 0.8;
/// Two boxes that share more than this are one face.
const OVERLAP_MAX: f32 = 0.3;
/// A picture with more candidates than this is noise; the best are kept.
const CANDIDATES_MAX: usize = 2000;

pub(crate) fn detect(net: &Net, picture: &Picture) -> Result<Vec<Face>, ModelError> {
    let long = picture.width().max(picture.height());
    let mut faces = detect_at(net, picture, LONG_SIDE.min(long.max(LONG_SIDE / 2)))?;
    let is_large = |face: &Face| face.bounds.width * 4.0 >= long as f32;
    if !faces.iter().any(is_large) {
        let second = detect_at(net, picture, LONG_SIDE_SECOND)?;
        faces.extend(second.into_iter().filter(is_large));
        faces = distinct(faces);
    }
    faces.sort_by(|a, b| b.bounds.area().total_cmp(&a.bounds.area()));
    Ok(faces)
}

fn detect_at(net: &Net, picture: &Picture, long_side: u32) -> Result<Vec<Face>, ModelError> {
    let size = (picture.width(), picture.height());
    let scale = f64::from(long_side) / f64::from(size.0.max(size.1));
    let side = |pixels: u32| ((f64::from(pixels) * scale).round() as u32).max(1);
    let (width, height) = (side(size.0), side(size.1));
    let small = resize::<3>(picture.rgb(), size, (width, height), FilterType::Bilinear);

    let padded = |side: u32| side.next_multiple_of(MULTIPLE) as usize;
    let (columns, rows) = (padded(width), padded(height));
    let mut planes = vec![0.0; 3 * columns * rows];
    for (y, row) in small.chunks_exact(width as usize * 3).enumerate() {
        for (x, pixel) in row.as_chunks::<3>().0.iter().enumerate() {
            for (plane, value) in pixel.iter().rev().enumerate() {
                planes[(plane * rows + y) * columns + x] = f32::from(*value);
            }
        }
    }
    let outputs = net.run::<3>([1, 3, rows, columns], &planes)?;

    let (scale_x, scale_y) = (size.0 as f32 / width as f32, size.1 as f32 / height as f32);
    let mut faces = Vec::new();
    for (level, stride) in STRIDES.into_iter().enumerate() {
        // Twelve outputs: class, object, box and points, each at three strides.
        let [class, object, bounds, points] = [0, 3, 6, 9].map(|kind| &outputs[kind + level]);
        let cells = columns / stride;
        for (cell, (class, object)) in class.iter().zip(object).enumerate() {
            let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if score < SCORE_MIN {
                continue;
            }
            let (column, row) = ((cell % cells) as f32, (cell / cells) as f32);
            let stride = stride as f32;
            let point = |x: f32, y: f32| Point {
                x: (x + column) * stride * scale_x,
                y: (y + row) * stride * scale_y,
            };
            let Some(&[x, y, w, h]) = bounds[cell * 4..].first_chunk() else {
                continue;
            };
            let centre = point(x, y);
            let (width, height) = (w.exp() * stride * scale_x, h.exp() * stride * scale_y);
            let mut landmarks = [Point { x: 0.0, y: 0.0 }; 5];
            for (index, landmark) in landmarks.iter_mut().enumerate() {
                let at = cell * 10 + index * 2;
                *landmark = point(points[at], points[at + 1]);
            }
            faces.push(Face {
                bounds: Rect {
                    left: centre.x - width / 2.0,
                    top: centre.y - height / 2.0,
                    width,
                    height,
                },
                landmarks,
                score,
            });
        }
    }
    Ok(distinct(faces))
}

/// The best of each group of boxes that overlap.
fn distinct(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    faces.truncate(CANDIDATES_MAX);
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept
            .iter()
            .all(|other| overlap(&face.bounds, &other.bounds) <= OVERLAP_MAX)
        {
            kept.push(face);
        }
    }
    kept
}

/// Shared area over joint area.
pub(crate) fn overlap(a: &Rect, b: &Rect) -> f32 {
    let along = |a: f32, a_size: f32, b: f32, b_size: f32| {
        ((a + a_size).min(b + b_size) - a.max(b)).max(0.0)
    };
    let shared = along(a.left, a.width, b.left, b.width) * along(a.top, a.height, b.top, b.height);
    shared / (a.area() + b.area() - shared).max(f32::MIN_POSITIVE)
}
