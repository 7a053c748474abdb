//! The scope screen: topics on the left, charts in the middle, the inspector on the right.

pub mod analysis;
pub mod charts;
mod fall;
mod follow;
pub mod history;
mod keys;
mod meaning;
pub mod measure;
mod navigation;
pub mod pane;
pub mod panel;
mod panels;
mod plane;
pub mod recording;
pub mod source;
mod states;
pub mod tree;
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
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::record::{Finished, FinishedState};
use roswave_engine::signal::FieldRef;

use roswave_widgets::chart;
use roswave_widgets::figure::{self, Figure};
use roswave_widgets::virtual_list::Scroll;

use crate::board::{Board, PanelKind};
use crate::format;
use crate::scope::charts::Charts;
use crate::scope::history::History;
use crate::scope::measure::{Measures, Row};
use crate::scope::pane::{Bound, Span};
use crate::scope::recording::Ticks;
use crate::scope::tree::Tree;

pub use keys::KEYS;
pub use view::Surroundings;

/// The box that `/` goes to.
const FILTER: &str = "filter";

/// The line that a derived curve is typed into.
const FORMULA: &str = "formula";

/// How long a toast stays.
const TOAST_TIME: Duration = Duration::from_secs(8);

/// The state of the screen.
pub struct Scope {
    snapshot: Arc<Snapshot>,
    tree: Tree,
    history: History,
    charts: Charts,
    measures: Measures,
    name: Option<String>,
    ticks: Ticks,
    recordings: PathBuf,
    board_file: PathBuf,
    inspected: BTreeSet<TopicName>,
    tree_shown: bool,
    inspector_shown: bool,
    keys_shown: bool,
    carried: Option<FieldRef>,
    scroll: Scroll,
    click: Option<Click>,
    notice: Option<Notice>,
    details_shown: bool,
    toast: Option<String>,
    toasts: u64,
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

/// What happened on the screen, or what the user wants.
#[derive(Clone, Debug)]
pub enum Message {
    /// The engine knows something new.
    SnapshotTaken(Vec<Update>),
    FilterChanged(String),
    FilterFocused,
    ToggleHidden,
    ToggleNamespace(String),
    ToggleTopic(TopicName),
    SelectTopic(TopicName),
    ToggleGroup(FieldRef),
    ShowMore(FieldRef),
    TreeScrolled(Scroll),
    FieldClicked(FieldRef),
    FieldDoubleClicked(FieldRef),
    FieldCarried(FieldRef),
    DragEnded,
    TickTopic(TopicName),
    TickAll(bool),
    AddChart,
    FocusChart(pane_grid::Pane),
    CloseChart(pane_grid::Pane),
    SplitChart(pane_grid::Pane, pane_grid::Axis),
    ChartDragged(pane_grid::DragEvent),
    ChartResized(pane_grid::ResizeEvent),
    MaximizeChart(pane_grid::Pane),
    PickSpan(pane_grid::Pane, Span),
    PauseChart(pane_grid::Pane),
    ToggleScale(pane_grid::Pane),
    EditRange(pane_grid::Pane, Bound, String),
    PickKind(pane_grid::Pane, PanelKind),
    /// The same for the chart with the focus.
    PickKindHere(PanelKind),
    PanelAnswered(pane_grid::Pane, panel::Event),
    /// A panel was computed.
    Analyzed(pane_grid::Pane, Result<Figure, String>),
    FigureAnswered(pane_grid::Pane, figure::Event),
    SaveFigure(pane_grid::Pane),
    /// What was saved where, or why not.
    FigureSaved(Result<String, String>),
    /// A histogram of the times of a topic.
    OpenTiming(TopicName, Timing),
    /// The same for the topic that is selected.
    OpenTimingHere(Timing),
    GoBack,
    GoForward,
    FitAll,
    FollowLive,
    ToggleLinked,
    PlaceCursor(usize),
    ClearCursors,
    /// What was read at the cursors, by the number of the question.
    Measured(u64, Vec<Row>),
    CopyReadings(Form),
    ToggleFormula(pane_grid::Pane),
    ToggleFormulaHere,
    EditFormula(pane_grid::Pane, String),
    AcceptFormula(pane_grid::Pane),
    ChartAnswered(pane_grid::Pane, chart::Event),
    PauseAll,
    ToggleTree,
    ToggleInspector,
    ToggleKeys,
    ToggleTheme,
    ToggleFullscreen,
    ToggleEco,
    ToggleRecording,
    ToggleDetails,
    DismissNotice,
    ToastExpired(u64),
    SaveBoard,
    StartDemo,
    StopDemo,
    Escape,
    Close,
}

/// What the screen asks of the window.
#[derive(Debug)]
pub enum Action {
    /// Nothing.
    None,
    /// Run this.
    Run(Task<Message>),
    /// Change between dark and light.
    ToggleTheme,
    /// Change between window and full screen.
    ToggleFullscreen,
    /// Change between the full and the eco profile.
    ToggleEco,
    /// Publish the demo robot from a process of our own.
    StartDemo,
    /// End that process.
    StopDemo,
    /// Close the window.
    Close,
}

impl Scope {
    /// A scope on an engine.
    #[must_use]
    pub fn new(start: Start, snapshot: Arc<Snapshot>) -> Self {
        let history = History::new(start.budget);
        let charts = Charts::new(&start.board, Rc::clone(history.store()), start.eco);
        let mut tree = Tree::default();
        tree.rebuild(&snapshot);
        Self {
            snapshot,
            tree,
            charts,
            measures: Measures::default(),
            history,
            name: start.board.name,
            ticks: Ticks::default(),
            recordings: start.recordings,
            board_file: start.board_file,
            inspected: BTreeSet::new(),
            tree_shown: true,
            inspector_shown: true,
            keys_shown: false,
            carried: None,
            scroll: Scroll::default(),
            click: None,
            notice: start.notice,
            details_shown: false,
            toast: None,
            toasts: 0,
        }
    }

    /// The title of the window.
    #[must_use]
    pub fn title(&self) -> String {
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

    /// Shows something that failed.
    pub fn set_notice(&mut self, notice: Notice) {
        self.notice = Some(notice);
        self.details_shown = false;
    }

    /// Shows another board in place of the present one.
    pub fn show_board(&mut self, board: Board, eco: bool) {
        self.charts = Charts::new(&board, Rc::clone(self.history.store()), eco);
        self.name = board.name;
        self.charts.bind();
    }

    /// Takes the other profile.
    pub fn set_eco(&mut self, eco: bool) {
        self.charts.set_eco(eco);
    }

    /// Answers a message.
    pub fn update(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            Message::SnapshotTaken(updates) => return self.take_snapshot(updates, engine),
            Message::FilterChanged(filter) => {
                self.tree.set_filter(filter);
                self.tree.rebuild(&self.snapshot);
            }
            Message::FilterFocused => {
                self.tree_shown = true;
                return Action::Run(Task::batch([operation::focus(FILTER), operation::select_all(FILTER)]));
            }
            Message::ToggleHidden => self.change_tree(engine, Tree::toggle_hidden),
            Message::ToggleNamespace(path) => self.change_tree(engine, |tree| tree.toggle_namespace(&path)),
            Message::ToggleTopic(topic) => self.change_tree(engine, |tree| {
                let _ = tree.toggle_topic(&topic);
                tree.select(Some(topic));
            }),
            Message::SelectTopic(topic) => self.change_tree(engine, |tree| tree.select(Some(topic))),
            Message::ToggleGroup(at) => self.change_tree(engine, |tree| tree.toggle_group(&at)),
            Message::ShowMore(at) => self.change_tree(engine, |tree| tree.show_more(&at)),
            Message::TreeScrolled(scroll) => self.scroll = scroll,
            Message::FieldClicked(at) => {
                if self.carried.is_none() {
                    self.click(at, engine);
                }
            }
            Message::FieldDoubleClicked(at) => self.double_click(at, engine),
            Message::FieldCarried(at) => self.carried = Some(at),
            Message::DragEnded => self.carried = None,
            Message::TickTopic(topic) => self.ticks.toggle(&topic, &self.snapshot),
            Message::TickAll(all) => self.ticks = if all { Ticks::All } else { Ticks::default_none() },
            Message::AddChart => self.charts.add(),
            Message::FocusChart(pane) => self.charts.set_focus(pane),
            Message::CloseChart(pane) => {
                self.charts.close(pane);
                self.follow(engine);
            }
            Message::SplitChart(pane, axis) => self.charts.split(pane, axis),
            Message::ChartDragged(pane_grid::DragEvent::Dropped { pane, target }) => self.charts.drop(pane, target),
            Message::ChartDragged(_) => {}
            Message::ChartResized(event) => self.charts.resize(event.split, event.ratio),
            Message::MaximizeChart(pane) => self.charts.toggle_maximized(pane),
            Message::PickSpan(pane, span) => self.change_chart(pane, |chart| chart.set_span(span)),
            Message::PauseChart(pane) => {
                self.charts.set_focus(pane);
                self.charts.toggle_paused(pane);
            }
            Message::ToggleScale(pane) => self.change_chart(pane, pane::Pane::toggle_scale),
            Message::EditRange(pane, bound, text) => self.change_chart(pane, |chart| chart.edit(bound, text)),
            Message::ToggleFormula(pane) => return self.toggle_formula(pane),
            Message::ToggleFormulaHere => return self.toggle_formula(self.charts.focus()),
            Message::EditFormula(pane, text) => self.change_chart(pane, |chart| chart.edit_formula(text)),
            Message::AcceptFormula(pane) => {
                self.change_chart(pane, pane::Pane::accept_formula);
                self.inspect(engine);
                self.unfold(engine);
                self.follow(engine);
            }
            Message::ChartAnswered(pane, event) => return self.answer_chart(pane, event, engine),
            Message::PickKind(pane, kind) => return self.pick_kind(pane, kind),
            Message::PickKindHere(kind) => return self.pick_kind(self.charts.focus(), kind),
            Message::PanelAnswered(pane, event) => return self.answer_panel(pane, event, engine),
            Message::Analyzed(pane, answer) => {
                if let Some(chart) = self.charts.get_mut(pane) {
                    chart.analysis_mut().accept(answer);
                }
            }
            Message::FigureAnswered(pane, event) => self.change_chart(pane, |chart| {
                chart.analysis_mut().set_view(match event {
                    figure::Event::ViewChanged { x, y } => Some((x, y)),
                    figure::Event::FitRequested => None,
                });
            }),
            Message::SaveFigure(pane) => return self.save_figure(pane),
            Message::FigureSaved(Ok(text)) => return Action::Run(self.show_toast(text)),
            Message::OpenTiming(topic, timing) => return self.open_timing(&topic, timing, engine),
            Message::OpenTimingHere(timing) => {
                if let Some(topic) = self.tree.selected().cloned() {
                    return self.open_timing(&topic, timing, engine);
                }
            }
            Message::FigureSaved(Err(text)) => self.set_notice(Notice { text, details: None }),
            Message::GoBack => self.charts.go_back(),
            Message::GoForward => self.charts.go_forward(),
            Message::FitAll => self.charts.fit_all(),
            Message::FollowLive => self.charts.set_paused(false),
            Message::ToggleLinked => self.charts.toggle_linked(),
            Message::PlaceCursor(which) => {
                self.charts.place_cursor(which);
                return self.measure();
            }
            Message::ClearCursors => {
                self.charts.clear_cursors();
                return self.measure();
            }
            Message::Measured(asked, rows) => self.measures.accept(asked, rows),
            Message::CopyReadings(form) => return Action::Run(iced::clipboard::write(self.readings(form))),
            Message::PauseAll => self.charts.set_paused(!self.charts.all_paused()),
            Message::ToggleTree => self.tree_shown = !self.tree_shown,
            Message::ToggleInspector => self.inspector_shown = !self.inspector_shown,
            Message::ToggleKeys => self.keys_shown = !self.keys_shown,
            Message::ToggleTheme => return Action::ToggleTheme,
            Message::ToggleFullscreen => return Action::ToggleFullscreen,
            Message::ToggleEco => return Action::ToggleEco,
            Message::ToggleRecording => self.toggle_recording(engine),
            Message::ToggleDetails => self.details_shown = !self.details_shown,
            Message::DismissNotice => self.notice = None,
            Message::ToastExpired(number) => {
                if number == self.toasts {
                    self.toast = None;
                }
            }
            Message::SaveBoard => return self.save_board(),
            Message::StartDemo => return Action::StartDemo,
            Message::StopDemo => return Action::StopDemo,
            Message::Escape => {
                if self.keys_shown {
                    self.keys_shown = false;
                } else {
                    self.carried = None;
                    self.notice = None;
                    return Action::Run(operation::focus("nothing"));
                }
            }
            Message::Close => return Action::Close,
        }
        Action::None
    }

    /// Keys that no widget took.
    pub fn subscription(&self) -> Subscription<Message> {
        keyboard::listen().filter_map(keys::pressed)
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

    fn toggle_formula(&mut self, pane: pane_grid::Pane) -> Action {
        self.change_chart(pane, pane::Pane::toggle_formula);
        match self.charts.focused().and_then(pane::Pane::formula) {
            Some(_) => Action::Run(operation::focus(FORMULA)),
            None => Action::None,
        }
    }

    /// Asks the engine for the newest message of what is open, and of nothing else.
    fn inspect(&mut self, engine: &Engine) {
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
        self.follow(engine);
        self.inspect(engine);
        self.unfold(engine);
        let recording = self.recording().is_some_and(recording::is_active);
        self.history.keep_budget(&self.snapshot, recording);
        self.tree.rebuild(&self.snapshot);
        let tasks: Vec<_> = updates.into_iter().filter_map(|update| self.tell(update)).collect();
        Action::Run(Task::batch(tasks).chain(self.analyze()))
    }

    /// Brings what is plotted in line with what the charts show.
    fn follow(&mut self, engine: &Engine) {
        if self.history.follow(&self.charts.wanted(), engine, &self.snapshot) {
            self.charts.bind();
        }
    }

    fn tell(&mut self, update: Update) -> Option<Task<Message>> {
        match update {
            Update::RecordingStarted { .. } | Update::RecordingSplit { .. } => None,
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

    fn click(&mut self, at: FieldRef, engine: &Engine) {
        let pane = self.charts.focus();
        let Some(chart) = self.charts.focused_mut() else {
            return;
        };
        let added = !chart.has(&at);
        if added {
            chart.add(at.clone());
        } else {
            chart.remove(&at);
        }
        self.click = Some(Click { at, pane, added });
        self.follow(engine);
    }

    /// The first click of the two changed the focused chart: that is taken back.
    fn double_click(&mut self, at: FieldRef, engine: &Engine) {
        if let Some(click) = self.click.take()
            && click.at == at
            && let Some(chart) = self.charts.get_mut(click.pane)
        {
            if click.added {
                chart.remove(&at);
            } else {
                chart.add(at.clone());
            }
        }
        let empty = self.charts.focused().is_some_and(|chart| chart.curves().is_empty());
        if !empty {
            self.charts.add();
        }
        if let Some(chart) = self.charts.focused_mut() {
            chart.add(at);
        }
        self.follow(engine);
    }

    fn drop_on(&mut self, pane: pane_grid::Pane, engine: &Engine) {
        if let Some(at) = self.carried.take() {
            self.charts.set_focus(pane);
            self.put(pane, at, None, engine);
        }
    }

    fn answer_chart(&mut self, pane: pane_grid::Pane, event: chart::Event, engine: &Engine) -> Action {
        match event {
            chart::Event::Hovered(time_ns) => self.charts.point_at(pane, time_ns),
            chart::Event::Clicked { .. } => {
                self.charts.set_focus(pane);
                return self.measure();
            }
            chart::Event::FieldDropped => self.drop_on(pane, engine),
            chart::Event::CurveHidden(index) => self.change_chart(pane, |chart| chart.toggle_curve(index)),
            chart::Event::CurveRemoved(index) => {
                self.change_chart(pane, |chart| chart.remove_at(index));
                self.follow(engine);
            }
            chart::Event::FitRequested => self.charts.fit_values(pane),
            chart::Event::TimeZoomed { factor, at_ns } => self.charts.zoom_time(pane, factor, at_ns),
            chart::Event::ViewMoved { from_ns, to_ns } => self.charts.show_times(pane, from_ns, to_ns),
            chart::Event::ValueRangeChanged { low, high, .. } => self.charts.show_values(pane, low, high),
            chart::Event::BoxZoomed { time, values } => self.charts.show_box(pane, time, values),
            chart::Event::CursorMoved { which, time_ns } => {
                self.charts.set_cursor(which, time_ns);
                return self.measure();
            }
            // Neither levels nor a trigger are on any chart yet.
            chart::Event::LevelMoved { .. } | chart::Event::TriggerLevelMoved(_) => {}
        }
        Action::None
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

    fn save_board(&mut self) -> Action {
        match self.charts.board(self.name.clone()).save(&self.board_file) {
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
        self.charts.refresh(now)
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
