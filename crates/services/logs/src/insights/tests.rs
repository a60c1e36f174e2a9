use super::*;
use crate::model::Position;
use crate::storage::Event;

fn group() -> SearchedGroup {
    SearchedGroup {
        zone: Zone {
            account: "000000000000".into(),
            region: "us-east-1".into(),
        },
        id: Id(7),
        name: "/app".into(),
        expiry: 0,
    }
}

/// How many of three events a query reads.
fn read(query: &str) -> usize {
    let parsed = parse(query).expect("it is a query");
    let group = group();
    let mut read = 0;
    let mut next = || {
        read += 1;
        Ok((read <= 3).then(|| {
            let event = Event {
                position: Position::new(10 - read as i64, 0),
                stream: Id(1),
                ingested: 0,
                message: String::new(),
            };
            let source = Source {
                group: &group,
                stream: "s",
            };
            Row::new(event, source)
        }))
    };
    run(&parsed, 10_000, &mut next, &mut Searched::default()).expect("reading works");
    read
}

#[test]
fn the_newest_events_are_found_without_reading_the_others() {
    assert_eq!(
        read("fields @timestamp | sort @timestamp desc | limit 1"),
        1
    );
    assert_eq!(read("limit 2"), 2);
    assert_eq!(read("sort @timestamp asc | limit 1"), 4);
    assert_eq!(
        read("fields 1 as @timestamp | sort @timestamp desc | limit 1"),
        4
    );
}

/// The rows that a query gives over messages that came a second apart, the first one at 1,000 s; without `@ptr`.
fn rows(query: &str, messages: &[&str]) -> Vec<Vec<(String, String)>> {
    let parsed = parse(query).unwrap_or_else(|why| panic!("{query}: {}", why.message));
    let group = group();
    let mut events = messages.iter().enumerate().rev();
    let mut next = || {
        Ok(events.next().map(|(at, message)| {
            let event = Event {
                position: Position::new((1000 + at as i64) * 1000, at as u64),
                stream: Id(1),
                ingested: 2_000_000,
                message: (*message).to_owned(),
            };
            let source = Source {
                group: &group,
                stream: "web/1",
            };
            Row::new(event, source)
        }))
    };
    let mut searched = Searched::default();
    let mut rows = run(&parsed, 10_000, &mut next, &mut searched).expect("reading works");
    for row in &mut rows {
        row.retain(|(name, _)| name != "@ptr");
    }
    rows
}

/// The values of one column.
fn column(query: &str, messages: &[&str]) -> Vec<String> {
    let first = |row: Vec<(String, String)>| row.into_iter().next().map(|(_, value)| value);
    rows(query, messages)
        .into_iter()
        .filter_map(first)
        .collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

#[test]
fn the_console_s_first_query_gives_the_newest_events_with_their_places() {
    let found = rows(
        "fields @timestamp, @message, @logStream, @log\n| sort @timestamp desc\n| limit 2",
        &["one", "two", "three"],
    );
    let expected = |at: &str, message: &str| {
        pairs(&[
            ("@timestamp", &format!("1970-01-01 00:16:{at}.000")),
            ("@message", message),
            ("@logStream", "web/1"),
            ("@log", "000000000000:/app"),
        ])
    };
    assert_eq!(found, [expected("42", "three"), expected("41", "two")]);
}

#[test]
fn without_fields_time_and_message_are_shown_newest_first() {
    let found = rows("filter @message like 'o'", &["one", "x", "two"]);
    assert_eq!(
        found,
        [
            pairs(&[
                ("@timestamp", "1970-01-01 00:16:42.000"),
                ("@message", "two")
            ]),
            pairs(&[
                ("@timestamp", "1970-01-01 00:16:40.000"),
                ("@message", "one")
            ]),
        ]
    );
}

const LOG: [&str; 4] = [
    r#"{"type": "ExecutionStarted", "id": "1", "details": {"roleArn": "r"}}"#,
    r#"{"type": "TaskFailed", "id": "2", "details": {"error": "E", "codes": [7, 8]}, "took": 1.5}"#,
    r#"{"type": "TaskFailed", "id": "3", "took": 20, "final": true}"#,
    "no JSON",
];

#[test]
fn fields_of_json_messages_are_found_by_their_paths() {
    assert_eq!(
        rows(
            "filter type = 'TaskFailed' | fields id, details.error, details.codes.1, final | sort id",
            &LOG
        ),
        [
            pairs(&[
                ("id", "2"),
                ("details.error", "E"),
                ("details.codes.1", "8")
            ]),
            pairs(&[("id", "3"), ("final", "1")]),
        ]
    );
}

#[test]
fn conditions_compare_match_and_combine() {
    for (condition, expected) in [
        ("took > 2", vec!["3"]),
        ("took >= 1.5 and took < 20", vec!["2"]),
        ("id in ['1', '3']", vec!["1", "3"]),
        ("type not like /Failed$/ and ispresent(type)", vec!["1"]),
        ("type =~ /(?i)failed/", vec!["2", "3"]),
        ("not (id = 1 or id = 2) and id != ''", vec!["3"]),
        ("final", vec!["3"]),
        ("isblank(details.error) && type = \"TaskFailed\"", vec!["3"]),
        ("`details.error` = 'E'", vec!["2"]),
        ("strlen(type) = 10 and id * 2 - 1 = 3", vec!["2"]),
        ("tolower(type) = 'executionstarted'", vec!["1"]),
    ] {
        let query = format!("filter {condition} | fields id | sort id asc");
        assert_eq!(column(&query, &LOG), expected, "{condition}");
    }
}

#[test]
fn statistics_are_counted_by_groups() {
    assert_eq!(
        rows("stats count(*) as n by type | sort n desc, type", &LOG),
        [
            pairs(&[("type", "TaskFailed"), ("n", "2")]),
            pairs(&[("n", "1")]),
            pairs(&[("type", "ExecutionStarted"), ("n", "1")]),
        ]
    );
    assert_eq!(
        rows(
            "stats count(took), sum(took), avg(took), min(took), max(took), count_distinct(type)",
            &LOG
        ),
        [pairs(&[
            ("count(took)", "2"),
            ("sum(took)", "21.5"),
            ("avg(took)", "10.75"),
            ("min(took)", "1.5"),
            ("max(took)", "20"),
            ("count_distinct(type)", "2"),
        ])]
    );
    assert_eq!(
        rows("stats count() by bin(2s)", &["a", "b", "c"]),
        [
            pairs(&[("bin(2s)", "1970-01-01 00:16:42.000"), ("count()", "1")]),
            pairs(&[("bin(2s)", "1970-01-01 00:16:40.000"), ("count()", "2")]),
        ]
    );
    assert_eq!(
        rows("filter 1 = 2 | stats count(*)", &LOG),
        [pairs(&[("count(*)", "0")])]
    );
}

#[test]
fn the_last_display_says_what_is_shown() {
    assert_eq!(
        rows(
            "fields id, strlen(@message) as n | display n | limit 1",
            &LOG
        ),
        [pairs(&[("n", "7")])]
    );
}

#[test]
fn computed_fields_can_be_used_by_what_follows() {
    assert_eq!(
        column(
            "fields concat(id, '-', coalesce(details.error, 'none')) as label | filter label like 'none' | sort label",
            &LOG
        ),
        ["-none", "1-none", "3-none"]
    );
}

#[test]
fn comments_and_strings_with_signs_are_no_commands() {
    let query = "# all | limit 1\nfields @message # the text\n| filter @message = 'a | b' or @message = \"c\"";
    assert_eq!(column(query, &["a | b", "c", "d"]), ["c", "a | b"]);
}

#[test]
fn what_is_no_query_is_refused_with_its_place() {
    let why = parse("fields @message | frobnicate").expect_err("there is no such command");
    assert_eq!(
        why.message,
        "unexpected symbol found f at line 1 and position 19"
    );
    assert_eq!((why.start, why.end), (18, 28));
    for query in [
        "",
        "fields",
        "filter @message like",
        "filter @message like /x",
        "filter (a = 1",
        "limit 0",
        "limit 10001",
        "stats sum()",
        "stats nothing(a)",
        "fields frob(a)",
        "fields strlen(a, b)",
        "fields 'open",
        "sort a desc |",
        &"(".repeat(1000),
        &format!("filter {}a", "not ".repeat(1000)),
        &format!("fields {}1", "-".repeat(1000)),
    ] {
        assert!(parse(query).is_err(), "{query}");
    }
}

#[test]
fn a_pointer_names_one_event() {
    let at = Position::new(5, 6);
    let pointer = field::pointer(&group(), at);
    assert_eq!(read_pointer(&pointer), Some((group().zone, Id(7), at)));
    assert_eq!(read_pointer("nothing"), None);
}

proptest::proptest! {
    #[test]
    fn no_query_makes_it_fail(query in "(fields|filter|stats|sort|limit|like|count|by|as|not|and|[-@a1'\"/`()*,|=<>. \n]){0,12}") {
        if parse(&query).is_ok() {
            rows(&query, &LOG);
        }
    }

    /// Sorting with a limit gives what sorting everything and cutting gives.
    #[test]
    fn a_limited_sort_keeps_the_first_ones(numbers in proptest::collection::vec(0_u32..100, 0..60), limit in 1_usize..8) {
        let messages: Vec<String> = numbers.iter().map(|number| format!("{{\"n\": {number}}}")).collect();
        let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
        let found = column(&format!("fields n | sort n | limit {limit}"), &messages);
        let mut expected = numbers.clone();
        expected.sort_unstable();
        expected.truncate(limit);
        let expected: Vec<String> = expected.iter().map(u32::to_string).collect();
        proptest::prop_assert_eq!(found, expected);
    }
}

/// A query over that many messages of a million letters each, all different.
fn long(query: &str, count: usize) -> Vec<Vec<(String, String)>> {
    let messages: Vec<String> = (0..count)
        .map(|at| "x".repeat(999_997) + &format!("{at:03}"))
        .collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    rows(query, &messages)
}

#[test]
fn text_that_grows_from_command_to_command_is_left_out() {
    for growth in [
        "fields concat(@message, @message, @message, @message) as a | fields concat(a, a) as b",
        "fields concat(concat(@message, @message, @message), @message, @message) as b",
        "fields replace(@message, 'x', 'xxxxxx') as b",
        "fields coalesce(@message) as a, coalesce(a) as c, coalesce(a) as d, coalesce(a) as e, coalesce(a) as b",
        "fields @message as a1, @message as a2, @message as a3, @message as a4, @message as b",
    ] {
        let query = format!("{growth} | fields strlen(b) as n | display ispresent(n) as is");
        let expected = vec![vec![("is".to_owned(), "0".to_owned())]];
        assert_eq!(long(&query, 1), expected, "{growth}");
    }
    let kept = "fields concat(@message, @message) as a | fields replace(a, 'xx', 'x') as b | display strlen(b) as n";
    assert_eq!(long(kept, 1)[0][0].1, "1000004");
}

#[test]
fn statistics_have_a_bound_in_bytes() {
    let distinct = long("stats count_distinct(@message) as n", 40);
    assert_eq!(distinct[0][0].1, "33");
    assert_eq!(long("stats count(*) by @message", 20).len(), 16);
    assert_eq!(
        long(
            "stats max(@message) as m by bin(1s) | stats count(m) as n",
            40
        )[0][0]
            .1,
        "16"
    );
    // A value that takes another's place needs no room of its own.
    let latest = "stats latest(@message) as m | display strlen(m) as n";
    assert_eq!(long(latest, 40)[0][0].1, "1000000");
}

#[test]
fn results_and_what_they_are_sorted_by_have_a_bound_in_bytes() {
    let several = "fields @message as a, @message as b | display a, b, @message, a, b";
    assert_eq!(long(several, 40).len(), 11);
    assert_eq!(
        long(
            "fields concat(@message, 'x') as a | sort a | display strlen(a)",
            40
        )
        .len(),
        5
    );
}
