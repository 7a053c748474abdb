//! Tabs: several boards of charts in one window. Those that are not seen go on collecting, and their triggers go on
//! looking.

use std::rc::Rc;

use iced::Task;
use iced::widget::operation;
use roswave_engine::engine::Engine;

use crate::board::{Board, TabSpec};
use crate::scope::charts::Charts;
use crate::scope::edits::Edits;
use crate::scope::history::Wanted;
use crate::scope::{Action, Message, Scope};

/// The line that a tab's name is typed into.
pub(super) const TAB_NAME: &str = "tab name";

/// More tabs than anybody finds again.
const TABS_MAX: usize = 32;

/// Tabs that were closed and can be opened again.
const CLOSED_MAX: usize = 8;

/// A board of charts that is not seen at the moment.
struct Tab {
    name: Option<String>,
    charts: Charts,
    edits: Edits,
}

/// All tabs but the present one, whose parts stand in the scope.
#[derive(Default)]
pub(super) struct Tabs {
    left: Vec<Tab>,
    /// The next one is the last of the list.
    right: Vec<Tab>,
    closed: Vec<Board>,
    /// What is typed as the name of the present one.
    renaming: Option<String>,
}

impl Tabs {
    fn others(&self) -> impl Iterator<Item = &Tab> {
        self.left.iter().chain(self.right.iter().rev())
    }

    /// The charts of the other tabs.
    pub(super) fn charts(&self) -> impl Iterator<Item = &Charts> {
        self.others().map(|tab| &tab.charts)
    }

    /// The charts of the other tabs.
    pub(super) fn charts_mut(&mut self) -> impl Iterator<Item = &mut Charts> {
        self.left.iter_mut().chain(&mut self.right).map(|tab| &mut tab.charts)
    }

    /// Draws fewer points.
    pub(super) fn set_eco(&mut self, eco: bool) {
        self.charts_mut().for_each(|charts| charts.set_eco(eco));
    }

    /// The number of the present one.
    pub(super) fn present(&self) -> usize {
        self.left.len()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.left.len() + 1 + self.right.len()
    }

    /// What is typed as the name of the present one.
    pub(super) fn renaming(&self) -> Option<&str> {
        self.renaming.as_deref()
    }
}

impl Scope {
    /// The names of all tabs, in order.
    #[must_use]
    pub fn tab_names(&self) -> Vec<String> {
        let mut names: Vec<Option<&String>> = self.tabs.others().map(|tab| tab.name.as_ref()).collect();
        names.insert(self.tabs.present(), self.name.as_ref());
        let names = (1..).zip(names).map(|(number, name)| match name {
            Some(name) => name.clone(),
            None => format!("Board {number}"),
        });
        names.collect()
    }

    /// True when the present tab has a name of its own.
    pub(super) fn has_name(&self) -> bool {
        self.name.is_some()
    }

    /// The number of the tab that is seen.
    #[must_use]
    pub fn present_tab(&self) -> usize {
        self.tabs.present()
    }

    /// Puts the present tab aside, with this one in its place.
    fn replaced_by(&mut self, tab: Tab) -> Tab {
        self.tabs.renaming = None;
        self.charts.point_nowhere();
        Tab {
            name: std::mem::replace(&mut self.name, tab.name),
            charts: std::mem::replace(&mut self.charts, tab.charts),
            edits: std::mem::replace(&mut self.edits, tab.edits),
        }
    }

    fn tab_of(&self, board: &Board) -> Tab {
        let charts = Charts::new(board, Rc::clone(self.history.store()), self.charts.is_eco());
        Tab {
            name: board.name.clone(),
            charts,
            edits: Edits::default(),
        }
    }

    /// Takes the further tabs of a board.
    pub(super) fn take_tabs(&mut self, specs: Vec<TabSpec>) {
        self.tabs = Tabs::default();
        let specs: Vec<TabSpec> = specs.into_iter().take(TABS_MAX - 1).collect();
        for spec in specs.into_iter().rev() {
            let tab = self.tab_of(&spec.into_board());
            self.tabs.right.push(tab);
        }
    }

    /// The tabs after the first one, as a board keeps them, and the first one.
    pub(super) fn tab_boards(&self) -> (Board, Vec<TabSpec>) {
        let mut boards: Vec<Board> = self
            .tabs
            .others()
            .map(|tab| tab.charts.board(tab.name.clone()))
            .collect();
        boards.insert(self.tabs.present(), self.charts.board(self.name.clone()));
        let mut boards = boards.into_iter();
        (boards.next().unwrap_or_default(), boards.map(TabSpec::from).collect())
    }

    pub(super) fn new_tab(&mut self) {
        if self.tabs.count() < TABS_MAX {
            let tab = self.tab_of(&Board::default());
            let before = self.replaced_by(tab);
            self.tabs.left.push(before);
        }
    }

    /// Shows a tab by its number.
    pub(super) fn pick_tab(&mut self, number: usize) {
        while self.tabs.present() < number
            && let Some(next) = self.tabs.right.pop()
        {
            let before = self.replaced_by(next);
            self.tabs.left.push(before);
        }
        while self.tabs.present() > number
            && let Some(before) = self.tabs.left.pop()
        {
            let next = self.replaced_by(before);
            self.tabs.right.push(next);
        }
    }

    /// Shows the next one, or the one before; around the ends.
    pub(super) fn turn_tabs(&mut self, forward: bool) {
        let (count, present) = (self.tabs.count(), self.tabs.present());
        let step = if forward { 1 } else { count - 1 };
        self.pick_tab((present + step) % count);
    }

    /// Closes a tab; the last one becomes an empty one.
    pub(super) fn close_tab(&mut self, number: Option<usize>, engine: &Engine) {
        if let Some(number) = number {
            self.pick_tab(number);
        }
        let next = self.tabs.right.pop().or_else(|| self.tabs.left.pop());
        let next = next.unwrap_or_else(|| self.tab_of(&Board::default()));
        let closed = self.replaced_by(next);
        if self.tabs.closed.len() == CLOSED_MAX {
            let _ = self.tabs.closed.remove(0);
        }
        self.tabs.closed.push(closed.charts.board(closed.name));
        self.follow(engine);
    }

    /// Opens the tab again that was closed last.
    pub(super) fn reopen_tab(&mut self, engine: &Engine) {
        if let Some(board) = self.tabs.closed.pop() {
            let tab = self.tab_of(&board);
            let before = self.replaced_by(tab);
            self.tabs.left.push(before);
            self.follow(engine);
            self.charts.bind();
        }
    }

    pub(super) fn start_renaming(&mut self) -> Action {
        let present = self.tab_names().swap_remove(self.tabs.present());
        self.tabs.renaming = Some(present);
        Action::Run(Task::<Message>::batch([
            operation::focus(TAB_NAME),
            operation::select_all(TAB_NAME),
        ]))
    }

    pub(super) fn edit_tab_name(&mut self, text: String) {
        if self.tabs.renaming.is_some() {
            self.tabs.renaming = Some(text);
        }
    }

    pub(super) fn accept_tab_name(&mut self) {
        if let Some(name) = self.tabs.renaming.take() {
            let name = name.trim();
            self.name = (!name.is_empty()).then(|| name.to_owned());
        }
    }

    /// No name is typed any longer. False when none was.
    pub(super) fn stop_renaming(&mut self) -> bool {
        self.tabs.renaming.take().is_some()
    }

    /// Every field of every chart of every tab.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let mut wanted = self.charts.wanted();
        for (topic, fields) in self.tabs.charts().flat_map(Charts::wanted) {
            wanted.entry(topic).or_default().extend(fields);
        }
        wanted
    }

    /// Lets the curves of every tab find their series.
    pub(super) fn bind(&self) {
        self.charts.bind();
        self.tabs.charts().for_each(Charts::bind);
    }
}
