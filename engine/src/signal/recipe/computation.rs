//! A recipe at work: samples of its inputs in, samples of the derived series out.

use super::{Recipe, RecipeError, Source};
use crate::signal::align::{Align, Aligner, Clock, Limits};
use crate::signal::expression::{Program, State};
use crate::signal::transform::{Sample, Transform};

/// One sample that came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Output {
    /// When, in nanoseconds since the Unix epoch.
    pub time_ns: i64,
    /// The value; NaN where there is none.
    pub value: f64,
    /// Messages are missing before it.
    pub gap: bool,
}

/// The expression of a recipe and what its inputs need to meet.
#[derive(Debug)]
struct Formula {
    program: Program,
    state: State,
    aligner: Aligner,
}

/// A recipe at work. Nothing is allocated per sample once its queues have grown.
#[derive(Debug)]
pub struct Computation {
    formula: Option<Formula>,
    transform: Option<Transform>,
}

impl Computation {
    /// Makes everything that `recipe` needs. Inputs of different rates meet by `align`, at the times of all of them.
    ///
    /// # Errors
    /// When the recipe has more inputs than can be aligned, or a filter that cannot be.
    pub fn new(recipe: &Recipe, align: Align) -> Result<Self, RecipeError> {
        let formula = match recipe.source() {
            Source::Field(_) => None,
            Source::Expression(expression) => {
                let program = expression.compile();
                let aligner = Aligner::new(recipe.inputs().len(), align, Clock::Any, Limits::default())
                    .map_err(|error| RecipeError::Field(error.to_string()))?;
                Some(Formula {
                    state: program.state(),
                    program,
                    aligner,
                })
            }
        };
        let transform = recipe.chain().map(super::Chain::compile).transpose()?;
        Ok(Self { formula, transform })
    }

    /// Takes a sample of an input, which counts as in [`Recipe::inputs`]. Take those of all inputs, then
    /// [`Computation::drain`].
    pub fn push(&mut self, input: usize, time_ns: i64, value: f64, gap: bool, mut out: impl FnMut(Output)) {
        match &mut self.formula {
            Some(formula) => formula.aligner.push(input, time_ns, value, gap),
            None => put(&mut self.transform, Sample { time_ns, value, gap }, &mut out),
        }
    }

    /// Gives what is due.
    pub fn drain(&mut self, out: impl FnMut(Output)) {
        self.pump(false, out);
    }

    /// Gives what still waits, because no more will come.
    pub fn finish(&mut self, mut out: impl FnMut(Output)) {
        self.pump(true, &mut out);
        if let Some(transform) = &mut self.transform {
            transform.finish(&mut |sample| out(Output::from(sample)));
        }
    }

    fn pump(&mut self, last: bool, mut out: impl FnMut(Output)) {
        let Self { formula, transform } = self;
        let Some(Formula {
            program,
            state,
            aligner,
        }) = formula
        else {
            return;
        };
        let row = |time_ns: i64, values: &[f64], gap: bool| {
            if gap {
                // What was before a loss is not the previous value of what comes behind it.
                program.restart(state);
            }
            let value = program.run(state, values, time_ns);
            put(transform, Sample { time_ns, value, gap }, &mut out);
        };
        if last {
            aligner.finish(row);
        } else {
            aligner.drain(row);
        }
    }

    /// Why there is nothing to be seen although samples come; `None` when all is well.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        Some(self.transform.as_ref()?.fault()?.to_string())
    }

    /// Samples that could not be used, because they came too late or too many at once.
    #[must_use]
    pub fn unused(&self) -> u64 {
        self.formula.as_ref().map_or(0, |formula| {
            let counts = formula.aligner.counts();
            counts.late + counts.dropped
        })
    }
}

impl From<Sample> for Output {
    fn from(Sample { time_ns, value, gap }: Sample) -> Self {
        Self { time_ns, value, gap }
    }
}

fn put(transform: &mut Option<Transform>, sample: Sample, out: &mut impl FnMut(Output)) {
    match transform {
        Some(transform) => transform.push_sample(sample, &mut |sample| out(Output::from(sample))),
        None => out(Output::from(sample)),
    }
}
