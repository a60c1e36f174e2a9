//! What goes into a state's work and what comes out of the state: the input and output fields of both languages.

use std::sync::Arc;

use asl::machine::{Catcher, Field, Flow, JsonataFlow, PathFlow, Source, State};
use asl::{DEPTH_MAX, Data, Json, JsonPath, Payload, ReferencePath, Template};

use crate::context::Beside;
use crate::execution::FrameId;
use crate::raised::Raised;
use crate::run::{Left, Run};

impl Run<'_> {
    /// Evaluates something of a state, with `$` as given.
    pub(crate) fn evaluate<T>(
        &self,
        id: FrameId,
        input: &Json,
        beside: &Beside,
        what: impl FnOnce(&Data<'_>) -> T,
    ) -> T {
        let context = || self.context(id, beside);
        let variables = |name: &str| self.variable(id, name);
        what(&Data {
            input,
            context: &context,
            variables: &variables,
            entropy: &self.entropy,
        })
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
            Flow::JsonPath(flow) => self.select(id, flow.input_path.as_ref(), raw),
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
        let template = match &state.flow {
            Flow::JsonPath(flow) => flow.parameters.as_ref(),
            Flow::Jsonata(flow) => flow.arguments.as_ref(),
        };
        let arguments = self.fill(id, template, input, beside)?;
        self.check(&state.name, arguments)
    }

    /// What the state is left with after its work gave `result`.
    pub(crate) fn leaving(
        &self,
        id: FrameId,
        state: &State,
        result: Payload,
    ) -> Result<Left, Raised> {
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
        output: Option<&Template>,
        assign: Option<&Template>,
    ) -> Result<Left, Raised> {
        let assigned = self.assigned(id, assign, input.value())?;
        let output = match &state.flow {
            Flow::JsonPath(flow) => self.select(id, flow.output_path.as_ref(), input)?,
            Flow::Jsonata(flow) => {
                let template = output.or(flow.output.as_ref());
                self.fill(id, template, &input, &Beside::default())?
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
        let result = self.fill(id, selector, &result, &Beside::default())?;
        let assigned = self.assigned(id, state.assign.as_ref(), result.value())?;
        let combined = combine(flow.result_path.as_ref(), &self.raw_input(id), result)?;
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
        let assigned = self.assigned(id, state.assign.as_ref(), result.value())?;
        let output = self.fill(id, flow.output.as_ref(), &result, &Beside::default())?;
        Ok(Left { output, assigned })
    }

    /// What a caught error leaves: neither `ResultSelector` nor `OutputPath` see it.
    pub(crate) fn catch_output(
        &self,
        id: FrameId,
        state: &State,
        catcher: &Catcher,
        error: &Payload,
    ) -> Result<Payload, Raised> {
        let output = match &state.flow {
            Flow::JsonPath(_) => combine(
                catcher.result_path.as_ref(),
                &self.raw_input(id),
                error.clone(),
            )?,
            Flow::Jsonata(_) => {
                self.fill(id, catcher.output.as_ref(), error, &Beside::default())?
            }
        };
        self.check(&state.name, output)
    }

    /// The values of `Assign`, all from before any is set.
    pub(crate) fn assigned(
        &self,
        id: FrameId,
        assign: Option<&Template>,
        input: &Json,
    ) -> Result<Vec<(Arc<str>, Payload)>, Raised> {
        let Some(template) = assign else {
            return Ok(Vec::new());
        };
        let values = self.evaluate(id, input, &Beside::default(), |data| {
            template.evaluate(data)
        })?;
        let members = values.as_object().map(asl::Object::to_members);
        Ok(members
            .unwrap_or_default()
            .into_iter()
            .map(|(name, value)| (name, Payload::new(value)))
            .collect())
    }

    /// A field that names a value.
    pub(crate) fn field(
        &self,
        id: FrameId,
        input: &Json,
        field: &Field<impl Sized>,
    ) -> Result<Option<Json>, Raised> {
        match field {
            Field::Literal(_) => Ok(None),
            Field::Path(source) => self.source(id, input, source).map(Some),
            Field::Expression(expression) => Ok(Some(self.evaluate(
                id,
                input,
                &Beside::default(),
                |data| expression.evaluate(data),
            )?)),
        }
    }

    pub(crate) fn source(
        &self,
        id: FrameId,
        input: &Json,
        source: &Source,
    ) -> Result<Json, Raised> {
        self.evaluate(id, input, &Beside::default(), |data| match source {
            Source::Path(path) => path.evaluate(data).map_err(Raised::from),
            Source::Intrinsic(intrinsic) => intrinsic.evaluate(data).map_err(Raised::from),
        })
    }

    /// The template's value, or what there is without one.
    pub(crate) fn fill(
        &self,
        id: FrameId,
        template: Option<&Template>,
        input: &Payload,
        beside: &Beside,
    ) -> Result<Payload, Raised> {
        let Some(template) = template else {
            return Ok(input.clone());
        };
        let value = self.evaluate(id, input.value(), beside, |data| template.evaluate(data))?;
        Ok(Payload::new(value))
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
                let value = self.evaluate(id, from.value(), &Beside::default(), |data| {
                    path.evaluate(data)
                })?;
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
        if payload.value().depth() > DEPTH_MAX {
            return Err(Raised::runtime(format!(
                "The data is nested more than {DEPTH_MAX} levels deep"
            )));
        }
        if payload.text_bytes() > self.execution.limits.payload_bytes_max {
            return Err(Raised::too_large(what));
        }
        Ok(payload)
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
