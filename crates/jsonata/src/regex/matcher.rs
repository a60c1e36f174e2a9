//! A match: a walk over the program that goes back to the last choice when it fails.

use crate::bounds::{Meter, too_large};
use crate::error::Result;

use super::class::canonical;
use super::compile::{Instruction, Loop, Matcher, Program};

/// Instructions that count as one step: they are some four times quicker than the evaluation of a node.
const INSTRUCTIONS_A_STEP: usize = 4;

/// Characters that a run takes in the time of an instruction.
const RUN_AN_INSTRUCTION: u32 = 4;

/// Instructions that it costs to find the upper case of a character that is not ASCII.
const FOLDING: usize = 8;

/// Choices to come back to: 32 MiB of them. A pattern that keeps one for every character gets through the largest
/// payload three times over.
const CHOICES_MAX: usize = 1 << 20;

/// Where each group lies; the first is the whole.
type Found = Vec<Option<(usize, usize)>>;

pub(super) fn find(
    program: &Program,
    text: &str,
    from: usize,
    meter: &mut Meter,
) -> Result<Option<Found>> {
    meter.spend((program.groups + program.registers) / 8)?;
    let mut walk = Walk {
        program,
        text,
        meter,
        groups: vec![None; (program.groups + 1) * 2],
        registers: vec![0; program.registers],
        choices: Vec::new(),
        instructions: 0,
    };
    let mut start = from;
    loop {
        if let Some(first) = program.first {
            let Some(skipped) = text.get(start..).and_then(|rest| rest.find(first)) else {
                walk.meter.spend_bytes(text.len() - start)?;
                return Ok(None);
            };
            walk.meter.spend_bytes(skipped)?;
            start += skipped;
        }
        if let Some(end) = walk.run(0, start)? {
            let mut found = vec![Some((start, end))];
            found.extend(walk.groups.get(2..).unwrap_or_default().chunks(2).map(
                |pair| match pair {
                    [Some(start), Some(end)] => Some((*start, *end)),
                    _ => None,
                },
            ));
            return Ok(Some(found));
        }
        match next_character(text, start) {
            Some(character) if !program.anchored => start += character.len_utf8(),
            _ => return Ok(None),
        }
    }
}

struct Walk<'a> {
    program: &'a Program,
    text: &'a str,
    meter: &'a mut Meter,
    /// Starts and ends, by turns.
    groups: Vec<Option<usize>>,
    registers: Vec<usize>,
    choices: Vec<Choice>,
    /// Since the last step was counted.
    instructions: usize,
}

/// What to do when the walk fails: undo, and take the other way.
enum Choice {
    Go {
        at: usize,
        place: usize,
    },
    Group {
        index: usize,
        was: Option<usize>,
    },
    Register {
        index: usize,
        was: usize,
    },
    /// A run may give back one character at a time, down to `least`.
    Shorter {
        at: usize,
        least: usize,
        place: usize,
    },
    /// A run may take one more character at a time.
    Longer {
        at: usize,
        place: usize,
        more: u32,
    },
}

impl Walk<'_> {
    /// Where the match that begins there ends. A look around is a walk of its own within this one: patterns nest to a
    /// hundred levels at most.
    fn run(&mut self, start_at: usize, start: usize) -> Result<Option<usize>> {
        let base = self.choices.len();
        let (mut at, mut place) = (start_at, start);
        let program = self.program;
        loop {
            self.count(1)?;
            let Some(instruction) = program.instructions.get(at) else {
                return Ok(Some(place));
            };
            let next = match instruction {
                Instruction::One(matcher) => match next_character(self.text, place) {
                    Some(character) if self.fits(matcher, character)? => {
                        Some((at + 1, place + character.len_utf8()))
                    }
                    _ => None,
                },
                Instruction::OneBack(matcher) => match last_character(self.text, place) {
                    Some(character) if self.fits(matcher, character)? => {
                        Some((at + 1, place - character.len_utf8()))
                    }
                    _ => None,
                },
                Instruction::Run {
                    matcher,
                    min,
                    max,
                    lazy,
                } => self
                    .take(matcher, *min, *max, *lazy, at, place)?
                    .map(|place| (at + 1, place)),
                Instruction::Start => self.starts_line(place).then_some((at + 1, place)),
                Instruction::End => self.ends_line(place).then_some((at + 1, place)),
                Instruction::Boundary { inside } => {
                    (self.at_boundary(place) != *inside).then_some((at + 1, place))
                }
                Instruction::Split(first, second) => {
                    self.choose(Choice::Go { at: *second, place })?;
                    Some((*first, place))
                }
                Instruction::Jump(target) => Some((*target, place)),
                Instruction::Save(index) => {
                    self.set_group(*index, Some(place))?;
                    Some((at + 1, place))
                }
                Instruction::Forget(groups) => {
                    self.count(groups.len())?;
                    for index in groups.start * 2..groups.end * 2 {
                        self.set_group(index, None)?;
                    }
                    Some((at + 1, place))
                }
                Instruction::BackReference { group, back } => self
                    .same(*group, *back, place)?
                    .map(|place| (at + 1, place)),
                Instruction::Look { negative, end } => self
                    .look(at + 1, place, *negative)?
                    .then_some((*end, place)),
                Instruction::Accept => {
                    self.count(self.choices.len() - base)?;
                    self.keep_undoing(base);
                    return Ok(Some(place));
                }
                Instruction::Zero(counter) => {
                    self.set_register(*counter, 0)?;
                    Some((at + 1, place))
                }
                Instruction::Loop(looping) => Some((self.enter(looping, at, place)?, place)),
                Instruction::Again {
                    counter,
                    mark,
                    min,
                    head,
                } => {
                    let rounds = self.register(*counter);
                    if rounds >= *min as usize && self.register(*mark) == place {
                        None
                    } else {
                        self.set_register(*counter, rounds + 1)?;
                        Some((*head, place))
                    }
                }
            };
            match next {
                Some(next) => (at, place) = next,
                None => match self.back_to(base)? {
                    Some(choice) => (at, place) = choice,
                    None => return Ok(None),
                },
            }
        }
    }

    fn count(&mut self, instructions: usize) -> Result<()> {
        self.instructions += instructions;
        if self.instructions >= INSTRUCTIONS_A_STEP {
            self.meter.spend(self.instructions / INSTRUCTIONS_A_STEP)?;
            self.instructions %= INSTRUCTIONS_A_STEP;
        }
        Ok(())
    }

    fn fits(&mut self, matcher: &Matcher, character: char) -> Result<bool> {
        if !character.is_ascii() && matcher.folds() {
            self.count(FOLDING)?;
        }
        Ok(matcher.matches(character))
    }

    fn choose(&mut self, choice: Choice) -> Result<()> {
        if self.choices.len() >= CHOICES_MAX {
            return Err(too_large());
        }
        self.choices.push(choice);
        Ok(())
    }

    /// Undoes up to the last choice that is left, and gives its other way.
    fn back_to(&mut self, base: usize) -> Result<Option<(usize, usize)>> {
        while self.choices.len() > base {
            self.count(1)?;
            match self.choices.pop() {
                Some(Choice::Go { at, place }) => return Ok(Some((at, place))),
                Some(Choice::Group { index, was }) => {
                    if let Some(group) = self.groups.get_mut(index) {
                        *group = was;
                    }
                }
                Some(Choice::Register { index, was }) => {
                    if let Some(register) = self.registers.get_mut(index) {
                        *register = was;
                    }
                }
                Some(Choice::Shorter { at, least, place }) => {
                    let width = last_character(self.text, place).map_or(1, char::len_utf8);
                    let shorter = place.saturating_sub(width);
                    if shorter > least {
                        self.choices.push(Choice::Shorter {
                            at,
                            least,
                            place: shorter,
                        });
                    }
                    return Ok(Some((at + 1, shorter)));
                }
                Some(Choice::Longer { at, place, more }) => {
                    let Some(Instruction::Run { matcher, .. }) = self.program.instructions.get(at)
                    else {
                        continue;
                    };
                    let Some(character) = next_character(self.text, place) else {
                        continue;
                    };
                    if self.fits(matcher, character)? {
                        let place = place + character.len_utf8();
                        if more > 1 {
                            let more = if more == u32::MAX { more } else { more - 1 };
                            self.choices.push(Choice::Longer { at, place, more });
                        }
                        return Ok(Some((at + 1, place)));
                    }
                }
                None => break,
            }
        }
        Ok(None)
    }

    /// What a look around chose is final; what it captured can still be undone.
    fn keep_undoing(&mut self, base: usize) {
        let mut kept = base;
        for index in base..self.choices.len() {
            let undoes = matches!(
                self.choices.get(index),
                Some(Choice::Group { .. } | Choice::Register { .. })
            );
            if undoes {
                self.choices.swap(kept, index);
                kept += 1;
            }
        }
        self.choices.truncate(kept);
    }

    fn look(&mut self, at: usize, place: usize, negative: bool) -> Result<bool> {
        let base = self.choices.len();
        let found = self.run(at, place)?.is_some();
        if negative && found {
            while self.back_to(base)?.is_some() {}
        }
        Ok(found != negative)
    }

    /// Takes characters of one kind, and remembers that it could have taken fewer or more.
    fn take(
        &mut self,
        matcher: &Matcher,
        min: u32,
        max: u32,
        lazy: bool,
        at: usize,
        start: usize,
    ) -> Result<Option<usize>> {
        let wanted = if lazy { min } else { max };
        let (mut place, mut taken, mut least) = (start, 0, start);
        while taken < wanted {
            match next_character(self.text, place) {
                Some(character) if self.fits(matcher, character)? => place += character.len_utf8(),
                _ => break,
            }
            taken += 1;
            if taken % RUN_AN_INSTRUCTION == 0 {
                self.count(1)?;
            }
            if taken == min {
                least = place;
            }
        }
        if taken < min {
            return Ok(None);
        }
        if lazy && max > min {
            let more = if max == u32::MAX { max } else { max - min };
            self.choose(Choice::Longer { at, place, more })?;
        } else if place > least {
            self.choose(Choice::Shorter { at, least, place })?;
        }
        Ok(Some(place))
    }

    /// The instruction that a loop goes on at.
    fn enter(&mut self, looping: &Loop, at: usize, place: usize) -> Result<usize> {
        let rounds = self.register(looping.counter);
        if rounds >= looping.max as usize && looping.max != u32::MAX {
            return Ok(looping.exit);
        }
        let must = rounds < looping.min as usize;
        if !must && looping.lazy {
            // The way in begins with the mark, which only this instruction sets: it is set for both ways.
            self.set_register(looping.mark, place)?;
            self.choose(Choice::Go { at: at + 1, place })?;
            return Ok(looping.exit);
        }
        if !must {
            self.choose(Choice::Go {
                at: looping.exit,
                place,
            })?;
        }
        self.set_register(looping.mark, place)?;
        Ok(at + 1)
    }

    /// The place after what the group captured, if that stands here too. A group that took no part matches nothing.
    fn same(&mut self, group: usize, back: bool, place: usize) -> Result<Option<usize>> {
        let bound = |index: usize| self.groups.get(index).copied().flatten();
        let (Some(start), Some(end)) = (bound(group * 2), bound(group * 2 + 1)) else {
            return Ok(Some(place));
        };
        let captured = self.text.get(start..end).unwrap_or_default();
        self.count(1 + captured.len() / 8)?;
        if self.program.flags.ignore_case {
            self.count(captured.len())?;
        }
        let here = if back {
            self.text.get(..place).unwrap_or_default()
        } else {
            self.text.get(place..).unwrap_or_default()
        };
        let length = if self.program.flags.ignore_case {
            same_folded(captured, here, back)
        } else {
            let stands = if back {
                here.ends_with(captured)
            } else {
                here.starts_with(captured)
            };
            stands.then_some(captured.len())
        };
        Ok(length.map(|length| if back { place - length } else { place + length }))
    }

    fn set_group(&mut self, index: usize, to: Option<usize>) -> Result<()> {
        let Some(group) = self.groups.get_mut(index) else {
            return Ok(());
        };
        let was = std::mem::replace(group, to);
        if was == to {
            return Ok(());
        }
        self.choose(Choice::Group { index, was })
    }

    fn register(&self, index: usize) -> usize {
        self.registers.get(index).copied().unwrap_or_default()
    }

    fn set_register(&mut self, index: usize, to: usize) -> Result<()> {
        let Some(register) = self.registers.get_mut(index) else {
            return Ok(());
        };
        let was = std::mem::replace(register, to);
        if was == to {
            return Ok(());
        }
        self.choose(Choice::Register { index, was })
    }

    fn starts_line(&self, place: usize) -> bool {
        place == 0
            || self.program.flags.multiline
                && last_character(self.text, place).is_some_and(ends_a_line)
    }

    fn ends_line(&self, place: usize) -> bool {
        place == self.text.len()
            || self.program.flags.multiline
                && next_character(self.text, place).is_some_and(ends_a_line)
    }

    fn at_boundary(&self, place: usize) -> bool {
        let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_';
        let before = last_character(self.text, place).is_some_and(is_word);
        let after = next_character(self.text, place).is_some_and(is_word);
        before != after
    }
}

fn ends_a_line(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn next_character(text: &str, place: usize) -> Option<char> {
    match text.as_bytes().get(place) {
        Some(byte) if byte.is_ascii() => Some(char::from(*byte)),
        _ => text.get(place..)?.chars().next(),
    }
}

fn last_character(text: &str, place: usize) -> Option<char> {
    text.get(..place)?.chars().next_back()
}

/// How many bytes of `here`, at its end or at its beginning, are the captured text but for case.
fn same_folded(captured: &str, here: &str, back: bool) -> Option<usize> {
    let mut length = 0;
    let mut compare = |wanted: char, found: Option<char>| {
        let found = found?;
        length += found.len_utf8();
        (canonical(wanted) == canonical(found)).then_some(())
    };
    if back {
        let mut found = here.chars().rev();
        captured
            .chars()
            .rev()
            .try_for_each(|wanted| compare(wanted, found.next()))?;
    } else {
        let mut found = here.chars();
        captured
            .chars()
            .try_for_each(|wanted| compare(wanted, found.next()))?;
    }
    Some(length)
}
