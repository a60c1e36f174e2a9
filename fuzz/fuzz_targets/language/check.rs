// What any text must do with the readers of the language; the fuzz targets and the test of their seeds share it.

use std::cell::RefCell;

use asl::{
    Data, Entropy, Json, JsonPath, JsonataData, MachineType, Payload, Place, ReferencePath,
    Severity, Template, create_error_message,
};

/// A text is a definition or not, and what is said of it fits what is given.
pub(crate) fn definition(text: &str) {
    for machine_type in [MachineType::Standard, MachineType::Express] {
        let parsed = asl::parse_as(text, machine_type);
        let errors = parsed
            .diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error);
        assert_eq!(parsed.machine.is_none(), errors, "{text}");
        assert!(create_error_message(&parsed.diagnostics).starts_with("Invalid"));
        if let Some(machine) = parsed.machine {
            let again = asl::parse_accepted(text).expect("it was accepted");
            assert_eq!(machine.scopes.len(), again.scopes.len(), "{text}");
        }
    }
}

/// A path on the first line and a document behind it: what the path gives is part of the document or computed, and a
/// place that a reference path sets is there.
pub(crate) fn jsonpath(text: &str) {
    let (path, document) = text.split_once('\n').unwrap_or((text, "null"));
    let Ok(document) = Json::from_text(document) else {
        return;
    };
    if let Ok(path) = JsonPath::parse(path) {
        let _ = path.evaluate_jayway(&document);
        let _ = evaluate(&document, |data| path.evaluate(data).is_ok());
    }
    if let Ok(place) = ReferencePath::parse(path)
        && let Ok(changed) = place.set(&document, Json::from("set"))
    {
        let found =
            JsonPath::parse(path).map(|path| evaluate(&changed, |data| path.evaluate(data).ok()));
        assert!(found.is_ok_and(|value| value.is_some()), "{text}");
    }
}

/// A template on the first line and its input behind it, with paths and intrinsic functions: what it gives can be
/// written and read again.
pub(crate) fn template(text: &str) {
    let (template, input) = text.split_once('\n').unwrap_or((text, "null"));
    let (Ok(template), Ok(input)) = (Json::from_text(template), Json::from_text(input)) else {
        return;
    };
    let Ok(template) = Template::parse(&template) else {
        return;
    };
    let value = evaluate(&input, |data| {
        template.evaluate(data, Place::Field("Parameters"))
    });
    if let Ok(value) = value {
        assert_eq!(
            Json::from_text(&value.to_text()).as_ref(),
            Ok(&value),
            "{text}"
        );
    }
}

fn evaluate<T>(input: &Json, what: impl FnOnce(&Data<'_>) -> T) -> T {
    let entropy = RefCell::new(Entropy::new([7; 16]));
    let context = || Json::object([("Execution", Json::object([("Name", Json::from("n"))]))]);
    let variables = |name: &str| (name == "v").then(|| Payload::new(input.clone()));
    what(&Data {
        input,
        context: &context,
        variables: &variables,
        entropy: &entropy,
        allowance: &asl::Allowance::default(),
        jsonata: JsonataData::default(),
    })
}
