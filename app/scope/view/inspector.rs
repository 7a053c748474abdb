//! The inspector: everything that is known about one topic.

use iced::widget::{Column, column, container, row, scrollable};
use iced::{Alignment, Element, Fill};
use roswave_engine::engine::{DefinitionState, TopicStatus};
use roswave_engine::graph::{Endpoint, Topic};
use roswave_engine::ingest::Timing;
use roswave_engine::name::TopicName;
use roswave_engine::qos::{Durability, History, Qos, Reliability};
use roswave_engine::schema::{Agreement, Origin};
use roswave_engine::stats::Quantiles;
use roswave_widgets::icon;
use roswave_widgets::theme::{self, space};

use crate::format;
use crate::scope::view::bars::{hint, quiet_word, tool};
use crate::scope::view::{line, pair};
use crate::scope::{Message, Scope};

const GONE: &str = "This topic is gone. Its curves stay, and go on when it comes back.";

/// Rows of the message that are shown; a message with more has arrays for a table, not for an inspector.
const ROWS_MAX: usize = 400;

impl Scope {
    pub(super) fn inspector(&self) -> Element<'_, Message> {
        let Some(name) = self.tree.selected() else {
            return column![].into();
        };
        let title = row![
            container(theme::title(name.as_str())).width(Fill),
            tool(icon::close(), "Close (])", Message::ToggleInspector),
        ]
        .align_y(Alignment::Center);
        let mut parts = column![title].spacing(space::S);
        match self.snapshot.topics.get(name) {
            None => parts = parts.push(theme::muted(GONE)),
            Some(_) if self.bag.is_some() => {
                if let Some(figures) = self.recorded_figures(name) {
                    parts = parts.push(figures);
                }
            }
            Some(status) => {
                parts = parts
                    .push(self.figures(status))
                    .push(line())
                    .push(self.endpoints(name))
                    .push(line())
                    .push(self.message());
            }
        }
        let inside = container(parts).padding([space::S, space::M]).width(Fill);

        scrollable(inside)
            .direction(theme::thin_vertical())
            .style(theme::thin_scroll)
            .height(Fill)
            .into()
    }

    fn figures<'a>(&'a self, status: &'a TopicStatus) -> Element<'a, Message> {
        let report = status.report.as_ref();
        let type_name = status.type_name.as_ref().map_or(format::UNKNOWN, |ty| ty.as_str());
        let mut lines = column![theme::label(type_name)].spacing(space::XXS);
        if let Some(problem) = &status.problem {
            lines = lines.push(theme::label(problem.to_string()).style(theme::warning_text));
        }
        let hash = self
            .snapshot
            .graph
            .topics
            .get(&status.name)
            .and_then(|topic| topic.type_hash.as_ref());
        let hash = hash.map_or_else(
            || format::UNKNOWN.to_owned(),
            |hash| hash.0.chars().take("RIHS01_".len() + 12).chain("…".chars()).collect(),
        );
        let median = |quantiles: Option<Quantiles>| {
            quantiles.map_or_else(
                || format::UNKNOWN.to_owned(),
                |q| format!("{} (p99 {})", format::span(q.p50), format::span(q.p99)),
            )
        };
        lines = lines
            .push(pair("rate", format::with_unit(report.and_then(|r| r.rate_hz), "Hz")))
            .push(pair(
                "bandwidth",
                format::with_unit(report.and_then(|r| r.bandwidth_bps), "B/s"),
            ))
            .push(pair("jitter", median(report.and_then(|r| r.jitter_ns))))
            .push(pair("latency", median(report.and_then(|r| r.latency_ns))))
            .push(
                row![
                    timing(
                        "Intervals",
                        "Histogram of the time between messages (i)",
                        status,
                        Timing::Interval
                    ),
                    timing(
                        "Latencies",
                        "Histogram of the way from writer to here (Shift+I)",
                        status,
                        Timing::Latency
                    ),
                ]
                .spacing(space::XS),
            )
            .push(pair(
                "messages",
                report.map_or_else(|| format::UNKNOWN.to_owned(), |r| format::count(r.messages)),
            ))
            .push(pair("definition", definition(&status.definition)))
            .push(pair("hash", hash));
        match report {
            None => lines = lines.push(pair("lost", format::UNKNOWN)),
            Some(report) => {
                for (stage, count) in report.loss.stages() {
                    let name = match stage {
                        roswave_engine::loss::Stage::Transport => "lost transport",
                        roswave_engine::loss::Stage::Reader => "lost reader",
                        roswave_engine::loss::Stage::Plot => "lost plot",
                        roswave_engine::loss::Stage::Record => "lost record",
                        roswave_engine::loss::Stage::Disk => "lost disk",
                    };
                    lines = lines.push(pair(name, format::lost(count)));
                }
                if report.undecodable > 0 {
                    lines = lines.push(pair("undecodable", format::count(report.undecodable)));
                }
            }
        }
        if !status.subscribed {
            lines = lines.push(theme::note(
                "Not subscribed: figures come once it is opened, drawn or recorded.",
            ));
        }

        lines.into()
    }

    fn endpoints(&self, name: &TopicName) -> Element<'_, Message> {
        let Some(topic) = self.snapshot.graph.topics.get(name) else {
            return theme::muted("No publisher and no subscriber.").into();
        };
        let Topic { writers, readers, .. } = topic;
        let mut lines = column![theme::muted(format!("{} publishing", writers.len()))].spacing(space::XXS);
        for writer in writers {
            lines = lines.push(self.endpoint(writer));
        }
        lines = lines.push(theme::muted(format!("{} subscribing", readers.len())));
        for reader in readers {
            lines = lines.push(self.endpoint(reader));
        }

        lines.into()
    }

    fn endpoint(&self, endpoint: &Endpoint) -> Element<'_, Message> {
        let nodes = &self.snapshot.graph.nodes;
        let node = nodes
            .iter()
            .find(|node| node.endpoints.contains(&endpoint.gid))
            .map_or_else(
                || "node not announced".to_owned(),
                roswave_engine::graph::Node::full_name,
            );

        column![theme::label(node), theme::note(policies(&endpoint.qos))]
            .padding([0.0, space::S])
            .into()
    }

    fn message(&self) -> Element<'_, Message> {
        let rows = self.tree.selected_rows();
        let shown = rows.iter().take(ROWS_MAX).map(|row| self.value_row(row));
        let mut lines = Column::with_children(shown);
        if rows.len() > ROWS_MAX {
            lines = lines.push(theme::note(format!("{} more fields", rows.len() - ROWS_MAX)));
        }

        lines.into()
    }
}

/// Opens a histogram of the times of a topic.
fn timing<'a>(word: &'a str, tip: &'a str, status: &TopicStatus, timing: Timing) -> Element<'a, Message> {
    hint(quiet_word(word, Message::OpenTiming(status.name.clone(), timing)), tip)
}

fn definition(state: &DefinitionState) -> String {
    match state {
        DefinitionState::None(_) => "none".to_owned(),
        DefinitionState::Found(origin, agreement) => {
            let origin = match origin {
                Origin::Bundled => "bundled",
                Origin::Ament => "ament",
                Origin::Wire => "wire",
                Origin::Bag => "bag",
                Origin::User => "user",
            };
            let agreement = match agreement {
                Agreement::Same => ", hash agrees",
                Agreement::Different => ", hash differs",
                Agreement::NotAnnounced => "",
            };
            format!("{origin}{agreement}")
        }
    }
}

/// `reliable · volatile · last 10`.
pub(super) fn policies(qos: &Qos) -> String {
    let reliability = match qos.reliability {
        Reliability::Reliable => "reliable",
        Reliability::BestEffort => "best effort",
    };
    let durability = match qos.durability {
        Durability::Volatile => "volatile",
        Durability::TransientLocal => "transient local",
    };
    match qos.history {
        History::KeepLast(n) => format!("{reliability} · {durability} · last {n}"),
        History::KeepAll => format!("{reliability} · {durability} · all"),
        History::Unknown => format!("{reliability} · {durability}"),
    }
}
