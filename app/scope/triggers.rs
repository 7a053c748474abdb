//! The triggers of all charts: when they look, and what they ask of the scope.

use std::time::{Duration, Instant};

use iced::Subscription;
use iced::widget::pane_grid;
use roswave_engine::engine::Engine;
use roswave_engine::record::RecordingStatus;
use roswave_widgets::TraceSource as _;

use crate::format;
use crate::scope::charts::Charts;
use crate::scope::pane::Pane;
use crate::scope::recorder::is_running;
use crate::scope::trigger::{ChartTrigger, Wish};
use crate::scope::{Action, Message, Scope};

/// Samples that all triggers together look at per drain: about 2 ms.
const SAMPLES_PER_DRAIN: usize = 131_072;

/// A status that changes all the time is told this often.
const STATUS_PERIOD: Duration = Duration::from_millis(200);

/// What is due sooner than this is waited for in small steps.
const SOON_NS: i64 = 2_000_000_000;

/// The steps of waiting for what is due soon, and for what is due later.
const STEPS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));

/// Bookmarks that are kept; the oldest goes first.
const BOOKMARKS_MAX: usize = 256;

/// What triggers have to tell, and when they told it last.
#[derive(Debug, Default)]
pub(super) struct News {
    wishes: bool,
    status: bool,
    told: Option<Instant>,
}

impl Charts {
    /// Lets every trigger look at what came. True when one has more to look at.
    pub(super) fn look_on(&self) -> bool {
        self.look_at_all().0
    }

    /// Lets every trigger look at what came. True when one has more to look at, or shows another capture.
    pub(super) fn look(&self) -> bool {
        let (behind, shown) = self.look_at_all();
        behind | shown
    }

    fn look_at_all(&self) -> (bool, bool) {
        let triggers = self.iter().filter(|pane| pane.trigger().is_some()).count();
        let (mut behind, mut shown) = (false, false);
        if triggers == 0 {
            return (behind, shown);
        }
        let mut news = self.news.borrow_mut();
        for pane in self.iter() {
            let version = pane.source().version();
            let looked = pane.look(SAMPLES_PER_DRAIN / triggers);
            news.status |= looked.news;
            news.wishes |= looked.wishes;
            behind |= looked.behind;
            shown |= pane.source().version() != version;
        }
        (behind, shown)
    }

    /// True when triggers have something to tell; it is told then.
    #[must_use]
    pub fn take_news(&self) -> bool {
        let mut news = self.news.borrow_mut();
        let is_time = || news.told.is_none_or(|told| told.elapsed() >= STATUS_PERIOD);
        if !(news.wishes || (news.status && is_time())) {
            return false;
        }
        *news = News {
            told: Some(Instant::now()),
            ..News::default()
        };
        true
    }

    /// True while any trigger waits for something.
    #[must_use]
    pub fn has_running_trigger(&self) -> bool {
        self.iter().filter_map(Pane::trigger).any(ChartTrigger::is_running)
    }

    /// How long from now on until a trigger has something to do although no sample comes, in nanoseconds.
    fn due_in_ns(&self) -> Option<i64> {
        let due = self.iter().filter_map(|pane| {
            let due_ns = pane.trigger()?.due_ns()?;
            Some(due_ns.saturating_sub(pane.source().now().0))
        });
        due.min()
    }
}

/// What triggers ask of the scope beyond their charts.
#[derive(Debug, Default)]
struct Deeds {
    bookmarks: Vec<i64>,
    record: bool,
    /// The curve that wants what the black box keeps to be written.
    black_box: Option<String>,
}

impl Charts {
    /// Freezes what is to be frozen, and notes what else is asked for. What a recording shows that is open is no reason to
    /// record what is live.
    fn grant_wishes(&mut self, deeds: &mut Deeds, is_live: bool) {
        let ids: Vec<pane_grid::Pane> = self.panes().iter().map(|(id, _)| *id).collect();
        for id in ids {
            let wishes = self.get_mut(id).and_then(|pane| Some(pane.trigger()?.take_wishes()));
            for wish in wishes.unwrap_or_default() {
                match wish {
                    Wish::Bookmark { at_ns } => deeds.bookmarks.push(at_ns),
                    Wish::BlackBox | Wish::Record if !is_live => {}
                    Wish::BlackBox => {
                        let trigger = self.panes().get(id).and_then(Pane::trigger);
                        deeds.black_box = trigger.map(|trigger| trigger.setup().curve.label(true));
                    }
                    Wish::Record => {
                        if let Some(trigger) = self.get_mut(id).and_then(Pane::trigger_mut) {
                            // Once: whoever stops the recording wants it stopped.
                            deeds.record |= trigger.setup().record;
                            trigger.disarm_recording();
                        }
                    }
                    Wish::Freeze { from_ns, to_ns } => {
                        let frozen = self.panes().get(id).is_some_and(|pane| pane.source().is_paused());
                        if !frozen {
                            self.show_times(id, from_ns, to_ns);
                        }
                    }
                }
            }
        }
    }
}

impl Scope {
    /// Wakes the triggers for what no sample does.
    pub(super) fn trigger_timer(&self) -> Subscription<Message> {
        let all = std::iter::once(&self.charts).chain(self.tabs.charts());
        match all.filter_map(Charts::due_in_ns).min() {
            Some(ns) => {
                let step = if ns < SOON_NS { STEPS.0 } else { STEPS.1 };
                iced::time::every(step).map(|_| Message::TriggersLooked)
            }
            None => Subscription::none(),
        }
    }

    pub(super) fn toggle_trigger(&mut self, pane: Option<pane_grid::Pane>) {
        let pane = pane.unwrap_or(self.charts.focus());
        self.change_chart(pane, Pane::toggle_trigger);
    }

    pub(super) fn change_trigger(&mut self, pane: pane_grid::Pane, change: impl FnOnce(&mut ChartTrigger, &Pane)) {
        self.change_chart(pane, |chart| chart.change_trigger(change));
        let _ = self.charts.look();
    }

    /// True while any trigger of any tab waits for something.
    #[must_use]
    pub fn has_running_trigger(&self) -> bool {
        let mut all = std::iter::once(&self.charts).chain(self.tabs.charts());
        all.any(Charts::has_running_trigger)
    }

    /// True when triggers of any tab have something to tell; it is told then.
    #[must_use]
    pub fn take_news(&self) -> bool {
        let all = std::iter::once(&self.charts).chain(self.tabs.charts());
        all.fold(false, |news, charts| charts.take_news() | news)
    }

    /// Lets triggers look once more, and does what they ask for.
    pub(super) fn grant_wishes(&mut self, engine: &Engine) -> Action {
        let mut deeds = Deeds::default();
        let is_live = self.bag.is_none();
        for charts in std::iter::once(&mut self.charts).chain(self.tabs.charts_mut()) {
            let _ = charts.look();
            charts.grant_wishes(&mut deeds, is_live);
        }
        for at_ns in deeds.bookmarks {
            self.keep_bookmark(at_ns, "trigger");
            // That it was before the recording began is nothing to tell: nobody chose the moment.
            let _ = self.record_bookmark(at_ns, "trigger", engine);
        }
        // Without a box there is nothing to pull, and no reason to say so at every event.
        let has_box = |status: &RecordingStatus| is_running(status) && status.box_.is_some();
        if let Some(curve) = deeds.black_box
            && self.recording().is_some_and(has_box)
        {
            self.pull_trigger(&format!("{curve} met its trigger"), engine);
        }
        if !deeds.record || self.recording().is_some() {
            return Action::None;
        }
        self.toggle_recording(engine);
        Action::Run(self.show_toast("Recording started by the trigger".to_owned()))
    }

    /// Keeps a bookmark for the charts.
    pub(super) fn keep_bookmark(&mut self, at_ns: i64, what: &str) {
        if self.bookmarks.len() == BOOKMARKS_MAX {
            let _ = self.bookmarks.remove(0);
        }
        self.bookmarks
            .push((at_ns, format!("{what}, {}", format::time_of_day(at_ns))));
    }
}
