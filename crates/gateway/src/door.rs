//! Who may knock: host names we answer to, and pages that may call us.
//!
//! A browser sends requests of any page it shows to a local server. Three rules keep pages out: unknown host names are
//! refused (a name that an attacker lets point at 127.0.0.1), foreign origins are refused, and what changes something
//! needs credentials in a place that a page can't fill without asking first.

use std::net::{IpAddr, SocketAddr};

use http::request::Parts;

use crate::Config;

/// The request's host without its port, in lower case; none if there is no readable one.
pub(crate) fn host(parts: &Parts) -> Option<String> {
    let authority = match parts.uri.authority() {
        Some(authority) => authority.as_str(),
        None => parts.headers.get(http::header::HOST)?.to_str().ok()?,
    };
    let name = without_port(authority);
    (!name.is_empty()).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

fn without_port(authority: &str) -> &str {
    if authority.starts_with('[') {
        return authority.split_inclusive(']').next().unwrap_or(authority);
    }
    authority.split(':').next().unwrap_or(authority)
}

/// Whether we answer to this name.
pub(crate) fn knows_host(config: &Config, listen: SocketAddr, host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = address.parse::<IpAddr>() {
        // An address can't be pointed elsewhere as a name can; which ones reach us is the listener's matter.
        return ip.is_loopback() || ip == listen.ip() || !listen.ip().is_loopback();
    }
    base_of(config, host).is_some()
}

/// The known name that `host` is or lies under, and what stands before it (`bucket.s3`), empty if nothing does.
pub(crate) fn base_of<'h>(config: &Config, host: &'h str) -> Option<&'h str> {
    // Clients put it before whatever endpoint they are given.
    if host == "sync-localhost" {
        return Some("");
    }
    let known = ["localhost", "localhost.localstack.cloud"].into_iter();
    known
        .chain(config.hosts.iter().map(String::as_str))
        .find_map(|base| {
            let before = host.strip_suffix(base)?;
            if before.is_empty() {
                return Some(before);
            }
            before
                .strip_suffix('.')
                .or_else(|| before.strip_suffix("sync-"))
        })
}

/// Whether the request was made by a page of another origin.
pub(crate) fn is_foreign(config: &Config, parts: &Parts) -> bool {
    match origin(parts) {
        Some(origin) => !is_own(parts, origin) && !allows_origin(config, origin),
        // Navigations and images carry no origin, but say where they come from.
        None => matches!(
            header(parts, "sec-fetch-site"),
            Some("cross-site" | "same-site")
        ),
    }
}

/// The `Origin` of a page that is not ours.
pub(crate) fn other_origin(parts: &Parts) -> Option<&str> {
    origin(parts).filter(|origin| !is_own(parts, origin))
}

/// Whether the one who runs the server allows this origin.
pub(crate) fn allows_origin(config: &Config, origin: &str) -> bool {
    config
        .origins
        .iter()
        .any(|allowed| allowed == "*" || allowed.eq_ignore_ascii_case(origin))
}

fn is_own(parts: &Parts, origin: &str) -> bool {
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    let host = header(parts, "host");
    matches!((authority, host), (Some(authority), Some(host)) if authority.eq_ignore_ascii_case(host))
}

fn origin(parts: &Parts) -> Option<&str> {
    parts.headers.get(http::header::ORIGIN).map(|value| {
        // What can't be read is nobody's own.
        value.to_str().unwrap_or("null")
    })
}

pub(crate) fn header<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    parts.headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(host: &str) -> bool {
        let config = Config {
            hosts: vec!["canter.lan".into()],
            ..Config::default()
        };
        let listen = "127.0.0.1:4566".parse().expect("an address");
        knows_host(&config, listen, host)
    }

    #[test]
    fn local_names_and_configured_ones_are_known() {
        for host in [
            "localhost",
            "127.0.0.1",
            "127.0.0.2",
            "[::1]",
            "photos.localhost",
            "photos.s3.localhost.localstack.cloud",
            "sync-localhost",
            "sync-canter.lan",
            "canter.lan",
            "photos.s3.canter.lan",
        ] {
            assert!(knows(host), "{host}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "example.com",
            "localhost.example.com",
            "evillocalhost",
            "192.168.1.4",
            "notcanter.lan",
            "s3.amazonaws.com",
            "",
        ] {
            assert!(!knows(host), "{host}");
        }
    }

    #[test]
    fn a_port_is_no_part_of_a_name() {
        assert_eq!(without_port("[::1]:4566"), "[::1]");
        assert_eq!(without_port("localhost:4566"), "localhost");
    }
}
