//! Refuses a face that is in the collection already; settings: `REKOGNITION_COLLECTION_ID`.

use rider_photo::{face_search, serve, setting};

fn main() -> Result<(), lambda_runtime::Error> {
    let collection = setting("REKOGNITION_COLLECTION_ID")?;
    serve(move |aws, event| face_search::handle(aws, &collection, event))
}
