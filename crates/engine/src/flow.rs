//! What goes into a state's work and what comes out of the state: the input and output fields of both languages.

use std::sync::Arc;

use asl::machine::{Catcher, Field, Flow, JsonataFlow, Kind, PathFlow, Source, State};
use asl::{
    DEPTH_MAX, Data, Json, JsonPath, JsonataData, Payload, Place, ReferencePath, StatesError,
    Template,
};

use crate::context::Beside;
use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::{Left, Run};

pub(crate) const ARGUMENTS: Place = Place::Field("Arguments");
const ASSIGN: Place = Place::Field("Assign");
const OUTPUT: Place = Place::Field("Output");
const PARAMETERS: Place = Place::Field("Parameters");
const RESULT_SELECTOR: Place = Place::Field("ResultSelector");

/// A rule of a Choice that matched.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'a> {
    pub(crate) index: usize,
    pub(crate) output: Option<&'a Template>,
    pub(crate) assign: Option<&'a Template>,
}

/// What an evaluation is given besides what the frame knows.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    /// `$`, `$states.input`
    pub(crate) input: &'a Json,
    /// `$states.result`
    pub(crate) result: Option<&'a Json>,
    /// `$states.errorOutput`
    pub(crate) error_output: Option<&'a Json>,
    pub(crate) beside: Option<&'a Beside>,
}

impl<'a> Given<'a> {
    pub(crate) fn input(input: &'a Payload) -> Self {
        Self {
            input: input.value(),
            result: None,
            error_output: None,
            beside: None,
        }
    }

    pub(crate) fn with(input: &'a Payload, beside: &'a Beside) -> Self {
        Self {
            beside: Some(beside),
            ..Self::input(input)
        }
    }
}

impl Run<'_> {
    /// Evaluates something of a state.
    pub(crate) fn evaluate<T>(
        &self,
        id: FrameId,
        given: Given<'_>,
        what: impl FnOnce(&Data<'_>) -> T,
    ) -> T {
        let nothing = Beside::default();
        let context = || self.context(id, given.beside.unwrap_or(&nothing));
        let variables = |name: &str| self.variable(id, name);
        let drawn = self.entropy.borrow().drawn();
        let made = what(&Data {
            input: given.input,
            context: &context,
            variables: &variables,
            entropy: &self.entropy,
            allowance: &self.allowance,
            jsonata: JsonataData {
                result: given.result,
                error_output: given.error_output,
                now_millis: self.now.0,
            },
        });
        if self.entropy.borrow().drawn() != drawn {
            self.note_chance();
        }
        made
    }

    /// The nearest variable of that name: the frame's own, or that of one around it.
    pub(crate) fn variable(&self, id: FrameId, name: &str) -> Option<Payload> {
        let mut id = Some(id);
        while let Some(frame) = id.and_then(|id| self.execution.frames.get(&id)) {
            if let Some(value) = frame.variables.get(name) {
                return Some(value.clone());
            }
            id = frame.core.parent;
        }
        None
    }

    fn raw_input(&self, id: FrameId) -> Payload {
        let frame = self.execution.frames.get(&id);
        frame.map(|frame| frame.input.clone()).unwrap_or_default()
    }

    /// The raw input after `InputPath`.
    pub(crate) fn input(&self, id: FrameId, state: &State) -> Result<Payload, Raised> {
        let raw = self.raw_input(id);
        match &state.flow {
            Flow::JsonPath(flow) => {
                let input = self.select(id, flow.input_path.as_ref(), raw)?;
                self.note(|seen| seen.after_input_path = Some(input.clone()));
                Ok(input)
            }
            Flow::Jsonata(_) => Ok(raw),
        }
    }

    /// What the state's work is given: the input after `InputPath` and `Parameters`, or `Arguments`.
    pub(crate) fn arguments(
        &self,
        id: FrameId,
        state: &State,
        input: &Payload,
        beside: &Beside,
    ) -> Result<Payload, Raised> {
        let given = Given::with(input, beside);
        let arguments = match &state.flow {
            Flow::JsonPath(flow) => {
                let filled = self.fill(id, flow.parameters.as_ref(), PARAMETERS, given)?;
                let filled = filled.unwrap_or_else(|| input.clone());
                self.note(|seen| seen.after_parameters = Some(filled.clone()));
                filled
            }
            Flow::Jsonata(flow) => {
                let filled = self.fill(id, flow.arguments.as_ref(), ARGUMENTS, given)?;
                self.note(|seen| seen.after_arguments.clone_from(&filled));
                filled.unwrap_or_else(|| input.clone())
            }
        };
        self.check(&state.name, arguments)
    }

    /// What the state is left with after its work gave `result`.
    pub(crate) fn leaving(
        &self,
        id: FrameId,
        state: &State,
        result: Payload,
    ) -> Result<Left, Raised> {
        self.note(|seen| seen.result = has_result(state).then(|| result.clone()));
        let left = match &state.flow {
            Flow::JsonPath(flow) => self.path_leaving(id, state, flow, result)?,
            Flow::Jsonata(flow) => self.jsonata_leaving(id, state, flow, result)?,
        };
        self.check_left(&state.name, left)
    }

    /// What a state without work of its own is left with: its input, after `OutputPath` or `Output`.
    pub(crate) fn passing(
        &self,
        id: FrameId,
        state: &State,
        input: Payload,
        chosen: Option<Chosen<'_>>,
    ) -> Result<Left, Raised> {
        let given = Given::input(&input);
        let assigned = match chosen {
            None => self.assigned(id, state.assign.as_ref(), ASSIGN, given)?,
            Some(Chosen { index, assign, .. }) => self.assigned(
                id,
                assign,
                Place::Element("Choices", index, "Assign"),
                given,
            )?,
        };
        let output = match &state.flow {
            Flow::JsonPath(flow) => self.select(id, flow.output_path.as_ref(), input)?,
            Flow::Jsonata(flow) => {
                let of_rule = chosen.and_then(|chosen| Some((chosen.output?, chosen.index)));
                let output = match of_rule {
                    Some((output, index)) => {
                        let place = Place::Element("Choices", index, "Output");
                        self.fill(id, Some(output), place, given)?
                    }
                    None => self.fill(id, flow.output.as_ref(), OUTPUT, given)?,
                };
                output.unwrap_or(input)
            }
        };
        self.check_left(&state.name, Left { output, assigned })
    }

    fn path_leaving(
        &self,
        id: FrameId,
        state: &State,
        flow: &PathFlow,
        result: Payload,
    ) -> Result<Left, Raised> {
        let selector = flow.result_selector.as_ref();
        let selected = self.fill(id, selector, RESULT_SELECTOR, Given::input(&result))?;
        let result = selected.unwrap_or(result);
        self.note(|seen| seen.after_result_selector = Some(result.clone()));
        let given = Given::input(&result);
        let assigned = self.assigned(id, state.assign.as_ref(), ASSIGN, given)?;
        let combined = combine(flow.result_path.as_ref(), &self.raw_input(id), result)?;
        self.note(|seen| seen.after_result_path = Some(combined.clone()));
        let output = self.select(id, flow.output_path.as_ref(), combined)?;
        Ok(Left { output, assigned })
    }

    fn jsonata_leaving(
        &self,
        id: FrameId,
        state: &State,
        flow: &JsonataFlow,
        result: Payload,
    ) -> Result<Left, Raised> {
        let input = self.raw_input(id);
        let given = Given {
            result: Some(result.value()),
            ..Given::input(&input)
        };
        let assigned = self.assigned(id, state.assign.as_ref(), ASSIGN, given)?;
        let output = self.fill(id, flow.output.as_ref(), OUTPUT, given)?;
        let output = output.unwrap_or(result);
        Ok(Left { output, assigned })
    }

    /// What an error leaves that the catcher of that index takes: neither `ResultSelector` nor `OutputPath` see it.
    pub(crate) fn catching(
        &self,
        id: FrameId,
        state: &State,
        index: usize,
        catcher: &Catcher,
        error: Payload,
    ) -> Result<Left, Raised> {
        let raw = self.raw_input(id);
        let output = match &state.flow {
            Flow::JsonPath(_) => None,
            Flow::Jsonata(_) => {
                let place = Place::Element("Catch", index, "Output");
                let given = Given {
                    error_output: Some(error.value()),
                    ..Given::input(&raw)
                };
                self.fill(id, catcher.output.as_ref(), place, given)?
            }
        };
        let given = match &state.flow {
            Flow::JsonPath(_) => Given::input(&error),
            Flow::Jsonata(_) => Given {
                error_output: Some(error.value()),
                ..Given::input(&raw)
            },
        };
        let place = Place::Element("Catch", index, "Assign");
        let assigned = self.assigned(id, catcher.assign.as_ref(), place, given)?;
        let output = match (&state.flow, output) {
            (Flow::JsonPath(_), _) => combine(catcher.result_path.as_ref(), &raw, error)?,
            (Flow::Jsonata(_), output) => output.unwrap_or(error),
        };
        self.check_left(&state.name, Left { output, assigned })
    }

    /// The values of `Assign`, all from before any is set.
    pub(crate) fn assigned(
        &self,
        id: FrameId,
        assign: Option<&Template>,
        place: Place,
        given: Given<'_>,
    ) -> Result<Vec<(Arc<str>, Payload)>, Raised> {
        let Some(template) = assign else {
            return Ok(Vec::new());
        };
        let values = self.evaluate(id, given, |data| template.evaluate(data, place))?;
        let Some(members) = values.as_object() else {
            return Err(unexpected_type(template, place, "object", &values));
        };
        Ok(members
            .to_members()
            .into_iter()
            .map(|(name, value)| (name, Payload::new(value)))
            .collect())
    }

    /// A field that names a value.
    pub(crate) fn field(
        &self,
        id: FrameId,
        input: &Payload,
        field: &Field<impl Sized>,
        name: &'static str,
    ) -> Result<Option<Json>, Raised> {
        self.evaluate(id, Given::input(input), |data| match field {
            Field::Literal(_) => Ok(None),
            Field::Path(Source::Path(path)) => Ok(Some(path.evaluate(data)?)),
            Field::Path(Source::Intrinsic(intrinsic)) => Ok(Some(intrinsic.evaluate(data)?)),
            Field::Expression(expression) => {
                Ok(Some(expression.evaluate(data, Place::Field(name))?))
            }
        })
    }

    /// The template's value, if there is one.
    pub(crate) fn fill(
        &self,
        id: FrameId,
        template: Option<&Template>,
        place: Place,
        given: Given<'_>,
    ) -> Result<Option<Payload>, Raised> {
        let Some(template) = template else {
            return Ok(None);
        };
        let value = self.evaluate(id, given, |data| template.evaluate(data, place))?;
        Ok(Some(Payload::new(value)))
    }

    /// What `InputPath` or `OutputPath` leaves of a payload: all of it by `$`, nothing by `null`.
    fn select(
        &self,
        id: FrameId,
        path: Option<&JsonPath>,
        from: Payload,
    ) -> Result<Payload, Raised> {
        match path {
            None => Ok(Payload::new(Json::empty_object())),
            Some(path) if path.text().as_ref() == "$" => Ok(from),
            Some(path) => {
                let value = self.evaluate(id, Given::input(&from), |data| path.evaluate(data))?;
                Ok(Payload::new(value))
            }
        }
    }

    fn check_left(&self, what: &str, left: Left) -> Result<Left, Raised> {
        let output = self.check(what, left.output)?;
        let mut assigned = Vec::with_capacity(left.assigned.len());
        for (name, value) in left.assigned {
            assigned.push((name, self.check(what, value)?));
        }
        Ok(Left { output, assigned })
    }

    /// A payload within the limits: of bytes, which are AWS's, and of depth, which are the JSON reader's.
    pub(crate) fn check(&self, what: &str, payload: Payload) -> Result<Payload, Raised> {
        let payload = check_depth(payload)?;
        if !payload.fits(self.execution.limits.payload_bytes_max) {
            return Err(Raised::too_large(what));
        }
        Ok(payload)
    }
}

/// A payload that can be read again from its text.
pub(crate) fn check_depth(payload: Payload) -> Result<Payload, Raised> {
    if payload.value().depth() > DEPTH_MAX {
        return Err(Raised::runtime(format!(
            "The data is nested more than {DEPTH_MAX} levels deep"
        )));
    }
    Ok(payload)
}

/// Whether the state has a result besides what goes through it.
fn has_result(state: &State) -> bool {
    match &state.kind {
        Kind::Pass(pass) => pass.result.is_some(),
        Kind::Task(_) | Kind::Parallel(_) | Kind::Map(_) => true,
        Kind::Choice(_) | Kind::Wait(_) | Kind::Succeed | Kind::Fail(_) => false,
    }
}

/// A field whose expression gave another type than it needs.
pub(crate) fn unexpected_type(
    template: &Template,
    place: Place,
    expected: &str,
    value: &Json,
) -> Raised {
    match template {
        Template::Expression(expression) => {
            StatesError::unexpected_type(place, expression.text(), expected, value).into()
        }
        Template::Literal(_)
        | Template::Array(_)
        | Template::Object(_)
        | Template::Path(_)
        | Template::Intrinsic(_) => Raised::runtime(format!(
            "The value of the field '{place}' must be of the type '{expected}', but was '{}'",
            value.type_name()
        )),
    }
}

/// `ResultPath`: the raw input with the result at that place, the result by `$`, the raw input by `null`.
fn combine(
    path: Option<&ReferencePath>,
    raw: &Payload,
    result: Payload,
) -> Result<Payload, Raised> {
    match path {
        None => Ok(raw.clone()),
        Some(path) if path.is_root() => Ok(result),
        Some(path) => {
            let combined = path.set(raw.value(), result.value().clone())?;
            Ok(Payload::new(combined))
        }
    }
}
