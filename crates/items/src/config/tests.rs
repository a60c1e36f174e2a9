use super::*;

fn parse(call: Call, config: &str) -> Result<Dataset, ReaderError> {
    let config = Json::from_text(config).expect("JSON");
    ReaderConfig::parse(call, Some(&config)).map(|config| config.dataset)
}

fn csv(delimiter: u8, headers: CsvHeaders) -> Format {
    Format::Csv(CsvConfig { delimiter, headers })
}

#[test]
fn what_is_read_follows_from_call_and_fields() {
    let object = |config: &str| parse(Call::GetObject, config).expect("it is valid");
    let listing = |config: &str| parse(Call::ListObjectsV2, config).expect("it is valid");
    assert_eq!(
        object(r#"{"InputType": "CSV"}"#),
        Dataset::Object(csv(b',', CsvHeaders::FirstRow))
    );
    assert_eq!(
        object(
            r#"{"InputType": "CSV", "CSVDelimiter": "TAB", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["a"]}"#
        ),
        Dataset::Object(csv(b'\t', CsvHeaders::Given(vec!["a".to_owned()])))
    );
    let pointer = Pointer::parse("/a").expect("a pointer");
    assert_eq!(
        object(r#"{"InputType": "JSON", "ItemsPointer": "/a"}"#),
        Dataset::Object(Format::Json(pointer))
    );
    assert_eq!(
        object(r#"{"InputType": "PARQUET"}"#),
        Dataset::Object(Format::Parquet)
    );
    let inventory = Dataset::Inventory {
        delimiter: b',',
        headers: None,
    };
    assert_eq!(object(r#"{"InputType": "MANIFEST"}"#), inventory);
    assert_eq!(object(r#"{"ManifestType": "S3_INVENTORY"}"#), inventory);
    assert_eq!(
        object(r#"{"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}"#),
        Dataset::Athena(Format::JsonLines)
    );
    assert_eq!(listing("{}"), Dataset::Listing);
    assert_eq!(
        listing(r#"{"InputType": "JSONL", "Transformation": "LOAD_AND_FLATTEN"}"#),
        Dataset::Listed(Format::JsonLines)
    );
    assert_eq!(
        ReaderConfig::parse(Call::ListObjectsV2, None).map(|config| config.dataset),
        Ok(Dataset::Listing)
    );
}

#[test]
fn what_is_missing_or_does_not_go_together_is_named() {
    let cases = [
        (Call::GetObject, "{}", "field InputType is required"),
        (
            Call::GetObject,
            r#"{"InputType": "XML"}"#,
            "field InputType has no value XML",
        ),
        (
            Call::GetObject,
            r#"{"InputType": 1}"#,
            "field InputType must be a string",
        ),
        (
            Call::GetObject,
            r#"{"InputType": "CSV", "CSVDelimiter": ";"}"#,
            "field CSVDelimiter has no value ;",
        ),
        (
            Call::GetObject,
            r#"{"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}"#,
            "field CSVHeaders is required",
        ),
        (
            Call::GetObject,
            r#"{"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": [1]}"#,
            "field CSVHeaders must have strings only",
        ),
        (
            Call::GetObject,
            r#"{"InputType": "JSON", "ItemsPointer": "a"}"#,
            "field ItemsPointer must be a JSON Pointer, but was a",
        ),
        (
            Call::GetObject,
            r#"{"InputType": "JSON", "ManifestType": "ATHENA_DATA"}"#,
            "ManifestType ATHENA_DATA does not go with InputType JSON",
        ),
        (
            Call::ListObjectsV2,
            r#"{"Transformation": "LOAD_AND_FLATTEN"}"#,
            "field InputType is required",
        ),
        (
            Call::ListObjectsV2,
            r#"{"Transformation": "ALL"}"#,
            "field Transformation has no value ALL",
        ),
    ];
    for (call, config, message) in cases {
        assert_eq!(
            parse(call, config)
                .expect_err("it is not valid")
                .to_string(),
            message,
            "{config}"
        );
    }
}

#[test]
fn limits_are_numbers_or_texts_of_digits() {
    let items =
        |value: Json| limit("MaxItems", &value, ITEMS_MAX).map_err(|error| error.to_string());
    assert_eq!(items(Json::from(0_u64)), Ok(None));
    assert_eq!(items(Json::from(ITEMS_MAX)), Ok(Some(ITEMS_MAX)));
    assert_eq!(items(Json::from("2")), Ok(Some(2)));
    assert_eq!(
        items(Json::from(-1_i64)),
        Err("field MaxItems must be positive".to_owned())
    );
    assert_eq!(
        items(Json::from(ITEMS_MAX + 1)),
        Err("field MaxItems must not exceed 100000000".to_owned())
    );
    for other in [
        Json::Null,
        Json::from("two"),
        Json::from_text("1.5").expect("JSON"),
    ] {
        assert_eq!(
            items(other),
            Err("field MaxItems must be an integer".to_owned())
        );
    }
}
