//! Patterns: tree to program.

use super::Flags;
use super::class::{Class, canonical};
use super::parse::{Parsed, Repeat, Tree};

#[derive(Debug)]
pub(super) struct Program {
    pub(super) instructions: Vec<Instruction>,
    pub(super) flags: Flags,
    /// Capturing groups.
    pub(super) groups: usize,
    /// Counters and marks of loops.
    pub(super) registers: usize,
    /// The character that every match begins with, if that is so.
    pub(super) first: Option<char>,
    /// Whether a match can only begin where the text does.
    pub(super) anchored: bool,
}

/// Targets are indices of instructions.
#[derive(Debug)]
pub(super) enum Instruction {
    One(Matcher),
    /// The character before.
    OneBack(Matcher),
    /// Characters of one kind, as many as there are or as few as will do.
    Run {
        matcher: Matcher,
        min: u32,
        max: u32,
        lazy: bool,
    },
    Start,
    End,
    Boundary {
        inside: bool,
    },
    /// Goes on at the first, and at the second when that fails.
    Split(usize, usize),
    Jump(usize),
    /// Remembers the place as a group's start or end.
    Save(usize),
    /// A new round of a loop forgets what groups in it captured.
    Forget(std::ops::Range<usize>),
    BackReference {
        group: usize,
        back: bool,
    },
    /// What follows, up to `Accept`, is looked for; the program goes on at `end`.
    Look {
        negative: bool,
        end: usize,
    },
    Accept,
    /// Sets a counter to zero.
    Zero(usize),
    /// The head of a loop: into the body, out of it, or either.
    Loop(Box<Loop>),
    /// The end of a body: back to the head, but not for a round that took nothing and was not asked for.
    Again {
        counter: usize,
        mark: usize,
        min: u32,
        head: usize,
    },
}

#[derive(Debug)]
pub(super) struct Loop {
    pub(super) counter: usize,
    /// Where the round began.
    pub(super) mark: usize,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) lazy: bool,
    pub(super) exit: usize,
}

/// One character.
#[derive(Clone, Debug)]
pub(super) enum Matcher {
    Character(char),
    /// Compared by its upper case.
    Folded(char),
    Class(Set),
    /// Some member of the class has the same upper case.
    FoldedClass(Set),
}

/// A class, with an answer for each ASCII character at hand.
#[derive(Clone, Debug)]
pub(super) struct Set {
    class: Class,
    negated: bool,
    ascii: u128,
}

impl Set {
    fn new(class: &Class, negated: bool, ignore_case: bool) -> Self {
        let mut ascii = class.ascii();
        if ignore_case {
            // No other character has the upper case of one of these.
            const LETTERS: u128 = (1 << 26) - 1;
            let letters = (ascii >> 'A' as u32 | ascii >> 'a' as u32) & LETTERS;
            ascii |= letters << 'A' as u32 | letters << 'a' as u32;
        }
        Self {
            class: class.clone(),
            negated,
            ascii: if negated { !ascii } else { ascii },
        }
    }

    fn contains(&self, character: char, contains: fn(&Class, char) -> bool) -> bool {
        if character.is_ascii() {
            self.ascii >> u32::from(character) & 1 == 1
        } else {
            contains(&self.class, character) != self.negated
        }
    }
}

pub(super) fn compile(parsed: &Parsed, flags: Flags) -> Program {
    let mut compiler = Compiler {
        instructions: Vec::new(),
        registers: 0,
        flags,
    };
    compiler.tree(&parsed.tree, false);
    compiler.instructions.push(Instruction::Accept);
    let first = match compiler.instructions.first() {
        Some(
            Instruction::One(Matcher::Character(character))
            | Instruction::Run {
                matcher: Matcher::Character(character),
                min: 1..,
                ..
            },
        ) => Some(*character),
        _ => None,
    };
    let anchored =
        !flags.multiline && matches!(compiler.instructions.first(), Some(Instruction::Start));
    Program {
        first,
        anchored,
        instructions: compiler.instructions,
        flags,
        groups: parsed.groups,
        registers: compiler.registers,
    }
}

struct Compiler {
    instructions: Vec<Instruction>,
    registers: usize,
    flags: Flags,
}

impl Compiler {
    /// `back`: within a look behind, where everything goes from right to left.
    fn tree(&mut self, tree: &Tree, back: bool) {
        match tree {
            Tree::Sequence(terms) if back => {
                terms.iter().rev().for_each(|term| self.tree(term, back));
            }
            Tree::Sequence(terms) => terms.iter().for_each(|term| self.tree(term, back)),
            Tree::Either(alternatives) => self.either(alternatives, back),
            Tree::Character(_) | Tree::Class(_) | Tree::NotClass(_) => {
                if let Some(matcher) = self.matcher(tree) {
                    self.instructions.push(if back {
                        Instruction::OneBack(matcher)
                    } else {
                        Instruction::One(matcher)
                    });
                }
            }
            Tree::Start => self.instructions.push(Instruction::Start),
            Tree::End => self.instructions.push(Instruction::End),
            Tree::Boundary { inside } => self
                .instructions
                .push(Instruction::Boundary { inside: *inside }),
            Tree::Group(number, tree) => {
                let (first, second) = if back {
                    (number * 2 + 1, number * 2)
                } else {
                    (number * 2, number * 2 + 1)
                };
                self.instructions.push(Instruction::Save(first));
                self.tree(tree, back);
                self.instructions.push(Instruction::Save(second));
            }
            Tree::BackReference(group) => self.instructions.push(Instruction::BackReference {
                group: *group,
                back,
            }),
            Tree::Look {
                behind,
                negative,
                tree,
            } => {
                let look = self.reserve();
                self.tree(tree, *behind);
                self.instructions.push(Instruction::Accept);
                let end = self.instructions.len();
                self.set(
                    look,
                    Instruction::Look {
                        negative: *negative,
                        end,
                    },
                );
            }
            Tree::Repeat(repeat) => self.repeat(repeat, back),
        }
    }

    fn either(&mut self, alternatives: &[Tree], back: bool) {
        let mut ends = Vec::new();
        for (index, alternative) in alternatives.iter().enumerate() {
            if index + 1 == alternatives.len() {
                self.tree(alternative, back);
                break;
            }
            let split = self.reserve();
            self.tree(alternative, back);
            ends.push(self.reserve());
            let next = self.instructions.len();
            self.set(split, Instruction::Split(split + 1, next));
        }
        let end = self.instructions.len();
        for jump in ends {
            self.set(jump, Instruction::Jump(end));
        }
    }

    fn repeat(&mut self, repeat: &Repeat, back: bool) {
        let Repeat {
            tree,
            min,
            max,
            lazy,
            groups,
        } = repeat;
        if let (Some(matcher), false) = (self.matcher(tree), back) {
            self.instructions.push(Instruction::Run {
                matcher,
                min: *min,
                max: *max,
                lazy: *lazy,
            });
            return;
        }
        let (counter, mark) = (self.registers, self.registers + 1);
        self.registers += 2;
        self.instructions.push(Instruction::Zero(counter));
        let head = self.reserve();
        if !groups.is_empty() {
            self.instructions.push(Instruction::Forget(groups.clone()));
        }
        self.tree(tree, back);
        self.instructions.push(Instruction::Again {
            counter,
            mark,
            min: *min,
            head,
        });
        let exit = self.instructions.len();
        self.set(
            head,
            Instruction::Loop(Box::new(Loop {
                counter,
                mark,
                min: *min,
                max: *max,
                lazy: *lazy,
                exit,
            })),
        );
    }

    fn matcher(&self, tree: &Tree) -> Option<Matcher> {
        match (tree, self.flags.ignore_case) {
            (Tree::Character(character), false) => Some(Matcher::Character(*character)),
            (Tree::Character(character), true) => Some(Matcher::Folded(canonical(*character))),
            (Tree::Class(class) | Tree::NotClass(class), ignore_case) => {
                let negated = matches!(tree, Tree::NotClass(_));
                let set = Set::new(class, negated, ignore_case);
                Some(if ignore_case {
                    Matcher::FoldedClass(set)
                } else {
                    Matcher::Class(set)
                })
            }
            _ => None,
        }
    }

    /// A place for an instruction that is not known yet.
    fn reserve(&mut self) -> usize {
        self.instructions.push(Instruction::Accept);
        self.instructions.len() - 1
    }

    fn set(&mut self, place: usize, instruction: Instruction) {
        if let Some(reserved) = self.instructions.get_mut(place) {
            *reserved = instruction;
        }
    }
}

impl Matcher {
    /// Whether it compares upper cases.
    pub(super) fn folds(&self) -> bool {
        matches!(self, Self::Folded(_) | Self::FoldedClass(_))
    }

    pub(super) fn matches(&self, character: char) -> bool {
        match self {
            Self::Character(wanted) => *wanted == character,
            Self::Folded(wanted) => *wanted == canonical(character),
            Self::Class(set) => set.contains(character, Class::contains),
            Self::FoldedClass(set) => set.contains(character, Class::contains_folded),
        }
    }
}
