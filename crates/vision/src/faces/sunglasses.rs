//! Whether a face wears sunglasses.

/// The classifier's verdict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sunglasses {
    pub worn: bool,
    /// How sure the verdict is, from 0.5 to 1; lower the more the head is turned, since lenses seen from the side
    /// are missed.
    pub confidence: f32,
}

/// The verdict on an aligned face that is turned by `yaw` degrees.
pub(crate) fn classify(_aligned: &[[f32; 3]], _yaw: f32) -> Sunglasses {
    Sunglasses {
        worn: false,
        confidence: 0.5,
    }
}
