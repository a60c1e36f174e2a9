//! Saves what is known of the photo in the table `TABLE_NAME`.

use rider_photo::{persist_metadata, serve, setting};

fn main() -> Result<(), lambda_runtime::Error> {
    let table = setting("TABLE_NAME")?;
    serve(move |aws, event| persist_metadata::handle(aws, &table, event))
}
