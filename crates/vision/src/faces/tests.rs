use std::path::PathBuf;

use super::*;
use crate::{Limits, decode};

/// The pictures and models shared beside the repository; where they are missing the test says so and passes, but
/// never in CI.
fn shared(path: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .skip(3)
        .find_map(|above| {
            let path = above.join("shared/data").join(path);
            path.exists().then_some(path)
        });
    let bytes = path.and_then(|path| std::fs::read(path).ok());
    if bytes.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "../shared/data is needed in CI"
        );
        eprintln!("skipped: ../shared/data is not here");
    }
    bytes
}

macro_rules! picture {
    ($name:literal) => {
        decode(
            include_bytes!(concat!("../../tests/pictures/", $name)),
            &Limits::default(),
        )
        .expect("the picture is whole")
    };
}

/// How many faces the workshop's pictures show; the second has a small one more in a mirror, which must not count.
#[test]
fn the_workshops_pictures_show_one_one_three_and_no_face() {
    let models = Models::lazy();
    for (name, count) in [
        ("1_happy_face", 1),
        ("2_sunglass_face", 1),
        ("3_multiple_faces", 3),
        ("4_no_face", 0),
    ] {
        let Some(bytes) = shared(&format!("photos/{name}.jpg")) else {
            return;
        };
        let picture = decode(&bytes, &Limits::default()).expect("the picture is whole");
        let faces = models.detect(&picture).expect("the detector runs");
        assert_eq!(faces.len(), count, "{name}");
    }
}

/// YuNet as OpenCV Zoo quantised it against the original in 32-bit floats: the graph is copied whole, and the weights
/// are those of the original within what eight bits can say.
#[test]
fn the_dequantised_detector_agrees_with_the_original() {
    let Some(original) = shared("models/face_detection_yunet_2023mar.onnx") else {
        return;
    };
    let original = Net::load_plain("YuNet", onnx::dequantise(&original).expect("it is ONNX"))
        .expect("the original loads");
    let ours = Net::load("YuNet", DETECTOR).expect("the model loads");
    for (picture, count) in [
        (picture!("astronaut.jpg"), 1),
        (picture!("obama2.jpg"), 1),
        (picture!("coffee.jpg"), 0),
    ] {
        let there = detect::detect(&original, &picture).expect("the detector runs");
        let here = detect::detect(&ours, &picture).expect("the detector runs");
        assert_eq!((there.len(), here.len()), (count, count));
        for (there, here) in there.iter().zip(&here) {
            assert!(detect::overlap(&there.bounds, &here.bounds) > 0.9);
            assert!((there.score - here.score).abs() < 0.03);
            let width = there.bounds.width;
            for (there, here) in there.landmarks.iter().zip(&here.landmarks) {
                let apart = (there.x - here.x).hypot(there.y - here.y);
                assert!(apart < 0.05 * width, "{apart}");
            }
        }
    }
}

#[test]
fn a_head_turned_tilted_or_raised_is_said_to_be() {
    // The mean head, seen from far away after a turn about each axis by 20 degrees.
    let seen = |roll: f32, yaw: f32, pitch: f32| {
        let landmarks = attributes::HEAD.map(|[x, y, z]| {
            let (x, z) = (x * yaw.cos() - z * yaw.sin(), x * yaw.sin() + z * yaw.cos());
            let y = y * pitch.cos() + z * pitch.sin();
            Point {
                x: x * roll.cos() - y * roll.sin() + 300.0,
                y: x * roll.sin() + y * roll.cos() + 200.0,
            }
        });
        attributes::pose(&landmarks)
    };
    let turn = 20.0_f32.to_radians();
    for (pose, expected) in [
        (seen(0.0, 0.0, 0.0), [0.0, 0.0, 0.0]),
        (seen(turn, 0.0, 0.0), [20.0, 0.0, 0.0]),
        (seen(0.0, turn, 0.0), [0.0, 20.0, 0.0]),
        (seen(0.0, 0.0, turn), [0.0, 0.0, 20.0]),
        (seen(-turn, turn, 0.0), [-20.0, 20.0, 0.0]),
    ] {
        for (said, expected) in [pose.roll, pose.yaw, pose.pitch].into_iter().zip(expected) {
            assert!((said - expected).abs() < 1.0, "{pose:?}, not {expected:?}");
        }
    }
}

#[test]
fn a_dark_or_blurred_face_is_of_less_quality() {
    let models = Models::lazy();
    let sharp = picture!("obama.jpg");
    let face = models.detect(&sharp).expect("the detector runs")[0];
    let quality = |picture: &Picture| models.attributes(picture, &face).quality;
    let (width, height) = (sharp.width(), sharp.height());
    let dark = sharp.rgb().iter().map(|value| value / 4).collect();
    let dark = Picture::from_rgb(width, height, dark).expect("all pixels are there");
    assert!(quality(&dark).brightness < quality(&sharp).brightness / 3.0);
    // Down to a twelfth and up again.
    let small = (width / 12, height / 12);
    let filter = fast_image_resize::FilterType::Bilinear;
    let blurred = crate::resample::resize::<3>(sharp.rgb(), (width, height), small, filter);
    let blurred = crate::resample::resize::<3>(&blurred, small, (width, height), filter);
    let blurred = Picture::from_rgb(width, height, blurred).expect("all pixels are there");
    assert!(
        quality(&blurred).sharpness < 35.0,
        "{:?}",
        quality(&blurred)
    );
    assert!(quality(&sharp).sharpness > 80.0, "{:?}", quality(&sharp));
}

/// The workshop's second picture is refused for its sunglasses, the others' faces have none.
#[test]
fn sunglasses_are_seen_where_they_are_worn() {
    let models = Models::lazy();
    for (name, worn) in [
        ("1_happy_face", false),
        ("2_sunglass_face", true),
        ("3_multiple_faces", false),
    ] {
        let Some(bytes) = shared(&format!("photos/{name}.jpg")) else {
            return;
        };
        let picture = decode(&bytes, &Limits::default()).expect("the picture is whole");
        for face in models.detect(&picture).expect("the detector runs") {
            let said = models.attributes(&picture, &face);
            assert_eq!(said.sunglasses.worn, worn, "{name}: {said:?}");
        }
    }
}

/// What the rider-photo example says of its own pictures.
#[test]
fn the_examples_pictures_give_what_its_workflow_expects() {
    macro_rules! example {
        ($name:literal) => {
            decode(
                include_bytes!(concat!("../../../../examples/rider-photo/pictures/", $name)),
                &Limits::default(),
            )
            .expect("the picture is whole")
        };
    }
    let models = Models::lazy();
    let mut riders = Vec::new();
    for (picture, expected) in [
        (example!("1_happy_face.jpg"), &[false][..]),
        (example!("2_sunglass_face.jpg"), &[true]),
        (example!("3_multiple_faces.jpg"), &[false; 3]),
        (example!("4_no_face.jpg"), &[]),
        (example!("5_same_person.jpg"), &[false]),
    ] {
        let faces = models.detect(&picture).expect("the detector runs");
        let worn: Vec<bool> = faces
            .iter()
            .map(|face| models.attributes(&picture, face).sunglasses.worn)
            .collect();
        assert_eq!(worn, expected);
        if let ([face], [false]) = (&faces[..], expected) {
            riders.push(models.embed(&picture, face).expect("the recogniser runs"));
        }
    }
    assert!(similarity(riders[0].cosine(&riders[1])) > 80.0);
}

#[test]
fn coffee_and_a_cat_have_no_face() {
    let models = Models::lazy();
    for picture in [picture!("coffee.jpg"), picture!("cat.jpg")] {
        assert_eq!(models.detect(&picture).expect("the detector runs"), []);
    }
}

#[test]
fn one_person_is_alike_in_three_pictures_and_unlike_two_others() {
    let models = Models::load().expect("the models load");
    let person = |picture: Picture| {
        let faces = models.detect(&picture).expect("the detector runs");
        let [face] = faces.as_slice() else {
            panic!("{} faces in a portrait", faces.len());
        };
        models.embed(&picture, face).expect("the recogniser runs")
    };
    let same = [
        person(picture!("obama.jpg")),
        person(picture!("obama2.jpg")),
        person(picture!("obama3.jpg")),
    ];
    let others = [
        person(picture!("biden.jpg")),
        person(picture!("astronaut.jpg")),
    ];
    for (index, one) in same.iter().enumerate() {
        for two in &same[index + 1..] {
            assert!(similarity(one.cosine(two)) > 99.0, "{}", one.cosine(two));
        }
        for two in &others {
            assert!(similarity(one.cosine(two)) < 50.0, "{}", one.cosine(two));
        }
    }
}

#[test]
fn the_similarity_curve_has_its_published_points_and_an_inverse() {
    for (cosine, percent) in [(0.363, 70.0), (0.40, 80.0), (0.50, 94.5)] {
        assert!((similarity(cosine) - percent).abs() < 0.3, "{cosine}");
        assert!((cosine_at(similarity(cosine)) - cosine).abs() < 1e-4);
    }
    assert!(cosine_at(0.0) < -1.0 && cosine_at(100.0) > 1.0);
}

#[test]
fn the_embedded_files_are_those_of_the_models_readme() {
    use sha2::{Digest, Sha256};
    let readme = include_str!("../../../../models/README.md");
    for file in [DETECTOR, RECOGNISER] {
        let sum = Sha256::digest(file)
            .iter()
            .fold(String::new(), |sum, byte| sum + &format!("{byte:02x}"));
        assert!(readme.contains(&sum), "{sum}");
    }
}
