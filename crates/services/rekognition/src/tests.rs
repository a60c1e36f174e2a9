//! The operations against a store in memory and an S3 of one bucket.

use std::collections::HashMap;
use std::sync::Mutex;

use aws::{Caller, Members, RequestId};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Value, json};

use super::*;

const ASTRONAUT: &[u8] = include_bytes!("../../../vision/tests/pictures/astronaut.jpg");
const OBAMA: &[u8] = include_bytes!("../../../vision/tests/pictures/obama.jpg");
const OBAMA_AGAIN: &[u8] = include_bytes!("../../../vision/tests/pictures/obama2.jpg");
const BIDEN: &[u8] = include_bytes!("../../../vision/tests/pictures/biden.jpg");
const COFFEE: &[u8] = include_bytes!("../../../vision/tests/pictures/coffee.jpg");

/// Objects by key, in the bucket `photos`; notes who asked.
#[derive(Default)]
struct FakeS3 {
    objects: HashMap<&'static str, Vec<u8>>,
    callers: Mutex<Vec<String>>,
}

impl Service for FakeS3 {
    fn id(&self) -> &'static str {
        "s3"
    }

    fn call(&self, call: Call) -> BoxFuture<'_, Result<Answer, ApiError>> {
        Box::pin(async move {
            let mut callers = self.callers.lock().expect("no test panics inside");
            callers.push(format!("{} {}", call.operation, call.caller.account));
            let object = (call.input["Bucket"] == "photos")
                .then(|| self.objects.get(call.input["Key"].as_str()?))
                .flatten()
                .ok_or_else(|| ApiError::new("NoSuchKey", "no").with_status(404))?;
            let mut answer = Answer::json(json!({"ContentLength": object.len()}));
            if call.operation == "GetObject" {
                answer.body = Bytes::copy_from_slice(object);
            }
            Ok(answer)
        })
    }
}

struct Client {
    service: Rekognition,
    caller: Caller,
}

impl Client {
    fn over(store: Store, registry: Registry) -> Self {
        Self {
            service: Rekognition::new(store, registry),
            caller: Caller::root("000000000000", "us-east-1"),
        }
    }

    fn new() -> Self {
        Self::over(Store::memory(), Registry::default())
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let Value::Object(input) = input else {
            panic!("an input is an object");
        };
        self.ask_members(operation, input).await
    }

    async fn ask_members(&self, operation: &str, input: Members) -> Result<Value, ApiError> {
        let call = Call {
            caller: self.caller.clone(),
            request_id: RequestId("00000000-0000-4000-8000-000000000000".into()),
            service: "rekognition",
            operation: operation.into(),
            input,
            body: Bytes::new(),
        };
        let answer = self.service.call(call).await?;
        Ok(Value::Object(answer.output))
    }

    async fn done(&self, operation: &str, input: Value) -> Value {
        let answer = self.ask(operation, input).await;
        answer.unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    async fn refused(&self, operation: &str, input: Value) -> (String, String) {
        match self.ask(operation, input).await {
            Ok(answer) => panic!("{operation} answered {answer}"),
            Err(error) => (error.code.into_owned(), error.message),
        }
    }

    async fn index(&self, collection: &str, picture: &[u8]) -> Value {
        let input = json!({"CollectionId": collection, "Image": image(picture)});
        self.done("IndexFaces", input).await
    }
}

fn image(bytes: &[u8]) -> Value {
    json!({"Bytes": STANDARD.encode(bytes)})
}

fn code(code: &str, message: &str) -> (String, String) {
    (code.to_owned(), message.to_owned())
}

fn similarities(answer: &Value) -> Vec<f64> {
    let matches = answer["FaceMatches"].as_array().expect("a list");
    let percent = matches.iter().map(|found| found["Similarity"].as_f64());
    percent.map(|percent| percent.expect("a number")).collect()
}

#[tokio::test]
async fn a_collection_is_made_once_described_listed_and_deleted() {
    let client = Client::new();
    let made = client
        .done(
            "CreateCollection",
            json!({"CollectionId": "riders", "Tags": {"a": "b"}}),
        )
        .await;
    assert_eq!(
        made,
        json!({
            "StatusCode": 200,
            "CollectionArn": "aws:rekognition:us-east-1:000000000000:collection/riders",
            "FaceModelVersion": "7.0",
        })
    );
    assert_eq!(
        client
            .refused("CreateCollection", json!({"CollectionId": "riders"}))
            .await,
        code(
            "ResourceAlreadyExistsException",
            "The collection id: riders already exists"
        )
    );
    let mut described = client
        .done("DescribeCollection", json!({"CollectionId": "riders"}))
        .await;
    let created = described["CreationTimestamp"].take().as_f64();
    assert!(created > Some(1.7e9));
    assert_eq!(
        described,
        json!({
            "FaceCount": 0,
            "UserCount": 0,
            "FaceModelVersion": "7.0",
            "CollectionARN": "arn:aws:rekognition:us-east-1:000000000000:collection/riders",
            "CreationTimestamp": null,
        })
    );
    let tags = json!({"ResourceArn": made["CollectionArn"]});
    assert_eq!(
        client.done("ListTagsForResource", tags).await,
        json!({"Tags": {"a": "b"}})
    );
    let deleted = client
        .done("DeleteCollection", json!({"CollectionId": "riders"}))
        .await;
    assert_eq!(deleted, json!({"StatusCode": 200}));
    assert_eq!(
        client
            .refused("DeleteCollection", json!({"CollectionId": "riders"}))
            .await,
        code(
            "ResourceNotFoundException",
            "The collection id: riders does not exist"
        )
    );
}

#[tokio::test]
async fn collections_are_listed_in_pages_and_belong_to_account_and_region() {
    let store = Store::memory();
    let client = Client::over(store.clone(), Registry::default());
    for id in ["a", "b", "c"] {
        client
            .done("CreateCollection", json!({"CollectionId": id}))
            .await;
    }
    let first = client
        .done("ListCollections", json!({"MaxResults": 2}))
        .await;
    assert_eq!(first["CollectionIds"], json!(["a", "b"]));
    assert_eq!(first["FaceModelVersions"], json!(["7.0", "7.0"]));
    let rest = client
        .done("ListCollections", json!({"NextToken": first["NextToken"]}))
        .await;
    assert_eq!(
        rest,
        json!({"CollectionIds": ["c"], "FaceModelVersions": ["7.0"]})
    );
    assert_eq!(
        client
            .refused("ListCollections", json!({"NextToken": "nonsense"}))
            .await,
        code(
            "InvalidPaginationTokenException",
            "Invalid Pagination Token"
        )
    );
    for (account, region) in [("000000000001", "us-east-1"), ("000000000000", "eu-west-1")] {
        let mut other = Client::over(store.clone(), Registry::default());
        other.caller = Caller::root(account, region);
        let none = other.done("ListCollections", json!({})).await;
        assert_eq!(none["CollectionIds"], json!([]));
    }
}

#[tokio::test]
async fn an_indexed_person_is_found_in_another_picture_and_no_one_else_is() {
    let client = Client::new();
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let input =
        json!({"CollectionId": "riders", "Image": image(OBAMA), "ExternalImageId": "user:1"});
    let indexed = client.done("IndexFaces", input).await;
    let face = &indexed["FaceRecords"][0]["Face"];
    assert_eq!(face["ExternalImageId"], "user:1");
    assert_eq!(indexed["UnindexedFaces"], json!([]));
    client.index("riders", BIDEN).await;

    let found = client
        .done(
            "SearchFacesByImage",
            json!({"CollectionId": "riders", "Image": image(OBAMA_AGAIN)}),
        )
        .await;
    assert_eq!(found["FaceMatches"][0]["Face"], *face);
    assert!(similarities(&found)[0] > 95.0);
    assert_eq!(similarities(&found).len(), 1);
    assert!(found["SearchedFaceConfidence"].as_f64() > Some(80.0));

    let stranger = json!({"CollectionId": "riders", "Image": image(ASTRONAUT)});
    assert_eq!(
        client.done("SearchFacesByImage", stranger).await["FaceMatches"],
        json!([])
    );
    let anyone =
        json!({"CollectionId": "riders", "Image": image(ASTRONAUT), "FaceMatchThreshold": 0.0});
    let anyone = similarities(&client.done("SearchFacesByImage", anyone).await);
    assert!(anyone.len() == 2 && anyone[0] >= anyone[1]);

    // The face itself is not among its matches.
    let by_face =
        json!({"CollectionId": "riders", "FaceId": face["FaceId"], "FaceMatchThreshold": 0.0});
    let by_face = client.done("SearchFaces", by_face).await;
    assert_eq!(by_face["SearchedFaceId"], face["FaceId"]);
    assert_eq!(similarities(&by_face).len(), 1);
    let nobody =
        json!({"CollectionId": "riders", "FaceId": "00000000-0000-4000-8000-000000000000"});
    assert_eq!(
        client.refused("SearchFaces", nobody).await.0,
        "InvalidParameterException"
    );
}

#[tokio::test]
async fn the_same_picture_makes_a_new_face_each_time_and_a_deleted_face_is_gone() {
    let store = Store::memory();
    let client = Client::over(store.clone(), Registry::default());
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let first = client.index("riders", OBAMA).await;
    let second = client.index("riders", OBAMA).await;
    let id = |indexed: &Value| indexed["FaceRecords"][0]["Face"]["FaceId"].clone();
    assert_ne!(id(&first), id(&second));

    let page = client
        .done(
            "ListFaces",
            json!({"CollectionId": "riders", "MaxResults": 1}),
        )
        .await;
    let next = json!({"CollectionId": "riders", "MaxResults": 1, "NextToken": page["NextToken"]});
    let next = client.done("ListFaces", next).await;
    assert_eq!(next.get("NextToken"), None);
    let mut listed = [&page, &next].map(|page| page["Faces"][0]["FaceId"].to_string());
    let mut expected = [id(&first).to_string(), id(&second).to_string()];
    listed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(listed, expected);

    let unknown = "00000000-0000-4000-8000-000000000000";
    let deleted = client
        .done(
            "DeleteFaces",
            json!({"CollectionId": "riders", "FaceIds": [id(&first), unknown]}),
        )
        .await;
    assert_eq!(
        deleted,
        json!({
            "DeletedFaces": [id(&first)],
            "UnsuccessfulFaceDeletions": [{"FaceId": unknown, "Reasons": ["FACE_NOT_FOUND"]}],
        })
    );
    // A service that starts over the same store knows what was kept, and no more.
    for client in [&client, &Client::over(store.clone(), Registry::default())] {
        let search = json!({"CollectionId": "riders", "Image": image(OBAMA)});
        let found = client.done("SearchFacesByImage", search).await;
        assert_eq!(similarities(&found).len(), 1);
        assert_eq!(found["FaceMatches"][0]["Face"]["FaceId"], id(&second));
        let described = client
            .done("DescribeCollection", json!({"CollectionId": "riders"}))
            .await;
        assert_eq!(described["FaceCount"], 1);
    }
    client
        .done("DeleteCollection", json!({"CollectionId": "riders"}))
        .await;
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let empty = client
        .done("ListFaces", json!({"CollectionId": "riders"}))
        .await;
    assert_eq!(empty, json!({"Faces": [], "FaceModelVersion": "7.0"}));
}

#[tokio::test]
async fn faces_beyond_the_number_or_below_the_quality_asked_for_are_reported() {
    let client = Client::new();
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let mut dark = vision::decode(OBAMA, &vision::Limits::default())
        .expect("the picture is whole")
        .rgb()
        .to_vec();
    for value in &mut dark {
        *value /= 8;
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 512, 640);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("memory takes all");
    writer.write_image_data(&dark).expect("memory takes all");
    drop(writer);
    let indexed = client.index("riders", &file).await;
    assert_eq!(indexed["FaceRecords"], json!([]));
    assert_eq!(
        indexed["UnindexedFaces"][0]["Reasons"],
        json!(["LOW_BRIGHTNESS"])
    );
    let unfiltered =
        json!({"CollectionId": "riders", "Image": image(&file), "QualityFilter": "NONE"});
    let indexed = client.done("IndexFaces", unfiltered).await;
    assert_eq!(indexed["UnindexedFaces"], json!([]));
}

#[tokio::test]
async fn detect_faces_says_what_it_is_asked_and_no_more() {
    let client = Client::new();
    let plain = client
        .done("DetectFaces", json!({"Image": image(ASTRONAUT)}))
        .await;
    let face = &plain["FaceDetails"][0];
    let members: Vec<&String> = face.as_object().expect("an object").keys().collect();
    assert_eq!(
        members,
        ["BoundingBox", "Landmarks", "Pose", "Quality", "Confidence"]
    );
    let left = face["BoundingBox"]["Left"].as_f64().expect("a number");
    assert!((0.33..0.37).contains(&left), "{left}");
    let kinds: Vec<&Value> = face["Landmarks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|l| &l["Type"])
        .collect();
    assert_eq!(
        kinds,
        ["eyeLeft", "eyeRight", "mouthLeft", "mouthRight", "nose"]
    );

    let all = client
        .done(
            "DetectFaces",
            json!({"Image": image(ASTRONAUT), "Attributes": ["ALL"]}),
        )
        .await;
    let face = &all["FaceDetails"][0];
    assert_eq!(face["Sunglasses"]["Value"], false);
    assert!(
        face["Sunglasses"]["Confidence"].as_f64() > Some(80.0),
        "{face}"
    );
    assert_eq!(face["Beard"], json!({"Value": false, "Confidence": 50.0}));
    assert_eq!(
        face["Emotions"],
        json!([{"Type": "UNKNOWN", "Confidence": 50.0}])
    );
    assert_eq!(face.get("Gender"), None);

    let one = client
        .done(
            "DetectFaces",
            json!({"Image": image(ASTRONAUT), "Attributes": ["SUNGLASSES"]}),
        )
        .await;
    let face = &one["FaceDetails"][0];
    assert!(face.get("Sunglasses").is_some() && face.get("Beard").is_none());

    let none = client
        .done(
            "DetectFaces",
            json!({"Image": image(COFFEE), "Attributes": ["ALL"]}),
        )
        .await;
    assert_eq!(none, json!({"FaceDetails": []}));
}

#[tokio::test]
async fn compare_faces_parts_the_alike_from_the_unlike() {
    let client = Client::new();
    let same = json!({"SourceImage": image(OBAMA), "TargetImage": image(OBAMA_AGAIN)});
    let same = client.done("CompareFaces", same).await;
    assert!(similarities(&same)[0] > 95.0);
    assert_eq!(same["UnmatchedFaces"], json!([]));
    assert!(same["SourceImageFace"]["Confidence"].as_f64() > Some(80.0));
    let other = json!({"SourceImage": image(OBAMA), "TargetImage": image(BIDEN)});
    let other = client.done("CompareFaces", other).await;
    assert_eq!(other["FaceMatches"], json!([]));
    assert_eq!(other["UnmatchedFaces"].as_array().map(Vec::len), Some(1));
    let nobody = json!({"SourceImage": image(COFFEE), "TargetImage": image(BIDEN)});
    assert_eq!(
        client.refused("CompareFaces", nobody).await,
        code(
            "InvalidParameterException",
            "Request has invalid parameters."
        )
    );
}

#[tokio::test]
async fn a_picture_in_s3_is_read_as_the_caller_and_what_cannot_be_read_is_said_in_awss_words() {
    let s3 = Arc::new(FakeS3 {
        objects: HashMap::from([
            ("face.jpg", ASTRONAUT.to_vec()),
            ("huge.jpg", vec![0; 15 * 1024 * 1024 + 1]),
            ("notes.txt", b"not a picture".to_vec()),
        ]),
        ..FakeS3::default()
    });
    let registry = Registry::default();
    registry.fill(vec![s3.clone()]);
    let mut client = Client::over(Store::memory(), registry);
    client.caller = Caller::root("123456789012", "us-east-1");
    let object =
        |bucket: &str, name: &str| json!({"Image": {"S3Object": {"Bucket": bucket, "Name": name}}});
    let found = client
        .done("DetectFaces", object("photos", "face.jpg"))
        .await;
    assert_eq!(found["FaceDetails"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        *s3.callers.lock().expect("no test panics inside"),
        ["HeadObject 123456789012", "GetObject 123456789012"]
    );
    for (bucket, name) in [("photos", "other.jpg"), ("elsewhere", "face.jpg")] {
        assert_eq!(
            client.refused("DetectFaces", object(bucket, name)).await,
            code(
                "InvalidS3ObjectException",
                "Unable to get object metadata from S3. Check object key, region and/or access permissions."
            )
        );
    }
    assert_eq!(
        client
            .refused("DetectFaces", object("photos", "huge.jpg"))
            .await,
        code("ImageTooLargeException", "Image size is too large.")
    );
    assert_eq!(
        client
            .refused("DetectFaces", object("photos", "notes.txt"))
            .await,
        code(
            "InvalidImageFormatException",
            "Request has invalid image format."
        )
    );
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let client = Client::new();
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let invalid = || {
        code(
            "InvalidParameterException",
            "Request has invalid parameters.",
        )
    };
    let both =
        json!({"Bytes": STANDARD.encode(ASTRONAUT), "S3Object": {"Bucket": "b", "Name": "n"}});
    for image in [json!({}), both, json!({"Bytes": ""})] {
        assert_eq!(
            client.refused("DetectFaces", json!({"Image": image})).await,
            invalid()
        );
    }
    let small = vision::thumbnail(ASTRONAUT, 79, 79)
        .expect("the picture is whole")
        .bytes;
    assert_eq!(
        client
            .refused("DetectFaces", json!({"Image": image(&small)}))
            .await,
        invalid()
    );
    assert_eq!(
        client
            .refused(
                "SearchFacesByImage",
                json!({"CollectionId": "riders", "Image": image(COFFEE)})
            )
            .await,
        code(
            "InvalidParameterException",
            "There are no faces in the image. Should be at least 1."
        )
    );
    assert_eq!(
        client
            .refused(
                "IndexFaces",
                json!({"CollectionId": "nobody", "Image": image(ASTRONAUT)})
            )
            .await,
        code(
            "ResourceNotFoundException",
            "The collection id: nobody does not exist"
        )
    );
    assert_eq!(
        client.refused("DetectLabels", json!({})).await.0,
        "UnknownOperationException"
    );
}

/// Side by side, so that a lost update would show.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn faces_indexed_at_once_are_all_there() {
    let client = Arc::new(Client::new());
    client
        .done("CreateCollection", json!({"CollectionId": "riders"}))
        .await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let client = Arc::clone(&client);
            tokio::spawn(async move { client.index("riders", BIDEN).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("indexing ends");
    }
    let described = client
        .done("DescribeCollection", json!({"CollectionId": "riders"}))
        .await;
    assert_eq!(described["FaceCount"], 8);
}
