//! JSON as a sequence of tokens with their places: what AWS says of a wrong pattern names the place at which its reader
//! (Jackson's) stood, and the order of its checks is the order of the tokens.

/// What comes next.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    StartObject,
    EndObject,
    StartArray,
    EndArray,
    Name(String),
    Text(String),
    /// As it was written.
    Number(String),
    Null,
    True,
    False,
    End,
}

/// Levels of a pattern; deeper than any event can be.
const DEPTH_MAX: usize = 128;

pub(super) struct Reader<'t> {
    text: &'t str,
    /// How far the text has been read.
    at: usize,
    /// Where the reader says it stands: of a text it has seen the first quotation mark only.
    place: usize,
    /// What is open: true for an object.
    open: Vec<bool>,
    /// Whether the next token is a value after a name.
    named: bool,
    /// Whether something stands in what is open, so that a comma must follow.
    filled: bool,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            place: 0,
            open: Vec::new(),
            named: false,
            filled: false,
        }
    }

    /// What is wrong, with the place at which the reader stands.
    pub(super) fn wrong(&self, message: &str) -> String {
        let before = &self.text[..self.place];
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        format!(
            "{message}\n at [Source: (String)\"{}; line: {line}, column: {column}]",
            self.source()
        )
    }

    /// The text as Jackson shows it: the first 500 characters.
    fn source(&self) -> String {
        match self.text.char_indices().nth(500) {
            None => format!("{}\"", self.text),
            Some((end, _)) => {
                let left = self.text[end..].chars().count();
                format!("{}\"[truncated {left} chars]", &self.text[..end])
            }
        }
    }

    /// The same after all of a text was looked at.
    pub(super) fn wrong_text(&mut self, message: &str) -> String {
        self.place = self.at;
        self.wrong(message)
    }

    pub(super) fn next(&mut self) -> Result<Token, String> {
        self.space();
        let Some(first) = self.peek() else {
            return self.end();
        };
        if matches!(first, '}' | ']') {
            return self.close(first);
        }
        if self.filled && !self.named && !self.open.is_empty() {
            if first != ',' {
                let kind = if self.in_object() { "Object" } else { "Array" };
                return Err(
                    self.unexpected(&format!("was expecting comma to separate {kind} entries"))
                );
            }
            self.at += 1;
            self.space();
        }
        if self.in_object() && !self.named {
            return self.name();
        }
        self.named = false;
        self.filled = true;
        self.value()
    }

    fn in_object(&self) -> bool {
        self.open.last() == Some(&true)
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn end(&mut self) -> Result<Token, String> {
        self.place = self.at;
        match self.open.last() {
            None => Ok(Token::End),
            Some(in_object) => {
                let kind = if *in_object { "Object" } else { "Array" };
                Err(self.wrong(&format!(
                    "Unexpected end-of-input: expected close marker for {kind}"
                )))
            }
        }
    }

    fn close(&mut self, sign: char) -> Result<Token, String> {
        if self.open.last() != Some(&(sign == '}')) || self.named {
            return Err(self.unexpected("expected a value"));
        }
        self.open.pop();
        self.filled = true;
        self.step(1);
        Ok(if sign == '}' {
            Token::EndObject
        } else {
            Token::EndArray
        })
    }

    fn step(&mut self, bytes: usize) {
        self.at += bytes;
        self.place = self.at;
    }

    fn unexpected(&mut self, expected: &str) -> String {
        let Some(found) = self.peek() else {
            self.place = self.at;
            return self.wrong(&format!("Unexpected end-of-input: {expected}"));
        };
        self.step(found.len_utf8());
        self.wrong(&format!(
            "Unexpected character ('{found}' (code {})): {expected}",
            u32::from(found)
        ))
    }

    fn name(&mut self) -> Result<Token, String> {
        if self.peek() != Some('"') {
            return Err(self.unexpected("was expecting double-quote to start field name"));
        }
        let name = self.quoted()?;
        self.space();
        if self.peek() != Some(':') {
            return Err(self.unexpected("was expecting a colon to separate field name and value"));
        }
        self.step(1);
        self.space();
        self.named = true;
        // Jackson reads on into the value: a simple one whole, of others the first sign.
        let rest = &self.text[self.at..];
        let simple = rest.find(|c: char| !is_simple(c)).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        self.place = self.at + simple.max(first);
        Ok(Token::Name(name))
    }

    fn value(&mut self) -> Result<Token, String> {
        let rest = &self.text[self.at..];
        match self.peek() {
            Some('{') => self.start(true),
            Some('[') => self.start(false),
            Some('"') => {
                let place = self.at + 1;
                let text = self.quoted()?;
                self.place = place;
                Ok(Token::Text(text))
            }
            Some(c) if c == '-' || c.is_ascii_digit() => {
                let length = rest.find(|c| !is_simple(c)).unwrap_or(rest.len());
                let written = &rest[..length];
                // serde_json knows what a number is.
                if serde_json::from_str::<serde_json::Number>(written).is_err() {
                    return Err(self.unexpected("malformed numeric value"));
                }
                self.step(length);
                Ok(Token::Number(written.to_owned()))
            }
            _ => {
                let length = rest
                    .find(|c: char| !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                let token = match &rest[..length] {
                    "null" => Token::Null,
                    "true" => Token::True,
                    "false" => Token::False,
                    "" => return Err(self.unexpected("expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')")),
                    word => {
                        let message = format!(
                            "Unrecognized token '{word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
                        );
                        self.step(length);
                        return Err(self.wrong(&message));
                    }
                };
                self.step(length);
                Ok(token)
            }
        }
    }

    fn start(&mut self, object: bool) -> Result<Token, String> {
        self.step(1);
        if self.open.len() >= DEPTH_MAX {
            return Err(self.wrong(&format!(
                "Document nesting depth ({}) exceeds the maximum allowed ({DEPTH_MAX})",
                DEPTH_MAX + 1
            )));
        }
        self.open.push(object);
        self.filled = false;
        Ok(if object {
            Token::StartObject
        } else {
            Token::StartArray
        })
    }

    /// A text in quotation marks; the reader stands after it.
    fn quoted(&mut self) -> Result<String, String> {
        let rest = &self.text[self.at..];
        let mut escaped = false;
        let end = rest[1..].find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            self.step(rest.len());
            return Err(self
                .wrong("Unexpected end-of-input: was expecting closing quote for a string value"));
        };
        let whole = &rest[..end + 2];
        match serde_json::from_str(whole) {
            Ok(text) => {
                self.step(whole.len());
                Ok(text)
            }
            Err(_) => {
                self.step(1);
                Err(self.wrong("Illegal character or escape in a string value"))
            }
        }
    }
}

/// What numbers, `null`, `true` and `false` are made of.
fn is_simple(c: char) -> bool {
    c.is_ascii_alphanumeric() || "+-.".contains(c)
}
