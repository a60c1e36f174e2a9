//! HTTP Tasks against a server, with connections of each kind.

mod world;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws::{Answer, ApiError, BoxFuture, Call, Caller, Registry, RequestId, Service};
use bytes::Bytes;
use http::Response;
use outbound::{Client, Http};
use serde_json::{Value, json};
use world::{Server, header, response};

const CONNECTION: &str =
    "arn:aws:events:us-east-1:000000000000:connection/c/00000000-0000-0000-0000-000000000000";

/// EventBridge with one connection.
struct Events(Mutex<Value>);

impl Service for Events {
    fn id(&self) -> &'static str {
        "events"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            assert_eq!(call.operation, "RetrieveConnectionSecrets");
            if call.input["ConnectionArn"] != CONNECTION {
                return Err(ApiError::new(
                    "ResourceNotFoundException",
                    "Connection 'x' does not exist.",
                ));
            }
            let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(Answer::json(secrets.clone()))
        })
    }
}

struct World {
    http: Http,
    events: Arc<Events>,
    server: Server,
}

impl World {
    async fn new(
        secrets: Value,
        handler: impl Fn(&http::Request<Bytes>) -> Response<Bytes> + Send + Sync + 'static,
    ) -> Self {
        let registry = Registry::default();
        let events = Arc::new(Events(Mutex::new(secrets)));
        registry.fill(vec![events.clone()]);
        let client = Client::new(None).expect("no file is read");
        Self {
            http: Http::new(registry, client),
            events,
            server: Server::start(handler).await,
        }
    }

    async fn invoke(&self, parameters: Value) -> Result<Value, (String, String)> {
        let input = self.parameters(parameters);
        self.call("Invoke", input).await
    }

    fn parameters(&self, parameters: Value) -> Value {
        let mut input = json!({
            "ApiEndpoint": self.server.url("/api"), "Method": "POST", "Authentication": {"ConnectionArn": CONNECTION},
        });
        let given = Answer::json(parameters).output;
        for (name, value) in given {
            input[name] = value;
        }
        input
    }

    async fn call(&self, operation: &str, input: Value) -> Result<Value, (String, String)> {
        let answered = self.http.call(Call {
            caller: Caller::root("000000000000", "us-east-1"),
            request_id: RequestId("id".into()),
            service: "http",
            operation: operation.into(),
            input: Answer::json(input).output,
            body: Bytes::new(),
        });
        let answered = answered.await;
        answered
            .map(|answer| Value::Object(answer.output))
            .map_err(|error| (error.code.into_owned(), error.message))
    }
}

fn api_key() -> Value {
    json!({
        "AuthorizationType": "API_KEY",
        "AuthParameters": {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "hush"}},
    })
}

fn ok(_: &http::Request<Bytes>) -> Response<Bytes> {
    response(200, "application/json", "{\"a\": [1, 2.5]}")
}

fn error(code: &str, cause: &str) -> Result<Value, (String, String)> {
    Err((code.to_owned(), cause.to_owned()))
}

#[tokio::test]
async fn an_answer_s_json_is_parsed_and_its_headers_are_lists() {
    let world = World::new(api_key(), |_| {
        Response::builder()
            .status(201)
            .header("content-type", "application/json; charset=utf-8")
            .header("x-a", "1")
            .header("x-a", "2")
            .body("{\"a\": [1, 2.5]}".into())
            .expect("a response")
    })
    .await;
    let mut answer = world
        .invoke(json!({"RequestBody": {"b": 1}}))
        .await
        .expect("it answers");
    let headers = answer["Headers"].take();
    assert_eq!(headers["x-a"], json!(["1", "2"]));
    assert_eq!(
        answer,
        json!({"Headers": null, "ResponseBody": {"a": [1, 2.5]}, "StatusCode": 201, "StatusText": "Created"})
    );
    let seen = &world.server.seen()[0];
    assert_eq!(
        (seen.method().as_str(), seen.uri().path()),
        ("POST", "/api")
    );
    assert_eq!(seen.body().as_ref(), b"{\"b\":1}");
    assert_eq!(header(seen, "content-type"), "application/json");
    assert_eq!(header(seen, "x-api-key"), "hush");
    assert_eq!(
        header(seen, "user-agent"),
        "Amazon|StepFunctions|HttpInvoke|us-east-1"
    );
    assert_eq!(header(seen, "range"), "bytes=0-262144");
}

#[tokio::test]
async fn text_stays_text_and_what_is_neither_is_refused() {
    for (kind, body, expected) in [
        ("text/plain", &b"{\"a\": 1}"[..], Ok("{\"a\": 1}")),
        ("application/json", b"no json", Ok("no json")),
        ("application/xml", b"<a/>", Ok("<a/>")),
        ("text/plain", b"", Ok("")),
        ("text/plain", b"\xff\xfe", Err(())),
        ("image/png", b"png", Err(())),
        ("application/octet-stream", b"text", Err(())),
    ] {
        let world = World::new(api_key(), move |_| response(200, kind, body)).await;
        match (world.invoke(json!({})).await, expected) {
            (Ok(answer), Ok(text)) => assert_eq!(answer["ResponseBody"], text, "{kind}"),
            (Err((code, _)), Err(())) => assert_eq!(code, "States.Runtime", "{kind}"),
            (answered, _) => panic!("{kind}: {answered:?}"),
        }
    }
}

#[tokio::test]
async fn an_answer_of_400_and_above_is_an_error_of_its_own() {
    let world = World::new(api_key(), |request| match request.uri().path() {
        "/gone" => response(410, "text/plain", ""),
        _ => response(503, "application/json", "{\"message\": \"later\"}"),
    })
    .await;
    assert_eq!(
        world.invoke(json!({})).await,
        error("States.Http.StatusCode.503", "{\"message\": \"later\"}")
    );
    let gone = world.server.url("/gone");
    assert_eq!(
        world.invoke(json!({"ApiEndpoint": gone})).await,
        error("States.Http.StatusCode.410", "Gone")
    );
}

#[tokio::test]
async fn an_endpoint_that_is_not_there_is_a_matter_of_the_socket() {
    let world = World::new(api_key(), ok).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = nobody.local_addr().expect("it is bound");
    drop(nobody);
    assert_eq!(
        world
            .invoke(json!({"ApiEndpoint": format!("http://{address}/")}))
            .await,
        error(
            "States.Http.Socket",
            &format!("Connect to {address} failed: Connection refused")
        )
    );
}

#[tokio::test]
async fn an_answer_above_the_limit_is_aws_s_error() {
    let world = World::new(api_key(), |_| {
        response(200, "text/plain", vec![b'x'; (16 << 20) + 1])
    })
    .await;
    let (code, _) = world.invoke(json!({})).await.expect_err("it is too large");
    assert_eq!(code, "States.DataLimitExceeded");
}

#[tokio::test]
async fn queries_and_headers_go_as_they_are_given() {
    let world = World::new(api_key(), ok).await;
    let endpoint = world.server.url("/a b/ü?x=1");
    let parameters = json!({
        "ApiEndpoint": endpoint, "Method": "GET",
        "QueryParameters": {"q": "a&b c", "list": ["1", 2], "flag": true},
        "Headers": {"Accept": "text/html", "X-Many": ["a", "b"]},
    });
    world.invoke(parameters).await.expect("it answers");
    let seen = &world.server.seen()[0];
    assert_eq!(
        seen.uri(),
        "/a%20b/%C3%BC?x=1&q=a%26b%20c&list=1&list=2&flag=true"
    );
    assert_eq!(header(seen, "accept"), "text/html");
    assert_eq!(seen.headers().get_all("x-many").iter().count(), 2);
    assert!(seen.body().is_empty());
    assert_eq!(header(seen, "content-type"), "");
}

#[tokio::test]
async fn what_the_connection_has_wins() {
    let mut secrets = api_key();
    secrets["AuthParameters"]["InvocationHttpParameters"] = json!({
        "HeaderParameters": [{"Key": "X-Both", "Value": "connection"}, {"Key": "content-type", "Value": "application/vnd.x+json"}],
        "QueryStringParameters": [{"Key": "both", "Value": "connection", "IsValueSecret": true}],
        "BodyParameters": [{"Key": "both", "Value": "connection"}, {"Key": "more", "Value": "m"}],
    });
    let world = World::new(secrets, ok).await;
    let parameters = json!({
        "Headers": {"x-both": "task", "x-task": "t"},
        "QueryParameters": {"both": "task", "task": "t"},
        "RequestBody": {"both": "task", "task": "t"},
    });
    world.invoke(parameters).await.expect("it answers");
    let seen = &world.server.seen()[0];
    assert_eq!(
        (header(seen, "x-both"), header(seen, "x-task")),
        ("connection", "t")
    );
    assert_eq!(header(seen, "content-type"), "application/vnd.x+json");
    assert_eq!(seen.uri().query(), Some("task=t&both=connection"));
    let body: Value = serde_json::from_slice(seen.body()).expect("it is JSON");
    assert_eq!(
        body,
        json!({"both": "connection", "task": "t", "more": "m"})
    );
    // A body that is no object can't take them.
    let (code, _) = world
        .invoke(json!({"RequestBody": "text"}))
        .await
        .expect_err("it is text");
    assert_eq!(code, "States.Runtime");
    world.invoke(json!({})).await.expect("they are the body");
    assert_eq!(
        world.server.seen()[0].body().as_ref(),
        b"{\"both\":\"connection\",\"more\":\"m\"}"
    );
}

#[tokio::test]
async fn bodies_are_json_forms_or_text() {
    let world = World::new(api_key(), ok).await;
    let form = |format: &str| {
        json!({
            "RequestBody": {"a": ["x", "y"], "b": 1},
            "Transform": {"RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": {"ArrayFormat": format}},
        })
    };
    for (parameters, body, kind) in [
        (
            form("REPEAT"),
            "a=x&a=y&b=1",
            "application/x-www-form-urlencoded",
        ),
        (
            form("COMMAS"),
            "a=x,y&b=1",
            "application/x-www-form-urlencoded",
        ),
        (
            json!({"RequestBody": [1, "a"]}),
            "[1,\"a\"]",
            "application/json",
        ),
        (
            json!({"RequestBody": "<a/>", "Headers": {"Content-Type": "application/xml"}}),
            "<a/>",
            "application/xml",
        ),
        (
            json!({"RequestBody": {"a": 1}, "Transform": {"RequestBodyEncoding": "NONE"}}),
            "{\"a\":1}",
            "application/json",
        ),
    ] {
        world.invoke(parameters).await.expect("it answers");
        let seen = &world.server.seen()[0];
        assert_eq!(seen.body().as_ref(), body.as_bytes());
        assert_eq!(header(seen, "content-type"), kind);
    }
}

#[tokio::test]
async fn what_a_task_may_not_ask_is_refused_before_it_is_sent() {
    let world = World::new(api_key(), ok).await;
    for (parameters, cause) in [
        (
            json!({"Headers": {"Authorization": "x", "X-Amz-Date": "y", "accept": "z"}}),
            "The 'Headers' field contains unsupported values: [authorization, x-amz-date]",
        ),
        (
            json!({"Headers": {"x-a": "a\r\nb: c"}}),
            "The header 'x-a' can't be sent",
        ),
        (
            json!({"Headers": "x"}),
            "The field 'Headers' must be an object",
        ),
        (
            json!({"Method": "TRACE"}),
            "The method 'TRACE' is not supported",
        ),
        (
            json!({"Method": null}),
            "The field 'Method' is required but was missing",
        ),
        (
            json!({"Authentication": {}}),
            "The field 'ConnectionArn' is required but was missing",
        ),
        (
            json!({"Authentication": {"ConnectionArn": "arn:aws:s3:::b"}}),
            "'arn:aws:s3:::b' is not the ARN of a connection",
        ),
        (
            json!({"ApiEndpoint": "ftp://h/"}),
            "'ftp://h/' is not a URL of http or https",
        ),
        (
            json!({"ApiEndpoint": "https://u:p@h/"}),
            "'https://u:p@h/' is not a URL of http or https",
        ),
        (
            json!({"ApiEndpoint": "h"}),
            "'h' is not a URL of http or https",
        ),
        (
            json!({"Transform": {"RequestBodyEncoding": "ZIP"}}),
            "The request body encoding 'ZIP' is not supported",
        ),
        (
            json!({"RequestBody": [1], "Transform": {"RequestBodyEncoding": "URL_ENCODED"}}),
            "Only a request body that is an object can be URL-encoded",
        ),
    ] {
        assert_eq!(
            world.invoke(parameters).await,
            error("States.Runtime", cause)
        );
    }
    assert!(world.server.seen().is_empty());
}

#[tokio::test]
async fn a_connection_that_is_not_there_has_an_error_of_its_own() {
    let world = World::new(api_key(), ok).await;
    let other = CONNECTION.replace("/c/", "/d/");
    let parameters = json!({"Authentication": null, "InvocationConfig": {"ConnectionArn": other}});
    assert_eq!(
        world.invoke(parameters).await,
        error(
            "Events.ConnectionResource.ResourceNotFound",
            "Connection 'x' does not exist."
        )
    );
}

#[tokio::test]
async fn a_user_and_a_password_are_basic_authorization() {
    let basic = json!({
        "AuthorizationType": "BASIC",
        "AuthParameters": {"BasicAuthParameters": {"Username": "user", "Password": "pass"}},
    });
    let world = World::new(basic, ok).await;
    let arn = json!({"Authentication": null, "InvocationConfig": {"ConnectionArn": CONNECTION}});
    world.invoke(arn).await.expect("it answers");
    assert_eq!(
        header(&world.server.seen()[0], "authorization"),
        "Basic dXNlcjpwYXNz"
    );
}

/// A server with a token endpoint that gives `t1`, `t2` …; `good` says which tokens the API takes.
async fn oauth(expires_in: Value, good: fn(&str) -> bool) -> World {
    let count = AtomicUsize::new(0);
    let world = World::new(json!({}), move |request| {
        if request.uri().path() == "/token" {
            let number = count.fetch_add(1, Ordering::Relaxed) + 1;
            let body = json!({"access_token": format!("t{number}"), "token_type": "bearer", "expires_in": expires_in});
            return response(200, "application/json", body.to_string());
        }
        let token = header(request, "authorization").trim_start_matches("Bearer ");
        if good(token) {
            response(200, "application/json", format!("\"{token}\""))
        } else {
            response(401, "text/plain", "no")
        }
    })
    .await;
    let secrets = json!({
        "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS",
        "AuthParameters": {"OAuthParameters": {
            "AuthorizationEndpoint": world.server.url("/token"), "HttpMethod": "POST",
            "ClientParameters": {"ClientID": "id", "ClientSecret": "hush"},
            "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "a b"}], "HeaderParameters": [{"Key": "x-tenant", "Value": "t"}]},
        }},
    });
    *world
        .events
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = secrets;
    world
}

impl World {
    async fn token(&self) -> Value {
        let answer = self.invoke(json!({})).await.expect("it answers");
        answer["ResponseBody"].clone()
    }
}

#[tokio::test]
async fn a_token_is_fetched_once_and_kept() {
    let world = oauth(json!(3600), |_| true).await;
    assert_eq!(
        (world.token().await, world.token().await),
        (json!("t1"), json!("t1"))
    );
    let seen = world.server.seen();
    let paths: Vec<_> = seen.iter().map(|request| request.uri().path()).collect();
    assert_eq!(paths, ["/token", "/api", "/api"]);
    assert_eq!(header(&seen[0], "authorization"), "Basic aWQ6aHVzaA==");
    assert_eq!(header(&seen[0], "x-tenant"), "t");
    assert_eq!(
        seen[0].body().as_ref(),
        b"scope=a%20b&grant_type=client_credentials"
    );
}

#[tokio::test]
async fn those_who_want_a_token_at_once_share_it() {
    let world = oauth(json!(3600), |_| true).await;
    let (a, b, c) = tokio::join!(world.token(), world.token(), world.token());
    assert_eq!([a, b, c], [json!("t1"), json!("t1"), json!("t1")]);
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over_or_its_connection_changes() {
    let world = oauth(json!("60"), |_| true).await;
    assert_eq!(world.token().await, "t1");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(31)).await;
    tokio::time::resume();
    assert_eq!(world.token().await, "t2");
    {
        let mut secrets = world
            .events
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        secrets["AuthParameters"]["OAuthParameters"]["ClientParameters"]["ClientSecret"] =
            "new".into();
    }
    assert_eq!(world.token().await, "t3");
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_again_once() {
    let world = oauth(json!(3600), |token| token == "t2").await;
    assert_eq!(world.token().await, "t2");
    assert_eq!(world.server.seen().len(), 4);
    let hopeless = oauth(json!(3600), |_| false).await;
    assert_eq!(
        hopeless.invoke(json!({})).await,
        error("States.Http.StatusCode.401", "no")
    );
    assert_eq!(hopeless.server.seen().len(), 4);
}

#[tokio::test]
async fn a_connection_whose_tokens_are_refused_is_unusable() {
    let world = oauth(json!(3600), |_| true).await;
    {
        let mut secrets = world
            .events
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        secrets["AuthParameters"]["OAuthParameters"]["AuthorizationEndpoint"] =
            world.server.url("/api").into();
    }
    assert_eq!(
        world.invoke(json!({})).await,
        error(
            "Events.ConnectionResource.InvalidConnectionState",
            "The authorization endpoint answered 200 OK and no access token"
        )
    );
}

#[tokio::test]
async fn who_looks_on_sees_the_request_without_the_connection_s_secrets_unless_they_are_asked_for()
{
    let world = World::new(api_key(), ok).await;
    let url = world.server.url("/api");
    for secrets in [false, true] {
        let parameters =
            world.parameters(json!({"RequestBody": {"b": 1}, "Headers": {"x-mine": "m"}}));
        let input = json!({"Parameters": parameters, "RevealSecrets": secrets});
        let seen = world.call("Trace", input).await.expect("it is told");
        let request = &seen["request"];
        assert_eq!(
            (
                &request["protocol"],
                &request["method"],
                &request["url"],
                &request["body"]
            ),
            (
                &json!("http"),
                &json!("POST"),
                &json!(url),
                &json!("{\"b\":1}")
            )
        );
        let headers = request["headers"].as_str().expect("a text");
        assert!(
            headers.starts_with('[') && headers.contains("x-mine: m"),
            "{headers}"
        );
        assert_eq!(headers.contains("x-api-key: hush"), secrets, "{headers}");
        let response = &seen["response"];
        assert_eq!(
            (
                &response["statusCode"],
                &response["statusMessage"],
                &response["body"]
            ),
            (&json!("200"), &json!("OK"), &json!("{\"a\": [1, 2.5]}"))
        );
        assert_eq!(seen["Result"]["StatusCode"], 200);
    }
    assert_eq!(header(&world.server.seen()[0], "x-api-key"), "hush");
}

#[tokio::test]
async fn who_looks_on_sees_a_refusal_too() {
    let world = World::new(api_key(), |_| response(404, "text/plain", "nothing here")).await;
    let input = json!({"Parameters": world.parameters(json!({}))});
    let seen = world.call("Trace", input).await.expect("it is told");
    assert_eq!(seen["response"]["statusCode"], "404");
    let failed = json!({"Error": "States.Http.StatusCode.404", "Cause": "nothing here"});
    assert_eq!((&seen["Error"], &seen["Result"]), (&failed, &Value::Null));
    // A task that can't be sent has no request.
    let input = json!({"Parameters": {"Method": "POST"}});
    let seen = world.call("Trace", input).await.expect("it is told");
    assert_eq!(
        (&seen["request"], &seen["Error"]["Error"]),
        (&Value::Null, &json!("States.Runtime"))
    );
}
