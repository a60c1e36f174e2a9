//! Step Functions' functions. Values are AWS's own where the documentation or a recording has them.

use crate::{error, value};

#[test]
fn partition_cuts_arrays_into_pieces() {
    for (text, wanted) in [
        ("$partition([1, 2, 3, 4], 2)", "[[1,2],[3,4]]"),
        (
            "$partition([1, 2, 3, 4, 5, 6, 7, 8, 9], 4)",
            "[[1,2,3,4],[5,6,7,8],[9]]",
        ),
        ("$partition([1, 2], 2.9)", "[[1,2]]"),
        ("$partition([1, 2], 1e300)", "[[1,2]]"),
        ("$partition([], 2)", "[]"),
        ("$partition('a', 2)", r#"[["a"]]"#),
        ("$partition([[1], {'a': 2}], 1)", r#"[[[1]],[{"a":2}]]"#),
        ("$partition(nothing, 2)", "undefined"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
    for text in [
        "$partition([1], 0)",
        "$partition([1], -1)",
        "$partition([1], 0.5)",
    ] {
        assert_eq!(
            error(text).to_string(),
            "Second argument of partition function must evaluate to a positive number"
        );
    }
    assert_eq!(
        error("$partition([1], 'a')").to_string(),
        "T0410: Argument 2 of function \"partition\" does not match function signature"
    );
}

#[test]
fn range_includes_its_end_where_a_step_hits_it() {
    for (text, wanted) in [
        ("$range(0, 6, 2)", "[0,2,4,6]"),
        ("$range(0, 9, 3)", "[0,3,6,9]"),
        ("$range(0, 10, 3)", "[0,3,6,9]"),
        ("$range(5, 1, -2)", "[5,3,1]"),
        ("$range(1.9, 3.9, 1.9)", "[1,2,3]"),
        ("$range(1, 1, 1)", "1"),
        ("$range(1, 0, 1)", "undefined"),
        ("$range(-1, 1, 1)", "[-1,0,1]"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
    assert_eq!(
        error("$range(1, 5, 0)").to_string(),
        "Third argument of range function must evaluate to a number other than zero"
    );
    assert_eq!(value("$count($range(1, 360145, 1))"), "360145");
    assert_eq!(
        error("$range(1, 360146, 1)").message,
        "Expression evaluation memory limit exceeded: Check for excessive memory usage"
    );
}

#[test]
fn hash_knows_five_algorithms() {
    for (text, wanted) in [
        (
            "$hash('input', 'SHA-1')",
            "140f86aae51ab9e1cda9b4254fe98a74eb54c1a1",
        ),
        ("$hash('', 'MD5')", "d41d8cd98f00b204e9800998ecf8427e"),
        (
            "$hash('abc', 'SHA-256')",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "$hash('abc', 'SHA-384')",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            "$substring($hash('abc', 'SHA-512'), 0, 32)",
            "ddaf35a193617abacc417349ae204131",
        ),
        ("$hash('é', 'MD5')", "66ddcd97cfdeabb2f6fb8a999b4bc76f"),
    ] {
        assert_eq!(value(text), format!("\"{wanted}\""), "{text}");
    }
    for algorithm in ["sha-1", "SHA1", "SHA-224", ""] {
        assert_eq!(
            error(&format!("$hash('a', '{algorithm}')")).to_string(),
            "Second argument of hash function must be one of MD5, SHA-1, SHA-256, SHA-384 and SHA-512"
        );
    }
}

/// As `new java.util.Random(seed).nextDouble()` gives them.
#[test]
fn a_seed_makes_random_javas() {
    for (seed, wanted) in [
        ("42", "0.7275636800328681"),
        ("0", "0.730967787376657"),
        ("-1", "0.26894263088050496"),
        ("42.9", "0.7275636800328681"),
    ] {
        assert_eq!(value(&format!("$random({seed})")), wanted);
    }
}

#[test]
fn uuids_are_of_version_4() {
    let wanted = "/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/";
    assert_eq!(value(&format!("$contains($uuid(), {wanted})")), "true");
    assert_eq!(value("$uuid() = $uuid()"), "false");
}

#[test]
fn parse_reads_json() {
    for (text, wanted) in [
        (
            r#"$parse('{"a": [1, 2.5, null, true, "x"]}')"#,
            r#"{"a":[1,2.5,null,true,"x"]}"#,
        ),
        ("$parse('[1]')", "[1]"),
        ("$parse('-0')", "0"),
        ("$parse(' 1e2 ')", "100"),
        ("$parse('null')", "null"),
        ("$parse(nothing)", "undefined"),
        ("$parse('{\"a\": 1, \"a\": 2}')", "{\"a\":2}"),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
    for (text, at) in [("", 0), ("{", 1), ("[1,]", 3), ("1 2", 2), ("NaN", 0)] {
        assert_eq!(
            error(&format!("$parse('{text}')")).to_string(),
            format!("Invalid JSON passed to parse function at position {at}")
        );
    }
}
