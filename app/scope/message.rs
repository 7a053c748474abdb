//! What happens on the screen, and what the screen asks of its window.

use std::path::PathBuf;

use iced::widget::pane_grid;
use iced::{Task, keyboard};
use roswave_engine::engine::Update;
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::signal::FieldRef;
use roswave_widgets::chart;
use roswave_widgets::figure::{self, Figure};
use roswave_widgets::virtual_list::Scroll;

use crate::board::PanelKind;
use crate::scope::Form;
use crate::scope::measure::Row;
use crate::scope::pane::{Bound, LookChange, Span};
use crate::scope::saving::Part;
use crate::scope::{bag, panel, recorder, salvage, shelf, trigger};

/// What happened on the screen, or what the user wants.
#[derive(Clone, Debug)]
pub enum Message {
    /// Of a recording in the place of live topics.
    Bag(bag::Message),
    /// Of the recorder and its panel.
    Recorder(recorder::Message),
    /// Of the list of recordings.
    Shelf(shelf::Message),
    /// Of recordings that were not finished.
    Salvage(salvage::Message),
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
    /// Show or hide what a chart can be saved to; `None` is the chart with the focus.
    ToggleSave(Option<pane_grid::Pane>),
    /// Save a part of a chart; `None` is the one with the focus.
    Save(Option<pane_grid::Pane>, Part),
    /// What was saved where, or why not.
    FigureSaved(Result<String, String>),
    /// It is time to read on for files of samples.
    SamplesRead,
    /// What became of the file of samples with this number: what was saved where, nothing when it was given up, or why not.
    SamplesSaved(u64, Result<Option<String>, String>),
    /// Give up the files of samples that are being written.
    CancelSaving,
    /// A histogram of the times of a topic.
    OpenTiming(TopicName, Timing),
    /// The same for the topic that is selected.
    OpenTimingHere(Timing),
    GoBack,
    GoForward,
    FitAll,
    FollowLive,
    /// Draw messages at the next one of their times.
    NextClock,
    ToggleSinceStart,
    ToggleLinked,
    PlaceCursor(usize),
    /// Put a horizontal cursor where the pointer is.
    PlaceLevel(usize),
    ClearCursors,
    /// What was read at the cursors, by the number of the question.
    Measured(u64, Vec<Row>),
    CopyReadings(Form),
    ToggleFormula(pane_grid::Pane),
    ToggleFormulaHere,
    EditFormula(pane_grid::Pane, String),
    AcceptFormula(pane_grid::Pane),
    ChartAnswered(pane_grid::Pane, chart::Event),
    /// Show or hide what changes the trigger of a chart, a new one when there is none; `None` is the chart with the focus.
    ToggleTrigger(Option<pane_grid::Pane>),
    EditTrigger(pane_grid::Pane, trigger::Change),
    /// Wait for the next event, or for none any longer.
    ArmTrigger(Option<pane_grid::Pane>),
    /// Trigger now.
    ForceTrigger(Option<pane_grid::Pane>),
    RemoveTrigger(pane_grid::Pane),
    /// A trigger has news, or something to do although no sample comes.
    TriggersLooked,
    /// Let the look of a curve be changed, or no longer.
    ToggleLook(pane_grid::Pane, usize),
    /// The look of the next curve of the chart with the focus.
    NextLook,
    ChangeLook(pane_grid::Pane, LookChange),
    /// Give each unit a value axis of its own.
    AxesByUnit(Option<pane_grid::Pane>),
    DropBookmark,
    ClearBookmarks,
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
    SplitHere(pane_grid::Axis),
    MaximizeHere,
    CloseHere,
    /// Write a picture of the chart with the focus and copy where it is.
    CopyImage,
    /// Where it was written, or why not.
    ImageWritten(Result<PathBuf, String>),
    FocusNext,
    ModifiersChanged(keyboard::Modifiers),
    Undo,
    Redo,
    CopyChart,
    PasteChart,
    /// What the clipboard holds.
    Pasted(Option<String>),
    NewTab,
    NextTab,
    PreviousTab,
    PickTab(usize),
    /// `None` is the present one.
    CloseTab(Option<usize>),
    ReopenTab,
    RenameTab,
    TabNamed(String),
    TabNameAccepted,
    TogglePalette,
    PaletteTyped(String),
    /// The line below, or the one above.
    PaletteStepped(bool),
    /// The line at a place of the palette, or the chosen one.
    Chosen(Option<usize>),
    OpenTopic(TopicName),
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
