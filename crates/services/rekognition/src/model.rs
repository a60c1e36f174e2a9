//! The wire: inputs as they come, and faces as they are shown.

use aws::{ApiError, Call};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use vision::{Attributes, Face, Picture, Point, Rect};

use crate::error;

/// What answers claim: the version of the face model that AWS runs today.
///
/// DIVERGENCE: the model is OpenCV's SFace, not Amazon's; the number is AWS's, since clients compare it.
pub(crate) const FACE_MODEL_VERSION: &str = "7.0";

/// Reads an operation's input; the gateway has checked it against the API model already.
pub(crate) fn input<T: DeserializeOwned>(call: Call) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(call.input)).map_err(|_| error::invalid_parameters())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Image {
    pub(crate) bytes: Option<String>,
    #[serde(rename = "S3Object")]
    pub(crate) s3_object: Option<S3Object>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct S3Object {
    pub(crate) bucket: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
}

/// How good a face must be to be used.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum QualityFilter {
    None,
    Low,
    #[serde(alias = "AUTO")]
    Medium,
    High,
}

/// Which of a face's details are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    all: bool,
    names: Vec<String>,
}

impl Asked {
    pub(crate) fn new(names: Option<Vec<String>>) -> Self {
        let names = names.unwrap_or_default();
        Self {
            all: names.iter().any(|name| name == "ALL"),
            names,
        }
    }

    fn has(&self, name: &str) -> bool {
        self.all || self.names.iter().any(|asked| asked == name)
    }
}

/// A face of a picture with all that is said of it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) face: Face,
    pub(crate) attributes: Attributes,
    /// Width and height of the picture that the face's pixels count.
    pub(crate) size: (f32, f32),
}

impl Seen {
    pub(crate) fn new(picture: &Picture, face: Face, attributes: Attributes) -> Self {
        Self {
            face,
            attributes,
            size: (picture.width() as f32, picture.height() as f32),
        }
    }

    pub(crate) fn confidence(&self) -> f32 {
        self.face.score * 100.0
    }

    pub(crate) fn bounding_box(&self) -> Value {
        let Rect {
            left,
            top,
            width,
            height,
        } = self.face.bounds;
        let (across, down) = self.size;
        json!({
            "Width": width / across,
            "Height": height / down,
            "Left": left / across,
            "Top": top / down,
        })
    }

    fn landmarks(&self) -> Value {
        // DIVERGENCE: five landmarks, also where AWS gives thirty.
        let [left_eye, right_eye, nose, mouth_left, mouth_right] = self.face.landmarks;
        let (across, down) = self.size;
        let place = |kind: &str, Point { x, y }: Point| json!({"Type": kind, "X": x / across, "Y": y / down});
        json!([
            place("eyeLeft", left_eye),
            place("eyeRight", right_eye),
            place("mouthLeft", mouth_left),
            place("mouthRight", mouth_right),
            place("nose", nose),
        ])
    }

    /// `ComparedFace`.
    pub(crate) fn compared(&self) -> Value {
        Value::Object(self.basics())
    }

    /// `FaceDetail`.
    pub(crate) fn detail(&self, asked: &Asked) -> Value {
        let mut detail = self.basics();
        let unknown = || json!({"Value": false, "Confidence": UNKNOWN});
        // DIVERGENCE: no model stands behind these; they come with the confidence of a guess, and Gender not at all.
        for (name, member, value) in [
            ("AGE_RANGE", "AgeRange", json!({"Low": 0, "High": 100})),
            ("SMILE", "Smile", unknown()),
            ("EYEGLASSES", "Eyeglasses", unknown()),
            ("SUNGLASSES", "Sunglasses", self.sunglasses()),
            ("BEARD", "Beard", unknown()),
            ("MUSTACHE", "Mustache", unknown()),
            ("EYES_OPEN", "EyesOpen", unknown()),
            ("MOUTH_OPEN", "MouthOpen", unknown()),
            (
                "EMOTIONS",
                "Emotions",
                json!([{"Type": "UNKNOWN", "Confidence": UNKNOWN}]),
            ),
            ("FACE_OCCLUDED", "FaceOccluded", unknown()),
            (
                "EYE_DIRECTION",
                "EyeDirection",
                json!({"Yaw": 0.0, "Pitch": 0.0, "Confidence": 0.0}),
            ),
        ] {
            if asked.has(name) {
                detail.insert(member.into(), value);
            }
        }
        Value::Object(detail)
    }

    fn sunglasses(&self) -> Value {
        let said = self.attributes.sunglasses;
        json!({"Value": said.worn, "Confidence": said.confidence * 100.0})
    }

    fn basics(&self) -> Map<String, Value> {
        let Attributes { pose, quality, .. } = self.attributes;
        let mut basics = Map::new();
        basics.insert("BoundingBox".into(), self.bounding_box());
        basics.insert("Landmarks".into(), self.landmarks());
        basics.insert(
            "Pose".into(),
            json!({"Roll": pose.roll, "Yaw": pose.yaw, "Pitch": pose.pitch}),
        );
        basics.insert(
            "Quality".into(),
            json!({"Brightness": quality.brightness, "Sharpness": quality.sharpness}),
        );
        basics.insert("Confidence".into(), json!(self.confidence()));
        basics
    }

    /// Why a face is not good enough for an index, in AWS's words; empty if it is.
    pub(crate) fn shortcomings(&self, filter: QualityFilter) -> Vec<&'static str> {
        let Some(bar) = Bar::of(filter) else {
            return Vec::new();
        };
        let Attributes { pose, quality, .. } = self.attributes;
        let bounds = self.face.bounds;
        let mut reasons = Vec::new();
        for (short, reason) in [
            (
                pose.yaw.abs() > bar.turn || pose.pitch.abs() > bar.turn,
                "EXTREME_POSE",
            ),
            (quality.brightness < bar.brightness, "LOW_BRIGHTNESS"),
            (quality.sharpness < bar.sharpness, "LOW_SHARPNESS"),
            (self.confidence() < bar.confidence, "LOW_CONFIDENCE"),
            (
                bounds.width.min(bounds.height) < bar.side,
                "SMALL_BOUNDING_BOX",
            ),
        ] {
            if short {
                reasons.push(reason);
            }
        }
        reasons
    }
}

/// The confidence of what nobody looked at: as good as a coin.
const UNKNOWN: f32 = 50.0;

/// What a face must reach. AWS does not publish its own bars.
struct Bar {
    turn: f32,
    brightness: f32,
    sharpness: f32,
    confidence: f32,
    side: f32,
}

impl Bar {
    fn of(filter: QualityFilter) -> Option<Self> {
        let (turn, brightness, sharpness, confidence, side) = match filter {
            QualityFilter::None => return None,
            QualityFilter::Low => (75.0, 8.0, 20.0, 80.0, 24.0),
            QualityFilter::Medium => (65.0, 12.0, 35.0, 82.0, 32.0),
            QualityFilter::High => (45.0, 20.0, 60.0, 88.0, 64.0),
        };
        Some(Self {
            turn,
            brightness,
            sharpness,
            confidence,
            side,
        })
    }
}
