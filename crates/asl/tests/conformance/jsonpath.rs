use std::collections::BTreeMap;
use std::fs;

use asl::{Json, JsonPath};

/// Name and reason of every query whose answer differs.
const DIFFERENCES: &str = include_str!("jsonpath_differences.txt");

#[test]
fn jayways_answers() {
    let Some(folder) = super::folder() else {
        return;
    };
    let text =
        fs::read_to_string(folder.join("jsonpath/jayway.jsonl")).expect("the file is readable");
    let expected: BTreeMap<&str, &str> = DIFFERENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").expect("a name and a reason"))
        .collect();
    let mut surprises = Vec::new();
    let mut differing = 0;
    let mut total = 0;
    for line in text.lines() {
        let case = Json::from_text(line).expect("a case is JSON");
        let name = case
            .get("name")
            .and_then(Json::as_str)
            .expect("a case has a name");
        let answer = answer(&case);
        let wanted = match case.get("result") {
            Some(result) => format!(
                "{result} definite={}",
                case.get("definite").expect("a result says so")
            ),
            None => "error".to_owned(),
        };
        total += 1;
        let same = answer.0 == wanted;
        differing += usize::from(!same);
        match (same, expected.get(name)) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(_)) => surprises.push(format!("{name} is listed, but agrees")),
            (false, None) => surprises.push(format!(
                "{name}: {} in {}: {}, Jayway: {wanted} {}",
                case.get("path").expect("a case has a path"),
                case.get("document").expect("a case has a document"),
                answer.1,
                case.get("error").map(Json::to_text).unwrap_or_default(),
            )),
        }
    }
    assert!(
        surprises.is_empty(),
        "{differing} of {total} differ:\n{}",
        surprises.join("\n")
    );
    assert!(
        differing * 20 <= total,
        "{differing} of {total} differ, more than one in twenty"
    );
}

/// The answer to compare, and the answer to show.
fn answer(case: &Json) -> (String, String) {
    let path = case
        .get("path")
        .and_then(Json::as_str)
        .expect("a case has a path");
    let document = case.get("document").expect("a case has a document");
    let path = match JsonPath::parse_jayway(path) {
        Ok(path) => path,
        Err(error) => return ("error".to_owned(), format!("syntax error: {error}")),
    };
    match path.evaluate_jayway(document) {
        Ok(value) => {
            let answer = format!("{value} definite={}", path.is_definite());
            (answer.clone(), answer)
        }
        Err(error) => ("error".to_owned(), error.to_string()),
    }
}
