//! The scope screen on an engine of its own, driven by clicks on what is written, without a display.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::{Settings, Size};
use iced_test::Simulator;
use roswave::board::Board;
use roswave::scope::{Message, Scope, Start, Surroundings};
use roswave_engine::clock::Timestamp;
use roswave_engine::engine::{Engine, EngineConfig, Update};
use roswave_engine::monitor::MonitorReport;
use roswave_engine::name::{TopicName, TypeName};
use roswave_engine::qos::Qos;
use roswave_engine::record::FinishedState;
use roswave_engine::transport::memory::{MemoryNetwork, MemoryWriter, memory};
use roswave_widgets::theme::{self, Mode};

const DEADLINE: Duration = Duration::from_secs(10);

pub struct Bench {
    pub engine: Engine,
    pub scope: Scope,
    network: MemoryNetwork,
    pub surroundings: Surroundings,
    pub finished: Option<FinishedState>,
    pub home: tempfile::TempDir,
}

impl Bench {
    pub fn new(board: Board) -> Self {
        let (transport, network) = memory(true);
        let engine = Engine::start_with(EngineConfig::default(), Box::new(transport)).expect("the engine starts");
        let recordings = tempfile::tempdir().expect("a directory");
        let start = Start {
            board,
            board_file: recordings.path().join("board.toml"),
            recordings: recordings.path().join("recordings"),
            budget: roswave_engine::budget::Budget::new(64 << 20),
            eco: false,
            notice: None,
        };
        // Without the memory of this process, which is never the same.
        let mut snapshot = engine.snapshot().as_ref().clone();
        snapshot.monitor = MonitorReport::default();
        Self {
            scope: Scope::new(start, Arc::new(snapshot)),
            engine,
            network,
            surroundings: Surroundings {
                colors: Mode::Dark,
                fullscreen: false,
                eco: false,
                fps: None,
                ui_ms: None,
                demo_runs: false,
                closing: None,
            },
            finished: None,
            home: recordings,
        }
    }

    pub fn writer(&self, topic: &str, type_name: &str) -> MemoryWriter {
        let topic = TopicName::new(topic).expect("a topic name");
        let type_name = TypeName::new(type_name).expect("a type name");
        self.network.writer(&topic, &type_name, Qos::SENSOR)
    }

    pub fn simulator(&self) -> Simulator<'_, Message> {
        let settings = Settings {
            default_font: theme::INTER,
            default_text_size: theme::size::BODY.into(),
            fonts: theme::fonts().collect(),
            ..Settings::default()
        };
        Simulator::with_size(settings, Size::new(1280.0, 720.0), self.scope.view(self.surroundings))
    }

    /// Clicks on what is written there.
    #[allow(dead_code, reason = "not every file of tests clicks")]
    pub fn click(&mut self, text: &str) {
        let mut ui = self.simulator();
        let found = ui.click(text).map(|_| ());
        let messages: Vec<Message> = ui.into_messages().collect();
        found.unwrap_or_else(|error| panic!("nothing says `{text}`: {error}"));
        for message in messages {
            self.send(message);
        }
    }

    pub fn send(&mut self, message: Message) {
        let _ = self.scope.update(message, &self.engine);
    }

    pub fn says(&self, text: &str) -> bool {
        self.simulator().find(text).is_ok()
    }

    pub fn tick(&mut self) {
        let updates = self.engine.updates();
        for update in &updates {
            if let Update::RecordingFinished(finished) = update {
                self.finished = Some(finished.state.clone());
            }
        }
        self.send(Message::SnapshotTaken(updates));
        let _ = self.scope.history().store().borrow_mut().drain();
        let _ = self.scope.refresh(Timestamp::now());
    }

    /// What was saved so far, by name.
    #[allow(dead_code, reason = "not every file of tests saves something")]
    pub fn saved(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.home.path().join("recordings"));
        let mut files: Vec<PathBuf> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect();
        files.sort();
        files
    }

    /// Ticks like the window until something holds.
    pub fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let end = Instant::now() + DEADLINE;
        loop {
            self.tick();
            if holds(self) {
                return;
            }
            assert!(Instant::now() < end, "not within {DEADLINE:?}: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
