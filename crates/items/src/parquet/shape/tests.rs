use super::*;

/// `name`, repetition (`?` optional, `*` repeated), children or a physical type.
fn element(name: &str, repetition: i64, children: u64, meaning: Meaning) -> Element {
    Element {
        name: name.to_owned(),
        physical: (children == 0).then_some(1),
        length: 0,
        repetition,
        children,
        meaning,
    }
}

fn plain(name: &str, repetition: i64, children: u64) -> Element {
    element(name, repetition, children, Meaning::Plain)
}

fn list(name: &str) -> Element {
    element(name, 1, 1, Meaning::List)
}

/// A short form: `x` a value, `{}` a structure, `?` optional, `[]` repeated, each with its definition level.
fn form(shape: &Shape) -> String {
    match shape {
        Shape::Value(column) => column.to_string(),
        Shape::Struct(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, shape)| format!("{name}:{}", form(shape)))
                .collect();
            format!("{{{}}}", fields.join(" "))
        }
        Shape::Optional {
            definition, inner, ..
        } => format!("{definition}?{}", form(inner)),
        Shape::Repeated {
            definition,
            repetition,
            element,
            map,
            ..
        } => {
            let kind = if *map { "map" } else { "" };
            format!("{definition},{repetition}{kind}[{}]", form(element))
        }
    }
}

fn form_of(elements: Vec<Element>) -> Result<String, crate::ReaderError> {
    let mut schema = vec![plain("root", 0, elements.len() as u64)];
    let mut children = 0;
    for element in &elements {
        children += element.children;
    }
    schema[0].children -= children;
    schema.extend(elements);
    shape(&schema).map(|(shape, _)| form(&shape))
}

/// The examples of the format's "LogicalTypes", "Lists".
#[test]
fn lists_of_every_writer_are_lists() {
    let cases = [
        (
            vec![list("l"), plain("list", 2, 1), plain("element", 1, 0)],
            "{l:1?2,1[3?0]}",
        ),
        (vec![list("l"), plain("element", 2, 0)], "{l:1?2,1[0]}"),
        (
            vec![
                list("l"),
                plain("element", 2, 2),
                plain("a", 0, 0),
                plain("b", 0, 0),
            ],
            "{l:1?2,1[{a:0 b:1}]}",
        ),
        (
            vec![list("l"), plain("array", 2, 1), plain("a", 0, 0)],
            "{l:1?2,1[{a:0}]}",
        ),
        (
            vec![list("l"), plain("l_tuple", 2, 1), plain("a", 0, 0)],
            "{l:1?2,1[{a:0}]}",
        ),
        (
            vec![list("l"), plain("bag", 2, 1), plain("a", 2, 0)],
            "{l:1?2,1[{a:3,2[0]}]}",
        ),
        (vec![plain("l", 2, 0)], "{l:1,1[0]}"),
        (
            vec![list("l"), list("list"), plain("element", 0, 0)],
            "{l:1?{list:2?{element:0}}}",
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(form_of(schema).expect("it is a schema"), expected);
    }
}

#[test]
fn maps_have_keys_and_values() {
    let map = || element("m", 1, 1, Meaning::Map);
    let entry = |children| plain("key_value", 2, children);
    assert_eq!(
        form_of(vec![
            map(),
            entry(2),
            plain("key", 0, 0),
            plain("value", 1, 0)
        ])
        .expect("it is a schema"),
        "{m:1?2,1map[{key:0 value:3?1}]}"
    );
    assert_eq!(
        form_of(vec![map(), entry(1), plain("key", 0, 0)]).expect("it is a schema"),
        "{m:1?2,1[{key:0}]}"
    );
}

#[test]
fn schemas_that_are_no_trees_are_refused() {
    let deep = (0..=DEPTH_MAX)
        .map(|_| plain("a", 1, 1))
        .chain([plain("b", 0, 0)]);
    for schema in [
        vec![],
        vec![plain("a", 0, 1)],
        vec![plain("a", 3, 0)],
        vec![element("a", 0, u64::MAX / 2, Meaning::Plain)],
        deep.collect(),
    ] {
        let mut whole = vec![plain("root", 0, u64::from(!schema.is_empty()))];
        whole.extend(schema);
        assert!(shape(&whole).is_err(), "{whole:?}");
    }
    assert!(shape(&[]).is_err());
    assert!(shape(&[plain("root", 0, 1), plain("a", 0, 0), plain("b", 0, 0)]).is_err());
}
