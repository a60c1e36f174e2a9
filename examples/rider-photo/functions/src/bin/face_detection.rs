//! Checks that a photo shows one face without sunglasses.

use rider_photo::{face_detection, serve};

fn main() -> Result<(), lambda_runtime::Error> {
    serve(|aws, event| face_detection::handle(aws, event))
}
