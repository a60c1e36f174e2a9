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
