use aws::{ApiError, Call};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::model::{Asked, Image, input};
use crate::pictures::Pictures;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    image: Image,
    attributes: Option<Vec<String>>,
}

pub(crate) async fn answer(pictures: &Pictures, mut call: Call) -> Result<Value, ApiError> {
    let Input { image, attributes } = input(take(&mut call))?;
    let source = pictures.fetch(&call, image).await?;
    let asked = Asked::new(attributes);
    let (_, seen) = pictures.work(|models| source.look(models)).await?;
    let details: Vec<Value> = seen.iter().map(|seen| seen.detail(&asked)).collect();
    // OrientationCorrection is absent: faces are placed in the upright picture.
    Ok(json!({"FaceDetails": details}))
}

/// The call's input, which may hold megabytes, and what is left to read pictures with.
pub(super) fn take(call: &mut Call) -> Call {
    let whole = std::mem::take(&mut call.input);
    Call {
        input: whole,
        ..call.clone()
    }
}
