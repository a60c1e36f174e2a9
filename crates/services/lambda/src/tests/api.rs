//! The operations around Invoke, and their refusals in AWS's words.

use std::sync::Arc;

use aws::{Answer, ApiError, BoxFuture, Call, Registry, Service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use store::Store;

use super::world::{World, has, zip_of};

const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function";
const ONE: [(&str, &str); 1] = [("handler.py", "def handler(event, context):\n    return 1\n")];
const TWO: [(&str, &str); 1] = [("handler.py", "def handler(event, context):\n    return 2\n")];

fn request(name: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "python3.12",
        "Handler": "handler.handler",
        "Role": "arn:aws:iam::000000000000:role/functions",
        "Code": { "ZipFile": BASE64.encode(zip_of(&ONE)) },
    })
}

fn refusal(result: Result<Answer, ApiError>) -> (String, u16, String) {
    let error = result.expect_err("it is refused");
    (error.code.into_owned(), error.status, error.message)
}

#[tokio::test]
async fn a_new_function_is_active_and_shows_its_configuration() {
    let world = World::new();
    let made = world
        .create(
            "f",
            "python3.12",
            &ONE,
            json!({ "Timeout": 30, "Tags": { "a": "b" } }),
        )
        .await;
    assert_eq!(made["FunctionArn"], format!("{ARN}:f"));
    assert_eq!(made["State"], "Active");
    assert_eq!(made["LastUpdateStatus"], "Successful");
    assert_eq!(made["Version"], "$LATEST");
    assert_eq!(made["MemorySize"], 128);
    assert_eq!(made["CodeSize"], zip_of(&ONE).len());
    assert_eq!(
        made["LoggingConfig"],
        json!({ "LogFormat": "Text", "LogGroup": "/aws/lambda/f" })
    );
    let date = made["LastModified"].as_str().expect("text");
    assert!(date.len() == 28 && date.ends_with("+0000"), "{date}");
    let got = world
        .call("GetFunction", json!({ "FunctionName": format!("{ARN}:f") }))
        .await
        .expect("it is there");
    assert_eq!(got.output["Configuration"], Value::Object(made.clone()));
    assert_eq!(got.output["Tags"], json!({ "a": "b" }));
    let location = got.output["Code"]["Location"].as_str().expect("text");
    assert!(
        location.starts_with("http://127.0.0.1:4566/_aws/lambda/code/"),
        "{location}"
    );
    let configuration = world
        .call("GetFunctionConfiguration", json!({ "FunctionName": "f" }))
        .await
        .expect("it is there");
    assert_eq!(configuration.output, made);
}

#[tokio::test]
async fn refusals_are_in_the_words_of_aws() {
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    assert_eq!(
        refusal(world.call("CreateFunction", request("f")).await),
        (
            "ResourceConflictException".into(),
            409,
            "Function already exist: f".into()
        )
    );
    assert_eq!(
        refusal(
            world
                .call("GetFunction", json!({ "FunctionName": "x" }))
                .await
        ),
        (
            "ResourceNotFoundException".into(),
            404,
            format!("Function not found: {ARN}:x")
        )
    );
    assert_eq!(
        refusal(world.call("Invoke", json!({ "FunctionName": "x" })).await),
        (
            "ResourceNotFoundException".into(),
            404,
            format!("Function not found: {ARN}:x:$LATEST")
        )
    );
    assert_eq!(
        refusal(
            world
                .call("Invoke", json!({ "FunctionName": "f", "Qualifier": "7" }))
                .await
        )
        .2,
        format!("Function not found: {ARN}:f:7")
    );
    assert_eq!(
        refusal(
            world
                .call_with("Invoke", json!({ "FunctionName": "f" }), "nonsense")
                .await
        )
        .0,
        "InvalidRequestContentException"
    );
    let (code, status, message) = refusal(
        world
            .call_with(
                "Invoke",
                json!({ "FunctionName": "f" }),
                vec![b'1'; 6_291_457],
            )
            .await,
    );
    assert_eq!((code.as_str(), status), ("RequestTooLargeException", 413));
    assert_eq!(
        message,
        "Request must be smaller than 6291456 bytes for the InvokeFunction operation"
    );
    for (member, value, expected) in [
        (
            "Runtime",
            json!("cobol"),
            "Value cobol at 'runtime' failed to satisfy constraint: ",
        ),
        (
            "Handler",
            Value::Null,
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        ),
        (
            "Timeout",
            json!(901),
            "1 validation error detected: Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
        ),
        (
            "MemorySize",
            json!(64),
            "1 validation error detected: Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128",
        ),
        (
            "Code",
            json!({ "ZipFile": BASE64.encode("no zip") }),
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        ),
        (
            "Code",
            json!({ "ZipFile": "" }),
            "Uploaded file must be a non-empty zip",
        ),
        (
            "Environment",
            json!({ "Variables": { "AWS_REGION": "x" } }),
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys",
        ),
        (
            "Environment",
            json!({ "Variables": { "BIG": "x".repeat(5000) } }),
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit.",
        ),
        (
            "Layers",
            json!(["arn:aws:lambda:us-east-1:000000000000:layer:l:1"]),
            "Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist.",
        ),
    ] {
        let mut input = request("g");
        input[member] = value;
        let (_, status, message) = refusal(world.call("CreateFunction", input).await);
        assert_eq!(status, 400, "{member}");
        assert!(message.starts_with(expected), "{member}: {message}");
    }
    assert_eq!(
        refusal(world.call("Nothing", json!({})).await).0,
        "UnknownOperationException"
    );
}

#[tokio::test]
async fn a_dry_run_answers_without_running() {
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    let input = json!({ "FunctionName": "f", "InvocationType": "DryRun" });
    let answer = world.call("Invoke", input).await.expect("allowed");
    assert_eq!(answer.status, Some(204));
    assert_eq!(world.lambda.host.processes(), 0);
}

#[tokio::test]
async fn new_code_and_configuration_take_effect_at_once() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let made = world.create("f", "python3.12", &ONE, json!({})).await;
    assert_eq!(world.result("f", "{}").await, "1");
    let input = json!({ "FunctionName": "f", "ZipFile": BASE64.encode(zip_of(&TWO)) });
    let updated = world
        .call("UpdateFunctionCode", input)
        .await
        .expect("updated")
        .output;
    assert_ne!(updated["CodeSha256"], made["CodeSha256"]);
    assert_ne!(updated["RevisionId"], made["RevisionId"]);
    assert_eq!(world.result("f", "{}").await, "2");
    let packages = world.folder.path().join("lambda/code");
    assert_eq!(
        std::fs::read_dir(packages).expect("a folder").count(),
        1,
        "the old package is gone"
    );

    let source = "import os\ndef handler(event, context):\n    return [os.environ.get('AA'), context.memory_limit_in_mb]\n";
    let input =
        json!({ "FunctionName": "f", "ZipFile": BASE64.encode(zip_of(&[("handler.py", source)])) });
    world
        .call("UpdateFunctionCode", input)
        .await
        .expect("updated");
    assert_eq!(world.result("f", "{}").await, r#"[null, "128"]"#);
    let input = json!({ "FunctionName": "f", "MemorySize": 512, "Environment": { "Variables": { "AA": "b" } } });
    world
        .call("UpdateFunctionConfiguration", input)
        .await
        .expect("updated");
    assert_eq!(world.result("f", "{}").await, r#"["b", "512"]"#);
    let input = json!({ "FunctionName": "f", "RevisionId": made["RevisionId"], "MemorySize": 512 });
    let refused = refusal(world.call("UpdateFunctionConfiguration", input).await);
    assert_eq!(
        (refused.0.as_str(), refused.1),
        ("PreconditionFailedException", 412)
    );
}

#[tokio::test]
async fn a_deleted_function_is_gone() {
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    world
        .call("DeleteFunction", json!({ "FunctionName": "f" }))
        .await
        .expect("deleted");
    let refused = refusal(
        world
            .call("DeleteFunction", json!({ "FunctionName": "f" }))
            .await,
    );
    assert_eq!(refused.2, format!("Function not found: {ARN}:f"));
    world.create("f", "python3.12", &ONE, json!({})).await;
}

#[tokio::test]
async fn functions_are_listed_in_pages() {
    let world = World::new();
    for name in ["c", "a", "b", "a-b"] {
        world.create(name, "python3.12", &ONE, json!({})).await;
    }
    let mut names = Vec::new();
    let mut input = json!({ "MaxItems": 3 });
    for _ in 0..2 {
        let answer = world
            .call("ListFunctions", input.clone())
            .await
            .expect("a page")
            .output;
        for function in answer["Functions"].as_array().expect("a list") {
            names.push(function["FunctionName"].as_str().expect("text").to_owned());
        }
        input["Marker"] = answer.get("NextMarker").cloned().unwrap_or_default();
    }
    names.sort();
    assert_eq!(names, ["a", "a-b", "b", "c"]);
    assert_eq!(input["Marker"], Value::Null);
}

#[tokio::test]
async fn versions_and_aliases_keep_what_they_were_published_as() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    let version = world
        .call("PublishVersion", json!({ "FunctionName": "f" }))
        .await
        .expect("published")
        .output;
    assert_eq!(version["Version"], "1");
    assert_eq!(version["FunctionArn"], format!("{ARN}:f:1"));
    let again = world
        .call("PublishVersion", json!({ "FunctionName": "f" }))
        .await
        .expect("published")
        .output;
    assert_eq!(again["Version"], "1", "nothing has changed");
    let alias = json!({ "FunctionName": "f", "Name": "live", "FunctionVersion": "1" });
    let alias = world.call("CreateAlias", alias).await.expect("made").output;
    assert_eq!(alias["AliasArn"], format!("{ARN}:f:live"));
    let input =
        json!({ "FunctionName": "f", "ZipFile": BASE64.encode(zip_of(&TWO)), "Publish": true });
    world
        .call("UpdateFunctionCode", input)
        .await
        .expect("updated");
    for (name, expected, executed) in [
        ("f", "2", "$LATEST"),
        ("f:1", "1", "1"),
        ("f:live", "1", "1"),
        ("f:2", "2", "2"),
    ] {
        let answer = world.invoke(name, "{}").await;
        assert_eq!(super::world::text(&answer), expected, "{name}");
        assert_eq!(answer.output["ExecutedVersion"], executed, "{name}");
    }
    let listed = world
        .call("ListVersionsByFunction", json!({ "FunctionName": "f" }))
        .await
        .expect("a list")
        .output;
    let versions: Vec<&Value> = listed["Versions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["Version"])
        .collect();
    assert_eq!(versions, ["$LATEST", "1", "2"]);
    let listed = world
        .call("ListAliases", json!({ "FunctionName": "f" }))
        .await
        .expect("a list")
        .output;
    assert_eq!(listed["Aliases"].as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn tags_and_permissions_come_and_go() {
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    let arn = format!("{ARN}:f");
    world
        .call(
            "TagResource",
            json!({ "Resource": arn, "Tags": { "a": "1", "b": "2" } }),
        )
        .await
        .expect("tagged");
    world
        .call(
            "UntagResource",
            json!({ "Resource": arn, "TagKeys": ["a"] }),
        )
        .await
        .expect("untagged");
    let tags = world
        .call("ListTags", json!({ "Resource": arn }))
        .await
        .expect("tags")
        .output;
    assert_eq!(tags["Tags"], json!({ "b": "2" }));
    assert_eq!(
        refusal(
            world
                .call("GetPolicy", json!({ "FunctionName": "f" }))
                .await
        )
        .1,
        404
    );
    let permission = json!({ "FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b" });
    world
        .call("AddPermission", permission.clone())
        .await
        .expect("added");
    assert_eq!(
        refusal(world.call("AddPermission", permission).await).1,
        409
    );
    let policy = world
        .call("GetPolicy", json!({ "FunctionName": "f" }))
        .await
        .expect("a policy")
        .output;
    let policy: Value =
        serde_json::from_str(policy["Policy"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        policy["Statement"][0]["Principal"],
        json!({ "Service": "s3.amazonaws.com" })
    );
    world
        .call(
            "RemovePermission",
            json!({ "FunctionName": "f", "StatementId": "s" }),
        )
        .await
        .expect("removed");
    assert_eq!(
        refusal(
            world
                .call("GetPolicy", json!({ "FunctionName": "f" }))
                .await
        )
        .1,
        404
    );
}

#[tokio::test]
async fn layers_bring_modules_and_programs() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    let arn = "arn:aws:lambda:us-east-1:000000000000:layer:l";
    for version in 1..=2 {
        let module = format!("version = {version}\n");
        let files = [
            ("python/shared.py", module.as_str()),
            ("bin/tool/bootstrap", "#!/bin/sh\necho tool\n"),
        ];
        let input = json!({ "LayerName": "l", "Content": { "ZipFile": BASE64.encode(zip_of(&files)) }, "CompatibleRuntimes": ["python3.12"] });
        let layer = world
            .call("PublishLayerVersion", input)
            .await
            .expect("published")
            .output;
        assert_eq!(layer["LayerVersionArn"], format!("{arn}:{version}"));
    }
    let source = "import os, shared\ndef handler(event, context):\n    found = [p for p in os.environ['PATH'].split(':') if os.path.exists(p + '/tool/bootstrap')]\n    return [shared.version, len(found)]\n";
    let files = [("handler.py", source)];
    let made = world
        .create(
            "f",
            "python3.12",
            &files,
            json!({ "Layers": [format!("{arn}:1")] }),
        )
        .await;
    assert_eq!(made["Layers"][0]["Arn"], format!("{arn}:1"));
    assert_eq!(world.result("f", "{}").await, "[1, 1]");
    let input = json!({ "FunctionName": "f", "Layers": [format!("{arn}:2")] });
    world
        .call("UpdateFunctionConfiguration", input)
        .await
        .expect("updated");
    assert_eq!(world.result("f", "{}").await, "[2, 1]");

    let listed = world
        .call("ListLayerVersions", json!({ "LayerName": "l" }))
        .await
        .expect("a list")
        .output;
    let versions: Vec<&Value> = listed["LayerVersions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["Version"])
        .collect();
    assert_eq!(versions, [2, 1]);
    for version in [1, 2] {
        let input = json!({ "LayerName": "l", "VersionNumber": version });
        world
            .call("GetLayerVersion", input.clone())
            .await
            .expect("it is there");
        world
            .call("DeleteLayerVersion", input.clone())
            .await
            .expect("deleted");
        assert_eq!(refusal(world.call("GetLayerVersion", input).await).1, 404);
    }
    let input = json!({ "FunctionName": "f", "Description": "made anew, still with its layer" });
    world
        .call("UpdateFunctionConfiguration", input)
        .await
        .expect("updated");
    assert_eq!(world.result("f", "{}").await, "[2, 1]");
    let listed = world
        .call("ListLayers", json!({}))
        .await
        .expect("a list")
        .output;
    assert_eq!(listed["Layers"], json!([]));
}

struct Bucket;

impl Service for Bucket {
    fn id(&self) -> &'static str {
        "s3"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            assert_eq!(call.operation, "GetObject");
            if call.input["Key"] == "one.zip" {
                Ok(Answer {
                    body: zip_of(&ONE).into(),
                    ..Answer::default()
                })
            } else {
                Err(
                    ApiError::new("NoSuchKey", "The specified key does not exist.")
                        .with_status(404),
                )
            }
        })
    }
}

#[tokio::test]
async fn code_may_lie_in_a_bucket() {
    if !has("python3") {
        return;
    }
    let registry = Registry::default();
    registry.fill(vec![Arc::new(Bucket)]);
    let world = World::over(Store::memory(), registry, |_| {});
    let mut input = request("f");
    input["Code"] = json!({ "S3Bucket": "b", "S3Key": "one.zip" });
    world
        .call("CreateFunction", input.clone())
        .await
        .expect("created");
    assert_eq!(world.result("f", "{}").await, "1");
    input["FunctionName"] = json!("g");
    input["Code"]["S3Key"] = json!("two.zip");
    assert_eq!(
        refusal(world.call("CreateFunction", input).await).2,
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist."
    );
}

#[tokio::test]
async fn functions_outlive_the_server() {
    if !has("python3") {
        return;
    }
    let world = World::new();
    world.create("f", "python3.12", &ONE, json!({})).await;
    world
        .lambda
        .shutdown(std::time::Duration::from_secs(1))
        .await;
    let stray = world.folder.path().join("lambda/code/0000.zip");
    std::fs::write(&stray, "nobody's").expect("written");
    let next = World::over(world.store.clone(), Registry::default(), |config| {
        config.data_dir = world.folder.path().into();
    });
    assert_eq!(next.result("f", "{}").await, "1");
    assert!(!stray.exists(), "what no function names is swept");
}

#[tokio::test]
async fn a_package_cannot_write_outside_its_folder() {
    let world = World::new();
    let name = format!("../escaped-{}", uuid::Uuid::new_v4().simple());
    let files = [
        (name.as_str(), "x"),
        ("/absolute", "x"),
        ("bootstrap", "#!/bin/sh\nexit 1\n"),
    ];
    world.create("f", "provided.al2", &files, json!({})).await;
    world.failure("f", "{}").await;
    let tasks = world.folder.path().join("lambda/task");
    assert!(!tasks.join(&name).exists());
    assert_eq!(std::fs::read_dir(tasks).expect("a folder").count(), 1);
}
