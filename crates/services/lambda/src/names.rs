//! Which function a name, a partial ARN or an ARN means.
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_RequestParameters>

use aws::{ApiError, Arn, Caller};

use crate::error;

/// The version that an unpublished function is.
pub(crate) const LATEST: &str = "$LATEST";

const PATTERN: &str = r"Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

/// A function, and the version or alias of it that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionRef {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// `$LATEST`, a version's number or an alias's name.
    pub(crate) qualifier: Option<String>,
}

impl FunctionRef {
    /// Reads a `FunctionName` member, with a `Qualifier` member beside it or not.
    pub(crate) fn parse(
        given: &str,
        qualifier: Option<&str>,
        caller: &Caller,
    ) -> Result<Self, ApiError> {
        let invalid = || error::constraint(given, "functionName", PATTERN);
        let mut parts = given.split(':').peekable();
        if parts.peek() == Some(&"arn") {
            parts.next();
            let partition = parts.next().ok_or_else(invalid)?;
            if !partition.starts_with("aws") || parts.next() != Some("lambda") {
                return Err(invalid());
            }
        }
        let rest: Vec<&str> = parts.collect();
        let mut rest = rest.as_slice();
        let mut region = None;
        if let [first, _, ..] = rest
            && is_region(first)
        {
            region = Some((*first).to_owned());
            rest = &rest[1..];
        }
        let mut account = None;
        if let [first, _, ..] = rest
            && first.len() == 12
            && first.bytes().all(|byte| byte.is_ascii_digit())
        {
            account = Some((*first).to_owned());
            rest = &rest[1..];
        }
        if let ["function", _, ..] = rest {
            rest = &rest[1..];
        }
        let (name, own_qualifier) = match rest {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return Err(invalid()),
        };
        if !is_name(name)
            || name.len() > 64
            || own_qualifier.is_some_and(|text| !is_qualifier(text))
        {
            return Err(invalid());
        }
        if let Some(region) = &region
            && **region != *caller.region
        {
            return Err(error::not_found(format!(
                "Functions from '{region}' are not reachable in this region ('{}')",
                caller.region
            )));
        }
        let qualifier = match (own_qualifier, qualifier.filter(|text| !text.is_empty())) {
            (Some(own), Some(other)) if own != other => {
                return Err(error::invalid_parameter(
                    "The derived qualifier from the function name does not match the specified qualifier.",
                ));
            }
            (own, other) => own.or(other).map(str::to_owned),
        };
        Ok(Self {
            account: account.unwrap_or_else(|| caller.account.to_string()),
            region: region.unwrap_or_else(|| caller.region.to_string()),
            name: name.into(),
            qualifier,
        })
    }

    /// Without a version or alias.
    pub(crate) fn arn(&self) -> String {
        function_arn(&self.account, &self.region, &self.name)
    }

    /// With the qualifier that was asked for, if any.
    pub(crate) fn qualified_arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn()),
            None => self.arn(),
        }
    }

    pub(crate) fn not_found(&self) -> ApiError {
        error::function_not_found(&self.qualified_arn())
    }
}

pub(crate) fn function_arn(account: &str, region: &str, name: &str) -> String {
    Arn::new("lambda", region, account, format!("function:{name}")).to_string()
}

fn is_region(text: &str) -> bool {
    // us-east-1, us-gov-west-1, us-isob-east-1
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [first, .., last]
        if (3..=4).contains(&parts.len())
            && first.len() == 2
            && last.len() == 1
            && last.bytes().all(|byte| byte.is_ascii_digit())
            && first.bytes().all(|byte| byte.is_ascii_lowercase()))
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn is_qualifier(text: &str) -> bool {
    text == LATEST || is_name(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(given: &str, qualifier: Option<&str>) -> Result<FunctionRef, ApiError> {
        FunctionRef::parse(given, qualifier, &Caller::root("111122223333", "us-east-1"))
    }

    #[test]
    fn names_partial_arns_and_arns_mean_the_same_function() {
        for given in [
            "f",
            "function:f",
            "111122223333:function:f",
            "111122223333:f",
            "us-east-1:111122223333:function:f",
            "arn:aws:lambda:us-east-1:111122223333:function:f",
        ] {
            let found = parse(given, None).expect(given);
            assert_eq!(
                found.arn(),
                "arn:aws:lambda:us-east-1:111122223333:function:f",
                "{given}"
            );
            assert_eq!(found.qualifier, None, "{given}");
        }
    }

    #[test]
    fn a_qualifier_comes_with_the_name_or_beside_it_but_not_two_of_them() {
        assert_eq!(
            parse("f:$LATEST", None)
                .expect("valid")
                .qualifier
                .as_deref(),
            Some("$LATEST")
        );
        assert_eq!(
            parse("f", Some("live"))
                .expect("valid")
                .qualifier
                .as_deref(),
            Some("live")
        );
        assert_eq!(
            parse("f:7", Some("7")).expect("valid").qualifier.as_deref(),
            Some("7")
        );
        let refused = parse("f:7", Some("8")).expect_err("two qualifiers");
        assert_eq!(refused.code, "InvalidParameterValueException");
    }

    #[test]
    fn what_is_no_function_name_is_refused() {
        for given in [
            "",
            "a b",
            "arn:aws:s3:::bucket",
            "f:g:h:i",
            "arn:aws:lambda:us-east-1:1:function:f",
        ] {
            assert_eq!(
                parse(given, None).expect_err(given).code,
                "ValidationException",
                "{given}"
            );
        }
    }

    #[test]
    fn another_regions_function_is_out_of_reach() {
        let refused =
            parse("arn:aws:lambda:eu-west-1:111122223333:function:f", None).expect_err("elsewhere");
        assert_eq!(refused.status, 404);
        assert_eq!(
            refused.message,
            "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')"
        );
    }
}
