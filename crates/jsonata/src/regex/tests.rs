use super::*;
use crate::bounds::Bounds;

fn meter() -> Meter {
    Meter::new(Bounds::default())
}

fn flags(letters: &str) -> Flags {
    Flags {
        ignore_case: letters.contains('i'),
        multiline: letters.contains('m'),
        dot_all: letters.contains('s'),
    }
}

/// The first match and its groups, as texts.
fn found<'a>(pattern: &str, letters: &str, text: &'a str) -> Option<Vec<Option<&'a str>>> {
    let regex = Regex::new(pattern, flags(letters)).expect("the pattern is one");
    let captures = regex
        .find(text, 0, &mut meter())
        .expect("it ends in time")?;
    let (start, end) = captures.whole();
    let mut texts = vec![Some(&text[start..end])];
    texts.extend(
        captures
            .groups()
            .iter()
            .map(|group| group.map(|(start, end)| &text[start..end])),
    );
    Some(texts)
}

/// Each as node 20 answers.
#[test]
fn matches_are_javascripts() {
    type Groups = [Option<&'static str>];
    let cases: &[(&str, &str, &str, Option<&Groups>)] = &[
        ("a+b", "", "xaab", Some(&[Some("aab")])),
        ("a{2,3}", "", "aaaa", Some(&[Some("aaa")])),
        ("a{2,3}?", "", "aaaa", Some(&[Some("aa")])),
        ("a{,3}", "", "a{,3}", Some(&[Some("a{,3}")])),
        ("x*", "", "aaa", Some(&[Some("")])),
        ("(a*)*", "", "b", Some(&[Some(""), None])),
        (
            "(z)((a+)?(b+)?(c))*",
            "",
            "zaacbbbcac",
            Some(&[
                Some("zaacbbbcac"),
                Some("z"),
                Some("ac"),
                Some("a"),
                None,
                Some("c"),
            ]),
        ),
        (
            "(?=(a+))a*b\\1",
            "",
            "baaabac",
            Some(&[Some("aba"), Some("a")]),
        ),
        (
            "(.*?)a(?!(a+)b\\2c)\\2(.*)",
            "",
            "baaabaac",
            Some(&[Some("baaabaac"), Some("ba"), None, Some("abaac")]),
        ),
        (
            "(?<=\\$)\\d+(\\.\\d*)?",
            "",
            "$10.53",
            Some(&[Some("10.53"), Some(".53")]),
        ),
        ("(?<!\\$)\\b\\d+", "", "$10 20", Some(&[Some("20")])),
        (
            "(?<=(\\d+)(\\d+))$",
            "",
            "1053",
            Some(&[Some(""), Some("1"), Some("053")]),
        ),
        ("(?<=\\1(a))b", "", "aab", Some(&[Some("b"), Some("a")])),
        (
            "(?<y>\\d{4})-(?<m>\\d\\d)",
            "",
            "on 2020-12",
            Some(&[Some("2020-12"), Some("2020"), Some("12")]),
        ),
        (
            "(?<q>['\"]).*?\\k<q>",
            "",
            "say 'it\"s'!",
            Some(&[Some("'it\"s'"), Some("'")]),
        ),
        ("\\k", "", "k", Some(&[Some("k")])),
        ("(a)|b", "", "b", Some(&[Some("b"), None])),
        (
            "(?:(a)|(b))+",
            "",
            "ab",
            Some(&[Some("ab"), None, Some("b")]),
        ),
        (
            "\\2(a)(b)?",
            "",
            "ab",
            Some(&[Some("ab"), Some("a"), Some("b")]),
        ),
        ("[^]", "", "\n", Some(&[Some("\n")])),
        ("[]", "", "a", None),
        (".", "", "\n\u{2028}x", Some(&[Some("x")])),
        ("^b", "", "a\nb", None),
        ("^b", "m", "a\nb", Some(&[Some("b")])),
        ("a$", "m", "a\r\nb", Some(&[Some("a")])),
        ("\\bfoo\\b", "", "afoo foo", Some(&[Some("foo")])),
        ("\\Boo", "", "oo foo", Some(&[Some("oo")])),
        ("HELLO", "i", "say hello", Some(&[Some("hello")])),
        ("[a-z]+", "i", "ABc1", Some(&[Some("ABc")])),
        ("[^a]", "i", "A", None),
        ("[ς]", "i", "σ", Some(&[Some("σ")])),
        ("[\\W]", "i", "k", None),
        ("ß", "i", "SS", None),
        ("é", "i", "É", Some(&[Some("É")])),
        ("\u{212a}", "i", "k", None),
        ("(a)\\1", "i", "aA", Some(&[Some("aA"), Some("a")])),
        ("[\\w-]+", "", "!a-b_1", Some(&[Some("a-b_1")])),
        ("[\\w-z]+", "", "-", Some(&[Some("-")])),
        ("[\\b]", "", "\u{8}", Some(&[Some("\u{8}")])),
        (
            "\\x41\\u0042\\u{3}\\cA\\0",
            "",
            "ABuuu\u{1}\0",
            Some(&[Some("ABuuu\u{1}\0")]),
        ),
        ("\\ud83d\\ude00", "", "😀", Some(&[Some("😀")])),
        ("\\101\\8", "", "A8", Some(&[Some("A8")])),
        ("a]}{", "", "a]}{", Some(&[Some("a]}{")])),
        ("(?:a|ab)(?:c|bcd)(?:d*)", "", "abcd", Some(&[Some("abcd")])),
        ("a.*?c", "", "abcabc", Some(&[Some("abc")])),
        ("(?:x|(?=y))*z", "", "xxz", Some(&[Some("xxz")])),
        ("(?=a)*b", "", "b", Some(&[Some("b")])),
        (
            "(\\d{1,3})(?=(\\d{3})+$)",
            "",
            "1234567",
            Some(&[Some("1"), Some("1"), Some("567")]),
        ),
        (
            "\\s\\S\\d\\D\\w\\W",
            "",
            "\u{3000}x1yz-",
            Some(&[Some("\u{3000}x1yz-")]),
        ),
        ("é+|(?<=é)a", "", "aéa", Some(&[Some("é")])),
        (
            "(?:(?:ab){2}){2}",
            "",
            "abababab",
            Some(&[Some("abababab")]),
        ),
        ("(?:a?){3}b", "", "aab", Some(&[Some("aab")])),
        ("(?:a?)*?$", "", "a", Some(&[Some("a")])),
    ];
    for (pattern, letters, text, expected) in cases {
        let expected = expected.map(<[_]>::to_vec);
        assert_eq!(
            found(pattern, letters, text),
            expected,
            "/{pattern}/{letters} on {text:?}"
        );
    }
}

#[test]
fn what_is_no_pattern_is_refused_in_v8s_words() {
    for (pattern, reason) in [
        ("(", "Unterminated group"),
        (")", "Unmatched ')'"),
        ("[a", "Unterminated character class"),
        ("[b-a]", "Range out of order in character class"),
        ("*", "Nothing to repeat"),
        ("a**", "Nothing to repeat"),
        ("{1}", "Nothing to repeat"),
        ("^*", "Nothing to repeat"),
        ("(?<=a)*", "Invalid quantifier"),
        ("a{2,1}", "numbers out of order in {} quantifier"),
        ("\\", "\\ at end of pattern"),
        ("(?a)", "Invalid group"),
        ("(?<1>a)", "Invalid capture group name"),
        ("(?<a>)(?<a>)", "Duplicate capture group name"),
        ("(?<a>)\\k", "Invalid named reference"),
        ("(?<a>)\\k<b>", "Invalid named capture referenced"),
    ] {
        assert_eq!(
            Regex::new(pattern, Flags::default()).err(),
            Some(format!(
                "Invalid regular expression: /{pattern}/g: {reason}"
            ))
        );
    }
    let deep = "(".repeat(10_000);
    assert!(Regex::new(&deep, Flags::default()).is_err());
}

#[test]
fn a_search_goes_on_where_it_is_told() {
    let regex = Regex::new("a", Flags::default()).expect("it is one");
    let at = |from| {
        regex
            .find("éaba", from, &mut meter())
            .expect("it ends in time")
            .map(|captures| captures.whole())
    };
    assert_eq!(at(0), Some((2, 3)));
    assert_eq!(at(3), Some((4, 5)));
    assert_eq!(at(5), None);
}

/// Each of these takes exponential or quadratic time when it is let.
#[test]
fn patterns_that_explode_are_stopped() {
    let long = format!("{}!", "a".repeat(50_000));
    for pattern in [
        "^(a+)+$",
        "^(a|a)*$",
        "^(a|aa)+$",
        "(a*)*b",
        "(?:a*?)*?b",
        "a*a*a*a*a*a*b",
        "(?=(a+))\\1*b",
        "(?<=a+)b",
        "((a?){500}){500}b",
        ".*.*.*x",
    ] {
        let regex = Regex::new(pattern, Flags::default()).expect("it is one");
        let error = regex
            .find(&long, 0, &mut meter())
            .expect_err("it would take for ever");
        assert!(
            error.message.contains("timeout") || error.message.contains("memory"),
            "/{pattern}/: {error:?}"
        );
    }
}

#[test]
fn honest_patterns_get_through_the_largest_payload() {
    let text = format!("{} end", "word 123, ".repeat(26_000));
    for pattern in ["end$", "(?:[a-z]+|\\d+|[ ,])*end", "\\bend\\b", "e(?=nd)"] {
        let regex = Regex::new(pattern, Flags::default()).expect("it is one");
        let captures = regex.find(&text, 0, &mut meter()).expect("it ends in time");
        assert!(captures.is_some(), "/{pattern}/");
    }
}

#[test]
fn a_whole_match_leaves_nothing_over() {
    let is = |pattern: &str, letters: &str, text: &str| {
        let regex = Regex::whole(pattern, flags(letters)).expect("the pattern is one");
        regex.is_match(text, &mut 1000)
    };
    for (pattern, letters, text, expected) in [
        ("a|ab", "", "ab", true),
        ("a", "", "ab", false),
        ("b", "", "ab", false),
        ("B.*", "i", "bcd", true),
        ("a.b", "", "a\nb", false),
        ("a.b", "s", "a\nb", true),
        ("a", "m", "a\nb", false),
        ("^a$\\n^b$", "m", "a\nb", true),
    ] {
        assert_eq!(
            is(pattern, letters, text),
            Some(expected),
            "{pattern} {text}"
        );
    }
    assert!(Regex::whole("a)(b", Flags::default()).is_err());
    assert_eq!(is("(x{0,200}){0,200}y", "", &"x".repeat(100_000)), None);
}
