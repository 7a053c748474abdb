//! Which fields are plotted: asks the engine for them and puts its feeds into the store.

mod bag;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use roswave_engine::budget::{Budget, Pressure};
use roswave_engine::cdr::{FieldPath, FieldPlan};
use roswave_engine::engine::{DefinitionState, Engine, Snapshot};
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::schema::Schema;
use roswave_engine::series::Store;
use roswave_engine::signal::FieldRef;

/// Fields of topics, each field once.
pub type Wanted = BTreeMap<TopicName, BTreeSet<FieldPath>>;

/// How often the machine's memory is looked at.
const PRESSURE_INTERVAL: Duration = Duration::from_secs(1);

/// The store with what feeds it.
pub struct History {
    store: Rc<RefCell<Store>>,
    pressure: Pressure,
    looked: Option<Instant>,
    yielding: bool,
    plotted: BTreeMap<TopicName, Plotted>,
    units: BTreeMap<FieldRef, &'static str>,
    problems: BTreeMap<FieldRef, String>,
}

#[derive(Debug)]
struct Plotted {
    wanted: BTreeSet<FieldPath>,
    schema: Arc<Schema>,
}

impl History {
    /// An empty store that has its share of this budget.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self {
            store: Rc::new(RefCell::new(Store::new(budget.history_bytes(false)))),
            pressure: Pressure::new(budget),
            looked: None,
            yielding: false,
            plotted: BTreeMap::new(),
            units: BTreeMap::new(),
            problems: BTreeMap::new(),
        }
    }

    /// The store, which the frame clock drains and the charts read.
    #[must_use]
    pub fn store(&self) -> &Rc<RefCell<Store>> {
        &self.store
    }

    /// What memory is divided.
    #[must_use]
    pub fn budget(&self) -> Budget {
        self.pressure.budget()
    }

    /// True while the machine is short of memory and the history holds less than its share for that.
    #[must_use]
    pub fn is_yielding(&self) -> bool {
        self.yielding
    }

    /// Brings the store's limit in line with what the machine has and the recorder needs.
    pub fn keep_budget(&mut self, snapshot: &Snapshot, recording: bool) {
        let now = Instant::now();
        if self
            .looked
            .is_some_and(|then| now.duration_since(then) < PRESSURE_INTERVAL)
        {
            return;
        }
        self.looked = Some(now);
        let mut store = self.store.borrow_mut();
        let limit = self
            .pressure
            .look(&snapshot.monitor, store.usage().used_bytes, recording);
        store.set_budget(limit.bytes);
        self.yielding = limit.yielding;
    }

    /// The unit of a field, when it is known.
    #[must_use]
    pub fn unit(&self, at: &FieldRef) -> Option<&'static str> {
        self.units.get(at).copied()
    }

    /// Why a field is not drawn, in one sentence; `None` when it is.
    #[must_use]
    pub fn problem(&self, at: &FieldRef) -> Option<&str> {
        self.problems.get(at).map(String::as_str)
    }

    /// Brings the plotted fields in line with the wanted ones, as far as the graph allows; what it does not allow is
    /// tried again with the next snapshot. True when a feed or a problem changed.
    pub fn follow(&mut self, wanted: &Wanted, engine: &Engine, snapshot: &Snapshot) -> bool {
        let mut changed = false;
        let gone: Vec<TopicName> = self
            .plotted
            .keys()
            .filter(|t| !wanted.contains_key(*t))
            .cloned()
            .collect();
        for topic in gone {
            let _ = self.plotted.remove(&topic);
            engine.unplot(&topic);
            self.store.borrow_mut().detach(&topic);
            self.units.retain(|at, _| at.topic != topic);
            changed = true;
        }
        let still_wanted = |at: &FieldRef| wanted.get(&at.topic).is_some_and(|fields| fields.contains(&at.field));
        let before = self.problems.len();
        self.problems.retain(|at, _| still_wanted(at));
        changed |= self.problems.len() != before;
        for (topic, fields) in wanted {
            changed |= self.follow_topic(topic, fields, engine, snapshot);
        }
        changed
    }

    /// The engine plots a topic no longer, because it has another type: it is asked for its fields anew. What was drawn of it
    /// stays.
    pub fn plot_ended(&mut self, topic: &TopicName) {
        let _ = self.plotted.remove(topic);
    }

    fn follow_topic(
        &mut self,
        topic: &TopicName,
        fields: &BTreeSet<FieldPath>,
        engine: &Engine,
        snapshot: &Snapshot,
    ) -> bool {
        let status = snapshot.topics.get(topic);
        let Some(schema) = status.and_then(|s| s.schema.as_ref()) else {
            if self.plotted.contains_key(topic) {
                // The publisher went away; its curves stay and go on when it comes back.
                return false;
            }
            let reason = match status.map(|s| (&s.type_name, &s.definition, &s.problem)) {
                None => format!("waiting for {topic}"),
                Some((_, _, Some(problem))) => problem.to_string(),
                Some((Some(_), DefinitionState::None(reason), None)) => format!("cannot plot {topic}: {reason}"),
                Some(_) => format!("waiting for the type of {topic}"),
            };
            return self.set_problem(topic, fields.iter(), &reason);
        };
        if let Some(plotted) = self.plotted.get(topic)
            && plotted.wanted == *fields
            && Arc::ptr_eq(&plotted.schema, schema)
        {
            return false;
        }
        let mut sound = Vec::new();
        for field in fields {
            if Timing::of(field).is_some() {
                // Every topic has its times.
                sound.push(field.clone());
                continue;
            }
            match FieldPlan::compile(schema, std::slice::from_ref(field)) {
                Ok(_) => sound.push(field.clone()),
                Err(error) => {
                    let reason = format!("cannot plot {topic}: {error}");
                    let _ = self.set_problem(topic, std::iter::once(field), &reason);
                }
            }
        }
        if !sound.is_empty() {
            match engine.plot(topic, &sound) {
                Ok(feed) => {
                    let timings = feed
                        .timings
                        .iter()
                        .filter_map(|timing| FieldPath::parse(timing.path()).ok());
                    let timings: Vec<_> = timings.map(|field| (field, Some("s"))).collect();
                    let fields = feed.fields.iter().cloned().zip(feed.units.iter().copied());
                    for (field, unit) in fields.chain(timings) {
                        let at = FieldRef {
                            topic: topic.clone(),
                            field,
                        };
                        let _ = self.problems.remove(&at);
                        if let Some(unit) = unit {
                            let _ = self.units.insert(at, unit);
                        }
                    }
                    self.store.borrow_mut().attach(feed);
                }
                Err(error) => return self.set_problem(topic, sound.iter(), &error.to_string()),
            }
        }
        let plotted = Plotted {
            wanted: fields.clone(),
            schema: Arc::clone(schema),
        };
        let _ = self.plotted.insert(topic.clone(), plotted);
        true
    }

    fn set_problem<'a>(
        &mut self,
        topic: &TopicName,
        fields: impl Iterator<Item = &'a FieldPath>,
        reason: &str,
    ) -> bool {
        let mut changed = false;
        for field in fields {
            let at = FieldRef {
                topic: topic.clone(),
                field: field.clone(),
            };
            let before = self.problems.insert(at, reason.to_owned());
            changed |= before.as_deref() != Some(reason);
        }
        changed
    }
}
