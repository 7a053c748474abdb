//! Evaluates the expression of a condition on the messages that pass.

use std::collections::HashMap;

use super::super::ChannelInfo;
use super::super::condition::{Condition, Formula};
use crate::cdr::{FieldPath, FieldPlan};
use crate::ingest::TopicIndex;
use crate::message::Arrival;
use crate::name::TypeName;
use crate::schema::{Origin, Schema};
use crate::signal::expression::{Program, State};

/// What reads the fields of one topic.
struct Reader {
    /// The type and its definition, which the plan was made from.
    type_name: TypeName,
    defined: bool,
    /// None where the topic has no part in the expression, or its fields cannot be read.
    plan: Option<FieldPlan>,
    /// The input that each value of a row is.
    slots: Vec<usize>,
    row: Vec<f64>,
}

/// An expression with the values that it is made of.
pub(super) struct Gauge {
    formula: Formula,
    program: Program,
    state: State,
    values: Vec<f64>,
    readers: HashMap<TopicIndex, Reader>,
    /// It is true, and it was so at some message since the last look.
    holds: bool,
    held: bool,
    /// What keeps it from being evaluated, until that was told.
    problem: Option<String>,
}

impl Gauge {
    /// For a condition that is an expression.
    pub fn of(condition: &Condition) -> Option<Self> {
        let Condition::Holds(formula) = condition else {
            return None;
        };
        let program = formula.expression().compile();
        Some(Self {
            state: program.state(),
            values: vec![f64::NAN; program.inputs()],
            program,
            formula: Formula::clone(formula),
            readers: HashMap::new(),
            holds: false,
            held: false,
            problem: None,
        })
    }

    /// Learns what a topic is made of.
    pub fn learn(&mut self, info: &ChannelInfo) {
        let known = self.readers.get(&info.topic);
        if known.is_some_and(|known| known.type_name == info.type_name && known.defined == info.definition.is_some()) {
            return;
        }
        let inputs = self.formula.inputs().iter().enumerate();
        let (slots, paths): (Vec<usize>, Vec<FieldPath>) = inputs
            .filter(|(_, (topic, _))| *topic == info.name)
            .map(|(slot, (_, path))| (slot, path.clone()))
            .unzip();
        let plan = match &info.definition {
            Some(text) if !slots.is_empty() => match compile(&info.type_name, text, &paths) {
                Ok(plan) => Some(plan),
                Err(why) => {
                    self.problem = Some(format!(
                        "`{}` cannot come true: {} of type {}: {why}",
                        self.formula.text(),
                        info.name,
                        info.type_name
                    ));
                    None
                }
            },
            _ => None,
        };
        let reader = Reader {
            type_name: info.type_name.clone(),
            defined: info.definition.is_some(),
            row: vec![f64::NAN; slots.len()],
            plan,
            slots,
        };
        let _ = self.readers.insert(info.topic, reader);
    }

    /// A message passes. Says what is wrong, once.
    pub fn see(&mut self, info: &ChannelInfo, arrival: &Arrival) -> Option<String> {
        let reader = self.readers.get_mut(&info.topic)?;
        if let Some(plan) = &reader.plan
            && plan.extract(&arrival.payload, &mut reader.row).is_ok()
        {
            for (slot, value) in reader.slots.iter().zip(&reader.row) {
                if let Some(input) = self.values.get_mut(*slot) {
                    *input = *value;
                }
            }
            let value = self.program.run(&mut self.state, &self.values, arrival.receive_time.0);
            self.holds = value != 0.0 && !value.is_nan();
            self.held |= self.holds;
        }
        self.problem.take()
    }

    /// True when it belongs to this expression, which was true at some message since the last look, or still is.
    pub fn is_met(&self, formula: &Formula) -> bool {
        (self.held || self.holds) && self.formula.text() == formula.text()
    }

    /// It was looked at.
    pub fn forget(&mut self) {
        self.held = false;
    }
}

fn compile(type_name: &TypeName, definition: &str, paths: &[FieldPath]) -> Result<FieldPlan, String> {
    let schema = Schema::parse(type_name, definition, Origin::Wire).map_err(|error| error.to_string())?;
    FieldPlan::compile(&schema, paths).map_err(|error| error.to_string())
}
