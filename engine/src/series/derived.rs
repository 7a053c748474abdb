//! Series that are worked out of others: read on from where they were, computed, and stored like any other.

use std::collections::{BTreeMap, VecDeque};

use super::topic::Topic;
use super::{Position, SeriesId};
use crate::signal::Recipe;
use crate::signal::align::Align;
use crate::signal::recipe::{Computation, Output, RecipeError};

/// Samples that are taken from one input at a time. Inputs are taken up to the same time: one that has long history must not
/// run ahead of the others, or it would seem that they are late.
const BATCH: usize = 4096;

/// One input, with what was read of it and waits until the others are as far.
#[derive(Debug)]
struct Input {
    series: SeriesId,
    position: Position,
    waiting: VecDeque<(i64, f64, bool)>,
    /// There may be more behind what waits.
    more: bool,
}

/// How one series is made of others.
#[derive(Debug)]
pub(super) struct Derivation {
    recipe: Recipe,
    align: Align,
    inputs: Vec<Input>,
    computation: Computation,
    /// What came out and is not stored yet.
    out: Vec<Output>,
}

impl Derivation {
    pub(super) fn new(recipe: &Recipe, align: Align, inputs: &[SeriesId]) -> Result<Self, RecipeError> {
        let inputs = inputs.iter().map(|&series| Input {
            series,
            position: Position::default(),
            waiting: VecDeque::new(),
            more: false,
        });
        Ok(Self {
            recipe: recipe.clone(),
            align,
            inputs: inputs.collect(),
            computation: Computation::new(recipe, align)?,
            out: Vec::new(),
        })
    }

    /// Begins anew with the oldest samples.
    pub(super) fn restart(&mut self) {
        // A recipe that could be compiled once can be compiled again.
        if let Ok(computation) = Computation::new(&self.recipe, self.align) {
            self.computation = computation;
        }
        for input in &mut self.inputs {
            input.position = Position::default();
            input.waiting.clear();
        }
        self.out.clear();
    }

    pub(super) fn fault(&self) -> Option<String> {
        self.computation.fault()
    }

    pub(super) fn unused(&self) -> u64 {
        self.computation.unused()
    }

    /// Takes in at most about `most` samples that came since; what comes out waits in [`Derivation::take`]. Returns how many
    /// samples were taken in.
    pub(super) fn run(&mut self, topics: &BTreeMap<u32, Topic>, most: usize) -> usize {
        let Self {
            inputs,
            computation,
            out,
            ..
        } = self;
        let mut taken = 0;
        while taken < most {
            for input in inputs.iter_mut() {
                input.refill(topics);
            }
            // Up to where all inputs are known.
            let full = inputs.iter().filter(|input| input.more);
            let until = full
                .filter_map(|input| input.waiting.back().map(|sample| sample.0))
                .min();
            let before = taken;
            for (index, input) in inputs.iter_mut().enumerate() {
                while let Some(&(time_ns, value, gap)) = input.waiting.front() {
                    if until.is_some_and(|until| time_ns > until) {
                        break;
                    }
                    let _ = input.waiting.pop_front();
                    computation.push(index, time_ns, value, gap, |output| out.push(output));
                    taken += 1;
                }
            }
            computation.drain(|output| out.push(output));
            if taken == before || until.is_none() {
                break;
            }
        }
        taken
    }

    /// True when there is more to take in than the last run did.
    pub(super) fn is_behind(&self) -> bool {
        self.inputs.iter().any(|input| input.more)
    }

    /// Hands over what came out.
    pub(super) fn take(&mut self) -> std::vec::Drain<'_, Output> {
        self.out.drain(..)
    }

    pub(super) fn bytes(&self) -> usize {
        let waiting = self.inputs.iter().map(|input| input.waiting.capacity());
        waiting.sum::<usize>() * size_of::<(i64, f64, bool)>() + self.out.capacity() * size_of::<Output>()
    }
}

impl Input {
    fn refill(&mut self, topics: &BTreeMap<u32, Topic>) {
        let room = BATCH.saturating_sub(self.waiting.len());
        self.more = room == 0;
        if self.more {
            return;
        }
        let Some(topic) = topics.get(&self.series.topic) else {
            return;
        };
        let Self { position, waiting, .. } = self;
        let count = topic
            .history
            .read(self.series.column as usize, position, room, |time, value, gap| {
                waiting.push_back((time.0, value, gap));
            });
        self.more = count == room;
    }
}
