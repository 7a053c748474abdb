//! The scope screen: topics on the left, charts in the middle, the inspector on the right.

pub mod analysis;
mod answer;
pub mod bag;
mod carry;
pub mod charts;
mod commands;
mod edits;
mod fall;
mod follow;
pub mod history;
mod meaning;
pub mod measure;
mod message;
mod mouse;
mod navigation;
mod palette;
pub mod pane;
pub mod panel;
mod panels;
mod plane;
pub mod recorder;
pub mod recording;
pub mod salvage;
pub mod saving;
pub mod shelf;
pub mod source;
mod states;
mod tabs;
mod times;
pub mod tree;
pub mod trigger;
mod triggers;
mod view;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use iced::keyboard;
use iced::widget::{operation, pane_grid};
use iced::{Subscription, Task};
use roswave_engine::budget::Budget;
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::{Engine, Snapshot, Update};
use roswave_engine::name::TopicName;
use roswave_engine::record::{Finished, FinishedState};
use roswave_engine::signal::FieldRef;

use roswave_widgets::virtual_list::Scroll;

use crate::board::Board;
use crate::format;
use crate::scope::carry::Carried;
use crate::scope::charts::Charts;
use crate::scope::edits::Edits;
use crate::scope::history::History;
use crate::scope::measure::Measures;
use crate::scope::palette::Palette;
use crate::scope::recorder::Recorder;
use crate::scope::recording::Ticks;
use crate::scope::salvage::Offer;
use crate::scope::saving::{Names, Saves};
use crate::scope::shelf::Recordings;
use crate::scope::tabs::Tabs;
use crate::scope::times::Times;
use crate::scope::tree::Tree;

pub use commands::{COMMANDS, Command, GESTURES};
pub use message::{Action, Message};
pub use view::Surroundings;

/// The box that `/` goes to.
const FILTER: &str = "filter";

/// The line that a derived curve is typed into.
const FORMULA: &str = "formula";

/// The line of the command palette.
const PALETTE: &str = "palette";

/// How long a toast stays.
const TOAST_TIME: Duration = Duration::from_secs(8);

/// The state of the screen.
pub struct Scope {
    snapshot: Arc<Snapshot>,
    tree: Tree,
    history: History,
    charts: Charts,
    measures: Measures,
    bookmarks: Vec<(i64, String)>,
    times: Times,
    name: Option<String>,
    ticks: Ticks,
    recorder: Recorder,
    shelf: Recordings,
    offers: Vec<Offer>,
    recordings: PathBuf,
    names: Names,
    saves: Saves,
    board_file: PathBuf,
    inspected: BTreeSet<TopicName>,
    tree_shown: bool,
    inspector_shown: bool,
    keys_shown: bool,
    carried: Option<Carried>,
    modifiers: keyboard::Modifiers,
    edits: Edits,
    tabs: Tabs,
    palette: Option<Palette>,
    scroll: Scroll,
    click: Option<Click>,
    notice: Option<Notice>,
    details_shown: bool,
    toast: Option<String>,
    toasts: u64,
    bag: Option<bag::OpenBag>,
    opening: Option<PathBuf>,
}

/// The last click on a field, so that a second one can take it back.
#[derive(Clone, Debug)]
struct Click {
    at: FieldRef,
    pane: pane_grid::Pane,
    added: bool,
}

/// Something that failed: one line, with details behind a fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What failed and what to do.
    pub text: String,
    /// More of it, when there is more.
    pub details: Option<String>,
}

/// What a new scope starts with.
#[derive(Debug)]
pub struct Start {
    /// Its charts.
    pub board: Board,
    /// Where Ctrl+S saves them.
    pub board_file: PathBuf,
    /// Where recordings go.
    pub recordings: PathBuf,
    /// Memory for what is received.
    pub budget: Budget,
    /// Fewer points and frames.
    pub eco: bool,
    /// What went wrong before there was a window.
    pub notice: Option<Notice>,
}

/// How readings are copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Lines for people.
    Text,
    /// Comma-separated values.
    Csv,
}

impl Scope {
    /// A scope on an engine.
    #[must_use]
    pub fn new(start: Start, snapshot: Arc<Snapshot>) -> Self {
        let history = History::new(start.budget);
        history.store().borrow_mut().set_clock(start.board.clock.source());
        let charts = Charts::new(&start.board, Rc::clone(history.store()), start.eco);
        let mut tree = Tree::default();
        tree.rebuild(&snapshot);
        let mut scope = Self {
            snapshot,
            tree,
            charts,
            measures: Measures::default(),
            bookmarks: Vec::new(),
            times: Times::new(start.board.since_start),
            history,
            name: start.board.name,
            ticks: Ticks::default(),
            recorder: Recorder::default(),
            shelf: Recordings::default(),
            offers: Vec::new(),
            recordings: start.recordings,
            names: Names::default(),
            saves: Saves::default(),
            board_file: start.board_file,
            inspected: BTreeSet::new(),
            tree_shown: true,
            inspector_shown: true,
            keys_shown: false,
            carried: None,
            modifiers: keyboard::Modifiers::default(),
            edits: Edits::default(),
            tabs: Tabs::default(),
            palette: None,
            scroll: Scroll::default(),
            click: None,
            notice: start.notice,
            details_shown: false,
            toast: None,
            toasts: 0,
            bag: None,
            opening: None,
        };
        scope.take_tabs(start.board.tabs);
        scope
    }

    /// The title of the window.
    #[must_use]
    pub fn title(&self) -> String {
        if let Some(bag) = &self.bag {
            return format!("{} – ROSwave", bag.name());
        }
        self.name
            .as_ref()
            .map_or_else(|| "ROSwave".to_owned(), |name| format!("{name} – ROSwave"))
    }

    /// The store and the charts, for the frame clock.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// The charts.
    #[must_use]
    pub fn charts(&self) -> &Charts {
        &self.charts
    }

    /// What the screen shows of the engine.
    #[must_use]
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// What failed last, until it is dismissed.
    #[must_use]
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Shows something that failed.
    pub fn set_notice(&mut self, notice: Notice) {
        self.notice = Some(notice);
        self.details_shown = false;
    }

    /// Shows another board in place of the present one.
    pub fn show_board(&mut self, board: Board, eco: bool) {
        self.set_clock(board.clock);
        self.times = Times::new(board.since_start);
        self.charts = Charts::new(&board, Rc::clone(self.history.store()), eco);
        self.name = board.name;
        self.edits = Edits::default();
        self.take_tabs(board.tabs);
        self.bind();
    }

    /// Takes the other profile.
    pub fn set_eco(&mut self, eco: bool) {
        self.charts.set_eco(eco);
        self.tabs.set_eco(eco);
    }

    /// Answers a message.
    pub fn update(&mut self, message: Message, engine: &Engine) -> Action {
        let message = match self.update_bag(message, engine) {
            Ok(action) => return action,
            Err(message) => message,
        };
        let before = self.before(&message);
        let action = self.answer(message, engine);
        self.note_edit(before);
        self.stand_still();
        action
    }

    /// Keys that no widget took.
    pub fn subscription(&self) -> Subscription<Message> {
        let is_typing = self.palette.is_some() || self.tabs.renaming().is_some() || self.recorder.note().is_some();
        let keys = if is_typing {
            iced::event::listen_with(commands::over_all)
        } else if self.shelf.is_shown() {
            let asked = match self.shelf.asked() {
                None => commands::over_list,
                Some(shelf::Asked::Delete) => commands::before_deleting,
                Some(shelf::Asked::Name(_)) => commands::while_naming,
            };
            iced::event::listen_with(asked)
        } else {
            keyboard::listen().filter_map(commands::pressed)
        };
        Subscription::batch([
            keys,
            self.trigger_timer(),
            self.bag_subscription(),
            self.saving_subscription(),
        ])
    }

    fn change_tree(&mut self, engine: &Engine, change: impl FnOnce(&mut Tree)) {
        change(&mut self.tree);
        self.inspect(engine);
        self.tree.rebuild(&self.snapshot);
    }

    fn change_chart(&mut self, pane: pane_grid::Pane, change: impl FnOnce(&mut pane::Pane)) {
        self.charts.set_focus(pane);
        if let Some(chart) = self.charts.get_mut(pane) {
            change(chart);
        }
    }

    fn axes_by_unit(&mut self, pane: Option<pane_grid::Pane>) {
        let pane = pane.unwrap_or(self.charts.focus());
        let Some(chart) = self.charts.panes().get(pane) else {
            return;
        };
        let units = chart.curves().iter().map(|curve| self.unit(&curve.recipe));
        let units: Vec<_> = units.collect();
        self.change_chart(pane, |chart| chart.axes_by_unit(&units));
    }

    fn toggle_formula(&mut self, pane: pane_grid::Pane) -> Action {
        self.change_chart(pane, pane::Pane::toggle_formula);
        match self.charts.focused().and_then(pane::Pane::formula) {
            Some(_) => Action::Run(operation::focus(FORMULA)),
            None => Action::None,
        }
    }

    /// Asks the engine for the newest message of what is open, and of nothing else.
    fn inspect(&mut self, engine: &Engine) {
        if self.bag.is_some() {
            return;
        }
        let mut watched = self.tree.watched();
        watched.extend(self.wanted_messages());
        for topic in self.inspected.difference(&watched) {
            engine.inspect(topic, false);
        }
        for topic in watched.difference(&self.inspected) {
            engine.inspect(topic, true);
        }
        self.inspected = watched;
    }

    fn take_snapshot(&mut self, updates: Vec<Update>, engine: &Engine) -> Action {
        self.snapshot = engine.snapshot();
        if let Some(bag) = &self.bag {
            self.snapshot = Arc::new(bag.source().snapshot(&self.snapshot));
        }
        self.find_start();
        for update in &updates {
            if let Update::PlotEnded(topic) = update
                && self.bag.is_none()
            {
                self.history.plot_ended(topic);
            }
        }
        self.follow(engine);
        self.inspect(engine);
        self.unfold(engine);
        let recording = self.recording().is_some_and(recording::is_active);
        self.history.keep_budget(&self.snapshot, recording);
        self.tree.rebuild(&self.snapshot);
        let listed = match self.follow_recordings(&updates) {
            Action::Run(task) => task,
            _ => Task::none(),
        };
        let tasks: Vec<_> = updates.into_iter().filter_map(|update| self.tell(update)).collect();
        Action::Run(Task::batch([Task::batch(tasks).chain(self.analyze()), listed]))
    }

    /// Brings what is plotted in line with what the charts show.
    fn follow(&mut self, engine: &Engine) {
        if self.bag.is_some() {
            self.follow_bag(engine);
            return;
        }
        if self.history.follow(&self.wanted(), engine, &self.snapshot) {
            self.bind();
        }
    }

    fn tell(&mut self, update: Update) -> Option<Task<Message>> {
        match update {
            Update::RecordingStarted { .. } => None,
            Update::RecordingSplit { path, messages, .. } => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let (name, messages) = (format::harmless(&name), format::count(messages));
                Some(self.show_toast(format!("File finished: {name}, {messages} messages")))
            }
            Update::RecordingFinished(finished) => match &finished.state {
                FinishedState::Complete => Some(self.show_toast(finished_text(&finished))),
                FinishedState::Guard(reason) | FinishedState::Failed(reason) => {
                    self.set_notice(Notice {
                        text: format!("Recording stopped: {reason}"),
                        details: Some(finished_text(&finished)),
                    });
                    None
                }
            },
            Update::PlotEnded(topic) => Some(self.show_toast(format!("{topic} has another type now"))),
            Update::RecordingTriggered(why) => Some(self.show_toast(format!("Recording triggered: {why}"))),
            Update::RecordingRefused(text) | Update::Warning(text) | Update::Error(text) => {
                self.set_notice(Notice { text, details: None });
                None
            }
        }
    }

    fn show_toast(&mut self, text: String) -> Task<Message> {
        self.toasts += 1;
        self.toast = Some(text);
        let number = self.toasts;
        Task::perform(async { tokio::time::sleep(TOAST_TIME).await }, move |()| {
            Message::ToastExpired(number)
        })
    }

    /// Reads what lies between the cursors.
    fn measure(&mut self) -> Action {
        let history = &self.history;
        let task = self.measures.read(&self.charts, |recipe| history.unit(recipe.plain()?));
        Action::Run(task.map(|(asked, rows)| Message::Measured(asked, rows)))
    }

    fn readings(&self, form: Form) -> String {
        match form {
            Form::Text => self.measures.text(self.charts.cursors()[0].unwrap_or_default()),
            Form::Csv => self.measures.csv(),
        }
    }

    /// As a board keeps it.
    #[must_use]
    pub fn board(&self) -> Board {
        let (first, tabs) = self.tab_boards();
        Board {
            clock: self.clock(),
            since_start: self.counts_since_start(),
            tabs,
            ..first
        }
    }

    fn save_board(&mut self) -> Action {
        match self.board().save(&self.board_file) {
            Ok(()) => Action::Run(self.show_toast(format!("Board saved: {}", self.board_file.display()))),
            Err(error) => {
                self.set_notice(Notice {
                    text: error.to_string(),
                    details: None,
                });
                Action::None
            }
        }
    }

    /// The newest sample of any chart, as seen from now.
    #[must_use]
    pub fn refresh(&self, now: Timestamp) -> bool {
        // Triggers of tabs that are not seen go on looking.
        let unseen = self
            .tabs
            .charts()
            .fold(false, |again, charts| charts.refresh_unseen(now) | again);
        let mut moved = self.charts.refresh(now) | unseen;
        if let Some(bag) = &self.bag
            && bag.has_news(&self.history.store().borrow())
        {
            self.charts.iter().for_each(|chart| chart.source().retake());
            moved = true;
        }
        moved
    }
}

fn finished_text(finished: &Finished) -> String {
    format!(
        "Recording finished: {}, {} messages, {}, {}",
        finished.path.display(),
        format::count(finished.messages),
        format::bytes(finished.bytes),
        format::loss(&finished.loss)
    )
}
