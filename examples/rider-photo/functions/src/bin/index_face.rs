//! Adds the face to the collection; settings: `REKOGNITION_COLLECTION_ID`.

use rider_photo::{index_face, serve, setting};

fn main() -> Result<(), lambda_runtime::Error> {
    let collection = setting("REKOGNITION_COLLECTION_ID")?;
    serve(move |aws, event| index_face::handle(aws, &collection, event))
}
