//! Fields of a recording instead of live ones, in the same store.

use std::collections::BTreeMap;
use std::sync::Arc;

use roswave_engine::bag::source::{BagSource, Load};
use roswave_engine::cdr::{FieldPath, FieldPlan};
use roswave_engine::engine::{Engine, WakeFlag};
use roswave_engine::ingest::{ClockSource, Timing};
use roswave_engine::name::TopicName;
use roswave_engine::signal::FieldRef;

use super::{History, Plotted, Wanted};

impl History {
    /// Forgets all that is plotted: from now on it comes from elsewhere, in order of this time.
    pub fn turn_to(&mut self, clock: ClockSource, engine: &Engine) {
        let mut store = self.store.borrow_mut();
        for topic in std::mem::take(&mut self.plotted).into_keys() {
            engine.unplot(&topic);
            store.detach(&topic);
        }
        store.set_clock(clock);
        drop(store);
        self.units.clear();
        self.problems.clear();
    }

    /// As [`History::follow`], from a recording: what is new is loaded in one pass over it. True when a series or a problem
    /// changed.
    pub fn follow_bag(&mut self, wanted: &Wanted, source: &BagSource, wake: Arc<WakeFlag>) -> (bool, Option<Load>) {
        let before = (self.plotted.len(), self.problems.clone());
        let store = &self.store;
        self.plotted.retain(|topic, _| {
            let keep = wanted.contains_key(topic);
            if !keep {
                store.borrow_mut().detach(topic);
            }
            keep
        });
        let still_wanted = |at: &FieldRef| wanted.get(&at.topic).is_some_and(|fields| fields.contains(&at.field));
        self.problems.retain(|at, _| still_wanted(at));
        let mut loads = BTreeMap::<TopicName, Vec<FieldPath>>::new();
        for (name, fields) in wanted {
            if self
                .plotted
                .get(name)
                .is_some_and(|plotted| plotted.wanted.is_superset(fields))
            {
                continue;
            }
            let schema = match source.topics().get(name).map(|topic| &topic.schema) {
                None => {
                    let _ = self.set_problem(name, fields.iter(), &format!("the recording has no topic {name}"));
                    continue;
                }
                Some(Err(reason)) => {
                    let _ = self.set_problem(name, fields.iter(), &format!("cannot plot {name}: {reason}"));
                    continue;
                }
                Some(Ok(schema)) => Arc::clone(schema),
            };
            let mut sound = Vec::new();
            for field in fields {
                let is_timing = Timing::of(field).is_some();
                let compiled = FieldPlan::compile(&schema, std::slice::from_ref(field));
                match compiled {
                    Err(error) if !is_timing => {
                        let reason = format!("cannot plot {name}: {error}");
                        let _ = self.set_problem(name, std::iter::once(field), &reason);
                    }
                    Ok(_) | Err(_) => {
                        let at = FieldRef {
                            topic: name.clone(),
                            field: field.clone(),
                        };
                        let _ = self.problems.remove(&at);
                        let unit = if is_timing { Some("s") } else { schema.unit(field) };
                        if let Some(unit) = unit {
                            let _ = self.units.insert(at, unit);
                        }
                        sound.push(field.clone());
                    }
                }
            }
            if !sound.is_empty() {
                let _ = loads.insert(name.clone(), sound);
            }
            let plotted = Plotted {
                wanted: fields.clone(),
                schema,
            };
            let _ = self.plotted.insert(name.clone(), plotted);
        }
        let mut load = None;
        if !loads.is_empty() {
            let begun = source.load(&mut self.store.borrow_mut(), &loads, wake);
            match begun {
                Ok(begun) => load = Some(begun),
                Err(error) => {
                    let reason = error.to_string();
                    for (name, fields) in &loads {
                        let _ = self.set_problem(name, fields.iter(), &reason);
                    }
                }
            }
        }
        let changed = load.is_some() || before != (self.plotted.len(), self.problems.clone());
        (changed, load)
    }
}
