//! Says what the rider would be told.

use rider_photo::{notification, serve};

fn main() -> Result<(), lambda_runtime::Error> {
    serve(|_, event| notification::handle(event))
}
