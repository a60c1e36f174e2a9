//! Calls: functions of the language and of the expression, partial applications, chains.

use std::sync::Arc;

use crate::error::{Fault, Result, Token};
use crate::functions::Arguments;
use crate::json;
use crate::syntax::tree::{Call, Kind, Lambda, Node};
use crate::value::{Function, Value};

use super::{Callable, Evaluator, Maybe, is_thunk};

/// From where a function was called, which errors tell.
struct Site {
    name: Option<Arc<str>>,
    position: usize,
}

impl Evaluator<'_, '_> {
    /// A call; `chained` is what stands before `~>`.
    pub(super) fn call(
        &mut self,
        call: &Call,
        input: Option<&Value>,
        frame: usize,
        chained: Option<Maybe>,
    ) -> Result<Maybe> {
        let procedure = self.eval(&call.procedure, input, frame)?;
        if procedure.is_none()
            && let Some(name) = self.meant(call, frame)
        {
            return Err(Fault::new("T1005").at(call.position).token(name));
        }
        let mut arguments = Vec::with_capacity(call.arguments.len() + 1);
        arguments.extend(chained);
        for argument in call.arguments.iter().flatten() {
            arguments.push(self.eval(argument, input, frame)?);
        }
        let site = Site {
            name: call.name(),
            position: call.position,
        };
        self.apply(procedure.as_ref(), arguments, input, Some(&site))
            .map_err(|mut fault| {
                fault.position = fault
                    .position
                    .filter(|position| *position > 0)
                    .or(Some(call.position));
                fault.token = fault.token.take().or(site.name.map(Token::Name));
                fault
            })
    }

    /// The function that was meant, if only the dollar sign is missing.
    fn meant(&self, call: &Call, frame: usize) -> Option<Arc<str>> {
        let Kind::Path(path) = &call.procedure.kind else {
            return None;
        };
        match path.steps.first().map(|step| &step.kind) {
            Some(Kind::Name(name)) if self.lookup(frame, name).is_some() => Some(Arc::clone(name)),
            _ => None,
        }
    }

    /// Calls a function from within another, with no context item.
    pub(crate) fn invoke(&mut self, function: &Value, arguments: Vec<Maybe>) -> Result<Maybe> {
        self.meter().enter_call()?;
        let result = self.apply(Some(function), arguments, Some(&Value::Null), None)?;
        self.meter().leave_call();
        Ok(result)
    }

    /// Applies a function, and then those that it ends in.
    fn apply(
        &mut self,
        procedure: Option<&Value>,
        arguments: Vec<Maybe>,
        input: Option<&Value>,
        site: Option<&Site>,
    ) -> Result<Maybe> {
        let base = self.frames.len();
        let mut result = self.apply_once(procedure, arguments, input, site)?;
        while is_thunk(result.as_ref()) {
            let Some(Value::Function(thunk)) = &result else {
                break;
            };
            let Callable::Thunk {
                call,
                input: context,
                frame,
            } = thunk.callable()
            else {
                break;
            };
            self.spend(1)?;
            let procedure = self.eval(&call.procedure, context.as_ref(), *frame)?;
            let mut arguments = Vec::with_capacity(call.arguments.len());
            for argument in call.arguments.iter().flatten() {
                arguments.push(self.eval(argument, context.as_ref(), *frame)?);
            }
            let site = Site {
                name: match &call.procedure.kind {
                    Kind::Variable(name) => Some(Arc::clone(name)),
                    _ => None,
                },
                position: call.procedure.position,
            };
            self.frames.release(base);
            result = self.apply_once(procedure.as_ref(), arguments, input, Some(&site))?;
        }
        self.frames.release(base);
        Ok(result)
    }

    fn apply_once(
        &mut self,
        procedure: Option<&Value>,
        arguments: Vec<Maybe>,
        input: Option<&Value>,
        site: Option<&Site>,
    ) -> Result<Maybe> {
        let Some(Value::Function(function)) = procedure else {
            return Err(Fault::new("T1006"));
        };
        self.apply_function(function, arguments, input)
            .map_err(|mut fault| {
                let name = match (function.callable(), site) {
                    // Closures of the host have neither a name nor a place in the reference implementation.
                    (Callable::Regex { .. } | Callable::Next { .. }, _) => return fault,
                    (_, Some(site)) => {
                        fault.position = Some(site.position);
                        site.name.clone()
                    }
                    (Callable::Native(native), None) => Some(native.name.into()),
                    (_, None) => None,
                };
                fault.token = fault.token.take().or(name.map(Token::Name));
                fault
            })
    }

    fn apply_function(
        &mut self,
        function: &Function,
        arguments: Vec<Maybe>,
        input: Option<&Value>,
    ) -> Result<Maybe> {
        match function.callable() {
            Callable::Native(native) => {
                let meter = &mut self.scope.meter;
                meter.spend(1)?;
                let arguments = native
                    .signature
                    .validate(arguments, input, &mut |steps| meter.spend(steps))?;
                (native.call)(self, Arguments::new(arguments))
            }
            Callable::Lambda {
                definition,
                unbound,
                input: context,
                frame,
            } => {
                let definition = Arc::clone(definition);
                let arguments = match (&definition.signature, unbound) {
                    (Some(signature), None) => {
                        let meter = &mut self.scope.meter;
                        signature.validate(arguments, input, &mut |steps| meter.spend(steps))?
                    }
                    _ => arguments,
                };
                let inner = self.frames.push(Some(*frame));
                let parameters = unbound.as_ref().unwrap_or(&definition.parameters);
                let mut arguments = arguments.into_iter();
                for parameter in parameters {
                    self.frames
                        .bind(inner, Arc::clone(parameter), arguments.next().flatten());
                }
                self.eval(&definition.body, context.as_ref(), inner)
            }
            Callable::Thunk { .. } => Ok(Some(Value::Function(function.clone()))),
            Callable::Partial {
                function,
                arguments: bound,
            } => {
                let mut open = arguments.into_iter();
                let arguments = bound
                    .iter()
                    .map(|bound| bound.clone().unwrap_or_else(|| open.next().flatten()))
                    .collect();
                self.meter().enter_call()?;
                let result = self.apply(Some(function), arguments, input, None)?;
                self.meter().leave_call();
                Ok(result)
            }
            Callable::Chain { first, second } => {
                let argument = arguments.into_iter().next().flatten();
                let (first, second) = (first.clone(), second.clone());
                let between = self.invoke(&first, vec![argument])?;
                self.invoke(&second, vec![between])
            }
            Callable::Regex { regex, position } => {
                self.call_regex(&Arc::clone(regex), *position, &arguments)
            }
            Callable::Next {
                regex,
                position,
                text,
                from,
            } => self.call_next(&Arc::clone(regex), *position, &Arc::clone(text), *from),
            Callable::Transform { transform, frame } => self.transform(
                &Arc::clone(transform),
                *frame,
                arguments.into_iter().next().flatten(),
            ),
        }
    }

    pub(super) fn partial(
        &mut self,
        call: &Call,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Value> {
        let mut arguments: Vec<Option<Maybe>> = Vec::with_capacity(call.arguments.len());
        for argument in &call.arguments {
            arguments.push(match argument {
                Some(argument) => Some(self.eval(argument, input, frame)?),
                None => None,
            });
        }
        let procedure = self.eval(&call.procedure, input, frame)?;
        let function = match procedure {
            Some(Value::Function(function)) => function,
            None => {
                let (code, name) = match self.meant(call, frame) {
                    Some(name) => ("T1007", Some(name)),
                    None => ("T1008", call.name()),
                };
                let mut fault = Fault::new(code).at(call.position);
                fault.token = name.map(Token::Name);
                return Err(fault);
            }
            Some(_) => {
                let mut fault = Fault::new("T1008").at(call.position);
                fault.token = call.name().map(Token::Name);
                return Err(fault);
            }
        };
        if let Callable::Lambda {
            definition,
            unbound,
            input,
            frame,
        } = function.callable()
        {
            return self.partial_lambda(definition, unbound.as_ref(), input, *frame, arguments);
        }
        self.function(Callable::Partial {
            function: Value::Function(function),
            arguments,
        })
    }

    /// What is known of the arguments is bound in a frame of its own, the rest are the new parameters.
    fn partial_lambda(
        &mut self,
        definition: &Arc<Lambda>,
        unbound: Option<&Vec<Arc<str>>>,
        input: &Maybe,
        frame: usize,
        arguments: Vec<Option<Maybe>>,
    ) -> Result<Value> {
        let inner = self.frames.push(Some(frame));
        self.frames.capture(inner);
        let mut arguments = arguments.into_iter();
        let mut open = Vec::new();
        for parameter in unbound.unwrap_or(&definition.parameters) {
            match arguments.next() {
                Some(None) => open.push(Arc::clone(parameter)),
                bound => self
                    .frames
                    .bind(inner, Arc::clone(parameter), bound.flatten().flatten()),
            }
        }
        self.function(Callable::Lambda {
            definition: Arc::clone(definition),
            unbound: Some(open),
            input: input.clone(),
            frame: inner,
        })
    }

    /// `left ~> right`: a call with one more argument, a call, or two functions made one.
    pub(super) fn chain(
        &mut self,
        left: &Node,
        right: &Node,
        position: usize,
        input: Option<&Value>,
        frame: usize,
    ) -> Result<Maybe> {
        let value = self.eval(left, input, frame)?;
        if let Kind::Call(call) = &right.kind {
            return self.call(call, input, frame, Some(value));
        }
        let function = self.eval(right, input, frame)?;
        let Some(function @ Value::Function(_)) = function else {
            return Err(Fault::new("T2006")
                .at(position)
                .value(json::shown(function.as_ref())));
        };
        if let Some(first @ Value::Function(_)) = value {
            let chain = Callable::Chain {
                first,
                second: function,
            };
            return self.function(chain).map(Some);
        }
        let site = match &right.kind {
            Kind::Variable(name) => Some(Site {
                name: Some(Arc::clone(name)),
                position: right.position,
            }),
            _ => None,
        };
        self.apply(
            Some(&function),
            vec![value],
            Some(&Value::Null),
            site.as_ref(),
        )
    }
}
