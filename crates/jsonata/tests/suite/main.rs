//! The official suite of JSONata's reference implementation, read from where it lies beside the repository:
//! `shared/conformance/jsonata` in the repository's folder's parent, in any folder above, or below `CANTER_SHARED`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use jsonata::{Bounds, Expression, Scope, Value, View};
use serde_json::Value as Json;

/// Name and reason of every case whose answer differs.
const DIFFERENCES: &str = include_str!("differences.txt");

/// 2026-11-25T12:00:00Z.
const NOW: i64 = 1_795_608_000_000;

#[test]
fn the_official_suite() {
    let Some(folder) = folder() else {
        return;
    };
    let expected: BTreeMap<&str, &str> = DIFFERENCES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(": ").expect("a name and a reason"))
        .collect();
    let cases = cases(&folder);
    assert!(cases.len() >= 1686, "{} cases are too few", cases.len());
    let mut surprises = Vec::new();
    for case in &cases {
        let outcome = answer(case);
        match (outcome, expected.contains_key(case.name.as_str())) {
            (Ok(()), false) | (Err(_), true) => {}
            (Ok(()), true) => surprises.push(format!("{} is listed, but agrees", case.name)),
            (Err(difference), false) => {
                surprises.push(format!("{}: {}: {difference}", case.name, case.expression));
            }
        }
    }
    let names: Vec<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    let unknown = expected.keys().filter(|name| !names.contains(name));
    surprises.extend(unknown.map(|name| format!("{name} is listed, but is no case")));
    assert!(
        surprises.is_empty(),
        "{} of {} cases surprise:\n{}",
        surprises.len(),
        cases.len(),
        surprises.join("\n")
    );
}

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("CANTER_SHARED")
        .map(|shared| PathBuf::from(shared).join("conformance/jsonata"));
    let above = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/conformance/jsonata"));
    let found = named
        .into_iter()
        .chain(above)
        .find(|folder| folder.is_dir());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none(),
            "the conformance data are missing"
        );
        eprintln!(
            "skipped: no shared/conformance above {}",
            env!("CARGO_MANIFEST_DIR")
        );
    }
    found
}

struct Case {
    name: String,
    expression: String,
    specification: Json,
    input: Option<Json>,
}

fn cases(folder: &Path) -> Vec<Case> {
    let datasets: BTreeMap<String, Json> = files(&folder.join("datasets"))
        .into_iter()
        .map(|file| (stem(&file), json(&file)))
        .collect();
    let mut cases = Vec::new();
    for group in files(&folder.join("groups")) {
        for file in files(&group) {
            if file.extension().is_none_or(|kind| kind != "json") {
                continue;
            }
            let specifications = match json(&file) {
                Json::Array(specifications) => specifications,
                single => vec![single],
            };
            let many = specifications.len() > 1;
            for (index, specification) in specifications.into_iter().enumerate() {
                let number = if many {
                    format!("#{index}")
                } else {
                    String::new()
                };
                let expression = match specification.get("expr-file") {
                    Some(Json::String(name)) => {
                        fs::read_to_string(group.join(name)).expect("the file is readable")
                    }
                    _ => specification["expr"]
                        .as_str()
                        .expect("a case has an expression")
                        .to_owned(),
                };
                let input = match (specification.get("data"), &specification["dataset"]) {
                    (Some(data), _) => Some(data.clone()),
                    (None, Json::String(name)) => Some(datasets[name].clone()),
                    _ => None,
                };
                cases.push(Case {
                    name: format!("{}/{}{number}", stem(&group), stem(&file)),
                    expression,
                    specification,
                    input,
                });
            }
        }
    }
    cases
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it is readable").path())
        .collect();
    files.sort();
    files
}

fn stem(file: &Path) -> String {
    file.file_stem()
        .expect("files have names")
        .to_string_lossy()
        .into_owned()
}

fn json(file: &Path) -> Json {
    let text = fs::read_to_string(file).expect("the file is readable");
    // A half of a surrogate pair, which is no character.
    let text = text
        .replace("'\\uD800'", "'\\uFFFD'")
        .replace("\"\\uD800\"", "\"\\uFFFD\"");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What differs from what the case wants.
fn answer(case: &Case) -> Result<(), String> {
    let specification = &case.specification;
    let depth = specification["depth"].as_u64().unwrap_or(500);
    let bounds = Bounds {
        depth: usize::try_from(depth).expect("depths are small"),
        steps: 30_000_000,
        // Ten million numbers are counted.
        memory_bytes: 100_000_000,
    };
    let mut bits = 0_u64;
    let random = move || {
        bits = bits.wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits.wrapping_mul(0xBF58_476D_1CE4_E5B9)
    };
    let mut scope = Scope::new(NOW, random, bounds);
    if let Some(input) = &case.input {
        scope.set_input(value(input));
    }
    if let Some(bindings) = specification["bindings"].as_object() {
        for (name, bound) in bindings {
            scope.bind(name.as_str(), value(bound));
        }
    }
    let outcome =
        Expression::parse(&case.expression).and_then(|expression| expression.evaluate(&mut scope));
    let code = specification
        .get("code")
        .or_else(|| specification.get("error").map(|error| &error["code"]));
    match (outcome, code) {
        (Err(error), Some(code)) => {
            let same = match code.as_str() {
                // The suite's own runner stops what runs too long or too deep.
                Some("U1001") => {
                    error.message.contains("timeout") || error.message.contains("Stack overflow")
                }
                code => error.code == code,
            };
            if same {
                Ok(())
            } else {
                Err(format!("{error} for {code}"))
            }
        }
        (Err(error), None) => Err(error.to_string()),
        (Ok(value), Some(code)) => Err(format!("{value:?} for {code}")),
        (Ok(value), None) => {
            let given = value.as_ref().map(shown);
            let wanted = specification.get("result");
            let unordered = specification["unordered"].as_bool() == Some(true);
            let same = match (&given, wanted) {
                (Some(given), Some(wanted)) if unordered => sorted(given) == sorted(wanted),
                (Some(given), Some(wanted)) => equal(given, wanted),
                (given, wanted) => given.is_none() && wanted.is_none(),
            };
            if same {
                Ok(())
            } else {
                Err(format!("{given:?} for {wanted:?}"))
            }
        }
    }
}

fn sorted(value: &Json) -> Vec<String> {
    let mut texts: Vec<String> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(Json::to_string)
        .collect();
    texts.sort();
    texts
}

/// Numbers are doubles, however they are written.
fn equal(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}

fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => Value::Number(number.as_f64().expect("numbers are doubles")),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::array(items.iter().map(value)),
        Json::Object(members) => Value::object(
            members
                .iter()
                .map(|(name, member)| (name.as_str(), value(member))),
        ),
    }
}

fn shown(value: &Value) -> Json {
    match value.view() {
        View::Null => Json::Null,
        View::Bool(value) => Json::from(value),
        View::Integer(number) => Json::from(number),
        View::Double(number) => Json::from(number),
        View::String(text) => Json::from(text.as_ref()),
        View::Array(items) => items.iter().map(shown).collect(),
        View::Object(members) => {
            let members = members
                .iter()
                .map(|(name, member)| (name.to_string(), shown(member)));
            Json::Object(members.collect())
        }
        View::Function => Json::from("function"),
    }
}
