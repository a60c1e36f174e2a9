use super::*;
use crate::Format;
use crate::testing::{assert_resumable, texts};
use proptest::prelude::*;

fn first_row_of(delimiter: u8) -> Format {
    Format::Csv(CsvConfig {
        delimiter,
        headers: CsvHeaders::FirstRow,
    })
}

fn given(headers: &[&str]) -> Format {
    Format::Csv(CsvConfig {
        delimiter: b',',
        headers: CsvHeaders::Given(headers.iter().map(|header| (*header).to_owned()).collect()),
    })
}

fn rows(content: &str) -> Vec<String> {
    texts(&given(&["a", "b"]), content.to_owned()).expect("it is readable")
}

#[test]
fn fields_are_cut_at_delimiters_and_stay_texts() {
    assert_eq!(
        rows("1,true\nnull, x \n"),
        [r#"{"a":"1","b":"true"}"#, r#"{"a":"null","b":" x "}"#]
    );
}

#[test]
fn missing_fields_are_empty_and_extra_ones_are_dropped() {
    assert_eq!(
        rows("1\n1,2,3,4\n,"),
        [
            r#"{"a":"1","b":""}"#,
            r#"{"a":"1","b":"2"}"#,
            r#"{"a":"","b":""}"#
        ]
    );
}

#[test]
fn the_last_line_needs_no_break_and_empty_lines_are_no_rows() {
    assert_eq!(
        rows("\n1,2\r\n\r\n\n3,4"),
        [r#"{"a":"1","b":"2"}"#, r#"{"a":"3","b":"4"}"#]
    );
    assert_eq!(rows(""), Vec::<String>::new());
    assert_eq!(rows("\r\n"), Vec::<String>::new());
}

#[test]
fn quotes_keep_delimiters_and_line_breaks() {
    assert_eq!(
        rows("\"x,y\",\"line\r\nbreak\"\n\"\",\"a\"\"b\"\n"),
        [
            r#"{"a":"x,y","b":"line\r\nbreak"}"#,
            r#"{"a":"","b":"a\"b"}"#
        ]
    );
}

/// The developer guide's example, "How Step Functions parses input CSV files".
#[test]
fn the_guides_example_is_read_as_it_says() {
    let headers = ["MyLetters", "MyNumbers", "MyString", "MyObject", "MyArray"];
    let content = "abc,123,\"This string contains commas, a double quotation marks (\"\"), and a newline (\n)\",\
                   {\"\"MyKey\"\":\"\"MyValue\"\"},\"[1,2,3]\"";
    let expected = r#"{"MyNumbers":"123","MyObject":"{\"MyKey\":\"MyValue\"}","MyString":"This string contains commas, a double quotation marks (\"), and a newline (\n)","MyLetters":"abc","MyArray":"[1,2,3]"}"#;
    assert_eq!(
        texts(&given(&headers), content).expect("it is readable"),
        [expected]
    );
}

#[test]
fn backslashes_escape_and_vanish() {
    assert_eq!(
        rows(r"C:\\Program Files\\x,a\,b"),
        [r#"{"a":"C:\\Program Files\\x","b":"a,b"}"#]
    );
    assert_eq!(rows(r#"\n\",x\"#), [r#"{"a":"n\"","b":"x"}"#]);
    assert_eq!(rows("\"a\\\"\nb\",c"), [r#"{"a":"a\"\nb","b":"c"}"#]);
    assert_eq!(
        rows("a\\\nb"),
        [r#"{"a":"a","b":""}"#, r#"{"a":"b","b":""}"#]
    );
}

#[test]
fn a_quote_inside_a_field_is_a_character() {
    assert_eq!(
        rows("5\" pipe,x\n'q',\"z\"z"),
        [r#"{"a":"5\" pipe","b":"x"}"#, r#"{"a":"'q'","b":"zz"}"#]
    );
}

#[test]
fn quotes_that_are_not_closed_reach_to_the_end() {
    assert_eq!(rows("1,\"2\n3"), [r#"{"a":"1","b":"2\n3"}"#]);
}

#[test]
fn every_delimiter_works() {
    for delimiter in [b',', b'|', b';', b' ', b'\t'] {
        let content = "k,v\n\"a,b\",c\n".replace(',', &char::from(delimiter).to_string());
        let expected = Json::object([
            ("v", Json::from("c")),
            ("k", format!("a{}b", char::from(delimiter)).into()),
        ]);
        assert_eq!(
            texts(&first_row_of(delimiter), content).expect("it is readable"),
            [expected.to_text()]
        );
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_header() {
    assert_eq!(
        texts(&first_row_of(b','), "\u{FEFF}k\nv\n").expect("it is readable"),
        [r#"{"k":"v"}"#]
    );
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    assert_eq!(
        texts(&first_row_of(b','), &b"k\n\xFF\n\"\xFE\"\n"[..]).expect("it is readable"),
        ["{\"k\":\"\u{FFFD}\"}", "{\"k\":\"\u{FFFD}\"}"]
    );
}

#[test]
fn headers_that_repeat_are_refused() {
    let refused = Err(ReaderError::DuplicateHeaders);
    assert_eq!(texts(&given(&["a", "b", "a"]), "1,2,3"), refused);
    assert_eq!(texts(&first_row_of(b','), "a,,\n1,2,3"), refused);
}

#[test]
fn headers_are_bounded() {
    let refused = Err(ReaderError::HeadersTooLarge(HEADERS_BYTES_MAX));
    let fits = "h".repeat(HEADERS_BYTES_MAX);
    assert!(texts(&first_row_of(b','), format!("{fits}\nv")).is_ok());
    assert_eq!(texts(&first_row_of(b','), format!("{fits}h\nv")), refused);
    assert_eq!(texts(&first_row_of(b','), format!("{fits}h")), refused);
    assert_eq!(texts(&given(&[&format!("{fits}h")]), "v"), refused);
}

#[test]
fn a_row_is_bounded() {
    let open = |content: String| {
        let text = Text::open(Box::new(bytes::Bytes::from(content))).expect("it opens");
        let config = CsvConfig {
            delimiter: b',',
            headers: CsvHeaders::Given(vec!["k".to_owned()]),
        };
        Csv::open(text, &config, 10).expect("it opens")
    };
    let mut fits = open(format!("v\n{}\n", "x".repeat(10)));
    assert!(fits.next().is_ok_and(|row| row.is_some()));
    assert!(fits.next().is_ok_and(|row| row.is_some()));
    for long in ["x".repeat(11), format!("\"{}", "\n".repeat(3_000_000))] {
        let mut csv = open(format!("v\n{long}"));
        assert!(csv.next().is_ok_and(|row| row.is_some()));
        let error = csv.next().expect_err("it is too long");
        assert_eq!(
            error,
            ReaderError::ItemTooLarge {
                index: 1,
                bytes_max: 10
            }
        );
    }
}

/// The orders are those that a Java virtual machine gave for a `HashMap` with these keys.
#[test]
fn headers_have_the_order_of_a_java_map() {
    let order = |headers: Vec<String>| {
        let columns = columns(headers).expect("they differ");
        columns
            .iter()
            .map(|column| column.name.to_string())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let numbered = |count: u32| order((0..count).map(|number| format!("c{number}")).collect());
    assert_eq!(numbered(12), "c3 c4 c5 c11 c6 c10 c7 c8 c9 c0 c1 c2");
    assert_eq!(numbered(13), "c11 c10 c12 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9");
    assert_eq!(
        numbered(40),
        "c31 c30 c11 c33 c10 c32 c13 c35 c12 c34 c15 c37 c14 c36 c17 c39 c16 c38 c19 c18 c20 c22 c21 c24 c23 c26 c25 \
         c28 c27 c29 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9"
    );
    let words = ["é", "日本", "😀", "Name", "value"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(order(words), "😀 é 日本 value Name");
}

fn quote(field: &str) -> String {
    format!("\"{}\"", field.replace('\\', "\\\\").replace('"', "\"\""))
}

fn escape(field: &str) -> String {
    field
        .chars()
        .flat_map(|c| {
            ['\\', c]
                .into_iter()
                .skip(usize::from(!matches!(c, '\\' | '"' | ',')))
        })
        .collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        table in prop::collection::vec(prop::collection::vec(("[a,\"\\\\\n\r é]{0,6}", any::<bool>()), 3), 0..8),
        line_break in prop::sample::select(vec!["\n", "\r\n"]),
    ) {
        let mut content = String::from("x,y,z") + line_break;
        let mut expected = Vec::new();
        for row in &table {
            let fields: Vec<String> = row
                .iter()
                .map(|(field, quoted)| {
                    if *quoted || field.is_empty() || field.contains(['\n', '\r']) { quote(field) } else { escape(field) }
                })
                .collect();
            content += &(fields.join(",") + line_break);
            expected.push(Json::object(["x", "y", "z"].into_iter().zip(row.iter().map(|(field, _)| Json::from(field.as_str())))).to_text());
        }
        prop_assert_eq!(&texts(&first_row_of(b','), content.clone()).expect("it is readable"), &expected);
        assert_resumable(&first_row_of(b','), &content.into(), &expected);
    }
}
