//! Which service a request is for.

use http::Uri;
use http::request::Parts;
use http::uri::PathAndQuery;

use crate::Config;
use crate::auth::Credentials;
use crate::door::{base_of, header};

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// A page or probe of the gateway itself, or a mounted one.
    Page,
    /// S3, with the bucket of a virtual-host address.
    S3 { bucket: Option<String> },
    /// A service that the models describe.
    Api(&'static str),
    /// One that they do not.
    Unknown(String),
}

/// The paths that the gateway answers itself.
pub(crate) const PAGES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Decides by the signature's scope, then the target, then the path, then the host.
pub(crate) fn route(
    config: &Config,
    mounts: &[crate::PageMount],
    parts: &Parts,
    host: &str,
    credentials: &Credentials,
) -> Route {
    let path = parts.uri.path();
    let bucket = bucket_of(config, host);
    // No bucket's name begins with an underscore.
    if path.starts_with("/_") && bucket.is_none() {
        return Route::Page;
    }
    if let Some(service) = credentials.service() {
        return match service {
            "s3" | "s3express" | "s3-object-lambda" => Route::S3 { bucket },
            name => match aws::model::id_by_signing_name(name) {
                Some(id) => Route::Api(id),
                None => Route::Unknown(name.into()),
            },
        };
    }
    if let Some(target) = header(parts, "x-amz-target") {
        return match aws::model::id_by_target(target) {
            Some((id, _)) => Route::Api(id),
            None => Route::Unknown(target.into()),
        };
    }
    let is_page = PAGES.contains(&path)
        || mounts.iter().any(|mount| {
            path.starts_with(mount.prefix) || path == mount.prefix.trim_end_matches('/')
        });
    if is_page && bucket.is_none() && !credentials.are_there() {
        return Route::Page;
    }
    if bucket.is_none() && is_lambda_path(path) {
        return Route::Api("lambda");
    }
    let is_form = header(parts, "content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form && path == "/" && bucket.is_none() && parts.method == http::Method::POST {
        // Nobody signs with the form alone but the operations of STS that need no credentials.
        return Route::Api("sts");
    }
    Route::S3 { bucket }
}

fn is_lambda_path(path: &str) -> bool {
    // `/2015-03-31/functions`, `/2018-10-31/layers`, `/2021-10-31/functions/…/url` …
    let Some((date, rest)) = path.trim_start_matches('/').split_once('/') else {
        return false;
    };
    let is_date = date.len() == 10
        && date.bytes().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    let word = rest.split('/').next().unwrap_or_default();
    let words = [
        "functions",
        "layers",
        "event-source-mappings",
        "account-settings",
        "tags",
        "code-signing-configs",
    ];
    is_date && words.contains(&word)
}

/// The bucket in a virtual-host name: `b.s3.localhost`, `b.s3.eu-west-1.localhost`, `b.localhost`.
fn bucket_of(config: &Config, host: &str) -> Option<String> {
    let before = base_of(config, host)?;
    if before.is_empty() {
        return None;
    }
    let labels: Vec<&str> = before.split('.').collect();
    let s3 = labels
        .iter()
        .rposition(|label| *label == "s3" || label.starts_with("s3-"));
    match s3 {
        Some(0) => None,
        Some(at) => Some(labels[..at].join(".")),
        // `states.localhost`, `sts.us-east-1.localhost`: a service's own name is no bucket's.
        None if labels
            .iter()
            .any(|label| aws::model::id_by_signing_name(label).is_some()) =>
        {
            None
        }
        None if host.ends_with(".localhost") => Some(before.to_owned()),
        None => None,
    }
}

/// The same request in path style.
pub(crate) fn into_path_style(uri: &Uri, bucket: &str) -> Option<Uri> {
    let rest = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    format!("/{bucket}{rest}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_virtual_host_names_its_bucket() {
        let bucket = |host| bucket_of(&Config::default(), host);
        for (host, expected) in [
            ("photos.s3.localhost.localstack.cloud", Some("photos")),
            ("my.photos.s3.localhost", Some("my.photos")),
            ("photos.s3.eu-west-1.localhost", Some("photos")),
            ("photos.localhost", Some("photos")),
            ("s3.localhost.localstack.cloud", None),
            ("s3.us-east-1.localhost", None),
            ("localhost", None),
            ("127.0.0.1", None),
            ("states.localhost", None),
            ("sync-localhost", None),
            ("sync-states.localhost", Some("sync-states")),
        ] {
            assert_eq!(bucket(host).as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn a_virtual_host_request_becomes_one_in_path_style() {
        let uri = "/a%20b?versionId=1".parse().expect("a path");
        let uri = into_path_style(&uri, "photos").expect("a path again");
        assert_eq!(uri, "/photos/a%20b?versionId=1");
    }

    #[test]
    fn lambda_paths_begin_with_a_date() {
        assert!(is_lambda_path("/2015-03-31/functions/f/invocations"));
        assert!(!is_lambda_path("/2015-03-31x/functions"));
        assert!(!is_lambda_path("/2015-03-31/holiday.jpg"));
    }
}
