//! IAM: roles, users, managed and inline policies, access keys; kept, listed and never evaluated.
//!
//! Nothing here decides who may do what: every caller may do everything, as on one's own machine. What is kept is what
//! templates, SDKs and workflows expect to find again. Begin with [`Iam`]; each operation is a row in [`Iam::answer`].

mod document;
mod error;
mod model;
mod ops;
mod storage;

use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Identities, Identity, Service};
use store::Store;

use storage::Storage;

/// The service, over a store that it shares with others.
#[derive(Clone)]
pub struct Iam {
    storage: Arc<Storage>,
}

impl Iam {
    /// IAM with what the store holds of it.
    pub fn new(store: Store) -> Self {
        Self {
            storage: Arc::new(Storage::new(store)),
        }
    }

    async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        let storage = &*self.storage;
        match &*call.operation {
            "CreateRole" => ops::roles::create(storage, call).await,
            "GetRole" => ops::roles::get(storage, call),
            "ListRoles" => ops::roles::list(storage, call),
            "UpdateRole" => ops::roles::update(storage, call).await,
            "UpdateRoleDescription" => ops::roles::update_description(storage, call).await,
            "UpdateAssumeRolePolicy" => ops::roles::update_trust(storage, call).await,
            "DeleteRole" => ops::roles::delete(storage, call).await,
            "ListInstanceProfilesForRole" => ops::roles::instance_profiles(storage, call),
            "CreateUser" => ops::users::create(storage, call).await,
            "GetUser" => ops::users::get(storage, call),
            "ListUsers" => ops::users::list(storage, call),
            "DeleteUser" => ops::users::delete(storage, call).await,
            "CreateAccessKey" => ops::users::create_key(storage, call).await,
            "ListAccessKeys" => ops::users::list_keys(storage, call),
            "UpdateAccessKey" => ops::users::update_key(storage, call).await,
            "DeleteAccessKey" => ops::users::delete_key(storage, call).await,
            "PutRolePolicy" | "PutUserPolicy" => ops::inline::put(storage, call).await,
            "GetRolePolicy" | "GetUserPolicy" => ops::inline::get(storage, call),
            "ListRolePolicies" | "ListUserPolicies" => ops::inline::list(storage, call),
            "DeleteRolePolicy" | "DeleteUserPolicy" => ops::inline::delete(storage, call).await,
            "AttachRolePolicy" | "AttachUserPolicy" => ops::attached::attach(storage, call).await,
            "DetachRolePolicy" | "DetachUserPolicy" => ops::attached::detach(storage, call).await,
            "ListAttachedRolePolicies" | "ListAttachedUserPolicies" => {
                ops::attached::list(storage, call)
            }
            "ListEntitiesForPolicy" => ops::attached::entities(storage, call),
            "CreatePolicy" => ops::policies::create(storage, call).await,
            "GetPolicy" => ops::policies::get(storage, call),
            "ListPolicies" => ops::policies::list(storage, call),
            "DeletePolicy" => ops::policies::delete(storage, call).await,
            "CreatePolicyVersion" => ops::versions::create(storage, call).await,
            "GetPolicyVersion" => ops::versions::get(storage, call),
            "ListPolicyVersions" => ops::versions::list(storage, call),
            "SetDefaultPolicyVersion" => ops::versions::set_default(storage, call).await,
            "DeletePolicyVersion" => ops::versions::delete(storage, call).await,
            "TagRole" | "TagUser" | "TagPolicy" => ops::tags::tag(storage, call).await,
            "UntagRole" | "UntagUser" | "UntagPolicy" => ops::tags::untag(storage, call).await,
            "ListRoleTags" | "ListUserTags" | "ListPolicyTags" => ops::tags::list(storage, call),
            other => Err(error::not_here(other)),
        }
    }
}

impl Service for Iam {
    fn id(&self) -> &'static str {
        "iam"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move { self.answer(&call).await })
    }
}

impl Identities for Iam {
    fn identity(&self, access_key: &str) -> Option<Identity> {
        if !access_key.starts_with("AKIA") {
            return None;
        }
        let key = self.storage.access_key(access_key).ok()??;
        if key.status != "Active" {
            return None;
        }
        let user = self
            .storage
            .principal(&key.account, model::Kind::User, &key.user);
        Some(Identity {
            arn: user.ok()??.arn.into(),
            account: key.account.into(),
            secret: key.secret.into(),
            token: None,
        })
    }
}
