//! `roswave echo`

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;
use roswave_engine::cdr::{FieldPath, FieldPlan, Value, is_missing};
use roswave_engine::engine::{DefinitionState, Snapshot};
use roswave_engine::message::Arrival;
use roswave_engine::name::TopicName;
use roswave_engine::schema::Schema;
use serde_json::{Map, json};

use super::session::Session;
use super::{Outcome, output, stats};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The topic
    #[arg(value_name = "TOPIC", value_parser = TopicName::new)]
    topic: TopicName,
    /// Only this field, such as `angular_velocity.x` or `position[3]`; may be given several times
    #[arg(long, value_name = "PATH", value_parser = FieldPath::parse)]
    field: Vec<FieldPath>,
    /// Stop after this many messages
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Stop after this long
    #[arg(long = "for", value_name = "SECS", value_parser = stats::seconds)]
    limit: Option<f64>,
    /// Wait this long for the topic to appear
    #[arg(long, value_name = "SECS", default_value = "5", value_parser = stats::seconds)]
    wait: f64,
    /// One JSON document per message
    #[arg(long)]
    json: bool,
    /// Comma-separated values of the fields
    #[arg(long, requires = "field", conflicts_with = "json")]
    csv: bool,
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let topic = &options.topic;
    let session = Session::start(domain)?;
    session.find(std::slice::from_ref(topic), Duration::from_secs_f64(options.wait))?;
    let printer = Printer::new(options, schema(&session.engine.snapshot(), topic)?)?;

    let mut tap = session.engine.tap(std::slice::from_ref(topic))?;
    printer.head()?;
    let end = options.limit.map(|secs| Instant::now() + Duration::from_secs_f64(secs));
    let mut count = 0;
    while options.count.is_none_or(|most| count < most) && !session.interrupted() {
        if end.is_some_and(|end| Instant::now() >= end) {
            break;
        }
        if let Some(message) = tap.next(Duration::from_millis(50)) {
            printer.print(&message.arrival)?;
            count += 1;
        }
    }
    let lost = tap.lost();
    drop(tap);
    let _ = session.shutdown();
    if lost > 0 {
        output::note(format_args!(
            "{lost} messages were lost because the output was not read quickly enough"
        ));
        return Ok(Outcome::DoneWithLoss);
    }
    Ok(Outcome::Done)
}

fn schema(snapshot: &Snapshot, topic: &TopicName) -> anyhow::Result<Arc<Schema>> {
    let Some(status) = snapshot.topics.get(topic) else {
        anyhow::bail!("the topic {topic} went away; `roswave topics` lists those that are there");
    };
    match (&status.schema, &status.definition) {
        (Some(schema), _) => Ok(Arc::clone(schema)),
        (None, DefinitionState::None(reason)) => anyhow::bail!("cannot decode {topic}: {reason}"),
        (None, DefinitionState::Found(..)) => anyhow::bail!("cannot decode {topic}: its definition is not ready"),
    }
}

enum Form {
    Text,
    Json,
    Csv,
}

struct Printer {
    topic: TopicName,
    schema: Arc<Schema>,
    fields: Vec<FieldPath>,
    plan: Option<FieldPlan>,
    form: Form,
}

impl Printer {
    fn new(options: &Options, schema: Arc<Schema>) -> anyhow::Result<Self> {
        let fields = options.field.clone();
        let plan = if fields.is_empty() {
            None
        } else {
            Some(FieldPlan::compile(&schema, &fields)?)
        };
        let form = match (options.json, options.csv) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv,
            _ => Form::Text,
        };
        Ok(Self {
            topic: options.topic.clone(),
            schema,
            fields,
            plan,
            form,
        })
    }

    fn head(&self) -> anyhow::Result<()> {
        if !matches!(self.form, Form::Csv) {
            return Ok(());
        }
        let paths = self.fields.iter().map(FieldPath::as_str);
        output::line(
            ["receive_ns", "source_ns", "sequence"]
                .into_iter()
                .chain(paths)
                .collect::<Vec<_>>()
                .join(","),
        )
    }

    fn print(&self, arrival: &Arrival) -> anyhow::Result<()> {
        let row = self.plan.as_ref().map(|plan| -> anyhow::Result<Vec<f64>> {
            let mut row = vec![0.0; plan.width()];
            plan.extract(&arrival.payload, &mut row)?;
            Ok(row)
        });
        let row = match row {
            Some(Ok(row)) => Some(row),
            Some(Err(error)) => return self.undecodable(arrival, &error),
            None => None,
        };
        match (&self.form, row) {
            (Form::Csv, row) => self.print_csv(arrival, &row.unwrap_or_default()),
            (Form::Json, Some(row)) => self.print_json(arrival, self.named(&row)),
            (Form::Text, Some(row)) => {
                for (field, value) in self.fields.iter().zip(row) {
                    output::line(format_args!(
                        "{field}: {}",
                        if is_missing(value) {
                            "–".to_owned()
                        } else {
                            value.to_string()
                        }
                    ))?;
                }
                output::line("---")
            }
            (form, None) => match Value::decode(&self.schema, &arrival.payload) {
                Err(error) => self.undecodable(arrival, &error.into()),
                Ok(value) if matches!(form, Form::Json) => self.print_json(arrival, value.to_json()),
                Ok(value) => {
                    let mut text = String::new();
                    yaml(&mut text, &value.to_json(), 0);
                    output::line(text.trim_end())?;
                    output::line("---")
                }
            },
        }
    }

    /// A message that does not fit its definition is told and passed over.
    fn undecodable(&self, arrival: &Arrival, error: &anyhow::Error) -> anyhow::Result<()> {
        let size = arrival.payload.len();
        output::note(format_args!(
            "a message of {size} bytes on {} does not decode: {error}",
            self.topic
        ));
        Ok(())
    }

    fn named(&self, row: &[f64]) -> serde_json::Value {
        let pairs = self.fields.iter().zip(row);
        pairs
            .map(|(field, value)| (field.to_string(), number(*value)))
            .collect::<Map<_, _>>()
            .into()
    }

    fn print_json(&self, arrival: &Arrival, value: serde_json::Value) -> anyhow::Result<()> {
        output::json(&json!({
            "topic": self.topic,
            "receive_ns": arrival.receive_time,
            "source_ns": arrival.source_time,
            "sequence": arrival.sequence,
            "value": value,
        }))
    }

    fn print_csv(&self, arrival: &Arrival, row: &[f64]) -> anyhow::Result<()> {
        let mut line = arrival.receive_time.0.to_string();
        let source = arrival.source_time.map_or_else(String::new, |time| time.0.to_string());
        let sequence = arrival.sequence.map_or_else(String::new, |n| n.to_string());
        let _ = write!(line, ",{source},{sequence}");
        for value in row {
            let _ = if is_missing(*value) {
                write!(line, ",")
            } else {
                write!(line, ",{value}")
            };
        }
        output::line(line)
    }
}

/// A number that JSON has no word for becomes a text, one that the message does not have becomes null.
fn number(value: f64) -> serde_json::Value {
    if is_missing(value) {
        return serde_json::Value::Null;
    }
    let text = || {
        if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
    };
    serde_json::Number::from_f64(value).map_or_else(|| text().into(), serde_json::Value::Number)
}

/// The value as `ros2 topic echo` shows it.
fn yaml(out: &mut String, value: &serde_json::Value, depth: usize) {
    use serde_json::Value as Json;
    let pad = "  ".repeat(depth);
    match value {
        Json::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Json::Object(inner) if !inner.is_empty() => {
                        let _ = writeln!(out, "{pad}{name}:");
                        yaml(out, value, depth + 1);
                    }
                    Json::Array(items) if items.iter().any(Json::is_object) => {
                        let _ = writeln!(out, "{pad}{name}:");
                        for item in items {
                            let _ = writeln!(out, "{pad}-");
                            yaml(out, item, depth + 1);
                        }
                    }
                    _ => {
                        let _ = writeln!(out, "{pad}{name}: {}", scalar(value));
                    }
                }
            }
        }
        _ => {
            let _ = writeln!(out, "{pad}{}", scalar(value));
        }
    }
}

/// Most items of a list that are shown as text.
const SHOWN: usize = 64;

fn scalar(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::Array(items) if items.len() > SHOWN => {
            let shown = items.iter().take(SHOWN).map(scalar).collect::<Vec<_>>().join(", ");
            format!("[{shown}, … {} in all]", items.len())
        }
        serde_json::Value::Array(items) => format!("[{}]", items.iter().map(scalar).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use roswave_engine::cdr::MISSING;

    use super::*;

    #[test]
    fn what_is_not_there_is_null_and_what_is_not_finite_is_said() {
        assert_eq!(number(MISSING), serde_json::Value::Null);
        assert_eq!(number(f64::NAN), json!("NaN"));
        assert_eq!(number(f64::NEG_INFINITY), json!("-Infinity"));
        assert_eq!(number(1.5), json!(1.5));
    }

    #[test]
    fn nested_values_are_indented() {
        let mut text = String::new();
        yaml(
            &mut text,
            &json!({"header": {"stamp": {"sec": 1}}, "data": [1, 2], "empty": {}}),
            0,
        );
        assert_eq!(text, "header:\n  stamp:\n    sec: 1\ndata: [1, 2]\nempty: {}\n");
    }
}
