//! The console's files under `/console/`, as its build has left them.

use aws::{Body, BoxFuture, Caller, HttpService, RequestId, empty_body, full_body};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};

/// One file of the console, in as many encodings as its build has made.
#[derive(Clone, Copy, Debug)]
pub struct ConsoleFile {
    /// Below `/console/`: `assets/Page-Bt89G57i.js`.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// For clients that read brotli.
    pub brotli: Option<&'static [u8]>,
    /// For clients that read gzip.
    pub gzip: Option<&'static [u8]>,
}

/// Answers for the console: its files, and `index.html` for every page of it, which the console itself tells apart.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    files: &'static [ConsoleFile],
}

/// What the console's build leaves in `index.html` for the server to fill in; the build fails when it does not.
const BASE_MARK: &str = r#"<base href="/console/" />"#;
const NONCE_MARK: &str = r#"<meta name="nonce" content="" />"#;

const INDEX: &str = "index.html";
/// What lies here has a hash of its content in its name.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "\
This server was built without its console.

Build both with `cargo xtask console && cargo build -p canter`; the first needs Node 20.19 or newer and npm.
The APIs are all here: any AWS client can call them.
";

impl Console {
    /// Where it is to be mounted.
    pub const PREFIX: &'static str = "/console/";

    /// Serves these files; without any, a page that says how to build them.
    pub fn new(files: &'static [ConsoleFile]) -> Self {
        Self { files }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        if request.method() != Method::GET && request.method() != Method::HEAD {
            let mut response = text(
                StatusCode::METHOD_NOT_ALLOWED,
                "Only GET is answered here.\n",
            );
            set(&mut response, header::ALLOW, "GET, HEAD");
            return response;
        }
        let Some(path) = request.uri().path().strip_prefix(Self::PREFIX) else {
            // Relative, so that it leads to the right place behind a proxy's prefix too.
            let mut response = text(StatusCode::FOUND, "");
            set(&mut response, header::LOCATION, "console/");
            return response;
        };
        match self.file(path) {
            Some(file) if path != INDEX => serve(file, request.headers()),
            None if path.starts_with(HASHED) || leaves(path) => {
                text(StatusCode::NOT_FOUND, "There is no such file.\n")
            }
            _ => match self.file(INDEX) {
                Some(index) => page(index, path),
                None => text(StatusCode::SERVICE_UNAVAILABLE, NOT_BUILT),
            },
        }
    }

    fn file(&self, path: &str) -> Option<&ConsoleFile> {
        self.files.iter().find(|file| file.path == path)
    }
}

impl HttpService for Console {
    fn handle(
        &self,
        _caller: Caller,
        _request_id: RequestId,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        let mut response = self.answer(&request);
        if request.method() == Method::HEAD {
            *response.body_mut() = empty_body();
        }
        Box::pin(std::future::ready(response))
    }
}

/// Whether a path is none that a browser or the console makes: they take `..` out before they ask, and encode no dot.
fn leaves(path: &str) -> bool {
    path.split('/').any(|segment| segment == "..") || path.to_ascii_lowercase().contains("%2e")
}

/// A file in the best encoding that the client reads.
fn serve(file: &ConsoleFile, headers: &HeaderMap) -> Response<Body> {
    let (bytes, encoding) = match (file.brotli, file.gzip) {
        (Some(bytes), _) if accepts(headers, "br") => (bytes, Some("br")),
        (_, Some(bytes)) if accepts(headers, "gzip") => (bytes, Some("gzip")),
        _ => (file.plain, None),
    };
    let mut response = guarded(bytes, content_type(file.path), None);
    let cache = if file.path.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    set(&mut response, header::CACHE_CONTROL, cache);
    if let Some(encoding) = encoding {
        set(&mut response, header::CONTENT_ENCODING, encoding);
    }
    if file.brotli.is_some() || file.gzip.is_some() {
        set(&mut response, header::VARY, "Accept-Encoding");
    }
    response
}

/// `index.html` for the page at a path: it learns the way back to the console's root, so that it works wherever a proxy has
/// put it, and the nonce of style sheets that are made while it runs.
fn page(index: &ConsoleFile, path: &str) -> Response<Body> {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let up = "../".repeat(path.matches('/').count());
    let root = if up.is_empty() { "./" } else { &up };
    let html = String::from_utf8_lossy(index.plain)
        .replacen(BASE_MARK, &format!(r#"<base href="{root}" />"#), 1)
        .replacen(
            NONCE_MARK,
            &format!(r#"<meta name="nonce" content="{nonce}" />"#),
            1,
        );
    let mut response = guarded(html, content_type(INDEX), Some(&nonce));
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    response
}

fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = guarded(text, "text/plain; charset=utf-8", None);
    *response.status_mut() = status;
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    response
}

/// A response whose content a browser trusts no further than the console needs: nothing from elsewhere, nothing inline,
/// in nobody's frame.
fn guarded(
    body: impl Into<bytes::Bytes>,
    content_type: &'static str,
    nonce: Option<&str>,
) -> Response<Body> {
    let mut response = Response::new(full_body(body));
    let nonce = nonce.map_or_else(String::new, |nonce| format!(" 'nonce-{nonce}'"));
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; connect-src 'self'; img-src 'self' blob: data:; \
         worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'self'"
    );
    let policy = HeaderValue::try_from(policy).expect("a policy is printable ASCII");
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    set(&mut response, header::CONTENT_TYPE, content_type);
    set(&mut response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(&mut response, header::REFERRER_POLICY, "no-referrer");
    response
}

fn set(response: &mut Response<Body>, name: header::HeaderName, value: &'static str) {
    response
        .headers_mut()
        .insert(name, HeaderValue::from_static(value));
}

/// Whether `Accept-Encoding` names the coding and does not refuse it with `q=0`.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let named = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(coding));
            let weight = parts.find_map(|part| part.strip_prefix("q=")?.trim().parse::<f32>().ok());
            named && weight.is_none_or(|weight| weight > 0.0)
        })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, kind)| kind) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("md" | "txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    const HTML: &[u8] =
        b"<base href=\"/console/\" /><meta name=\"nonce\" content=\"\" /><script src=\"./assets/a-1.js\">";
    static FILES: [ConsoleFile; 4] = [
        file("assets/a-1.js", b"plain", Some(b"brotli")),
        file("assets/b-2.png", b"pixels", None),
        file("favicon.svg", b"<svg/>", Some(b"brotli svg")),
        file("index.html", HTML, Some(b"never sent")),
    ];

    const fn file(
        path: &'static str,
        plain: &'static [u8],
        brotli: Option<&'static [u8]>,
    ) -> ConsoleFile {
        let gzip: Option<&'static [u8]> = match brotli {
            Some(_) => Some(b"gzip"),
            None => None,
        };
        ConsoleFile {
            path,
            plain,
            brotli,
            gzip,
        }
    }

    struct Reply {
        status: u16,
        headers: HeaderMap,
        body: String,
    }

    impl Reply {
        fn header(&self, name: &str) -> &str {
            let value = self.headers.get(name);
            value.map_or("", |value| value.to_str().expect("printable"))
        }
    }

    fn ask(files: &'static [ConsoleFile], method: Method, path: &str, encodings: &str) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-encoding", encodings)
            .body(empty_body())
            .expect("a request");
        let caller = Caller::root("000000000000", "us-east-1");
        let console = Console::new(files);
        let mut response = console.handle(caller, RequestId("1".into()), request);
        let ready = std::task::Context::from_waker(std::task::Waker::noop());
        let std::task::Poll::Ready(response) = response.as_mut().poll(&mut { ready }) else {
            panic!("files are there already");
        };
        let (parts, body) = response.into_parts();
        let mut body = std::pin::pin!(body.collect());
        let std::task::Poll::Ready(Ok(body)) = body
            .as_mut()
            .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()))
        else {
            panic!("the body is there already");
        };
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_bytes().to_vec()).expect("text"),
        }
    }

    fn get(path: &str, encodings: &str) -> Reply {
        ask(&FILES, Method::GET, path, encodings)
    }

    #[test]
    fn each_client_gets_the_smallest_encoding_it_reads() {
        for (encodings, body, encoding) in [
            ("gzip, deflate, br, zstd", "brotli", "br"),
            ("gzip", "gzip", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip", "gzip"),
            ("BR; q=0.1", "brotli", "br"),
            ("", "plain", ""),
            ("identity, brr", "plain", ""),
        ] {
            let reply = get("/console/assets/a-1.js", encodings);
            assert_eq!(
                (&*reply.body, reply.header("content-encoding")),
                (body, encoding),
                "{encodings}"
            );
            assert_eq!(reply.header("vary"), "Accept-Encoding");
        }
        let image = get("/console/assets/b-2.png", "br");
        assert_eq!(
            (&*image.body, image.header("content-encoding")),
            ("pixels", "")
        );
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_good() {
        let cache = |path| get(path, "").header("cache-control").to_owned();
        assert_eq!(
            cache("/console/assets/a-1.js"),
            "public, max-age=31536000, immutable"
        );
        for path in [
            "/console/",
            "/console/executions/arn",
            "/console/favicon.svg",
            "/console/assets/old.js",
        ] {
            assert_eq!(cache(path), "no-cache", "{path}");
        }
    }

    #[test]
    fn files_say_what_they_are() {
        for (path, kind) in [
            ("/console/assets/a-1.js", "text/javascript; charset=utf-8"),
            ("/console/assets/b-2.png", "image/png"),
            ("/console/favicon.svg", "image/svg+xml"),
            ("/console/state-machines", "text/html; charset=utf-8"),
        ] {
            let reply = get(path, "");
            assert_eq!(reply.header("content-type"), kind, "{path}");
            assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        }
    }

    #[test]
    fn every_page_is_the_index_and_finds_its_way_back() {
        for (path, base) in [
            ("/console/", "./"),
            ("/console/index.html", "./"),
            ("/console/state-machines", "./"),
            ("/console/state-machines/arn%3Aa%2Fb", "../"),
            ("/console/state-machines/arn/edit?mode=code", "../../"),
        ] {
            let reply = get(path, "br, gzip");
            assert_eq!(
                (reply.status, reply.header("content-encoding")),
                (200, ""),
                "{path}"
            );
            assert!(
                reply.body.starts_with(&format!("<base href=\"{base}\" />")),
                "{path}: {}",
                reply.body
            );
        }
    }

    #[test]
    fn a_part_of_an_older_console_is_not_a_page() {
        assert_eq!(get("/console/assets/a-0.js", "").status, 404);
    }

    #[test]
    fn a_path_that_leaves_the_console_is_not_a_page() {
        for path in [
            "/console/../etc/passwd",
            "/console/%2E%2e%2f%2e%2e%2fetc/passwd",
        ] {
            assert_eq!(get(path, "").status, 404, "{path}");
        }
        assert_eq!(
            get("/console/s3/jail/..%2Fescape", "").status,
            200,
            "an object's key"
        );
    }

    #[test]
    fn nothing_inline_or_from_elsewhere_is_allowed() {
        let policy = get("/console/assets/a-1.js", "")
            .header("content-security-policy")
            .to_owned();
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "connect-src 'self'",
            "img-src 'self' blob: data:",
            "frame-ancestors 'none'",
            "base-uri 'self'",
        ] {
            assert!(
                policy.split("; ").any(|given| given == part),
                "{part} in {policy}"
            );
        }
        assert_eq!(
            get("/console/", "").header("referrer-policy"),
            "no-referrer"
        );
    }

    #[test]
    fn each_page_has_its_own_nonce_for_its_style_sheets() {
        let nonce = || {
            let reply = get("/console/", "");
            let (_, after) = reply.body.split_once("content=\"").expect("the tag");
            let nonce = after.split('"').next().unwrap_or_default().to_owned();
            let policy = reply.header("content-security-policy");
            assert!(
                policy.contains(&format!("style-src 'self' 'nonce-{nonce}';")),
                "{policy}"
            );
            assert_eq!(nonce.len(), 32);
            nonce
        };
        assert_ne!(nonce(), nonce());
    }

    #[test]
    fn without_its_slash_it_leads_to_itself() {
        let reply = get("/console", "");
        assert_eq!((reply.status, reply.header("location")), (302, "console/"));
    }

    #[test]
    fn it_is_only_read() {
        let reply = ask(&FILES, Method::POST, "/console/", "");
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD"));
        let head = ask(&FILES, Method::HEAD, "/console/assets/a-1.js", "br");
        assert_eq!(
            (head.status, &*head.body, head.header("content-encoding")),
            (200, "", "br")
        );
    }

    #[test]
    fn a_server_without_it_says_how_to_build_it() {
        let reply = ask(&[], Method::GET, "/console/state-machines", "");
        assert_eq!(reply.status, 503);
        assert!(reply.body.contains("cargo xtask console"), "{}", reply.body);
    }
}
