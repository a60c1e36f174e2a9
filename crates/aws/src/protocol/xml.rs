//! Elements: writing them, and reading a document into a tree.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Writes elements; names are the models' own, text is escaped.
pub(super) struct Writer {
    out: String,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self {
            out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
        }
    }

    pub(super) fn open(&mut self, name: &str, namespace: Option<&str>) {
        let namespace = namespace.filter(|namespace| !namespace.is_empty());
        self.open_with(name, namespace.map(|uri| ("xmlns".into(), uri.into())));
    }

    pub(super) fn open_with(
        &mut self,
        name: &str,
        attributes: impl IntoIterator<Item = (String, String)>,
    ) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes {
            self.out.push(' ');
            self.out.push_str(&name);
            self.out.push_str("=\"");
            let from = self.out.len();
            self.escape(&value);
            // Readers take white space in attributes for blanks.
            let value = self.out.split_off(from);
            let value = value.replace('\t', "&#x9;").replace('\n', "&#xA;");
            self.out.push_str(&value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    pub(super) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.open(name, None);
        self.escape(text);
        self.close(name);
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    fn escape(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\r' => self.out.push_str("&#xD;"),
                '\t' | '\n' => self.out.push(character),
                // XML 1.0 has no way to say these.
                '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => self.out.push('\u{fffd}'),
                other => self.out.push(other),
            }
        }
    }
}

/// An element of a document that was read. Prefixes of element names are gone, those of attributes stay.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// The deepest document of the services that speak XML (EC2's) has about a dozen levels.
const DEPTH_MAX: usize = 64;
/// A page of a thousand objects has some ten thousand; each takes a hundred bytes and more.
const ELEMENTS_MAX: usize = 500_000;

/// Reads a document; an error says what is wrong with it. Entities are those that XML itself has: a document type's are
/// refused.
pub(super) fn read(body: &[u8]) -> Result<Element, String> {
    let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut count = 0;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                count += 1;
                if open.len() >= DEPTH_MAX || count > ELEMENTS_MAX {
                    return Err("the document is too large".into());
                }
                open.push(element(&start)?);
            }
            Event::Empty(start) => {
                count += 1;
                let Some(parent) = open.last_mut() else {
                    return element(&start);
                };
                if count > ELEMENTS_MAX {
                    return Err("the document is too large".into());
                }
                parent.children.push(element(&start)?);
            }
            Event::End(_) => {
                let ended = open.pop().ok_or("an element ends that did not begin")?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(ended),
                    None => return Ok(ended),
                }
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(|error| error.to_string())?;
                append(&mut open, &text);
            }
            Event::CData(text) => {
                let text = text.xml10_content().map_err(|error| error.to_string())?;
                append(&mut open, &text);
            }
            Event::GeneralRef(reference) => append(&mut open, &resolved(&reference)?),
            Event::Eof => return Err("the document ends early".into()),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::DocType(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| error.to_string())?;
        let name = String::from_utf8_lossy(attribute.key.as_ref());
        attributes.push((name.into_owned(), value.into_owned()));
    }
    Ok(Element {
        name: String::from_utf8_lossy(start.local_name().as_ref()).into_owned(),
        attributes,
        ..Element::default()
    })
}

fn append(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn resolved(reference: &BytesRef<'_>) -> Result<String, String> {
    let character = reference
        .resolve_char_ref()
        .map_err(|error| error.to_string())?;
    if let Some(character) = character {
        return Ok(character.into());
    }
    let name = reference.decode().map_err(|error| error.to_string())?;
    resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| format!("there is no entity `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a<b>&\"'\r\n\tü ]]> \u{10ffff} ";
        let mut out = Writer::new();
        out.open_with("Root", [("xsi:type".to_owned(), text.to_owned())]);
        out.text("Text", text);
        out.text("Empty", "");
        out.close("Root");
        let root = read(out.finish().as_bytes()).expect("it is a document");
        assert_eq!(root.attribute("xsi:type"), Some(text));
        assert_eq!(root.child("Text").expect("it is there").text, text);
        assert_eq!(root.child("Empty").expect("it is there").text, "");
    }

    #[test]
    fn other_writers_forms_are_read() {
        let root = read(
            b"<?xml version='1.0'?><!-- c --><s:R xmlns:s=\"u\"><A/> <B><![CDATA[<x>]]>&#65;&amp;</B></s:R>",
        )
        .expect("it is a document");
        assert_eq!(root.name, "R");
        assert_eq!(root.child("B").expect("it is there").text, "<x>A&");
        assert_eq!(root.children.len(), 2);
    }

    #[test]
    fn what_is_no_document_or_too_large_is_refused() {
        let deep = format!("{}{}", "<a>".repeat(65), "</a>".repeat(65));
        let wide = format!("<a>{}</a>", "<b/>".repeat(ELEMENTS_MAX));
        let entity = "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>";
        for text in ["", "text", "<a>", "<a></b>", "</a>", &deep, &wide, entity] {
            assert!(read(text.as_bytes()).is_err(), "{text:.40}");
        }
        assert!(read(b"<a>\xff</a>").is_err());
    }
}
