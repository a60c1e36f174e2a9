use super::*;
use crate::Format;
use crate::testing::{assert_resumable, texts};
use proptest::prelude::*;

fn items(content: &str) -> Result<Vec<String>, ReaderError> {
    texts(&Format::Json(Pointer::default()), content.to_owned())
}

fn pointed(pointer: &str, content: &str) -> Result<Vec<String>, ReaderError> {
    texts(&Format::Json(Pointer::parse(pointer)?), content.to_owned())
}

fn lines(content: &str) -> Result<Vec<String>, ReaderError> {
    texts(&Format::JsonLines, content.to_owned())
}

fn unmatched(pointer: &str) -> Result<Vec<String>, ReaderError> {
    Err(ReaderError::PointerUnmatched(pointer.to_owned()))
}

#[test]
fn elements_of_an_array_are_items() {
    let content = " [ 1 , \"a]\\\"\" ,{\"k\": [1, {}]},null\n,true, -1.5e3,[[]] ] \n";
    let expected = [
        "1",
        r#""a]\"""#,
        r#"{"k":[1,{}]}"#,
        "null",
        "true",
        "-1500.0",
        "[[]]",
    ];
    assert_eq!(items(content).expect("it is readable"), expected);
    assert_eq!(items("[]").expect("it is readable"), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_array_has_no_items() {
    for content in ["{\"Hello\": \"world\"}", "1", "\"text\"", "nonsense"] {
        assert_eq!(items(content), Err(ReaderError::NotIterable));
    }
}

#[test]
fn a_pointer_selects_an_array_or_an_object() {
    let content = r#"{"skip": {"a/b": [9]}, "a/b": [0, {"m~n": {"x": 1, "y": [2]}}, [3]], "": [4], "é\n": [5]}"#;
    assert_eq!(
        pointed("/a~1b", content).expect("found"),
        ["0", r#"{"m~n":{"x":1,"y":[2]}}"#, "[3]"]
    );
    assert_eq!(
        pointed("/a~1b/1/m~0n", content).expect("found"),
        [r#""x":1"#, r#""y":[2]"#]
    );
    assert_eq!(pointed("/a~1b/2", content).expect("found"), ["3"]);
    assert_eq!(pointed("/", content).expect("found"), ["4"]);
    assert_eq!(pointed("/é\n", content).expect("found"), ["5"]);
}

#[test]
fn what_stands_behind_the_pointers_array_is_not_read() {
    assert_eq!(pointed("/a", r#"{"a": [1], oops"#).expect("found"), ["1"]);
}

#[test]
fn a_pointer_that_matches_nothing_is_an_error() {
    for pointer in ["/b", "/a/2", "/a/-", "/a/00", "/a/0/x", "/s/0"] {
        assert_eq!(
            pointed(pointer, r#"{"a": [1, 2], "s": "text"}"#),
            unmatched(pointer),
            "{pointer}"
        );
    }
    assert_eq!(
        pointed("/a/0", r#"{"a": [1]}"#),
        Err(ReaderError::NotIterable)
    );
    for pointer in ["a", "/~", "/~2", "/a~"] {
        assert!(
            matches!(Pointer::parse(pointer), Err(ReaderError::Config(_))),
            "{pointer}"
        );
    }
    assert!(Pointer::parse(&format!("/{}", "a".repeat(POINTER_CHARACTERS_MAX - 2))).is_ok());
    assert!(Pointer::parse(&format!("/{}", "a".repeat(POINTER_CHARACTERS_MAX - 1))).is_err());
}

#[test]
fn what_is_pointed_at_begins_within_reach() {
    let content = |bytes: usize| format!("{{\"before\": \"{}\", \"a\": [1]}}", "x".repeat(bytes));
    let reach = usize::try_from(POINTER_REACH_BYTES_MAX).expect("it is small");
    assert_eq!(pointed("/a", &content(reach - 100)).expect("found"), ["1"]);
    assert_eq!(
        pointed("/a", &content(reach + 100)),
        Err(ReaderError::PointerTooFar {
            pointer: "/a".to_owned(),
            bytes_max: POINTER_REACH_BYTES_MAX
        })
    );
}

#[test]
fn texts_that_are_not_json_are_refused() {
    let cases = [
        ("", "The file is not valid JSON: unexpected end of input."),
        ("[", "The file is not valid JSON: expected value."),
        ("[1", "The file is not valid JSON: unexpected end of input."),
        ("[,", "The file is not valid JSON: expected value."),
        ("[1,]", "The file is not valid JSON: expected value."),
        (
            "[1 2]",
            "The file is not valid JSON: expected `,` or a closing bracket behind an item.",
        ),
        ("[1] 2", "The file is not valid JSON: trailing characters."),
        (
            "[1}",
            "The file is not valid JSON: expected `,` or a closing bracket behind an item.",
        ),
        (
            "[1, {\"a\": }]",
            "Item 1 is not valid JSON: expected value at line 1 column 7.",
        ),
        (
            "[1, [}",
            "Item 1 is not valid JSON: expected value at line 1 column 2.",
        ),
        (
            "[nul]",
            "Item 0 is not valid JSON: expected value at line 1 column 1.",
        ),
        (
            "[\"abc",
            "Item 0 is not valid JSON: unexpected end of input at line 1 column 5.",
        ),
    ];
    for (content, message) in cases {
        let error = items(content).expect_err("it is not JSON");
        assert_eq!(error.to_string(), message, "{content}");
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let error = texts(&Format::JsonLines, &b"1\n\"\xFF\"\n"[..]).expect_err("it is not UTF-8");
    assert_eq!(
        error.to_string(),
        "Item 1 is not valid JSON: invalid UTF-8 at line 1 column 2."
    );
}

#[test]
fn nesting_is_bounded_as_in_any_text() {
    let nested = |depth: usize| format!("[{}{}]", "[".repeat(depth), "]".repeat(depth));
    assert!(items(&nested(DEPTH_MAX)).is_ok());
    assert_eq!(
        items(&nested(DEPTH_MAX + 1)),
        Err(ReaderError::JsonSyntax("nested too deeply"))
    );
    assert_eq!(
        pointed("/a", &format!("{{\"b\":{}", "[".repeat(100_000))),
        Err(ReaderError::JsonSyntax("nested too deeply"))
    );
}

#[test]
fn an_item_is_bounded() {
    let reader = |content: &'static str| {
        let text = Text::open(Box::new(bytes::Bytes::from(content))).expect("it opens");
        JsonItems::new(text, Pointer::default(), 5)
    };
    assert!(reader("[\"abc\"]").next().is_ok());
    let too_large = ReaderError::ItemTooLarge {
        index: 0,
        bytes_max: 5,
    };
    assert_eq!(reader("[\"abcd\"]").next(), Err(too_large.clone()));
    let text = Text::open(Box::new(bytes::Bytes::from("[1,23]\n"))).expect("it opens");
    assert_eq!(JsonLines::new(text, 5).next(), Err(too_large));
}

#[test]
fn a_line_is_an_item() {
    assert_eq!(
        lines("{\"a\": 1}\r\n\n  \n[2]\n\"x\"").expect("it is readable"),
        [r#"{"a":1}"#, "[2]", r#""x""#]
    );
    assert_eq!(lines("").expect("it is readable"), Vec::<String>::new());
    let error = lines("{}\n{\n}\n").expect_err("an item ends with its line");
    assert_eq!(
        error.to_string(),
        "Item 1 is not valid JSON: expected a key at line 1 column 2."
    );
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        "[a\"\\\\\\[\\]{},:\u{1}é]{0,8}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::vec(("[a\"}]{0,3}", inner), 0..4)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn streamed_items_are_those_of_the_whole(values in prop::collection::vec(any_json(), 0..6), pretty in any::<bool>()) {
        let expected: Vec<String> = values.iter().map(|value| Json::from(value.clone()).to_text()).collect();
        let content = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) };
        let content: bytes::Bytes = content.expect("it can be written").into();
        assert_resumable(&Format::Json(Pointer::default()), &content, &expected);
        let jsonl = values.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert_resumable(&Format::JsonLines, &jsonl.into(), &expected);
    }

    #[test]
    fn members_of_an_object_are_items_from_every_place(values in prop::collection::vec(any_json(), 0..5)) {
        let members: Vec<String> = values.iter().enumerate().map(|(number, value)| format!("\"k{number}\":{value}")).collect();
        let content = format!("[{{}}, {{\"x\": {{{}}}}}]", members.join(" ,\n"));
        let format = Format::Json(Pointer::parse("/1/x").expect("a pointer"));
        let expected: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(number, value)| format!("\"k{number}\":{}", Json::from(value.clone()).to_text()))
            .collect();
        assert_resumable(&format, &content.into(), &expected);
    }
}
