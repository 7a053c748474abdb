//! Undoing and redoing changes of the layout.

use std::mem::{Discriminant, discriminant};
use std::time::{Duration, Instant};

use roswave_engine::engine::Engine;
use roswave_widgets::chart;

use crate::board::Board;
use crate::scope::{Message, Scope};

/// Layouts that can be gone back to.
const LAYOUTS_MAX: usize = 64;

/// Changes of one kind that follow each other faster than this are one: the letters of a number, the moves of a drag.
const ONE_CHANGE: Duration = Duration::from_millis(900);

/// Layouts that were left.
#[derive(Debug, Default)]
pub(super) struct Edits {
    back: Vec<Board>,
    forward: Vec<Board>,
    last: Option<(Discriminant<Message>, Instant)>,
}

impl Edits {
    /// Notes that a message changed the layout from `before`.
    fn note(&mut self, message: Discriminant<Message>, before: Board) {
        let now = Instant::now();
        let goes_on = self
            .last
            .is_some_and(|(kind, at)| kind == message && now.duration_since(at) < ONE_CHANGE);
        self.last = Some((message, now));
        self.forward.clear();
        if goes_on && !self.back.is_empty() {
            return;
        }
        if self.back.len() == LAYOUTS_MAX {
            let _ = self.back.remove(0);
        }
        self.back.push(before);
    }
}

/// True for what may change a layout: charts, curves, how they are drawn, triggers. Moving through time is no change of it.
fn may_edit(message: &Message) -> bool {
    match message {
        Message::ChartAnswered(_, event) => matches!(
            event,
            chart::Event::CurveHidden(_)
                | chart::Event::CurveRemoved(_)
                | chart::Event::FieldDropped
                | chart::Event::FieldDroppedBeside(_)
                | chart::Event::TriggerLevelMoved { .. }
        ),
        Message::FieldClicked(_)
        | Message::FieldDoubleClicked(_)
        | Message::AddChart
        | Message::CloseChart(_)
        | Message::CloseHere
        | Message::SplitChart(..)
        | Message::SplitHere(_)
        | Message::ChartDragged(_)
        | Message::ChartResized(_)
        | Message::PickKind(..)
        | Message::PickKindHere(_)
        | Message::PanelAnswered(..)
        | Message::OpenTiming(..)
        | Message::OpenTimingHere(_)
        | Message::PickSpan(..)
        | Message::EditRange(..)
        | Message::ToggleScale(_)
        | Message::AcceptFormula(_)
        | Message::ToggleTrigger(_)
        | Message::EditTrigger(..)
        | Message::RemoveTrigger(_)
        | Message::ChangeLook(..)
        | Message::AxesByUnit(_)
        | Message::Pasted(_) => true,
        _ => false,
    }
}

impl Scope {
    /// The layout, when this message may change it.
    pub(super) fn before(&self, message: &Message) -> Option<(Discriminant<Message>, Board)> {
        may_edit(message).then(|| (discriminant(message), self.charts.board(None)))
    }

    /// Notes what was before, when it is otherwise now.
    pub(super) fn note_edit(&mut self, before: Option<(Discriminant<Message>, Board)>) {
        if let Some((message, before)) = before
            && self.charts.board(None) != before
        {
            self.edits.note(message, before);
        }
    }

    /// Takes the last change of the layout back.
    pub(super) fn undo(&mut self, engine: &Engine) {
        if let Some(board) = self.edits.back.pop() {
            self.edits.forward.push(self.charts.board(None));
            self.take_layout(&board, engine);
        }
    }

    /// Makes the change again that was taken back last.
    pub(super) fn redo(&mut self, engine: &Engine) {
        if let Some(board) = self.edits.forward.pop() {
            self.edits.back.push(self.charts.board(None));
            self.take_layout(&board, engine);
        }
    }

    fn take_layout(&mut self, board: &Board, engine: &Engine) {
        self.edits.last = None;
        self.charts.restore(board);
        self.follow(engine);
        self.charts.bind();
    }
}
