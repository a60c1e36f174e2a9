//! Puts a small copy of the photo into `THUMBNAIL_BUCKET`.

use rider_photo::{serve, setting, thumbnail};

fn main() -> Result<(), lambda_runtime::Error> {
    let bucket = setting("THUMBNAIL_BUCKET")?;
    serve(move |aws, event| thumbnail::handle(aws, &bucket, event))
}
