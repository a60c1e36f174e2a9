//! Patterns: text to tree.

use super::class::Class;

/// A pattern's tree.
#[derive(Debug)]
pub(super) enum Tree {
    Sequence(Vec<Tree>),
    Either(Vec<Tree>),
    Character(char),
    Class(Class),
    /// `[^…]`: what the class does not hold, in upper or lower case neither if case is ignored.
    NotClass(Class),
    Start,
    End,
    /// `\b`, or `\B`.
    Boundary {
        inside: bool,
    },
    /// A group that captures, by number.
    Group(usize, Box<Tree>),
    BackReference(usize),
    Look {
        behind: bool,
        negative: bool,
        tree: Box<Tree>,
    },
    Repeat(Box<Repeat>),
}

#[derive(Debug)]
pub(super) struct Repeat {
    pub(super) tree: Tree,
    pub(super) min: u32,
    /// `u32::MAX`: no end.
    pub(super) max: u32,
    pub(super) lazy: bool,
    /// The numbers of the groups in it.
    pub(super) groups: std::ops::Range<usize>,
}

#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) tree: Tree,
    /// How many groups capture.
    pub(super) groups: usize,
}

/// How deep groups may nest; parsing and compiling recurse once a level.
const DEPTH_MAX: usize = 100;

type Result<T> = std::result::Result<T, &'static str>;

/// `dot_all`: a point takes the ends of lines, too.
pub(super) fn parse(pattern: &str, dot_all: bool) -> Result<Parsed> {
    let characters: Vec<char> = pattern.chars().collect();
    let names = group_names(&characters)?;
    let mut parser = Parser {
        characters: &characters,
        at: 0,
        names: &names,
        point: if dot_all {
            Class::everything()
        } else {
            Class::any()
        },
        opened: 0,
        depth: 0,
    };
    let tree = parser.alternatives()?;
    if parser.at < characters.len() {
        return Err("Unmatched ')'");
    }
    Ok(Parsed {
        tree,
        groups: names.len(),
    })
}

/// The name of each capturing group, in order. References may come before what they refer to.
fn group_names(characters: &[char]) -> Result<Vec<Option<String>>> {
    let mut names: Vec<Option<String>> = Vec::new();
    let mut in_class = false;
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        at += 1;
        match character {
            '\\' => at += 1,
            '[' => in_class = true,
            ']' => in_class = false,
            '(' if !in_class => match characters.get(at..).unwrap_or_default() {
                ['?', '<', '=' | '!', ..] => {}
                ['?', '<', rest @ ..] => {
                    let name = name_of(rest).ok_or("Invalid capture group name")?;
                    if names.iter().flatten().any(|known| *known == name) {
                        return Err("Duplicate capture group name");
                    }
                    names.push(Some(name));
                }
                ['?', ..] => {}
                _ => names.push(None),
            },
            _ => {}
        }
    }
    Ok(names)
}

/// What stands before the first `>`, if it is a name.
fn name_of(characters: &[char]) -> Option<String> {
    let end = characters.iter().position(|&character| character == '>')?;
    let name: String = characters.get(..end)?.iter().collect();
    let mut rest = name.chars();
    let starts = |character: char| character.is_alphabetic() || matches!(character, '$' | '_');
    let well_formed = rest.next().is_some_and(starts)
        && rest.all(|character| starts(character) || character.is_numeric());
    well_formed.then_some(name)
}

struct Parser<'a> {
    characters: &'a [char],
    at: usize,
    names: &'a [Option<String>],
    /// What a point takes.
    point: Class,
    /// Capturing groups opened so far.
    opened: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest(&self) -> &[char] {
        self.characters.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    fn eat(&mut self, character: char) -> bool {
        let there = self.peek() == Some(character);
        self.at += usize::from(there);
        there
    }

    fn alternatives(&mut self) -> Result<Tree> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err("Regular expression too large");
        }
        let mut alternatives = vec![self.sequence()?];
        while self.eat('|') {
            alternatives.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(match alternatives.len() {
            1 => alternatives.remove(0),
            _ => Tree::Either(alternatives),
        })
    }

    fn sequence(&mut self) -> Result<Tree> {
        let mut terms = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            let groups_before = self.opened;
            let term = self.term()?;
            terms.push(self.repeated(term, groups_before)?);
        }
        Ok(match terms.len() {
            1 => terms.remove(0),
            _ => Tree::Sequence(terms),
        })
    }

    fn term(&mut self) -> Result<Tree> {
        match self.next() {
            Some('^') => Ok(Tree::Start),
            Some('$') => Ok(Tree::End),
            Some('.') => Ok(Tree::Class(self.point.clone())),
            Some('(') => self.group(),
            Some('[') if self.eat('^') => self.class().map(Tree::NotClass),
            Some('[') => self.class().map(Tree::Class),
            Some('\\') => self.escape(),
            Some('*' | '+' | '?') => Err("Nothing to repeat"),
            Some('{') => {
                // A brace is itself, unless it counts.
                let back = self.at;
                self.at -= 1;
                if self.counts()?.is_some() {
                    return Err("Nothing to repeat");
                }
                self.at = back;
                Ok(Tree::Character('{'))
            }
            Some(other) => Ok(Tree::Character(other)),
            None => Ok(Tree::Sequence(Vec::new())),
        }
    }

    fn group(&mut self) -> Result<Tree> {
        let (kind, skip) = match self.rest() {
            ['?', ':', ..] => (Kind::Plain, 2),
            ['?', '=', ..] => (
                Kind::Look {
                    behind: false,
                    negative: false,
                },
                2,
            ),
            ['?', '!', ..] => (
                Kind::Look {
                    behind: false,
                    negative: true,
                },
                2,
            ),
            ['?', '<', '=', ..] => (
                Kind::Look {
                    behind: true,
                    negative: false,
                },
                3,
            ),
            ['?', '<', '!', ..] => (
                Kind::Look {
                    behind: true,
                    negative: true,
                },
                3,
            ),
            ['?', '<', rest @ ..] => {
                let name = rest.iter().position(|&character| character == '>');
                (
                    Kind::Capturing,
                    name.ok_or("Invalid capture group name")? + 3,
                )
            }
            ['?', ..] => return Err("Invalid group"),
            _ => (Kind::Capturing, 0),
        };
        self.at += skip;
        let number = match kind {
            Kind::Capturing => {
                self.opened += 1;
                self.opened
            }
            Kind::Plain | Kind::Look { .. } => 0,
        };
        let tree = self.alternatives()?;
        if !self.eat(')') {
            return Err("Unterminated group");
        }
        Ok(match kind {
            Kind::Plain => tree,
            Kind::Capturing => Tree::Group(number, Box::new(tree)),
            Kind::Look { behind, negative } => Tree::Look {
                behind,
                negative,
                tree: Box::new(tree),
            },
        })
    }

    /// The term with the quantifier that follows it.
    fn repeated(&mut self, term: Tree, groups_before: usize) -> Result<Tree> {
        let Some((min, max)) = self.counts()? else {
            return Ok(term);
        };
        match &term {
            Tree::Start | Tree::End | Tree::Boundary { .. } => return Err("Nothing to repeat"),
            Tree::Look { behind: true, .. } => return Err("Invalid quantifier"),
            _ => {}
        }
        let lazy = self.eat('?');
        Ok(Tree::Repeat(Box::new(Repeat {
            tree: term,
            min,
            max,
            lazy,
            groups: groups_before + 1..self.opened + 1,
        })))
    }

    fn counts(&mut self) -> Result<Option<(u32, u32)>> {
        let simple = match self.peek() {
            Some('*') => Some((0, u32::MAX)),
            Some('+') => Some((1, u32::MAX)),
            Some('?') => Some((0, 1)),
            Some('{') => return self.braces(),
            _ => None,
        };
        self.at += usize::from(simple.is_some());
        Ok(simple)
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else is text.
    fn braces(&mut self) -> Result<Option<(u32, u32)>> {
        let back = self.at;
        self.at += 1;
        let counts = self.number().and_then(|min| {
            if self.eat('}') {
                return Some((min, min));
            }
            if !self.eat(',') {
                return None;
            }
            if self.eat('}') {
                return Some((min, u32::MAX));
            }
            let max = self.number()?;
            self.eat('}').then_some((min, max))
        });
        match counts {
            None => {
                self.at = back;
                Ok(None)
            }
            Some((min, max)) if min > max => Err("numbers out of order in {} quantifier"),
            counts => Ok(counts),
        }
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(10)) {
            self.at += 1;
            number = Some(
                number
                    .unwrap_or(0_u32)
                    .saturating_mul(10)
                    .saturating_add(digit),
            );
        }
        number
    }

    fn escape(&mut self) -> Result<Tree> {
        match self.peek() {
            Some('b') => {
                self.at += 1;
                return Ok(Tree::Boundary { inside: false });
            }
            Some('B') => {
                self.at += 1;
                return Ok(Tree::Boundary { inside: true });
            }
            Some('k') if self.names.iter().any(Option::is_some) => return self.named_reference(),
            Some('1'..='9') => {
                let back = self.at;
                let number = self.number().unwrap_or(0) as usize;
                if number <= self.names.len() {
                    return Ok(Tree::BackReference(number));
                }
                self.at = back;
            }
            _ => {}
        }
        self.atom_escape()
    }

    fn named_reference(&mut self) -> Result<Tree> {
        self.at += 1;
        let name = match self.rest() {
            ['<', rest @ ..] => name_of(rest),
            _ => None,
        };
        let name = name.ok_or("Invalid named reference")?;
        self.at += name.chars().count() + 2;
        self.names
            .iter()
            .position(|known| known.as_ref() == Some(&name))
            .map(|index| Tree::BackReference(index + 1))
            .ok_or("Invalid named capture referenced")
    }

    /// An escape that stands for characters.
    fn atom_escape(&mut self) -> Result<Tree> {
        if let Some(class) = self.class_escape() {
            return Ok(Tree::Class(class));
        }
        self.character_escape().map(Tree::Character)
    }

    fn class_escape(&mut self) -> Option<Class> {
        let class = match self.peek()? {
            'd' => Class::digits(),
            'D' => Class::digits().negated(),
            'w' => Class::word(),
            'W' => Class::word().negated(),
            's' => Class::space(),
            'S' => Class::space().negated(),
            _ => return None,
        };
        self.at += 1;
        Some(class)
    }

    fn character_escape(&mut self) -> Result<char> {
        let character = self.next().ok_or("\\ at end of pattern")?;
        Ok(match character {
            't' => '\t',
            'n' => '\n',
            'v' => '\u{b}',
            'f' => '\u{c}',
            'r' => '\r',
            'c' => match self.peek() {
                Some(letter) if letter.is_ascii_alphabetic() => {
                    self.at += 1;
                    char::from(letter as u8 % 32)
                }
                // The backslash is itself then, and the letter the next character.
                _ => {
                    self.at -= 1;
                    '\\'
                }
            },
            'x' => self.hex(2).unwrap_or('x'),
            'u' => self.unicode().unwrap_or('u'),
            '0'..='7' => self.octal(character),
            other => other,
        })
    }

    fn hex(&mut self, digits: usize) -> Option<char> {
        let point = self.unit(digits)?;
        self.at += digits;
        Some(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Two halves of a pair are one character here, as they are in the text.
    fn unicode(&mut self) -> Option<char> {
        let first = self.unit(4)?;
        if (0xD800..0xDC00).contains(&first) {
            let back = self.at;
            self.at += 4;
            if self.eat('\\')
                && self.eat('u')
                && let Some(second @ 0xDC00..0xE000) = self.unit(4)
            {
                self.at += 4;
                return char::from_u32(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00));
            }
            self.at = back;
        }
        self.hex(4)
    }

    /// So many hexadecimal digits, not yet passed.
    fn unit(&self, digits: usize) -> Option<u32> {
        let text = self.rest().get(..digits)?;
        text.iter()
            .try_fold(0, |value, digit| Some(value * 16 + digit.to_digit(16)?))
    }

    /// Up to `\377`.
    fn octal(&mut self, first: char) -> char {
        let mut value = first.to_digit(8).unwrap_or(0);
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(8)) {
            if value * 8 + digit > 0xFF {
                break;
            }
            self.at += 1;
            value = value * 8 + digit;
        }
        char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    fn class(&mut self) -> Result<Class> {
        let mut ranges = Vec::new();
        loop {
            if self.peek().is_none() {
                return Err("Unterminated character class");
            }
            if self.eat(']') {
                break;
            }
            let start = self.class_member()?;
            let is_range = matches!(self.rest(), ['-', next, ..] if *next != ']');
            if !is_range {
                ranges.extend(start.ranges());
                continue;
            }
            self.at += 1;
            let end = self.class_member()?;
            match (start, end) {
                (Member::Character(start), Member::Character(end)) if start > end => {
                    return Err("Range out of order in character class");
                }
                (Member::Character(start), Member::Character(end)) => {
                    ranges.push((u32::from(start), u32::from(end)));
                }
                // With a set at either end the hyphen is itself.
                (start, end) => {
                    ranges.extend(start.ranges());
                    ranges.extend(end.ranges());
                    ranges.push((u32::from('-'), u32::from('-')));
                }
            }
        }
        Ok(Class::new(ranges))
    }

    fn class_member(&mut self) -> Result<Member> {
        let character = self.next().ok_or("Unterminated character class")?;
        if character != '\\' {
            return Ok(Member::Character(character));
        }
        if let Some(class) = self.class_escape() {
            return Ok(Member::Set(class));
        }
        if self.eat('b') {
            return Ok(Member::Character('\u{8}'));
        }
        self.character_escape().map(Member::Character)
    }
}

enum Kind {
    Plain,
    Capturing,
    Look { behind: bool, negative: bool },
}

enum Member {
    Character(char),
    Set(Class),
}

impl Member {
    fn ranges(&self) -> Vec<(u32, u32)> {
        match self {
            Self::Character(character) => vec![(u32::from(*character), u32::from(*character))],
            Self::Set(class) => class.ranges().to_vec(),
        }
    }
}
