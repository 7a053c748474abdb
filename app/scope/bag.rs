//! A recording in the place of live topics: opening it, moving through it, playing it.

mod open;
pub mod playback;
mod views;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::{Event, Subscription, Task, window};
use roswave_engine::bag::source::{BagSource, Load};
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::Engine;
use roswave_engine::ingest::ClockSource;
use roswave_engine::schema::Registry;
use roswave_widgets::seek_bar::SeekEvent;

use crate::scope::navigation::Views;
use crate::scope::{self, Action, Notice, Scope};
use open::SLOTS;
use playback::Speed;

pub use open::OpenBag;

/// Topics whose density has a line of its own.
const LINES_MAX: usize = 4;

/// How often a recording that plays is drawn.
const FRAME: Duration = Duration::from_millis(33);

/// The same in the eco profile.
const FRAME_ECO: Duration = Duration::from_millis(50);

/// How often what is loaded is taken over.
const LOADING: Duration = Duration::from_millis(40);

/// A key moves by this share of what is shown.
const JUMP: i64 = 10;

/// What happened, or what the user wants.
#[derive(Clone, Debug)]
pub enum Message {
    /// Open this recording.
    Open(PathBuf),
    /// It is open, or why not.
    Opened(PathBuf, Result<Arc<BagSource>, String>),
    /// Back to the live topics.
    Close,
    /// Something of it may have been loaded.
    Loading,
    /// Load no more.
    CancelLoading,
    /// Time goes on.
    Playing(Instant),
    TogglePlay,
    /// To the next message of a curve, or to the one before.
    Step {
        forward: bool,
    },
    /// By a tenth of what is shown.
    Jump {
        forward: bool,
    },
    /// To the next bookmark, or to the one before.
    Mark {
        forward: bool,
    },
    ToBegin,
    ToEnd,
    ChangeSpeed {
        faster: bool,
    },
    PickSpeed(Speed),
    ToggleRepeat,
    /// Play only what is shown, or all again.
    ToggleRange,
    Sought(SeekEvent),
}

impl Scope {
    /// The recording that is shown in the place of live topics.
    #[must_use]
    pub fn bag(&self) -> Option<&OpenBag> {
        self.bag.as_ref()
    }

    /// What a recording answers itself; `Err` gives the message back to whoever answers it otherwise.
    #[expect(
        clippy::result_large_err,
        reason = "what is not taken is handed back; it is no error"
    )]
    pub(super) fn update_bag(&mut self, message: scope::Message, engine: &Engine) -> Result<Action, scope::Message> {
        if let scope::Message::Bag(message) = message {
            return Ok(self.answer_bag(message, engine));
        }
        if self.bag.is_none() {
            return Err(message);
        }
        match message {
            scope::Message::PauseAll | scope::Message::PauseChart(_) => {
                return Ok(self.answer_bag(Message::TogglePlay, engine));
            }
            scope::Message::FollowLive => return Ok(self.answer_bag(Message::ToEnd, engine)),
            // A recording is in the order in which it was received.
            scope::Message::NextClock => return Ok(Action::None),
            scope::Message::FitAll => self.show_whole(),
            scope::Message::PickSpan(pane, span) => {
                self.charts.set_focus(pane);
                let at_ns = self.bag.as_ref().map_or(0, |bag| bag.playback.at_ns());
                let from_ns = at_ns.saturating_sub(span.nanoseconds() / 2);
                self.show_times(from_ns, from_ns.saturating_add(span.nanoseconds()));
                for (_, chart) in self.charts.panes_mut().iter_mut() {
                    chart.set_span(span);
                }
            }
            other => return Err(other),
        }
        self.stand_still();
        Ok(Action::None)
    }

    fn answer_bag(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            Message::Open(path) => return self.open(path),
            Message::Opened(path, opened) => {
                if self.opening.as_ref() != Some(&path) {
                    return Action::None;
                }
                self.opening = None;
                match opened {
                    Ok(source) => {
                        let _ = self.shelf.hide();
                        self.show_bag(source, engine);
                    }
                    Err(text) => self.set_notice(Notice { text, details: None }),
                }
                return Action::None;
            }
            Message::Close => {
                self.close_bag(engine);
                return Action::None;
            }
            _ => {}
        }
        let shown = self.shown_times();
        let Some(bag) = &mut self.bag else {
            return Action::None;
        };
        let playback = &mut bag.playback;
        let at_ns = playback.at_ns();
        let mut follows = true;
        match message {
            Message::Open(_) | Message::Opened(..) | Message::Close => {}
            Message::Loading => return self.take_loaded(engine),
            Message::CancelLoading => bag.loads.iter().for_each(Load::cancel),
            Message::Playing(now) => follows = playback.advance(now),
            Message::TogglePlay => playback.toggle(),
            Message::Step { forward } => {
                playback.pause();
                let charts = self.charts.iter();
                let next = charts.filter_map(|chart| chart.source().neighbour(Timestamp(at_ns), forward));
                let next = if forward { next.min() } else { next.max() };
                if let Some(next) = next {
                    playback.seek(next.0);
                }
            }
            Message::Jump { forward } => {
                let step = shown.map_or(0, |(from, to)| to.saturating_sub(from) / JUMP);
                playback.seek(at_ns.saturating_add(if forward { step } else { -step }));
            }
            Message::Mark { forward } => {
                let marks = bag.source.bookmarks().iter();
                let mut times = marks.filter_map(|mark| i64::try_from(mark.time_ns).ok());
                let next = if forward {
                    times.find(|time| *time > at_ns)
                } else {
                    times.rfind(|time| *time < at_ns)
                };
                if let Some(next) = next {
                    playback.seek(next);
                }
            }
            Message::ToBegin => playback.seek(playback.bounds().0),
            Message::ToEnd => playback.seek(playback.bounds().1),
            Message::ChangeSpeed { faster } => playback.change_speed(faster),
            Message::PickSpeed(speed) => playback.set_speed(speed),
            Message::ToggleRepeat => playback.toggle_repeat(),
            Message::ToggleRange => {
                let range = if playback.range().is_some() { None } else { shown };
                playback.set_range(range);
            }
            Message::Sought(SeekEvent::Seek(time_ns)) => playback.seek(time_ns),
            Message::Sought(SeekEvent::ViewMoved { from_ns, to_ns }) => {
                follows = false;
                self.show_times(from_ns, to_ns);
            }
        }
        if follows {
            self.follow_playhead();
        }
        Action::None
    }

    /// Opens a recording on a thread of its own: without an index it has to be read.
    fn open(&mut self, path: PathBuf) -> Action {
        let (done, opened) = iced::futures::channel::oneshot::channel();
        let of_thread = path.clone();
        let work = move || {
            let source = BagSource::open(&of_thread, &mut Registry::from_environment());
            let _ = done.send(source.map(Arc::new).map_err(|error| error.to_string()));
        };
        if let Err(error) = std::thread::Builder::new().name("bag-open".to_owned()).spawn(work) {
            self.set_notice(Notice {
                text: format!("Cannot open {}: {error}; close some programs", path.display()),
                details: None,
            });
            return Action::None;
        }
        self.opening = Some(path.clone());
        Action::Run(Task::perform(opened, move |opened| {
            let opened = opened.unwrap_or_else(|_| Err(format!("{} could not be opened", path.display())));
            scope::Message::Bag(Message::Opened(path.clone(), opened))
        }))
    }

    fn show_bag(&mut self, source: Arc<BagSource>, engine: &Engine) {
        let mut problems = source.bag().problems().to_vec();
        if source.unnamed() > 0 {
            let count = source.unnamed();
            problems.push(format!(
                "{count} channels have names that no ROS 2 topic can have; they are not listed"
            ));
        }
        if source.span().is_none() {
            problems.insert(0, "It holds no message".to_owned());
        }
        let live_clock = match &self.bag {
            Some(bag) => bag.live_clock,
            None => self.history.store().borrow().clock(),
        };
        let bag = OpenBag::new(source, live_clock);
        if let Some((first, more)) = problems.split_first() {
            let first = first.trim_end_matches('.');
            self.set_notice(Notice {
                text: format!("{}: {first}", bag.name()),
                details: (!more.is_empty()).then(|| more.join("\n")),
            });
        }
        // Nothing is left of the one before, and nothing of what was live.
        self.bag = None;
        self.history.turn_to(ClockSource::Receive, engine);
        for topic in std::mem::take(&mut self.inspected) {
            engine.inspect(&topic, false);
        }
        self.snapshot = Arc::new(bag.source.snapshot(&engine.snapshot()));
        self.bag = Some(bag);
        self.tree.select(None);
        self.charts.views = Views::default();
        self.charts.clear_cursors();
        self.show_whole();
        self.follow(engine);
        self.bind();
        self.tree.rebuild(&self.snapshot);
    }

    /// Ends what reads recordings, before the engine goes.
    pub fn leave(&mut self, engine: &Engine) {
        let _ = self.shelf.hide();
        self.close_bag(engine);
    }

    /// Goes back to live topics, should a recording be open.
    fn close_bag(&mut self, engine: &Engine) {
        self.opening = None;
        let Some(bag) = self.bag.take() else { return };
        self.history.turn_to(bag.live_clock, engine);
        self.snapshot = engine.snapshot();
        self.tree.select(None);
        self.charts.views = Views::default();
        self.charts.clear_cursors();
        self.charts.set_paused(false);
        self.follow(engine);
        self.bind();
        self.tree.rebuild(&self.snapshot);
    }

    /// Brings what is loaded in line with what the charts show.
    pub(super) fn follow_bag(&mut self, engine: &Engine) {
        let wanted = self.wanted();
        let Some(bag) = &mut self.bag else { return };
        let (changed, load) = self.history.follow_bag(&wanted, &bag.source, engine.wake_handle());
        if let Some(load) = load {
            bag.loads.push(load);
            bag.settled.set(false);
        }
        bag.lines.retain(|topic, _| wanted.contains_key(topic));
        for topic in wanted.keys().take(LINES_MAX) {
            if !bag.lines.contains_key(topic)
                && let Some(density) = bag.source.density(Some(topic), SLOTS)
            {
                let _ = bag.lines.insert(topic.clone(), density);
            }
        }
        if changed {
            self.bind();
        }
        self.stand_still();
    }

    /// After some of it was loaded: the frame that follows takes it into the store.
    fn take_loaded(&mut self, engine: &Engine) -> Action {
        engine.wake_handle().mark();
        let wrong = self.bag.as_mut().map(OpenBag::reap).unwrap_or_default();
        if let Some((first, more)) = wrong.split_first() {
            self.set_notice(Notice {
                text: first.clone(),
                details: (!more.is_empty()).then(|| more.join("\n")),
            });
        }
        Action::Run(self.analyze())
    }

    /// True while something is on its way into the store.
    #[must_use]
    pub fn is_loading(&self) -> bool {
        let store = self.history.store().borrow();
        self.bag
            .as_ref()
            .is_some_and(|bag| !bag.loads.is_empty() || !bag.settled.get() || store.is_loading() || store.is_behind())
    }

    /// What makes a recording move.
    pub(super) fn bag_subscription(&self) -> Subscription<scope::Message> {
        let dropped = iced::event::listen_with(|event, _, _| match event {
            Event::Window(window::Event::FileDropped(path)) => Some(scope::Message::Bag(Message::Open(path))),
            _ => None,
        });
        let playing = self.bag.as_ref().is_some_and(|bag| bag.playback.is_playing());
        let frames = if playing {
            let frame = if self.charts.is_eco() { FRAME_ECO } else { FRAME };
            iced::time::every(frame).map(|now| scope::Message::Bag(Message::Playing(now)))
        } else {
            Subscription::none()
        };
        let loading = if self.is_loading() {
            iced::time::every(LOADING).map(|_| scope::Message::Bag(Message::Loading))
        } else {
            Subscription::none()
        };
        Subscription::batch([dropped, frames, loading])
    }
}
