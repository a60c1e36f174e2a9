//! The object store through both of its doors.

use std::path::Path;

use aws::{ApiError, Body, BodyError, Call, Caller, HttpService as _, RequestId, Service as _};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use serde_json::{Value, json};
use service_s3::S3;
use store::Store;

fn open(store: &Store, folder: &Path) -> S3 {
    S3::open(store.clone(), &folder.join("blobs")).expect("the folder can be made")
}

fn caller() -> Caller {
    Caller::root("000000000000", "us-east-1")
}

struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Answered {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    fn ok(self) -> Self {
        assert!(self.status.is_success(), "{} {}", self.status, self.text());
        self
    }

    #[track_caller]
    fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        assert!(
            self.text().contains(&format!("<Code>{code}</Code>")),
            "{}",
            self.text()
        );
        self
    }
}

async fn send(
    s3: &S3,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: Body,
) -> Answered {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body).expect("the request is one");
    let response = s3.handle(caller(), RequestId("id".into()), request).await;
    let (parts, body) = response.into_parts();
    Answered {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.expect("the body comes").to_bytes(),
    }
}

async fn put(s3: &S3, target: &str, body: impl Into<Bytes>) -> Answered {
    let body = body.into();
    let length = body.len().to_string();
    send(
        s3,
        "PUT",
        target,
        &[("content-length", &length)],
        aws::full_body(body),
    )
    .await
}

async fn get(s3: &S3, target: &str) -> Answered {
    send(s3, "GET", target, &[], aws::empty_body()).await
}

async fn delete(s3: &S3, target: &str) -> Answered {
    send(s3, "DELETE", target, &[], aws::empty_body()).await
}

async fn inside(
    s3: &S3,
    operation: &str,
    input: Value,
    body: &'static [u8],
) -> Result<aws::Answer, ApiError> {
    let Value::Object(input) = input else {
        panic!("an input is an object")
    };
    s3.call(Call {
        caller: caller(),
        request_id: RequestId("id".into()),
        service: "s3",
        operation: operation.into(),
        input,
        body: Bytes::from_static(body),
    })
    .await
}

/// Files in the blob folder.
fn blobs(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("blobs"))
        .expect("the folder is there")
        .count()
}

/// Waits for what is unlinked in the background, which a client never waits for.
async fn settled(folder: &Path, wanted: usize) {
    let began = std::time::Instant::now();
    while began.elapsed().as_secs() < 20 {
        if blobs(folder) == wanted {
            return;
        }
        tokio::task::yield_now().await;
        std::thread::yield_now();
    }
    assert_eq!(blobs(folder), wanted);
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let headers = [
        ("content-length", "5"),
        ("content-type", "image/jpeg"),
        ("cache-control", "no-store"),
        ("expires", "whenever"),
        ("x-amz-meta-rider", "user_a"),
        ("x-amz-tagging", "a=b%20c&d"),
    ];
    let stored = send(
        &s3,
        "PUT",
        "/photos/dir/%C3%BC%20%2B.jpg",
        &headers,
        aws::full_body("hello"),
    )
    .await
    .ok();
    assert_eq!(
        stored.headers["etag"],
        "\"5d41402abc4b2a76b9719d911017c592\""
    );
    let got = get(&s3, "/photos/dir/%C3%BC%20%2B.jpg").await.ok();
    assert_eq!(got.body, "hello");
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-length", "5"),
        ("cache-control", "no-store"),
        ("expires", "whenever"),
        ("x-amz-meta-rider", "user_a"),
        ("x-amz-tagging-count", "2"),
        ("accept-ranges", "bytes"),
        ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
        ("x-amz-request-id", "id"),
    ] {
        assert_eq!(got.headers[name], value, "{name}");
    }
}

#[tokio::test]
async fn refusals_are_xml_in_awss_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    let refused = get(&s3, "/no-such-bucket/k")
        .await
        .refused(404, "NoSuchBucket");
    assert!(refused.text().contains(
        "<Message>The specified bucket does not exist</Message><BucketName>no-such-bucket</BucketName><RequestId>id</RequestId><HostId>"
    ));
    put(&s3, "/photos", "").await.ok();
    let refused = get(&s3, "/photos/a%3Cb").await.refused(404, "NoSuchKey");
    assert!(
        refused
            .text()
            .contains("<Message>The specified key does not exist.</Message><Key>a&lt;b</Key>")
    );
    put(&s3, "/Bad_Name", "")
        .await
        .refused(400, "InvalidBucketName");
    put(&s3, "/photos/k", "x").await.ok();
    delete(&s3, "/photos").await.refused(409, "BucketNotEmpty");
    let head = send(&s3, "HEAD", "/photos/none", &[], aws::empty_body()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (404, 0));
}

#[tokio::test]
async fn a_chunked_body_is_unframed_and_its_trailing_checksum_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let headers = [
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
        ),
        ("content-encoding", "aws-chunked,gzip"),
        ("content-length", "999"),
        (
            "x-amz-content-sha256",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        ),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = |checksum: &str| {
        aws::full_body(format!(
            "4;chunk-signature=ab\r\n1234\r\n5;chunk-signature=cd\r\n56789\r\n0;chunk-signature=ef\r\nx-amz-checksum-crc32:{checksum}\r\nx-amz-trailer-signature:00\r\n\r\n"
        ))
    };
    let bad = send(&s3, "PUT", "/photos/k", &headers, body("AAAAAA==")).await;
    bad.refused(400, "BadDigest");
    get(&s3, "/photos/k").await.refused(404, "NoSuchKey");
    assert_eq!(blobs(folder.path()), 0);
    let stored = send(&s3, "PUT", "/photos/k", &headers, body("y/Q5Jg=="))
        .await
        .ok();
    assert_eq!(stored.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
    let asked = [("x-amz-checksum-mode", "ENABLED")];
    let got = send(&s3, "GET", "/photos/k", &asked, aws::empty_body())
        .await
        .ok();
    assert_eq!(got.body, "123456789");
    assert_eq!(got.headers["content-encoding"], "gzip");
    assert_eq!(got.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
    let mut short = headers;
    short[4].1 = "10";
    let cut = send(&s3, "PUT", "/photos/k", &short, body("y/Q5Jg==")).await;
    cut.refused(400, "IncompleteBody");
}

#[tokio::test]
async fn claims_about_the_bytes_are_held_against_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for (name, value, code) in [
        ("content-md5", "1B2M2Y8AsgTpgAmy7PhCfg==", "BadDigest"),
        ("content-md5", "no", "InvalidDigest"),
        ("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", "BadDigest"),
        ("x-amz-checksum-sha1", "AAAA", "BadDigest"),
        ("x-amz-content-sha256", empty, "XAmzContentSHA256Mismatch"),
        ("content-length", "4", "IncompleteBody"),
        ("content-length", "6", "IncompleteBody"),
        ("content-length", "5368709121", "EntityTooLarge"),
    ] {
        let mut headers = vec![(name, value)];
        if name != "content-length" {
            headers.push(("content-length", "5"));
        }
        let refused = send(&s3, "PUT", "/photos/k", &headers, aws::full_body("hello")).await;
        refused.refused(400, code);
    }
    assert_eq!(blobs(folder.path()), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    put(&s3, "/photos/k", "before").await.ok();
    let broken: Vec<Result<Frame<Bytes>, BodyError>> = vec![
        Ok(Frame::data(Bytes::from(vec![7; 600_000]))),
        Err("the connection is gone".into()),
    ];
    let body = StreamBody::new(futures_util::stream::iter(broken)).boxed();
    let answer = send(
        &s3,
        "PUT",
        "/photos/k",
        &[("content-length", "900000")],
        body,
    )
    .await;
    answer.refused(400, "IncompleteBody");
    assert_eq!(get(&s3, "/photos/k").await.ok().body, "before");
    assert_eq!(blobs(folder.path()), 1);
}

#[tokio::test]
async fn ranges_and_conditions_are_heeded() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let etag = put(&s3, "/photos/k", "0123456789").await.ok().headers["etag"].clone();
    let etag = etag.to_str().expect("it is text");
    let asked = |name: &'static str, value: &str| {
        let (s3, value) = (s3.clone(), value.to_owned());
        async move {
            send(
                &s3,
                "GET",
                "/photos/k",
                &[(name, &value)],
                aws::empty_body(),
            )
            .await
        }
    };
    for (range, body, shown) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=8-99", "89", "bytes 8-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=5-", "56789", "bytes 5-9/10"),
    ] {
        let got = asked("range", range).await;
        assert_eq!((got.status.as_u16(), &*got.text()), (206, body), "{range}");
        assert_eq!(got.headers["content-range"], shown);
    }
    for ignored in ["bytes=5-2", "items=1", "bytes=0-1,3-4"] {
        let got = asked("range", ignored).await;
        assert_eq!(
            (got.status.as_u16(), got.body.len()),
            (200, 10),
            "{ignored}"
        );
    }
    asked("range", "bytes=10-")
        .await
        .refused(416, "InvalidRange");
    assert_eq!(asked("if-none-match", etag).await.status, 304);
    asked("if-match", "\"other\"")
        .await
        .refused(412, "PreconditionFailed");
    asked("if-match", etag).await.ok();
    let past = "Mon, 01 Jan 2001 00:00:00 GMT";
    asked("if-unmodified-since", past)
        .await
        .refused(412, "PreconditionFailed");
    asked("if-modified-since", past).await.ok();
    let headers = [("if-none-match", "*"), ("content-length", "1")];
    let again = send(&s3, "PUT", "/photos/k", &headers, aws::full_body("x")).await;
    again.refused(412, "PreconditionFailed");
    let head = send(
        &s3,
        "HEAD",
        "/photos/k",
        &[("range", "bytes=0-1")],
        aws::empty_body(),
    )
    .await;
    assert_eq!(
        (head.status.as_u16(), &head.headers["content-length"]),
        (206, &"2".parse().expect("a value"))
    );
}

#[tokio::test]
async fn a_list_is_cut_by_prefix_delimiter_and_number() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    for key in ["a", "b/1", "b/2", "b/c/3", "b0", "c/x", "%C3%BC"] {
        put(&s3, &format!("/photos/{key}"), "").await.ok();
    }
    let list = async |input: Value| {
        let mut asked = json!({"Bucket": "photos"});
        for (name, value) in input.as_object().expect("an object") {
            asked[name] = value.clone();
        }
        let answer = inside(&s3, "ListObjectsV2", asked, b"")
            .await
            .expect("a list");
        let names = |list: &str, member: &str| -> Vec<String> {
            let entries = answer.output.get(list).and_then(Value::as_array);
            let names = entries
                .into_iter()
                .flatten()
                .map(|entry| entry[member].as_str());
            names.map(|name| name.expect("a name").to_owned()).collect()
        };
        let next = answer.output.get("NextContinuationToken").cloned();
        (
            names("Contents", "Key"),
            names("CommonPrefixes", "Prefix"),
            next,
        )
    };
    let all = list(json!({})).await;
    assert_eq!(all.0, ["a", "b/1", "b/2", "b/c/3", "b0", "c/x", "ü"]);
    let cut = list(json!({"Delimiter": "/"})).await;
    assert_eq!(
        (cut.0, cut.1),
        (
            vec!["a".into(), "b0".into(), "ü".into()],
            vec!["b/".into(), "c/".into()]
        )
    );
    let inner = list(json!({"Delimiter": "/", "Prefix": "b/"})).await;
    assert_eq!(
        (inner.0, inner.1),
        (vec!["b/1".into(), "b/2".into()], vec!["b/c/".into()])
    );
    assert_eq!(
        list(json!({"StartAfter": "b/2"})).await.0,
        ["b/c/3", "b0", "c/x", "ü"]
    );
    for delimiter in [Value::Null, "/".into()] {
        let (mut seen, mut token) = (Vec::new(), None);
        loop {
            let mut input = json!({"MaxKeys": 1, "Delimiter": delimiter});
            if let Some(token) = token {
                input["ContinuationToken"] = token;
            }
            let (keys, prefixes, next) = list(input).await;
            assert_eq!(keys.len() + prefixes.len(), 1);
            seen.extend(keys.into_iter().chain(prefixes));
            token = next;
            if token.is_none() {
                break;
            }
        }
        let wanted: &[&str] = if delimiter.is_null() {
            &["a", "b/1", "b/2", "b/c/3", "b0", "c/x", "ü"]
        } else {
            &["a", "b/", "b0", "c/", "ü"]
        };
        assert_eq!(seen, wanted);
    }
    let xml = get(&s3, "/photos?list-type=2&encoding-type=url&prefix=%C3%BC")
        .await
        .ok()
        .text();
    assert!(xml.contains("<Key>%C3%BC</Key>"), "{xml}");
}

#[tokio::test]
async fn parts_become_an_object_with_their_etag_and_checksum() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let begun = send(
        &s3,
        "POST",
        "/photos/big?uploads",
        &[("x-amz-meta-a", "b")],
        aws::empty_body(),
    )
    .await
    .ok()
    .text();
    let upload = begun
        .split_once("<UploadId>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .expect("an upload id")
        .0
        .to_owned();
    let part = |number: u32| format!("/photos/big?partNumber={number}&uploadId={upload}");
    let large = vec![b'x'; 5 * 1024 * 1024];
    let mut named = String::new();
    for (number, body) in [(1, large.clone()), (2, b"end".to_vec())] {
        // Twice: the second replaces the first.
        put(&s3, &part(number), "other").await.ok();
        let etag = put(&s3, &part(number), body).await.ok().headers["etag"].clone();
        let etag = etag.to_str().expect("it is text").to_owned();
        let number = number.to_string();
        named.extend([
            "<Part><PartNumber>",
            &number,
            "</PartNumber><ETag>",
            &etag,
            "</ETag></Part>",
        ]);
    }
    put(&s3, &part(3), "unused").await.ok();
    let complete = format!("<CompleteMultipartUpload>{named}</CompleteMultipartUpload>");
    let target = format!("/photos/big?uploadId={upload}");
    let length = complete.len().to_string();
    let headers = [("content-length", &*length)];
    let done = send(
        &s3,
        "POST",
        &target,
        &headers,
        aws::full_body(complete.clone()),
    )
    .await
    .ok()
    .text();
    assert!(
        done.contains("-2&quot;</ETag>") || done.contains("-2\"</ETag>"),
        "{done}"
    );
    let mut whole = large;
    whole.extend_from_slice(b"end");
    let stored = put(&s3, "/photos/whole", whole.clone()).await.ok();
    let checksum = stored.headers["x-amz-checksum-crc64nvme"]
        .to_str()
        .expect("it is text");
    assert!(
        done.contains(&format!(
            "<ChecksumCRC64NVME>{checksum}</ChecksumCRC64NVME>"
        )),
        "{done}"
    );
    let got = get(&s3, "/photos/big").await.ok();
    assert!(got.body == whole, "the bytes are the parts'");
    assert_eq!(got.headers["x-amz-meta-a"], "b");
    let across = send(
        &s3,
        "GET",
        "/photos/big",
        &[("range", "bytes=5242879-5242881")],
        aws::empty_body(),
    )
    .await;
    assert_eq!(across.body, "xen");
    assert_eq!(get(&s3, "/photos/big?partNumber=2").await.ok().body, "end");
    let again = send(&s3, "POST", &target, &headers, aws::full_body(complete)).await;
    again.refused(404, "NoSuchUpload");
    // Two parts and the whole.
    settled(folder.path(), 3).await;
}

#[tokio::test]
async fn a_reader_sees_the_object_that_it_began_to_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let old = vec![1; 1_000_000];
    put(&s3, "/photos/k", old.clone()).await.ok();
    let request = Request::get("/photos/k")
        .body(aws::empty_body())
        .expect("a request");
    let response = s3.handle(caller(), RequestId("id".into()), request).await;
    put(&s3, "/photos/k", "new").await.ok();
    delete(&s3, "/photos/k").await.ok();
    let body = response
        .into_body()
        .collect()
        .await
        .expect("the bytes are there")
        .to_bytes();
    assert!(body == old, "the old bytes, whole");
    settled(folder.path(), 0).await;
}

#[tokio::test]
async fn what_is_answered_is_there_after_a_restart_and_orphans_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::memory();
    {
        let s3 = open(&store, folder.path());
        put(&s3, "/photos", "").await.ok();
        put(&s3, "/photos/k", "kept").await.ok();
    }
    for orphan in ["0badc0de-1", "0badc0de-2.tmp"] {
        std::fs::write(folder.path().join("blobs").join(orphan), "x").expect("a file");
    }
    let s3 = open(&store, folder.path());
    settled(folder.path(), 1).await;
    assert_eq!(get(&s3, "/photos/k").await.ok().body, "kept");
}

#[tokio::test]
async fn copies_stand_on_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let headers = [
        ("content-length", "5"),
        ("x-amz-meta-a", "b"),
        ("content-type", "a/b"),
    ];
    send(&s3, "PUT", "/photos/k", &headers, aws::full_body("hello"))
        .await
        .ok();
    let copy = async |target: &str, more: &[(&str, &str)]| {
        let mut headers = vec![("x-amz-copy-source", "/photos/k")];
        headers.extend(more);
        send(&s3, "PUT", target, &headers, aws::empty_body()).await
    };
    copy("/photos/k", &[]).await.refused(400, "InvalidRequest");
    copy("/photos/copy", &[]).await.ok();
    copy(
        "/photos/new",
        &[
            ("x-amz-metadata-directive", "REPLACE"),
            ("content-type", "c/d"),
        ],
    )
    .await
    .ok();
    copy("/photos/sha", &[("x-amz-checksum-algorithm", "SHA256")])
        .await
        .ok();
    delete(&s3, "/photos/k").await.ok();
    let got = get(&s3, "/photos/copy").await.ok();
    assert_eq!(
        (&*got.text(), &got.headers["content-type"]),
        ("hello", &"a/b".parse().expect("a value"))
    );
    assert_eq!(got.headers["x-amz-meta-a"], "b");
    let got = get(&s3, "/photos/new").await.ok();
    assert_eq!(got.headers["content-type"], "c/d");
    assert!(!got.headers.contains_key("x-amz-meta-a"));
    assert_eq!(get(&s3, "/photos/sha").await.ok().body, "hello");
}

#[tokio::test]
async fn calls_from_inside_answer_as_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    inside(&s3, "CreateBucket", json!({"Bucket": "photos"}), b"")
        .await
        .expect("a bucket");
    // services/aws_sdk_task_service test_s3_put_object[str]
    let key = json!({"Bucket": "photos", "Key": "file-key"});
    let stored = inside(&s3, "PutObject", key.clone(), b"\"text data\"")
        .await
        .expect("an object");
    assert_eq!(
        Value::Object(stored.output),
        json!({
            "ETag": "\"2b5df3712557f503a9977a8ea893b2c9\"",
            "ServerSideEncryption": "AES256",
            "ChecksumCRC32": "KUmHvQ==",
            "ChecksumType": "FULL_OBJECT",
        })
    );
    // services/aws_sdk_task_service test_s3_get_object[str]
    let got = inside(&s3, "GetObject", key.clone(), b"")
        .await
        .expect("the object");
    assert_eq!(got.body, "\"text data\"");
    let mut output = got.output;
    assert!(
        output
            .remove("LastModified")
            .is_some_and(|time| time.is_u64())
    );
    assert_eq!(
        Value::Object(output),
        json!({
            "AcceptRanges": "bytes",
            "ContentLength": 11,
            "ContentType": "binary/octet-stream",
            "ETag": "\"2b5df3712557f503a9977a8ea893b2c9\"",
            "Metadata": {},
            "ServerSideEncryption": "AES256",
        })
    );
    let part = inside(
        &s3,
        "GetObject",
        json!({"Bucket": "photos", "Key": "file-key", "Range": "bytes=1-4"}),
        b"",
    )
    .await
    .expect("a part");
    assert_eq!((&*part.body, part.status), (&b"text"[..], Some(206)));
    // error_handling/aws_sdk test_no_such_bucket
    let refused = inside(&s3, "ListObjectsV2", json!({"Bucket": "none"}), b"")
        .await
        .expect_err("no bucket");
    assert_eq!(
        (&*refused.code, &*refused.message, refused.status),
        ("NoSuchBucket", "The specified bucket does not exist", 404)
    );
    let refused = inside(&s3, "FlyObject", json!({}), b"")
        .await
        .expect_err("no operation");
    assert_eq!(refused.code, "UnknownOperationException");
    inside(&s3, "DeleteObject", key.clone(), b"")
        .await
        .expect("it goes");
    let refused = inside(&s3, "GetObject", key, b"")
        .await
        .expect_err("it is gone");
    assert_eq!(refused.message, "The specified key does not exist.");
}

#[tokio::test]
async fn a_pages_origin_is_let_in_by_the_buckets_rules() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let ask = |origin: &'static str| {
        let s3 = s3.clone();
        async move {
            let headers = [
                ("origin", origin),
                ("access-control-request-method", "PUT"),
                ("access-control-request-headers", "Content-Type"),
            ];
            send(&s3, "OPTIONS", "/photos/k", &headers, aws::empty_body()).await
        }
    };
    ask("http://a.example")
        .await
        .refused(403, "AccessForbidden");
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>http://*.example</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader></CORSRule></CORSConfiguration>";
    put(&s3, "/photos?cors", rules).await.ok();
    let let_in = ask("http://a.example").await.ok();
    assert_eq!(
        let_in.headers["access-control-allow-origin"],
        "http://a.example"
    );
    assert_eq!(
        let_in.headers["access-control-allow-headers"],
        "content-type"
    );
    ask("http://a.other").await.refused(403, "AccessForbidden");
    let headers = [("origin", "http://a.example"), ("content-length", "1")];
    let stored = send(&s3, "PUT", "/photos/k", &headers, aws::full_body("x"))
        .await
        .ok();
    assert_eq!(stored.headers["access-control-expose-headers"], "ETag");
}

#[tokio::test]
async fn what_is_configured_is_shown_and_what_is_not_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let s3 = open(&Store::memory(), folder.path());
    put(&s3, "/photos", "").await.ok();
    let access = "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>";
    let rule = "<LifecycleConfiguration><Rule><ID>a</ID><Filter><Prefix>x</Prefix></Filter><Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>";
    for (name, code, text) in [
        (
            "publicAccessBlock",
            "NoSuchPublicAccessBlockConfiguration",
            access,
        ),
        ("lifecycle", "NoSuchLifecycleConfiguration", rule),
    ] {
        let target = format!("/photos?{name}");
        get(&s3, &target).await.refused(404, code);
        put(&s3, &target, text).await.ok();
        let shown = get(&s3, &target).await.ok().text();
        assert!(
            shown.contains("true") || shown.contains("<Days>1</Days>"),
            "{shown}"
        );
        delete(&s3, &target).await.ok();
        get(&s3, &target).await.refused(404, code);
    }
    let encryption = get(&s3, "/photos?encryption").await.ok().text();
    assert!(
        encryption.contains("<SSEAlgorithm>AES256</SSEAlgorithm>"),
        "{encryption}"
    );
    get(&s3, "/photos?website")
        .await
        .refused(404, "NoSuchWebsiteConfiguration");
    get(&s3, "/none?logging").await.refused(404, "NoSuchBucket");
    get(&s3, "/photos?logging").await.ok();
}
