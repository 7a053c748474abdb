//! What the scope does with each message.

use iced::Task;
use iced::widget::{operation, pane_grid};
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::Engine;
use roswave_widgets::figure;

use crate::scope::recording::Ticks;
use crate::scope::tree::Tree;
use crate::scope::{Action, FILTER, Message, Notice, Scope, pane};

impl Scope {
    /// Answers a message.
    pub(super) fn answer(&mut self, message: Message, engine: &Engine) -> Action {
        match message {
            // Answered before.
            Message::Bag(_) => {}
            Message::Recorder(message) => return self.answer_recorder(message, engine),
            Message::Shelf(message) => return self.answer_shelf(message, engine),
            Message::Salvage(message) => return self.answer_salvage(message, engine),
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
                    self.click_field(at, engine);
                }
            }
            Message::FieldDoubleClicked(at) => self.double_click(at, engine),
            Message::FieldCarried(at) => self.carry_fields(&at),
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
            Message::ToggleTrigger(pane) => self.toggle_trigger(pane),
            Message::EditTrigger(pane, change) => self.change_trigger(pane, |trigger, _| trigger.edit(change)),
            Message::ArmTrigger(pane) => {
                let pane = pane.unwrap_or(self.charts.focus());
                self.change_trigger(pane, |trigger, _| trigger.toggle_armed());
            }
            Message::ForceTrigger(pane) => {
                let pane = pane.unwrap_or(self.charts.focus());
                self.change_trigger(pane, |trigger, _| trigger.force(Timestamp::now()));
            }
            Message::RemoveTrigger(pane) => self.change_chart(pane, pane::Pane::remove_trigger),
            Message::TriggersLooked => return self.grant_wishes(engine),
            Message::ToggleLook(pane, curve) => self.change_chart(pane, |chart| chart.toggle_look(curve)),
            Message::NextLook => self.change_chart(self.charts.focus(), pane::Pane::next_look),
            Message::ChangeLook(pane, change) => self.change_chart(pane, |chart| chart.change_look(change)),
            Message::AxesByUnit(pane) => self.axes_by_unit(pane),
            Message::DropBookmark => return self.add_bookmark(self.pointed_moment(), "bookmark", engine),
            Message::ClearBookmarks => self.bookmarks.clear(),
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
            Message::ToggleSave(pane) => {
                let pane = pane.unwrap_or(self.charts.focus());
                self.change_chart(pane, pane::Pane::toggle_save);
            }
            Message::Save(pane, part) => return self.save(pane, part),
            Message::SamplesRead => self.read_samples(),
            Message::SamplesSaved(number, result) => return self.take_saved(number, result),
            Message::CancelSaving => self.cancel_saving(),
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
            Message::NextClock => return Action::Run(self.next_clock()),
            Message::ToggleSinceStart => self.toggle_since_start(),
            Message::ToggleLinked => self.charts.toggle_linked(),
            Message::PlaceCursor(which) => {
                self.charts.place_cursor(which);
                return self.measure();
            }
            Message::PlaceLevel(which) => self.charts.place_level(which),
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
            Message::SplitHere(axis) => self.charts.split(self.charts.focus(), axis),
            Message::MaximizeHere => self.charts.toggle_maximized(self.charts.focus()),
            Message::CloseHere => return self.answer(Message::CloseChart(self.charts.focus()), engine),
            Message::CopyImage => return self.copy_image(self.charts.focus()),
            Message::ImageWritten(Ok(path)) => {
                let path = path.display().to_string();
                let toast = self.show_toast(format!(
                    "Only text can be copied here: the picture is {path}, and its path is copied"
                ));
                return Action::Run(Task::batch([iced::clipboard::write(path), toast]));
            }
            Message::ImageWritten(Err(text)) => self.set_notice(Notice { text, details: None }),
            // From box to box of what lies over the chart.
            Message::FocusNext if self.charts.focused().is_some_and(|chart| chart.sheet().is_some()) => {
                return Action::Run(iced::widget::operation::focus_next());
            }
            Message::FocusNext => self.charts.focus_next(),
            Message::ModifiersChanged(modifiers) => self.modifiers = modifiers,
            Message::Undo => self.undo(engine),
            Message::Redo => self.redo(engine),
            Message::CopyChart => return Action::Run(iced::clipboard::write(self.copied_chart())),
            Message::PasteChart => return Action::Run(iced::clipboard::read().map(Message::Pasted)),
            Message::Pasted(text) => self.paste(text.as_deref(), engine),
            Message::NewTab => self.new_tab(),
            Message::NextTab => self.turn_tabs(true),
            Message::PreviousTab => self.turn_tabs(false),
            Message::PickTab(number) => self.pick_tab(number),
            Message::CloseTab(number) => self.close_tab(number, engine),
            Message::ReopenTab => self.reopen_tab(engine),
            Message::RenameTab => return self.start_renaming(),
            Message::TabNamed(text) => self.edit_tab_name(text),
            Message::TabNameAccepted => self.accept_tab_name(),
            Message::TogglePalette => return self.toggle_palette(),
            Message::PaletteTyped(text) => {
                if let Some(palette) = &mut self.palette {
                    palette.set_typed(text);
                }
            }
            Message::PaletteStepped(down) => {
                if let Some(palette) = &mut self.palette {
                    palette.step(down);
                }
            }
            Message::Chosen(place) => {
                let chosen = self.palette.take().and_then(|palette| palette.pick(place));
                if let Some(message) = chosen {
                    return self.update(message, engine);
                }
            }
            Message::OpenTopic(topic) => {
                self.inspector_shown = true;
                self.change_tree(engine, |tree| tree.select(Some(topic)));
            }
            Message::SaveBoard => return self.save_board(),
            Message::StartDemo => return Action::StartDemo,
            Message::StopDemo => return Action::StopDemo,
            Message::Escape => {
                if self.palette.take().is_some() || self.stop_renaming() {
                    // What lay over the rest is gone.
                } else if self.keys_shown {
                    self.keys_shown = false;
                } else if self.recorder.close() {
                    // The panel is gone, or the line for a bookmark.
                } else if self.shelf.close() {
                    // Nothing is asked any longer, or the charts are back.
                } else if self.tree.clear_marks() {
                    // Nothing is marked any longer.
                } else if self.charts.focused_mut().is_some_and(pane::Pane::close_sheet) {
                    // The panel is gone.
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
}
