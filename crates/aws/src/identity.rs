use std::sync::Arc;

/// Whose an access key is, when this process gave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Twelve digits.
    pub account: Arc<str>,
    /// `arn:aws:iam::…:user/name`, `arn:aws:sts::…:assumed-role/role/session`
    pub arn: Arc<str>,
    /// The secret that signs for it.
    pub secret: Arc<str>,
    /// The session token that must come with it, of temporary credentials.
    pub token: Option<Arc<str>>,
}

/// What knows the access keys that this process gave out (IAM, STS).
pub trait Identities: Send + Sync {
    /// The identity of an access key that is valid now.
    fn identity(&self, access_key: &str) -> Option<Identity>;
}
