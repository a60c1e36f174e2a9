//! What goes wrong, in the reference implementation's words.

use std::fmt;
use std::sync::Arc;

/// Why an expression has no value, or is none.
///
/// Step Functions says `threw an error during evaluation. T0410: …` where there is a code, and `threw an error during
/// evaluation: …` where there is none: the bounds of an evaluation have none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// JSONata's code, such as `T0412`; none where a bound was hit.
    pub code: Option<&'static str>,
    /// The text, worded as jsonata-js 2.0.6 words it; for a bound, as AWS does.
    pub message: String,
    /// Where in the expression's text, in UTF-16 code units, as jsonata-js counts: mostly the end of a token.
    pub position: Option<usize>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(f, "{code}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

pub(crate) type Result<T> = std::result::Result<T, Box<Fault>>;

/// An error on its way out: who called what is filled in as it passes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fault {
    pub(crate) code: Option<&'static str>,
    pub(crate) position: Option<usize>,
    /// The operator's or function's name.
    pub(crate) token: Option<Token>,
    /// JSON text.
    pub(crate) value: Option<String>,
    /// JSON text.
    pub(crate) second: Option<String>,
    pub(crate) index: usize,
    /// The whole message, where no template has one.
    pub(crate) message: String,
}

#[derive(Clone, Debug)]
pub(crate) enum Token {
    Name(Arc<str>),
    /// JSON text.
    Json(String),
}

impl Fault {
    pub(crate) fn new(code: &'static str) -> Box<Self> {
        Box::new(Self {
            code: Some(code),
            ..Self::default()
        })
    }

    /// A text without a code.
    pub(crate) fn bare(message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            message: message.into(),
            ..Self::default()
        })
    }

    pub(crate) fn at(mut self: Box<Self>, position: usize) -> Box<Self> {
        self.position = Some(position);
        self
    }

    pub(crate) fn token(mut self: Box<Self>, name: impl Into<Arc<str>>) -> Box<Self> {
        self.token = Some(Token::Name(name.into()));
        self
    }

    pub(crate) fn value(mut self: Box<Self>, json: impl Into<String>) -> Box<Self> {
        self.value = Some(json.into());
        self
    }

    pub(crate) fn index(mut self: Box<Self>, index: usize) -> Box<Self> {
        self.index = index;
        self
    }

    pub(crate) fn message(mut self: Box<Self>, message: impl Into<String>) -> Box<Self> {
        self.message = message.into();
        self
    }

    fn token_json(&self) -> String {
        match &self.token {
            Some(Token::Name(name)) => crate::json::quoted(name),
            Some(Token::Json(json)) => json.clone(),
            None => UNDEFINED.to_owned(),
        }
    }

    fn token_raw(&self) -> &str {
        match &self.token {
            Some(Token::Name(name)) => name,
            Some(Token::Json(json)) => json,
            None => UNDEFINED,
        }
    }
}

/// What a template shows for what is not there.
const UNDEFINED: &str = "undefined";

impl From<Box<Fault>> for Error {
    fn from(fault: Box<Fault>) -> Self {
        let message = match fault.code.and_then(template) {
            Some(template) => filled(template, &fault),
            None => fault.message.clone(),
        };
        Self {
            code: fault.code,
            message,
            position: fault.position,
        }
    }
}

/// `{name}` becomes JSON text, `{{name}}` stays bare.
fn filled(template: &str, fault: &Fault) -> String {
    let mut message = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        message.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        let shown = |json: &Option<String>| json.clone().unwrap_or_else(|| UNDEFINED.to_owned());
        match name {
            "token" => message.push_str(&fault.token_json()),
            "name" => message.push_str(fault.token_raw()),
            "value" => message.push_str(&shown(&fault.value)),
            "second" => message.push_str(&shown(&fault.second)),
            "index" => message.push_str(&fault.index.to_string()),
            _ => message.push_str(&fault.message),
        }
        rest = after;
    }
    message.push_str(rest);
    message
}

/// jsonata-js 2.0.6's own table. `{name}` is the token without quotes.
fn template(code: &str) -> Option<&'static str> {
    Some(match code {
        "S0101" => "String literal must be terminated by a matching quote",
        "S0102" => "Number out of range: {token}",
        "S0103" => "Unsupported escape sequence: \\{token}",
        "S0104" => "The escape sequence \\u must be followed by 4 hex digits",
        "S0105" => "Quoted property name must be terminated with a backquote (`)",
        "S0106" => "Comment has no closing tag",
        "S0201" => "Syntax error: {token}",
        "S0202" => "Expected {value}, got {token}",
        "S0203" => "Expected {value} before end of expression",
        "S0204" => "Unknown operator: {token}",
        "S0206" => "Unknown expression type: {token}",
        "S0207" => "Unexpected end of expression",
        "S0208" => {
            "Parameter {value} of function definition must be a variable name (start with $)"
        }
        "S0209" => "A predicate cannot follow a grouping expression in a step",
        "S0210" => "Each step can only have one grouping expression",
        "S0211" => "The symbol {token} cannot be used as a unary operator",
        "S0212" => "The left side of := must be a variable name (start with $)",
        "S0213" => "The literal value {value} cannot be used as a step within a path expression",
        "S0214" => "The right side of {token} must be a variable name (start with $)",
        "S0215" => "A context variable binding must precede any predicates on a step",
        "S0216" => "A context variable binding must precede the 'order-by' clause on a step",
        "S0217" => "The object representing the 'parent' cannot be derived from this expression",
        "S0301" => "Empty regular expressions are not allowed",
        "S0302" => "No terminating / in regular expression",
        "S0401" => "Type parameters can only be applied to functions and arrays",
        "S0402" => "Choice groups containing parameterized types are not supported",
        "T0410" => "Argument {index} of function {token} does not match function signature",
        "T0411" => {
            "Context value is not a compatible type with argument {index} of function {token}"
        }
        "T0412" => "Argument {index} of function {token} must be an array of {value}",
        "D1001" => "Number out of range: {value}",
        "D1002" => "Cannot negate a non-numeric value: {value}",
        "T1003" => "Key in object structure must evaluate to a string; got: {value}",
        "D1004" => "Regular expression matches zero length string",
        "T1005" => "Attempted to invoke a non-function. Did you mean ${name}?",
        "T1006" => "Attempted to invoke a non-function",
        "T1007" => "Attempted to partially apply a non-function. Did you mean ${name}?",
        "T1008" => "Attempted to partially apply a non-function",
        "D1009" => "Multiple key definitions evaluate to same key: {value}",
        "T1010" => {
            "The matcher function argument passed to function {token} does not return the correct object structure"
        }
        "T2001" => "The left side of the {token} operator must evaluate to a number",
        "T2002" => "The right side of the {token} operator must evaluate to a number",
        "T2003" => "The left side of the range operator (..) must evaluate to an integer",
        "T2004" => "The right side of the range operator (..) must evaluate to an integer",
        "T2006" => "The right side of the function application operator ~> must be a function",
        "T2007" => "Type mismatch when comparing values {value} and {second} in order-by clause",
        "T2008" => {
            "The expressions within an order-by clause must evaluate to numeric or string values"
        }
        "T2009" => {
            "The values {value} and {second} either side of operator {token} must be of the same data type"
        }
        "T2010" => {
            "The expressions either side of operator {token} must evaluate to numeric or string values"
        }
        "T2011" => {
            "The insert/update clause of the transform expression must evaluate to an object: {value}"
        }
        "T2012" => {
            "The delete clause of the transform expression must evaluate to a string or array of strings: {value}"
        }
        "T2013" => {
            "The transform expression clones the input object using the $clone() function.  \
             This has been overridden in the current scope by a non-function."
        }
        "D2014" => {
            "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  \
             Attempted to allocate {value}."
        }
        "D3001" => "Attempting to invoke string function on Infinity or NaN",
        "D3010" => "Second argument of replace function cannot be an empty string",
        "D3011" => "Fourth argument of replace function must evaluate to a positive number",
        "D3012" => "Attempted to replace a matched string with a non-string value",
        "D3020" => "Third argument of split function must evaluate to a positive number",
        "D3030" => "Unable to cast value to a number: {value}",
        "D3040" => "Third argument of match function must evaluate to a positive number",
        "D3050" => {
            "The second argument of reduce function must be a function with at least two arguments"
        }
        "D3060" => "The sqrt function cannot be applied to a negative number: {value}",
        "D3061" => {
            "The power function has resulted in a value that cannot be represented as a JSON number: \
             base={value}, exponent={second}"
        }
        "D3070" => {
            "The single argument form of the sort function can only be applied to an array of strings or an array of \
             numbers.  Use the second argument to specify a comparison function"
        }
        "D3080" => "The picture string must only contain a maximum of two sub-pictures",
        "D3081" => {
            "The sub-picture must not contain more than one instance of the 'decimal-separator' character"
        }
        "D3082" => {
            "The sub-picture must not contain more than one instance of the 'percent' character"
        }
        "D3083" => {
            "The sub-picture must not contain more than one instance of the 'per-mille' character"
        }
        "D3084" => "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
        "D3085" => {
            "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit \
             character' or a member of the 'decimal digit family'"
        }
        "D3086" => {
            "The sub-picture must not contain a passive character that is preceded by an active character and that is \
             followed by another active character"
        }
        "D3087" => {
            "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a \
             'decimal-separator' character"
        }
        "D3088" => {
            "The sub-picture must not contain a 'grouping-separator' at the end of the integer part"
        }
        "D3089" => {
            "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"
        }
        "D3090" => {
            "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is \
             followed by an instance of the 'optional digit character'"
        }
        "D3091" => {
            "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' \
             that is followed by a member of the 'decimal digit family'"
        }
        "D3092" => {
            "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as \
             an 'exponent-separator'"
        }
        "D3093" => {
            "The exponent part of the sub-picture must comprise only of one or more characters that are members of the \
             'decimal digit family'"
        }
        "D3100" => {
            "The radix of the formatBase function must be between 2 and 36.  It was given {value}"
        }
        "D3110" => {
            "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {value}"
        }
        "D3130" => {
            "Formatting or parsing an integer as a sequence starting with {value} is not supported by this \
             implementation"
        }
        "D3131" => "In a decimal digit pattern, all digits must be from the same decimal group",
        "D3132" => "Unknown component specifier {value} in date/time picture string",
        "D3133" => {
            "The 'name' modifier can only be applied to months and days in the date/time picture string, not {value}"
        }
        "D3134" => "The timezone integer format specifier cannot have more than four digits",
        "D3135" => "No matching closing bracket ']' in date/time picture string",
        "D3136" => {
            "The date/time picture string is missing specifiers required to parse the timestamp"
        }
        "D3138" => {
            "The $single() function expected exactly 1 matching result.  Instead it matched more."
        }
        "D3139" => {
            "The $single() function expected exactly 1 matching result.  Instead it matched 0."
        }
        "D3140" => "Malformed URL passed to ${message}(): {value}",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_show_what_is_missing_as_undefined() {
        let error = Error::from(Fault::new("T2009").value("1").token("<"));
        assert_eq!(
            error.to_string(),
            r#"T2009: The values 1 and undefined either side of operator "<" must be of the same data type"#
        );
    }

    #[test]
    fn names_are_bare_where_the_reference_has_them_bare() {
        let error = Error::from(Fault::new("T1005").token("sum").at(3));
        assert_eq!(
            error.message,
            "Attempted to invoke a non-function. Did you mean $sum?"
        );
        assert_eq!(error.position, Some(3));
    }
}
