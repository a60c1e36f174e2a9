//! The gateway's own pages: probes, metrics, and what wait scripts ask.

use aws::{Body, full_body};
use http::{Response, StatusCode};
use serde_json::json;

use crate::dispatch::Gateway;

/// The page at a path, if the gateway has it.
pub(crate) fn page(gateway: &Gateway, path: &str) -> Option<Response<Body>> {
    let response = match path {
        // Alive: it answers at all.
        "/healthz" => text(StatusCode::OK, "ok\n"),
        "/readyz" if (gateway.doors.ready)() => text(StatusCode::OK, "ready\n"),
        "/readyz" => text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n"),
        "/metrics" => {
            let mut out = String::new();
            gateway.metrics.write(&mut out);
            for source in &gateway.doors.metrics {
                source(&mut out);
            }
            typed(StatusCode::OK, "text/plain; version=0.0.4", out)
        }
        "/_localstack/health" => json_page(&json!({
            "services": services(gateway),
            "edition": "community",
            "version": gateway.config.version,
        })),
        "/_localstack/info" => json_page(&json!({
            "version": gateway.config.version,
            "edition": "community",
            "is_license_activated": false,
            "system": std::env::consts::OS,
            "uptime": gateway.started.elapsed().as_secs(),
        })),
        _ => return None,
    };
    Some(response)
}

/// The services under the names that wait scripts look for.
fn services(gateway: &Gateway) -> serde_json::Map<String, serde_json::Value> {
    let mut ids = gateway.doors.registry.ids();
    if gateway.doors.s3.is_some() && !ids.contains(&"s3") {
        ids.push("s3");
    }
    ids.into_iter()
        // What HTTP Tasks are made by is no service of AWS's.
        .filter(|id| *id != "http")
        .map(|id| {
            let name = if id == "states" { "stepfunctions" } else { id };
            (name.to_owned(), "running".into())
        })
        .collect()
}

pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Response<Body> {
    typed(status, "text/plain; charset=utf-8", text.into())
}

fn json_page(value: &serde_json::Value) -> Response<Body> {
    typed(StatusCode::OK, "application/json", value.to_string())
}

fn typed(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(full_body(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static(content_type),
    );
    response
}
