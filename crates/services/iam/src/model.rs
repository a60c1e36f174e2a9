//! What is kept, and how it is shown.

use std::collections::BTreeMap;

use aws::Members;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Who can carry policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Role,
    User,
}

impl Kind {
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::User => "User",
        }
    }

    /// The member that names one.
    pub(crate) fn name_member(self) -> &'static str {
        match self {
            Self::Role => "RoleName",
            Self::User => "UserName",
        }
    }

    pub(crate) fn id_prefix(self) -> &'static str {
        match self {
            Self::Role => "AROA",
            Self::User => "AIDA",
        }
    }
}

/// Tags in the order they were given.
pub(crate) type Tags = Vec<(String, String)>;

/// A role or a user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Principal {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    /// Epoch seconds.
    pub(crate) created: i64,
    /// Roles only.
    pub(crate) trust: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) session_seconds_max: Option<i64>,
    pub(crate) boundary: Option<String>,
    pub(crate) tags: Tags,
    /// Inline policies by name.
    pub(crate) inline: BTreeMap<String, String>,
    /// Managed policies, in the order they were attached.
    pub(crate) attached: Vec<String>,
    /// Users only.
    pub(crate) access_keys: Vec<String>,
}

impl Principal {
    /// As AWS shows it alone; lists leave tags and the boundary out.
    pub(crate) fn wire(&self, kind: Kind, in_list: bool) -> Value {
        let mut shown = Members::new();
        shown.insert("Path".into(), self.path.as_str().into());
        shown.insert(kind.name_member().into(), self.name.as_str().into());
        shown.insert(format!("{}Id", kind.noun()), self.id.as_str().into());
        shown.insert("Arn".into(), self.arn.as_str().into());
        shown.insert("CreateDate".into(), self.created.into());
        if let Some(trust) = &self.trust {
            shown.insert("AssumeRolePolicyDocument".into(), encoded(trust).into());
        }
        if let Some(description) = &self.description {
            shown.insert("Description".into(), description.as_str().into());
        }
        if let Some(seconds) = self.session_seconds_max {
            shown.insert("MaxSessionDuration".into(), seconds.into());
        }
        if in_list {
            return Value::Object(shown);
        }
        if let Some(boundary) = &self.boundary {
            shown.insert(
                "PermissionsBoundary".into(),
                json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}),
            );
        }
        if !self.tags.is_empty() {
            shown.insert("Tags".into(), wire_tags(&self.tags));
        }
        if kind == Kind::Role {
            shown.insert("RoleLastUsed".into(), json!({}));
        }
        Value::Object(shown)
    }
}

/// A managed policy of an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) description: Option<String>,
    pub(crate) created: i64,
    pub(crate) updated: i64,
    pub(crate) default_version: String,
    /// The number of the newest version there ever was.
    pub(crate) newest: u32,
    pub(crate) versions: Vec<Version>,
    pub(crate) tags: Tags,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) id: String,
    pub(crate) document: String,
    pub(crate) created: i64,
}

impl Policy {
    pub(crate) fn wire(&self, attachments: usize, in_list: bool) -> Value {
        let mut shown = json!({
            "PolicyName": self.name,
            "PolicyId": self.id,
            "Arn": self.arn,
            "Path": self.path,
            "DefaultVersionId": self.default_version,
            "AttachmentCount": attachments,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true,
            "CreateDate": self.created,
            "UpdateDate": self.updated,
        });
        if !in_list && let Some(description) = &self.description {
            shown["Description"] = description.as_str().into();
        }
        if !in_list && !self.tags.is_empty() {
            shown["Tags"] = wire_tags(&self.tags);
        }
        shown
    }

    pub(crate) fn version(&self, id: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.id == id)
    }

    pub(crate) fn wire_version(&self, version: &Version, with_document: bool) -> Value {
        let mut shown = json!({
            "VersionId": version.id,
            "IsDefaultVersion": version.id == self.default_version,
            "CreateDate": version.created,
        });
        if with_document {
            shown["Document"] = encoded(&version.document).into();
        }
        shown
    }
}

/// A user's access key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) user: String,
    pub(crate) secret: String,
    /// `Active` or `Inactive`.
    pub(crate) status: String,
    pub(crate) created: i64,
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A policy document as IAM's answers carry it, percent-encoded.
pub(crate) fn encoded(document: &str) -> String {
    utf8_percent_encode(document, UNRESERVED).to_string()
}

pub(crate) fn wire_tags(tags: &Tags) -> Value {
    tags.iter()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}
