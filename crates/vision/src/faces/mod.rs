//! From a picture to people: detect, align, embed, describe.

mod align;
mod attributes;
mod coefficients;
mod detect;
mod gallery;
mod onnx;
mod sunglasses;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use rten::{Model, ModelOptions, NodeId, ValueView, op_registry};

use crate::Picture;

pub use attributes::{Attributes, Pose, Quality};
pub use gallery::Gallery;
pub use sunglasses::Sunglasses;

/// A place in a picture, in pixels of the [`Picture`] from its upper left corner; may lie outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub x: f32,
    pub y: f32,
}

/// A rectangle in pixels of the [`Picture`]; may reach outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    pub left: f32,
    pub top: f32,
    pub width: f32,
    pub height: f32,
}

impl Rect {
    /// Square pixels.
    pub fn area(&self) -> f32 {
        self.width * self.height
    }
}

/// A face found by [`Models::detect`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Forehead to chin, ear to ear.
    pub bounds: Rect,
    /// Eye, eye, nose tip, mouth corner, mouth corner; of each pair first the one on the left as the viewer sees an
    /// upright face (the person's right).
    pub landmarks: [Point; 5],
    /// The detector's certainty, from 0 to 1.
    pub score: f32,
}

/// How many numbers say who a face is.
pub const DIMENSIONS: usize = 128;

/// A face as a direction in 128 dimensions, of length 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedding(pub [f32; DIMENSIONS]);

impl Embedding {
    /// The cosine of the angle between two faces, from −1 to 1.
    pub fn cosine(&self, other: &Self) -> f32 {
        gallery::dot(&self.0, &other.0)
    }
}

/// The steepness and the middle of the curve, chosen so that at 80, AWS's default threshold, one in a thousand of
/// 533,072 pairs of different people passes (`docs/faces.md`).
const STEEPNESS: f32 = 14.6;
const MIDDLE: f32 = 0.305;

/// How alike two faces are in percent, from the cosine of their embeddings: 70 at 0.363, 80 at 0.40, 94.5 at 0.50.
pub fn similarity(cosine: f32) -> f32 {
    100.0 / (1.0 + (-STEEPNESS * (cosine - MIDDLE)).exp())
}

/// The cosine at which [`similarity`] reaches a percentage; infinite at 100 and more, and −∞ at 0 and less.
pub fn cosine_at(similarity: f32) -> f32 {
    if similarity <= 0.0 {
        return f32::NEG_INFINITY;
    }
    if similarity >= 100.0 {
        return f32::INFINITY;
    }
    MIDDLE + (similarity / (100.0 - similarity)).ln() / STEEPNESS
}

/// The runtime refused a model or its input: a defect of the build, never of a picture.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the embedded model `{model}` can't be loaded")]
    Load {
        model: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the embedded model `{model}` failed")]
    Run {
        model: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// The face models. Cheap to clone and to share between threads; each model is unpacked when first used.
#[derive(Clone, Default)]
pub struct Models {
    loaded: Arc<Loaded>,
}

#[derive(Default)]
struct Loaded {
    detector: OnceLock<Net>,
    recogniser: OnceLock<Net>,
}

static DETECTOR: &[u8] =
    include_bytes!("../../../../models/face_detection_yunet_2023mar_int8bq.onnx");
static RECOGNISER: &[u8] =
    include_bytes!("../../../../models/face_recognition_sface_2021dec_int8bq.onnx");

impl Models {
    /// The models, not yet unpacked: the first use of each takes some tens of milliseconds more.
    pub fn lazy() -> Self {
        Self::default()
    }

    /// The models, unpacked and ready.
    ///
    /// # Errors
    /// When the embedded files do not load, which a test of this crate rules out.
    pub fn load() -> Result<Self, ModelError> {
        let models = Self::lazy();
        models.detector()?;
        models.recogniser()?;
        Ok(models)
    }

    fn detector(&self) -> Result<&Net, ModelError> {
        Net::once(&self.loaded.detector, "YuNet", DETECTOR)
    }

    fn recogniser(&self) -> Result<&Net, ModelError> {
        Net::once(&self.loaded.recogniser, "SFace", RECOGNISER)
    }

    /// The faces of a picture, largest first.
    ///
    /// # Errors
    /// When the runtime fails; a picture without faces is an empty list.
    pub fn detect(&self, picture: &Picture) -> Result<Vec<Face>, ModelError> {
        detect::detect(self.detector()?, picture)
    }

    /// Who a face is.
    ///
    /// # Errors
    /// When the runtime fails.
    pub fn embed(&self, picture: &Picture, face: &Face) -> Result<Embedding, ModelError> {
        const SIDE: usize = align::SIDE;
        let aligned = align::aligned(picture, &face.landmarks);
        let mut planes = vec![0.0; 3 * SIDE * SIDE];
        for (index, pixel) in aligned.iter().enumerate() {
            for (channel, value) in pixel.iter().enumerate() {
                planes[channel * SIDE * SIDE + index] = *value;
            }
        }
        let outputs = self.recogniser()?.run::<2>([1, 3, SIDE, SIDE], &planes)?;
        let mut embedding: [f32; DIMENSIONS] = outputs
            .first()
            .and_then(|values| values.as_slice().try_into().ok())
            .ok_or_else(|| ModelError::Run {
                model: "SFace",
                source: "it does not give 128 values".into(),
            })?;
        let length = embedding
            .iter()
            .map(|value| value * value)
            .sum::<f32>()
            .sqrt();
        for value in &mut embedding {
            *value /= length.max(f32::MIN_POSITIVE);
        }
        Ok(Embedding(embedding))
    }

    /// What the sunglasses classifier sees of a face, for fitting it (`training/`).
    #[doc(hidden)]
    pub fn sunglasses_measures(picture: &Picture, face: &Face) -> Vec<f32> {
        sunglasses::measures(&align::aligned(picture, &face.landmarks)).to_vec()
    }

    /// What can be said of a face's looks; needs no model.
    pub fn attributes(&self, picture: &Picture, face: &Face) -> Attributes {
        attributes::attributes(picture, face)
    }
}

/// A loaded network with one input.
struct Net {
    name: &'static str,
    model: Model,
    input: NodeId,
    outputs: Vec<NodeId>,
}

impl Net {
    fn once<'a>(
        cell: &'a OnceLock<Self>,
        name: &'static str,
        file: &[u8],
    ) -> Result<&'a Self, ModelError> {
        if let Some(net) = cell.get() {
            return Ok(net);
        }
        let net = Self::load(name, file)?;
        Ok(cell.get_or_init(|| net))
    }

    fn load(name: &'static str, file: &[u8]) -> Result<Self, ModelError> {
        let plain = onnx::dequantise(file).map_err(|source| ModelError::Load {
            model: name,
            source: source.into(),
        })?;
        Self::load_plain(name, plain)
    }

    /// Loads an ONNX file without block quantisation.
    fn load_plain(name: &'static str, file: Vec<u8>) -> Result<Self, ModelError> {
        let operators = op_registry!(
            Add,
            BatchNormalization,
            Conv,
            Flatten,
            Gemm,
            MaxPool,
            Mul,
            PRelu,
            Relu,
            Reshape,
            Resize,
            Sigmoid,
            Sub,
            Transpose
        );
        let model = ModelOptions::with_ops(operators)
            .prepack_weights(true)
            .load(file)
            .map_err(|source| ModelError::Load {
                model: name,
                source: source.into(),
            })?;
        let input = *model.input_ids().first().ok_or_else(|| ModelError::Load {
            model: name,
            source: "it has no input".into(),
        })?;
        let outputs = model.output_ids().to_vec();
        Ok(Self {
            name,
            model,
            input,
            outputs,
        })
    }

    /// The values of all outputs, which are of that rank, in the model's order.
    fn run<const RANK: usize>(
        &self,
        shape: [usize; 4],
        input: &[f32],
    ) -> Result<Vec<Vec<f32>>, ModelError> {
        let fail = |source: Box<dyn std::error::Error + Send + Sync>| ModelError::Run {
            model: self.name,
            source,
        };
        let input = ValueView::from_shape(shape, input).map_err(|error| fail(error.into()))?;
        let values = self
            .model
            .run(vec![(self.input, input.into())], &self.outputs, None)
            .map_err(|error| fail(error.into()))?;
        values
            .into_iter()
            .map(|value| {
                let (_, values) = value
                    .into_shape_vec::<f32, RANK>()
                    .map_err(|error| fail(error.into()))?;
                Ok(values)
            })
            .collect()
    }
}
