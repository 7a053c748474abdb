//! The window: the scope screen on an engine, from the first frame to the last report.

mod adapter;
mod board;
mod clock;
mod figures;
mod options;
mod outcome;
mod quit;
mod report;
mod signals;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use iced::{Element, Size, Subscription, Task, Theme, window};
use roswave_engine::budget::Budget;
use roswave_engine::engine::{Engine, ShutdownReport, Update};
use roswave_engine::monitor;
use roswave_widgets::theme;

use crate::board::Board;
use crate::demo_process::DemoProcess;
use crate::scope::{self, Action, Notice, Scope, Start, Surroundings};
use crate::window::adapter::{Adapter, find_adapter};
use crate::window::board::Opened;
use crate::window::clock::{FrameClock, Pulse};
use crate::window::report::WindowReport;
use crate::window::signals::{Signal, Sources};

pub use figures::{FrameFigures, Histogram, Summary};
pub use options::{Settings, ThemeChoice, WindowOptions};
pub use outcome::{Recordings, WindowError, WindowOutcome};
pub use quit::Quit;

/// Frames per second without another bound.
const FPS: u32 = 60;

/// Frames per second in the eco profile.
const FPS_ECO: u32 = 20;

const SIZE: Size = Size::new(1280.0, 720.0);
const SIZE_MIN: Size = Size::new(640.0, 360.0);

/// How long the engine may take to stop.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

/// The age of a silent curve is shown by the second up to this, then by ten seconds.
const SILENCE_SHOWN_BY_SECOND_S: f64 = 60.0;

/// A recording that is not finished by then is finished by the engine's own shutdown.
const FINISH_DEADLINE: Duration = Duration::from_secs(10);

/// Opens the window and stays in it until it is closed.
///
/// # Errors
/// When there is no display, the board file is wrong, the window cannot be opened, or the report cannot be written.
pub fn run(options: WindowOptions, engine: Engine) -> anyhow::Result<WindowOutcome> {
    let set = |name| std::env::var_os(name).is_some_and(|value: std::ffi::OsString| !value.is_empty());
    if !set("WAYLAND_DISPLAY") && !set("WAYLAND_SOCKET") && !set("DISPLAY") {
        return Err(WindowError::NoDisplay.into());
    }
    let opened = board::opened(options.board.as_deref(), options.demo_board)?;
    let files = options.files_before.clone();
    let outcome = Rc::new(RefCell::new(None));
    let report_file = options.report.clone();
    // The application is booted once; iced asks for a function that could be called again.
    let first = RefCell::new(Some((options, opened, engine)));
    let to_app = Rc::clone(&outcome);
    let boot = move || {
        let (options, opened, engine) = first.borrow_mut().take().expect("iced boots an application once");
        App::new(options, opened, engine, Rc::clone(&to_app))
    };
    let mut settings = iced::Settings {
        id: Some("roswave".to_owned()),
        default_font: theme::INTER,
        default_text_size: iced::Pixels(theme::size::BODY),
        antialiasing: false,
        ..iced::Settings::default()
    };
    settings.fonts.extend(theme::fonts());
    iced::daemon(boot, App::update, App::view)
        .title(App::title)
        .theme(App::theme)
        .subscription(App::subscription)
        .settings(settings)
        .run()
        .map_err(WindowError::Open)?;
    let mut ended = outcome.borrow_mut().take().ok_or(WindowError::Vanished)?;
    ended.count_files(files.as_ref());
    if let Some(path) = report_file {
        ended.report.write(&path)?;
    }
    Ok(ended.outcome)
}

fn default_recordings() -> PathBuf {
    directories::UserDirs::new().map_or_else(|| PathBuf::from("ROSwave"), |dirs| dirs.home_dir().join("ROSwave"))
}

/// What the application leaves to [`run`].
#[derive(Debug)]
struct Ended {
    outcome: WindowOutcome,
    report: WindowReport,
}

impl Ended {
    /// Counts again once the window is gone: what it had open itself is closed by then.
    fn count_files(&mut self, before: Option<&BTreeSet<PathBuf>>) {
        let now = monitor::files_and_sockets();
        let left = now.zip(before).map(|(now, before)| now.difference(before).count());
        self.report.files_left = left;
        self.outcome.shutdown.files_left = left;
    }
}

/// One open window.
#[derive(Debug, Default)]
struct WindowState {
    fullscreen: bool,
}

/// How far closing has come.
#[derive(Debug)]
enum Phase {
    Running,
    Finishing,
    Stopping,
}

struct App {
    engine: Option<Engine>,
    scope: Scope,
    pulse: Pulse,
    sources: Sources,
    windows: BTreeMap<window::Id, WindowState>,
    colors: theme::Mode,
    eco: bool,
    eco_is_chosen: bool,
    fps_cap: u32,
    adapter: Option<String>,
    fullscreen_at_start: bool,
    record: Option<String>,
    exit_after: Option<Duration>,
    demo: Option<DemoProcess>,
    recordings: Recordings,
    phase: Phase,
    ended: Rc<RefCell<Option<Ended>>>,
}

#[derive(Clone, Debug)]
enum Message {
    Scope(scope::Message),
    Signal(Signal),
    Opened(window::Id),
    CloseRequested(window::Id),
    AdapterFound(Option<Adapter>),
    TimeUp,
    Aged,
    FinishingTimedOut,
    Stopped(ShutdownReport),
}

impl App {
    fn new(
        options: WindowOptions,
        opened: Opened,
        engine: Engine,
        ended: Rc<RefCell<Option<Ended>>>,
    ) -> (Self, Task<Message>) {
        let settings = options.settings;
        let colors = match settings.theme {
            ThemeChoice::Dark => theme::Mode::Dark,
            ThemeChoice::Light => theme::Mode::Light,
        };
        let eco = options.eco.unwrap_or(false);
        let scope = Scope::new(
            Start {
                board: opened.board,
                board_file: opened.file,
                recordings: settings.recordings.unwrap_or_else(default_recordings),
                budget: Budget::new(settings.memory_budget_bytes),
                eco,
                notice: opened
                    .problem
                    .or(settings.problem)
                    .map(|text| Notice { text, details: None }),
            },
            engine.snapshot(),
        );
        let fps_cap = settings.fps_cap.unwrap_or(FPS).clamp(1, FPS);
        let pulse = Pulse::new(engine.wake_handle(), if eco { fps_cap.min(FPS_ECO) } else { fps_cap });
        let sources = Sources {
            engine: engine.watcher(),
            wake: engine.wake_handle(),
            watch: pulse.watch(),
            quit: options.quit,
        };
        let (_, open) = window::open(window::Settings {
            size: SIZE,
            min_size: Some(SIZE_MIN),
            fullscreen: options.fullscreen,
            exit_on_close_request: false,
            // Desktops find the entry, and with it the icon, by this name.
            #[cfg(target_os = "linux")]
            platform_specific: window::settings::PlatformSpecific {
                application_id: "roswave".to_owned(),
                ..window::settings::PlatformSpecific::default()
            },
            ..window::Settings::default()
        });
        let app = Self {
            engine: Some(engine),
            scope,
            pulse,
            sources,
            windows: BTreeMap::new(),
            colors,
            eco,
            eco_is_chosen: options.eco.is_some(),
            fps_cap,
            adapter: None,
            fullscreen_at_start: options.fullscreen,
            record: options.record,
            exit_after: options.exit_after,
            demo: None,
            recordings: Recordings::default(),
            phase: Phase::Running,
            ended,
        };
        let bag = options.bag.map_or_else(Task::none, |path| {
            Task::done(Message::Scope(scope::Message::Bag(scope::bag::Message::Open(path))))
        });
        let torn = Task::done(Message::Scope(scope::Message::Salvage(scope::salvage::Message::Look)));
        (app, Task::batch([open.map(Message::Opened), bag, torn]))
    }

    fn title(&self, _window: window::Id) -> String {
        self.scope.title()
    }

    #[expect(clippy::unnecessary_wraps, reason = "iced asks for an option")]
    fn theme(&self, _window: window::Id) -> Option<Theme> {
        Some(theme::theme(self.colors))
    }

    fn update(&mut self, message: Message) -> Task<Message> {
        match message {
            Message::Scope(message) => self.update_scope(message),
            Message::Signal(signal) => self.answer(signal),
            Message::Opened(id) => self.opened(id),
            Message::CloseRequested(id) => {
                if self.windows.len() > 1 {
                    let _ = self.windows.remove(&id);
                    return window::close(id);
                }
                self.close()
            }
            Message::AdapterFound(adapter) => {
                if let Some(adapter) = adapter {
                    if adapter.is_software && !self.eco_is_chosen {
                        self.set_eco(true);
                    }
                    self.adapter = Some(adapter.name);
                }
                Task::none()
            }
            Message::Aged => Task::none(),
            Message::TimeUp => self.close(),
            Message::FinishingTimedOut => match self.phase {
                Phase::Finishing => self.stop(),
                Phase::Running | Phase::Stopping => Task::none(),
            },
            Message::Stopped(shutdown) => {
                self.end(shutdown);
                iced::exit()
            }
        }
    }

    fn view(&self, window: window::Id) -> Element<'_, Message> {
        let figures = self.pulse.figures().borrow();
        let (fps, ui_ms) = figures.recent();
        let surroundings = Surroundings {
            colors: self.colors,
            fullscreen: self.windows.get(&window).is_some_and(|state| state.fullscreen),
            eco: self.eco,
            fps,
            ui_ms,
            demo_runs: self.demo.is_some(),
            closing: match self.phase {
                Phase::Running => None,
                Phase::Finishing => Some("Finishing recording…"),
                Phase::Stopping => Some("Closing…"),
            },
        };
        drop(figures);
        FrameClock::new(
            self.scope.view(surroundings).map(Message::Scope),
            &self.pulse,
            &self.scope,
        )
        .on_news(Message::Scope(scope::Message::TriggersLooked))
        .into()
    }

    fn subscription(&self) -> Subscription<Message> {
        // How long a curve is silent is a text that changes without any message.
        let aging = match self.scope.charts().silent_since_s() {
            Some(age_s) => {
                let period = if age_s < SILENCE_SHOWN_BY_SECOND_S { 1 } else { 10 };
                iced::time::every(Duration::from_secs(period)).map(|_| Message::Aged)
            }
            None => Subscription::none(),
        };
        Subscription::batch([
            self.sources.subscription().map(Message::Signal),
            self.scope.subscription().map(Message::Scope),
            window::close_requests().map(Message::CloseRequested),
            aging,
        ])
    }

    fn update_scope(&mut self, message: scope::Message) -> Task<Message> {
        let Some(engine) = &self.engine else {
            return Task::none();
        };
        match self.scope.update(message, engine) {
            Action::None => Task::none(),
            Action::Run(task) => task.map(Message::Scope),
            Action::ToggleTheme => {
                self.colors = match self.colors {
                    theme::Mode::Light => theme::Mode::Dark,
                    theme::Mode::Dark | theme::Mode::ControlRoom => theme::Mode::Light,
                };
                Task::none()
            }
            Action::ToggleFullscreen => {
                let modes = self.windows.iter_mut().map(|(id, state)| {
                    state.fullscreen = !state.fullscreen;
                    let mode = if state.fullscreen {
                        window::Mode::Fullscreen
                    } else {
                        window::Mode::Windowed
                    };
                    window::set_mode(*id, mode)
                });
                Task::batch(modes.collect::<Vec<_>>())
            }
            Action::ToggleEco => {
                self.eco_is_chosen = true;
                self.set_eco(!self.eco);
                Task::none()
            }
            Action::StartDemo => {
                self.start_demo();
                Task::none()
            }
            Action::StopDemo => {
                self.stop_demo();
                Task::none()
            }
            Action::Close => self.close(),
        }
    }

    fn answer(&mut self, signal: Signal) -> Task<Message> {
        match signal {
            Signal::Woken => {
                // Any message makes iced draw a frame, and the clock goes on from there.
                self.pulse.woken();
                Task::none()
            }
            Signal::Stalled => {
                self.pulse.drain_stalled(&self.scope);
                if self.scope.take_news() {
                    return self.update_scope(scope::Message::TriggersLooked);
                }
                Task::none()
            }
            Signal::QuitRequested => self.close(),
            Signal::Ticked(updates) => self.ticked(updates),
        }
    }

    fn ticked(&mut self, updates: Vec<Update>) -> Task<Message> {
        for update in &updates {
            if let Update::RecordingFinished(finished) = update {
                self.recordings.note(finished);
            }
        }
        let task = self.update_scope(scope::Message::SnapshotTaken(updates));
        if !self.eco_is_chosen && !self.eco && self.pulse.is_software() == Some(true) {
            self.set_eco(true);
        }
        if let Some(engine) = &self.engine
            && let Some(pattern) = self.record.take()
        {
            self.scope.record_matching(&pattern, engine);
        }
        let stop = match self.phase {
            Phase::Finishing => self.scope.recording().is_none(),
            Phase::Running | Phase::Stopping => false,
        };
        if stop { Task::batch([task, self.stop()]) } else { task }
    }

    fn opened(&mut self, id: window::Id) -> Task<Message> {
        let first = self.windows.is_empty();
        let state = WindowState {
            fullscreen: first && self.fullscreen_at_start,
        };
        let _ = self.windows.insert(id, state);
        if !first {
            return Task::none();
        }
        let time_up = self.exit_after.map_or_else(Task::none, |after| {
            Task::perform(async move { tokio::time::sleep(after).await }, |()| Message::TimeUp)
        });
        Task::batch([time_up, Task::perform(find_adapter(), Message::AdapterFound)])
    }

    fn set_eco(&mut self, eco: bool) {
        self.eco = eco;
        self.scope.set_eco(eco);
        self.pulse
            .set_fps(if eco { self.fps_cap.min(FPS_ECO) } else { self.fps_cap });
    }

    fn start_demo(&mut self) {
        if self.demo.is_some() {
            return;
        }
        match DemoProcess::spawn(self.scope.snapshot().facts.domain, &[]) {
            Ok(demo) => {
                self.demo = Some(demo);
                self.scope.show_board(Board::demo(), self.eco);
            }
            Err(error) => self.scope.set_notice(Notice {
                text: format!("Cannot start the demo robot: {error:#}; run `roswave demo --headless` in a terminal"),
                details: None,
            }),
        }
    }

    /// The robot takes its time to end; the window does not wait for it.
    fn stop_demo(&mut self) {
        if let Some(demo) = self.demo.take()
            && let Err(error) = std::thread::Builder::new()
                .name("demo-end".to_owned())
                .spawn(move || demo.stop())
        {
            tracing::warn!("cannot start the thread `demo-end`: {error}");
        }
    }

    /// The one way out: the recording first, then the engine, then the report.
    fn close(&mut self) -> Task<Message> {
        if !matches!(self.phase, Phase::Running) {
            return Task::none();
        }
        let recording = self.engine.as_ref().is_some_and(|engine| {
            let snapshot = engine.snapshot();
            let active = snapshot.recording.as_ref().is_some_and(scope::recording::is_active);
            if active {
                engine.stop_recording();
            }
            active
        });
        if recording {
            self.phase = Phase::Finishing;
            return Task::perform(async { tokio::time::sleep(FINISH_DEADLINE).await }, |()| {
                Message::FinishingTimedOut
            });
        }
        self.stop()
    }

    fn stop(&mut self) -> Task<Message> {
        self.phase = Phase::Stopping;
        let Some(engine) = self.engine.take() else {
            return Task::none();
        };
        // Its files are closed before open files are counted.
        self.scope.leave(&engine);
        let demo = self.demo.take();
        let (done, stopped) = iced::futures::channel::oneshot::channel();
        let work = move || {
            if let Some(demo) = demo {
                demo.stop();
            }
            let _ = done.send(engine.shutdown(STOP_DEADLINE));
        };
        if let Err(error) = std::thread::Builder::new().name("shutdown".to_owned()).spawn(work) {
            tracing::error!("cannot start the thread `shutdown`: {error}");
            return iced::exit();
        }
        Task::perform(stopped, Result::ok).and_then(|report| Task::done(Message::Stopped(report)))
    }

    fn end(&mut self, shutdown: ShutdownReport) {
        let mut recordings = std::mem::take(&mut self.recordings);
        if let Some(finished) = &shutdown.recording {
            recordings.note(finished);
        }
        let loss = self.scope.snapshot().totals.loss;
        let renderer = match (self.pulse.is_software(), &self.adapter) {
            (Some(true), _) => Some("tiny-skia".to_owned()),
            (Some(false), Some(adapter)) => Some(format!("wgpu ({adapter})")),
            (Some(false), None) => Some("wgpu".to_owned()),
            (None, _) => None,
        };
        let figures = self.pulse.figures().borrow();
        let report = WindowReport::new(renderer, &figures, loss, &shutdown);
        tracing::info!(
            threads_left = ?shutdown.threads_left,
            rss_bytes = shutdown.rss_bytes,
            took_ms = shutdown.took.as_millis(),
            "stopped"
        );
        *self.ended.borrow_mut() = Some(Ended {
            outcome: WindowOutcome {
                frames: figures.frames,
                lost: loss.map(|loss| loss.known_total()),
                recordings,
                shutdown,
            },
            report,
        });
    }
}
