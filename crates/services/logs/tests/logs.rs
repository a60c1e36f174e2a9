//! Groups, streams and events through the API, over time and over restarts.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws::{ApiError, Call, Caller, Members, RequestId, Service};
use jiff::Timestamp;
use serde_json::{Value, json};
use service_logs::Logs;
use store::{Batch, Disk, Fault, Keyspace, Order, Store, Table};

/// 2026-11-22T17:00:00Z
const NOW: i64 = 1_795_366_800_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const ARN: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/app";

/// The service with a clock that the test moves.
struct World {
    logs: Logs,
    now: Arc<AtomicI64>,
}

impl World {
    fn over(store: Store) -> Self {
        let now = Arc::new(AtomicI64::new(NOW));
        let clock = Arc::clone(&now);
        let read = move || {
            Timestamp::from_millisecond(clock.load(Ordering::SeqCst)).expect("it is in range")
        };
        Self {
            logs: Logs::new(store, Arc::new(read)),
            now,
        }
    }

    /// With a group `/app` and a stream `web`.
    async fn new() -> Self {
        let world = Self::over(Store::memory());
        world.make().await;
        world
    }

    async fn make(&self) {
        self.done("CreateLogGroup", json!({"logGroupName": "/app"}))
            .await;
        self.stream("web").await;
    }

    async fn stream(&self, name: &str) {
        let input = json!({"logGroupName": "/app", "logStreamName": name});
        self.done("CreateLogStream", input).await;
    }

    fn pass(&self, milliseconds: i64) {
        self.now.fetch_add(milliseconds, Ordering::SeqCst);
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, ApiError> {
        let call = Call {
            caller: Caller::root("000000000000", "us-east-1"),
            request_id: RequestId("id".into()),
            service: "logs",
            operation: operation.into(),
            input: input.as_object().cloned().unwrap_or_else(Members::new),
            body: bytes::Bytes::new(),
        };
        let answer = self.logs.call(call).await;
        answer.map(|answer| Value::Object(answer.output))
    }

    async fn done(&self, operation: &str, input: Value) -> Value {
        let answer = self.ask(operation, input.clone()).await;
        answer.unwrap_or_else(|error| panic!("{operation} {input}: {error}"))
    }

    async fn refused(&self, operation: &str, input: Value) -> String {
        let answer = self.ask(operation, input).await;
        answer.expect_err("it is refused").to_string()
    }

    /// Puts messages at instants relative to [`NOW`] into a stream of `/app`.
    async fn put(&self, stream: &str, events: &[(i64, &str)]) -> Value {
        let event =
            |(at, message): &(i64, &str)| json!({"timestamp": NOW + at, "message": message});
        let events: Vec<Value> = events.iter().map(event).collect();
        let input = json!({"logGroupName": "/app", "logStreamName": stream, "logEvents": events});
        self.done("PutLogEvents", input).await
    }

    /// The messages of an answer of GetLogEvents or FilterLogEvents, with it.
    async fn messages(&self, operation: &str, input: Value) -> (Vec<String>, Value) {
        let answer = self.done(operation, input).await;
        (messages(&answer), answer)
    }

    async fn filter(&self, mut input: Value) -> Vec<String> {
        input["logGroupName"] = "/app".into();
        self.messages("FilterLogEvents", input).await.0
    }
}

fn messages(answer: &Value) -> Vec<String> {
    let events = answer["events"].as_array().expect("there is a list");
    let text = |event: &Value| event["message"].as_str().expect("a text").to_owned();
    events.iter().map(text).collect()
}

fn names(answer: &Value, list: &str, member: &str) -> Vec<String> {
    let items = answer[list].as_array().expect("there is a list");
    let text = |item: &Value| item[member].as_str().expect("a text").to_owned();
    items.iter().map(text).collect()
}

fn web(mut input: Value) -> Value {
    input["logGroupName"] = "/app".into();
    input["logStreamName"] = "web".into();
    input
}

#[tokio::test]
async fn a_group_is_described_with_both_its_arns() {
    let world = World::over(Store::memory());
    let input = json!({"logGroupName": "/app", "kmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/k", "tags": {"a": "1"}});
    world.done("CreateLogGroup", input).await;
    let found = world
        .done("DescribeLogGroups", json!({"logGroupNamePrefix": "/a"}))
        .await;
    assert_eq!(
        found,
        json!({"logGroups": [{
            "logGroupName": "/app",
            "creationTime": NOW,
            "metricFilterCount": 0,
            "arn": format!("{ARN}:*"),
            "storedBytes": 0,
            "logGroupClass": "STANDARD",
            "logGroupArn": ARN,
            "deletionProtectionEnabled": false,
            "kmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/k",
        }]})
    );
    let tags = world
        .done("ListTagsForResource", json!({"resourceArn": ARN}))
        .await;
    assert_eq!(tags, json!({"tags": {"a": "1"}}));
    assert_eq!(
        world
            .refused("CreateLogGroup", json!({"logGroupName": "/app"}))
            .await,
        "ResourceAlreadyExistsException: The specified log group already exists"
    );
}

#[tokio::test]
async fn groups_are_listed_by_prefix_or_part_page_by_page() {
    let world = World::over(Store::memory());
    for name in ["/aws/lambda/b", "/aws/lambda/a", "/aws/states/c", "other"] {
        world
            .done("CreateLogGroup", json!({"logGroupName": name}))
            .await;
    }
    let list = async |input: Value| {
        let answer = world.done("DescribeLogGroups", input).await;
        let token = answer["nextToken"].as_str().map(str::to_owned);
        (names(&answer, "logGroups", "logGroupName"), token)
    };
    let (page, token) = list(json!({"logGroupNamePrefix": "/aws/", "limit": 2})).await;
    assert_eq!(page, ["/aws/lambda/a", "/aws/lambda/b"]);
    let (page, token) =
        list(json!({"logGroupNamePrefix": "/aws/", "limit": 2, "nextToken": token})).await;
    assert_eq!((page, token), (vec!["/aws/states/c".to_owned()], None));
    assert_eq!(
        list(json!({"logGroupNamePattern": "states"})).await.0,
        ["/aws/states/c"]
    );
    assert_eq!(
        list(json!({"logGroupIdentifiers": ["other", "nobody"]}))
            .await
            .0,
        ["other"]
    );
    let both = json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"});
    assert!(
        world
            .refused("DescribeLogGroups", both)
            .await
            .contains("mutually exclusive")
    );
    let token = world
        .refused("DescribeLogGroups", json!({"nextToken": "?"}))
        .await;
    assert_eq!(
        token,
        "InvalidParameterException: The specified nextToken is invalid."
    );
}

#[tokio::test]
async fn accounts_and_regions_do_not_see_each_other() {
    let world = World::new().await;
    for (account, region) in [("111122223333", "us-east-1"), ("000000000000", "eu-west-1")] {
        let call = Call {
            caller: Caller::root(account, region),
            request_id: RequestId("id".into()),
            service: "logs",
            operation: "DescribeLogGroups".into(),
            input: Members::new(),
            body: bytes::Bytes::new(),
        };
        let answer = world.logs.call(call).await.expect("it is answered");
        assert_eq!(answer.output["logGroups"], json!([]));
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_in_aws_s_words() {
    let world = World::new().await;
    let group = "ResourceNotFoundException: The specified log group does not exist.";
    let stream = "ResourceNotFoundException: The specified log stream does not exist.";
    let absent = json!({"logGroupName": "x", "logStreamName": "web"});
    for operation in [
        "DeleteLogGroup",
        "CreateLogStream",
        "GetLogEvents",
        "FilterLogEvents",
        "DescribeLogStreams",
        "DeleteRetentionPolicy",
    ] {
        assert_eq!(
            world.refused(operation, absent.clone()).await,
            group,
            "{operation}"
        );
    }
    let absent = json!({"logGroupName": "/app", "logStreamName": "x", "logStreamNames": ["x"],
        "logEvents": [{"timestamp": NOW, "message": "m"}]});
    for operation in [
        "DeleteLogStream",
        "GetLogEvents",
        "FilterLogEvents",
        "PutLogEvents",
    ] {
        assert_eq!(
            world.refused(operation, absent.clone()).await,
            stream,
            "{operation}"
        );
    }
    assert_eq!(
        world.refused("CreateLogStream", web(json!({}))).await,
        "ResourceAlreadyExistsException: The specified log stream already exists"
    );
    let both = json!({"logGroupName": "/app", "logGroupIdentifier": ARN});
    assert!(
        world
            .refused("DescribeLogStreams", both)
            .await
            .contains("mutually exclusive")
    );
    assert_eq!(
        world
            .refused("GetLogEvents", json!({"logStreamName": "web"}))
            .await,
        "InvalidParameterException: 1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not be null"
    );
}

#[tokio::test]
async fn events_are_read_forward_and_backward_and_a_token_at_the_end_stays() {
    let world = World::new().await;
    world
        .put("web", &[(0, "a"), (1, "b"), (1, "c"), (2, "d")])
        .await;
    let get = async |input: Value| {
        let (messages, answer) = world.messages("GetLogEvents", web(input)).await;
        let token = |name: &str| answer[name].as_str().expect("a token").to_owned();
        (
            messages.concat(),
            token("nextForwardToken"),
            token("nextBackwardToken"),
        )
    };
    let (page, forward, _) = get(json!({"startFromHead": true, "limit": 3})).await;
    assert_eq!(page, "abc");
    let (page, forward, _) = get(json!({"nextToken": forward, "limit": 3})).await;
    assert_eq!(page, "d");
    let (page, end, backward) = get(json!({"nextToken": forward})).await;
    assert_eq!((page.as_str(), &end), ("", &forward));
    let (page, ..) = get(json!({"nextToken": backward, "limit": 2})).await;
    assert_eq!(page, "cd", "the way back begins with the last event");

    let (page, _, backward) = get(json!({"limit": 3})).await;
    assert_eq!(page, "bcd", "without a direction the last events come");
    let (page, _, backward) = get(json!({"nextToken": backward})).await;
    assert_eq!(page, "a");
    let (page, forward, begin) = get(json!({"nextToken": backward})).await;
    assert_eq!((page.as_str(), &begin), ("", &backward));
    assert_eq!(get(json!({"nextToken": forward, "limit": 1})).await.0, "a");

    world.put("web", &[(3, "e")]).await;
    assert_eq!(
        get(json!({"nextToken": end})).await.0,
        "e",
        "a follower sees what came"
    );
    let (page, ..) = get(json!({"startTime": NOW + 1, "endTime": NOW + 2})).await;
    assert_eq!(page, "bc", "the end is not included");
    assert_eq!(
        get(json!({"startTime": NOW + 5, "endTime": NOW + 2}))
            .await
            .0,
        ""
    );
    let wrong = world
        .refused("GetLogEvents", web(json!({"nextToken": "f/12/s"})))
        .await;
    assert_eq!(
        wrong,
        "InvalidParameterException: The specified nextToken is invalid."
    );
}

#[tokio::test]
async fn an_empty_stream_can_be_followed() {
    let world = World::new().await;
    let empty = world.done("GetLogEvents", web(json!({}))).await;
    let token = &empty["nextForwardToken"];
    world.put("web", &[(0, "a")]).await;
    let (page, _) = world
        .messages("GetLogEvents", web(json!({"nextToken": token})))
        .await;
    assert_eq!(page, ["a"]);
}

#[tokio::test]
async fn an_event_is_shown_with_its_instants() {
    let world = World::new().await;
    world.pass(5);
    world.put("web", &[(0, "ä\n")]).await;
    let answer = world.done("GetLogEvents", web(json!({}))).await;
    let expected = json!([{"timestamp": NOW, "message": "ä\n", "ingestionTime": NOW + 5}]);
    assert_eq!(answer["events"], expected);
    let streams = world
        .done(
            "DescribeLogStreams",
            json!({"logGroupIdentifier": format!("{ARN}:*")}),
        )
        .await;
    let mut stream = streams["logStreams"][0].clone();
    let token = stream["uploadSequenceToken"].take();
    assert_eq!(token.as_str().map(str::len), Some(56));
    assert_eq!(
        stream,
        json!({
            "logStreamName": "web", "creationTime": NOW, "arn": format!("{ARN}:log-stream:web"),
            "firstEventTimestamp": NOW, "lastEventTimestamp": NOW, "lastIngestionTime": NOW + 5,
            "uploadSequenceToken": null, "storedBytes": 0,
        })
    );
    let groups = world.done("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["storedBytes"], 3 + 26);
}

#[tokio::test]
async fn streams_are_listed_by_name_or_by_their_last_event() {
    let world = World::new().await;
    world.stream("api").await;
    world.stream("apx").await;
    world.stream("none").await;
    world.put("web", &[(1, "m")]).await;
    world.put("api", &[(3, "m")]).await;
    world.put("apx", &[(2, "m")]).await;
    let list = async |mut input: Value| {
        input["logGroupName"] = "/app".into();
        let mut all = Vec::new();
        loop {
            let answer = world.done("DescribeLogStreams", input.clone()).await;
            all.extend(names(&answer, "logStreams", "logStreamName"));
            match answer["nextToken"].as_str() {
                Some(token) => input["nextToken"] = token.into(),
                None => return all.join(" "),
            }
        }
    };
    for limit in [1, 2, 50] {
        assert_eq!(list(json!({"limit": limit})).await, "api apx none web");
        assert_eq!(
            list(json!({"limit": limit, "descending": true})).await,
            "web none apx api"
        );
        assert_eq!(
            list(json!({"limit": limit, "logStreamNamePrefix": "ap"})).await,
            "api apx"
        );
        let by_time = json!({"limit": limit, "orderBy": "LastEventTime"});
        assert_eq!(list(by_time).await, "none web apx api");
        let newest = json!({"limit": limit, "orderBy": "LastEventTime", "descending": true});
        assert_eq!(list(newest).await, "api apx web none");
    }
    let both =
        json!({"logGroupName": "/app", "orderBy": "LastEventTime", "logStreamNamePrefix": "a"});
    assert_eq!(
        world.refused("DescribeLogStreams", both).await,
        "InvalidParameterException: Cannot order by LastEventTime with a logStreamNamePrefix."
    );
}

#[tokio::test]
async fn a_batch_is_refused_when_its_order_size_or_span_is_wrong() {
    let world = World::new().await;
    let put = async |events: Value| {
        world
            .refused("PutLogEvents", web(json!({"logEvents": events})))
            .await
    };
    let event = |at: i64, message: &str| json!({"timestamp": NOW + at, "message": message});
    assert_eq!(
        put(json!([event(1, "a"), event(0, "b")])).await,
        "InvalidParameterException: Log events in a single PutLogEvents request must be in chronological order."
    );
    assert_eq!(
        put(json!([event(-DAY - 1, "a"), event(0, "b")])).await,
        "InvalidParameterException: The batch of log events in a single PutLogEvents request cannot span more than 24 hours."
    );
    let large = "x".repeat(1_048_576 - 25);
    assert_eq!(
        put(json!([event(0, &large)])).await,
        "InvalidParameterException: Log event too large: 1048577 bytes exceeds limit of 1048576"
    );
    assert_eq!(
        put(json!([event(0, &large[1..]), event(0, "b")])).await,
        "InvalidParameterException: Upload too large: 1048603 bytes exceeds limit of 1048576"
    );
    world
        .done(
            "PutLogEvents",
            web(json!({"logEvents": [event(0, &large[1..])]})),
        )
        .await;
}

#[tokio::test]
async fn events_that_are_too_old_or_too_new_are_left_out_and_said() {
    let world = World::new().await;
    let answer = world
        .put("web", &[(2 * HOUR - 1, "soon"), (2 * HOUR + 1, "later")])
        .await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooNewLogEventStartIndex": 1})
    );
    let answer = world
        .put(
            "web",
            &[
                (-14 * DAY - 2, "a"),
                (-14 * DAY - 1, "b"),
                (-14 * DAY, "old"),
            ],
        )
        .await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"tooOldLogEventEndIndex": 2})
    );
    let retention = json!({"logGroupName": "/app", "retentionInDays": 1});
    world.done("PutRetentionPolicy", retention).await;
    let answer = world.put("web", &[(-DAY - 1, "a"), (-1, "new")]).await;
    assert_eq!(
        answer["rejectedLogEventsInfo"],
        json!({"expiredLogEventEndIndex": 1})
    );
    let answer = world.put("web", &[(-DAY - 1, "a")]).await;
    assert!(answer["nextSequenceToken"].is_string());
    assert_eq!(world.filter(json!({})).await, ["new", "soon"]);
    world
        .done("DeleteRetentionPolicy", json!({"logGroupName": "/app"}))
        .await;
    assert_eq!(
        world.filter(json!({})).await,
        ["old", "new", "soon"],
        "what was left out was not kept"
    );
}

#[tokio::test]
async fn what_has_expired_is_not_answered_and_leaves_the_disk() {
    let world = World::new().await;
    world.put("web", &[(0, "a")]).await;
    world.pass(HOUR);
    world.put("web", &[(HOUR, "b")]).await;
    let retention = |days: i64| json!({"logGroupName": "/app", "retentionInDays": days});
    world.done("PutRetentionPolicy", retention(1)).await;
    let groups = world.done("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["retentionInDays"], 1);
    world.pass(DAY - HOUR);
    let both = async || {
        (
            world.filter(json!({})).await.concat(),
            messages(&world.done("GetLogEvents", web(json!({}))).await).concat(),
        )
    };
    assert_eq!(both().await, ("ab".into(), "ab".into()));
    world.pass(1);
    assert_eq!(both().await, ("b".into(), "b".into()));
    world.logs.sweep().await.expect("the store works");
    let groups = world.done("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["storedBytes"], 27);
    world
        .done("DeleteRetentionPolicy", json!({"logGroupName": "/app"}))
        .await;
    assert_eq!(
        both().await,
        ("b".into(), "b".into()),
        "what was swept is gone"
    );
    assert_eq!(
        world.refused("PutRetentionPolicy", retention(2)).await,
        "InvalidParameterException: 1 validation error detected: Value '2' at 'retentionInDays' failed to satisfy \
         constraint: Member must satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, \
         1096, 1827, 2192, 2557, 2922, 3288, 3653]"
    );
}

/// Enough for several rounds of reading and of sweeping.
const MANY: usize = 1000;

async fn put_many(world: &World, stream: &str) {
    let texts: Vec<String> = (0..MANY).map(|at| format!("{stream}-{at}")).collect();
    let events: Vec<(i64, &str)> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| (at as i64, text.as_str()))
        .collect();
    world.put(stream, &events).await;
}

#[tokio::test]
async fn streams_are_searched_together_in_the_order_of_time() {
    let world = World::new().await;
    world.stream("api/1").await;
    world.stream("api/2").await;
    world.put("web", &[(0, "w0"), (3, "w3 ERROR")]).await;
    world.put("api/1", &[(1, "a1 ERROR"), (2, "a2")]).await;
    world.put("api/2", &[(2, "b2 ERROR")]).await;
    assert_eq!(
        world.filter(json!({})).await,
        ["w0", "a1 ERROR", "a2", "b2 ERROR", "w3 ERROR"]
    );
    let found = world
        .filter(json!({"logStreamNamePrefix": "api/", "filterPattern": "ERROR"}))
        .await;
    assert_eq!(found, ["a1 ERROR", "b2 ERROR"]);
    let found = world
        .filter(json!({"logStreamNames": ["web"], "filterPattern": "ERROR"}))
        .await;
    assert_eq!(found, ["w3 ERROR"]);
    let found = world
        .filter(
            json!({"logStreamNames": ["web", "api/1"], "startTime": NOW + 1, "endTime": NOW + 2}),
        )
        .await;
    assert_eq!(found, ["a1 ERROR", "a2"], "the end is included");
    assert_eq!(
        world.filter(json!({"logStreamNamePrefix": "nobody"})).await,
        [""; 0]
    );
    let refused = world
        .refused(
            "FilterLogEvents",
            json!({"logGroupName": "/app", "filterPattern": "a:b"}),
        )
        .await;
    assert_eq!(
        refused,
        "InvalidParameterException: Invalid character(s) in term 'a:b'"
    );
    let answer = world
        .done(
            "FilterLogEvents",
            json!({"logGroupName": "/app", "limit": 1}),
        )
        .await;
    let event = &answer["events"][0];
    assert_eq!(event["logStreamName"], "web");
    assert_eq!(event["eventId"].as_str().map(str::len), Some(56));
    assert_eq!(answer["searchedLogStreams"], json!([]));
}

#[tokio::test]
async fn pages_of_a_search_follow_each_other_without_gap_or_repetition() {
    let world = World::new().await;
    world.stream("api").await;
    put_many(&world, "web").await;
    put_many(&world, "api").await;
    let mut input = json!({"logGroupName": "/app", "filterPattern": "-web", "limit": 300});
    let mut all = Vec::new();
    loop {
        let (page, answer) = world.messages("FilterLogEvents", input.clone()).await;
        all.extend(page);
        match answer["nextToken"].as_str() {
            Some(token) => input["nextToken"] = token.into(),
            None => break,
        }
    }
    let expected: Vec<String> = (0..MANY).map(|at| format!("api-{at}")).collect();
    assert_eq!(all, expected);
    let mut backward = Vec::new();
    let mut input = web(json!({"limit": 333}));
    loop {
        let (page, answer) = world.messages("GetLogEvents", input.clone()).await;
        if page.is_empty() {
            break;
        }
        backward.splice(0..0, page);
        input["nextToken"] = answer["nextBackwardToken"].clone();
    }
    let expected: Vec<String> = (0..MANY).map(|at| format!("web-{at}")).collect();
    assert_eq!(backward, expected);
}

#[tokio::test]
async fn a_page_ends_at_a_megabyte() {
    let world = World::new().await;
    let large = "x".repeat(600_000);
    for at in 0..3 {
        world.put("web", &[(at, &large)]).await;
    }
    let (page, answer) = world
        .messages("GetLogEvents", web(json!({"startFromHead": true})))
        .await;
    assert_eq!(page.len(), 2);
    let (page, _) = world
        .messages(
            "GetLogEvents",
            web(json!({"nextToken": answer["nextForwardToken"]})),
        )
        .await;
    assert_eq!(page.len(), 1);
}

#[tokio::test]
async fn a_deleted_stream_or_group_made_again_is_empty_and_its_rows_are_swept() {
    let world = World::new().await;
    world.stream("api").await;
    put_many(&world, "web").await;
    world.put("api", &[(0, "kept")]).await;
    world.done("DeleteLogStream", web(json!({}))).await;
    assert_eq!(world.filter(json!({})).await, ["kept"]);
    world.stream("web").await;
    assert_eq!(world.filter(json!({})).await, ["kept"]);
    assert_eq!(
        world.filter(json!({"logStreamNames": ["web"]})).await,
        [""; 0]
    );
    world.logs.sweep().await.expect("the store works");
    assert_eq!(world.filter(json!({})).await, ["kept"]);
    let groups = world.done("DescribeLogGroups", json!({})).await;
    assert_eq!(groups["logGroups"][0]["storedBytes"], 4 + 26);

    put_many(&world, "web").await;
    world
        .done("DeleteLogGroup", json!({"logGroupName": "/app"}))
        .await;
    world.make().await;
    assert_eq!(world.filter(json!({})).await, [""; 0]);
    world.logs.sweep().await.expect("the store works");
    world.put("web", &[(0, "new")]).await;
    assert_eq!(world.filter(json!({})).await, ["new"]);
}

#[tokio::test]
async fn nothing_of_a_deleted_group_stays_on_the_disk() {
    let store = Store::memory();
    let world = World::over(store.clone());
    world.make().await;
    put_many(&world, "web").await;
    world
        .done("DeleteLogGroup", json!({"logGroupName": "/app"}))
        .await;
    world.logs.sweep().await.expect("the store works");
    for name in ["groups", "tallies", "streams", "events", "places", "doomed"] {
        let name: &'static str = format!("logs/{name}").leak();
        let table = store::Table::new(store::Keyspace::Services, name);
        let rows = store
            .prefix(table, b"", store::Order::Ascending, 10)
            .expect("it can be read");
        assert!(rows.is_empty(), "{name}");
    }
}

#[tokio::test]
async fn a_protected_group_is_not_deleted() {
    let world = World::new().await;
    let protect = |on: bool| json!({"logGroupIdentifier": "/app", "deletionProtectionEnabled": on});
    world
        .done("PutLogGroupDeletionProtection", protect(true))
        .await;
    let refused = world
        .refused("DeleteLogGroup", json!({"logGroupName": "/app"}))
        .await;
    assert!(refused.starts_with("ValidationException"), "{refused}");
    world
        .done("PutLogGroupDeletionProtection", protect(false))
        .await;
    world
        .done("DeleteLogGroup", json!({"logGroupName": "/app"}))
        .await;
}

#[tokio::test]
async fn writers_to_one_stream_share_commits_and_lose_nothing() {
    let world = Arc::new(World::new().await);
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..64 {
        let world = Arc::clone(&world);
        writers.spawn(async move {
            for at in 0..5 {
                world.put("web", &[(at, &format!("{writer}/{at}"))]).await;
            }
        });
    }
    writers.join_all().await;
    let mut found = world.filter(json!({})).await;
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 64 * 5);
    let groups = world.done("DescribeLogGroups", json!({})).await;
    let bytes: u64 = found.iter().map(|text| text.len() as u64 + 26).sum();
    assert_eq!(groups["logGroups"][0]["storedBytes"], bytes);
}

#[tokio::test]
async fn a_stream_tells_its_first_and_last_event_whatever_order_writers_come_in() {
    let (release, held) = std::sync::mpsc::channel();
    // The first put waits in the committer until the second has been submitted too.
    let disk = Disk::default().open(move |lsn| {
        if lsn.0 == 3 {
            held.recv().expect("the test lets it go");
        }
        Fault::None
    });
    let world = World::over(disk);
    world.make().await;
    tokio::join!(
        world.put("web", &[(1, "a"), (9, "b")]),
        world.put("web", &[(5, "c")]),
        async { release.send(()).expect("the committer waits") },
    );
    let streams = world
        .done("DescribeLogStreams", json!({"logGroupName": "/app"}))
        .await;
    let stream = &streams["logStreams"][0];
    assert_eq!(stream["firstEventTimestamp"], NOW + 1);
    assert_eq!(stream["lastEventTimestamp"], NOW + 9);
    assert_eq!(world.filter(json!({})).await, ["a", "c", "b"]);
}

#[tokio::test]
async fn all_that_was_acknowledged_is_there_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let world = World::over(Store::open(folder.path()).expect("it opens"));
    world.make().await;
    world.put("web", &[(0, "a")]).await;
    let policy = json!({"policyName": "p", "policyDocument": "{}"});
    world.done("PutResourcePolicy", policy).await;
    drop(world);
    let world = World::over(Store::open(folder.path()).expect("it opens again"));
    world.put("web", &[(0, "b")]).await;
    assert_eq!(world.filter(json!({})).await, ["a", "b"]);
    let policies = world.done("DescribeResourcePolicies", json!({})).await;
    assert_eq!(names(&policies, "resourcePolicies", "policyName"), ["p"]);
}

#[tokio::test]
async fn events_whose_commit_failed_are_not_acknowledged() {
    let disk = Disk::default();
    let world = World::over(disk.open(|lsn| if lsn.0 < 3 { Fault::None } else { Fault::Lost }));
    world.make().await;
    let input = web(json!({"logEvents": [{"timestamp": NOW, "message": "lost"}]}));
    let refused = world
        .ask("PutLogEvents", input)
        .await
        .expect_err("it is not durable");
    assert_eq!(
        (refused.code.as_ref(), refused.status),
        ("ServiceUnavailableException", 500)
    );
    let world = World::over(disk.open(|_| Fault::None));
    assert_eq!(world.filter(json!({})).await, [""; 0]);
}

#[tokio::test]
async fn tags_come_and_go_by_both_families_of_operations() {
    let world = World::new().await;
    world
        .done(
            "TagResource",
            json!({"resourceArn": ARN, "tags": {"a": "1", "b": "2"}}),
        )
        .await;
    world
        .done(
            "TagLogGroup",
            json!({"logGroupName": "/app", "tags": {"b": "3", "c": "4"}}),
        )
        .await;
    world
        .done(
            "UntagResource",
            json!({"resourceArn": format!("{ARN}:*"), "tagKeys": ["a"]}),
        )
        .await;
    world
        .done(
            "UntagLogGroup",
            json!({"logGroupName": "/app", "tags": ["c"]}),
        )
        .await;
    let tags = world
        .done("ListTagsLogGroup", json!({"logGroupName": "/app"}))
        .await;
    assert_eq!(tags, json!({"tags": {"b": "3"}}));
    let many: serde_json::Map<String, Value> =
        (0..50).map(|at| (format!("k{at}"), "v".into())).collect();
    let refused = world
        .refused("TagResource", json!({"resourceArn": ARN, "tags": many}))
        .await;
    assert!(refused.starts_with("TooManyTagsException"), "{refused}");
}

#[tokio::test]
async fn resource_policies_are_kept_up_to_ten() {
    let world = World::over(Store::memory());
    let policy =
        |name: &str, document: &str| json!({"policyName": name, "policyDocument": document});
    for at in 0..10 {
        world
            .done("PutResourcePolicy", policy(&format!("p{at}"), "{}"))
            .await;
    }
    let changed = world
        .done(
            "PutResourcePolicy",
            policy("p0", r#"{"Version": "2012-10-17"}"#),
        )
        .await;
    assert_eq!(changed["resourcePolicy"]["lastUpdatedTime"], NOW);
    assert_eq!(
        world
            .refused("PutResourcePolicy", policy("more", "{}"))
            .await,
        "LimitExceededException: Resource limit exceeded."
    );
    let first = world
        .done("DescribeResourcePolicies", json!({"limit": 9}))
        .await;
    let rest = world
        .done(
            "DescribeResourcePolicies",
            json!({"nextToken": first["nextToken"]}),
        )
        .await;
    assert_eq!(names(&rest, "resourcePolicies", "policyName"), ["p9"]);
    world
        .done("DeleteResourcePolicy", json!({"policyName": "p9"}))
        .await;
    let gone = world
        .refused("DeleteResourcePolicy", json!({"policyName": "p9"}))
        .await;
    assert!(gone.starts_with("ResourceNotFoundException"), "{gone}");
}

#[tokio::test]
async fn a_filter_pattern_is_tried_on_messages() {
    let world = World::over(Store::memory());
    let input = json!({"filterPattern": "{ $.a = 1 }", "logEventMessages": ["x", r#"{"a": 1}"#]});
    let answer = world.done("TestMetricFilter", input).await;
    let expected =
        json!([{"eventNumber": 2, "eventMessage": r#"{"a": 1}"#, "extractedValues": {"$.a": "1"}}]);
    assert_eq!(answer["matches"], expected);
}

impl World {
    /// The results of a query over the hour around [`NOW`], once it has ended.
    async fn query(&self, mut input: Value) -> Value {
        input["startTime"] = json!(NOW / 1000 - 1800);
        input["endTime"] = json!(NOW / 1000 + 1800);
        let started = self.done("StartQuery", input).await;
        loop {
            let answer = self.done("GetQueryResults", started.clone()).await;
            if answer["status"] != "Running" {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_query_finds_the_last_lines_of_several_groups() {
    let world = World::new().await;
    world
        .done("CreateLogGroup", json!({"logGroupName": "/other"}))
        .await;
    world
        .done(
            "CreateLogStream",
            json!({"logGroupName": "/other", "logStreamName": "s"}),
        )
        .await;
    world.put("web", &[(0, "w0"), (20, "w20")]).await;
    let input = json!({"logGroupName": "/other", "logStreamName": "s", "logEvents": [{"timestamp": NOW + 10, "message": r#"{"id": 7}"#}]});
    world.done("PutLogEvents", input).await;
    world.stream("gone").await;
    world.put("gone", &[(15, "of a deleted stream")]).await;
    let gone = json!({"logGroupName": "/app", "logStreamName": "gone"});
    world.done("DeleteLogStream", gone).await;
    let query = "fields @message, @log, @logStream, id | sort @timestamp desc | limit 2";
    let answer = world
        .query(json!({"logGroupNames": ["/app", "/other"], "queryString": query}))
        .await;
    assert_eq!(answer["status"], "Complete");
    let mut results = answer["results"].clone();
    let pointer = results[1]
        .as_array_mut()
        .and_then(Vec::pop)
        .expect("a pointer");
    results[0].as_array_mut().and_then(Vec::pop);
    let field = |name: &str, value: &str| json!({"field": name, "value": value});
    assert_eq!(
        results,
        json!([
            [
                field("@message", "w20"),
                field("@log", "000000000000:/app"),
                field("@logStream", "web")
            ],
            [
                field("@message", r#"{"id": 7}"#),
                field("@log", "000000000000:/other"),
                field("@logStream", "s"),
                field("id", "7")
            ],
        ])
    );
    assert_eq!(answer["statistics"]["recordsMatched"], 2.0);
    assert_eq!(answer["statistics"]["logGroupsScanned"], 2.0);
    assert_eq!(pointer["field"], "@ptr");
    let record = world
        .done(
            "GetLogRecord",
            json!({"logRecordPointer": pointer["value"]}),
        )
        .await;
    assert_eq!(record["logRecord"]["id"], "7");
    assert_eq!(record["logRecord"]["@timestamp"], "2026-11-22 17:00:00.010");
}

#[tokio::test]
async fn queries_are_listed_and_paged_and_their_range_is_kept() {
    let world = World::new().await;
    world
        .put(
            "web",
            &[(-HOUR, "before"), (0, "a"), (1, "b"), (HOUR, "after")],
        )
        .await;
    let answer = world
        .query(json!({"logGroupIdentifiers": [ARN], "queryString": "fields @message", "limit": 1}))
        .await;
    assert_eq!(answer["results"][0][0]["value"], "b");
    let answer = world
        .query(json!({"logGroupName": "/app", "queryString": "fields @message"}))
        .await;
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(2));
    let listed = world
        .done(
            "DescribeQueries",
            json!({"logGroupName": "/app", "status": "Complete", "maxResults": 1}),
        )
        .await;
    let query = &listed["queries"][0];
    assert_eq!(query["queryString"], "fields @message");
    let page = world
        .done(
            "GetQueryResults",
            json!({"queryId": query["queryId"], "maxItems": 1}),
        )
        .await;
    assert_eq!(page["results"][0][0]["value"], "b");
    let page = world
        .done(
            "GetQueryResults",
            json!({"queryId": query["queryId"], "nextToken": page["nextToken"]}),
        )
        .await;
    assert_eq!(page["results"][0][0]["value"], "a");
    let listed = world
        .done("DescribeQueries", json!({"nextToken": listed["nextToken"]}))
        .await;
    assert_eq!(listed["queries"].as_array().map(Vec::len), Some(1));
    let stopped = world
        .refused("StopQuery", json!({"queryId": query["queryId"]}))
        .await;
    assert!(
        stopped.starts_with("InvalidParameterException"),
        "{stopped}"
    );
    let nobody = world
        .refused("GetQueryResults", json!({"queryId": "x"}))
        .await;
    assert!(nobody.starts_with("ResourceNotFoundException"), "{nobody}");
}

#[tokio::test]
async fn a_query_that_can_t_be_run_is_refused() {
    let world = World::new().await;
    let start = async |input: Value| {
        let mut input = input;
        input["startTime"] = 0.into();
        input["endTime"] = 1.into();
        world
            .ask("StartQuery", input)
            .await
            .expect_err("it is refused")
    };
    let error =
        start(json!({"logGroupName": "/app", "queryString": "fields @message | what"})).await;
    assert_eq!(error.code, "MalformedQueryException");
    assert_eq!(
        error.members["queryCompileError"]["location"]["startCharOffset"],
        18
    );
    assert_eq!(
        start(json!({"logGroupName": "x", "queryString": "fields a"}))
            .await
            .code,
        "ResourceNotFoundException"
    );
    assert_eq!(
        start(json!({"queryString": "fields a"})).await.code,
        "InvalidParameterException"
    );
    let language = json!({"logGroupName": "/app", "queryString": "x", "queryLanguage": "PPL"});
    assert_eq!(start(language).await.code, "InvalidParameterException");
}

#[tokio::test]
async fn an_operation_that_is_not_here_is_said_so() {
    let world = World::over(Store::memory());
    assert!(
        world
            .refused("StartLiveTail", json!({}))
            .await
            .starts_with("UnknownOperationException")
    );
}

#[tokio::test]
async fn a_filter_reads_no_more_streams_than_its_events_have() {
    let store = Store::memory();
    let world = World::over(store.clone());
    world.make().await;
    world.put("web", &[(0, "one"), (1, "two")]).await;
    // A stream behind it that can't be read.
    let streams = Table::new(Keyspace::Services, "logs/streams");
    let rows = store.prefix(streams, b"", Order::Ascending, 10);
    let (key, _) = rows.expect("memory works").remove(0);
    let mut batch = Batch::default();
    batch.put(streams, &[&key, &b"-2"[..]].concat(), b"damaged".to_vec());
    store.commit(batch).await.expect("memory works");
    assert_eq!(world.filter(json!({"filterPattern": "two"})).await, ["two"]);
    assert!(
        world
            .filter(json!({"filterPattern": "three"}))
            .await
            .is_empty()
    );
}
