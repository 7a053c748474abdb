//! `roswave analyze`: what the scope computes, on a recording or a live topic, for scripts and for checking.

mod figures;
mod question;
mod samples;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use roswave_engine::ingest::ClockSource;
use roswave_engine::signal::Recipe;
use roswave_engine::signal::align::Align;
use roswave_engine::signal::recipe::{Computation, Output};
use roswave_engine::signal::trigger::TriggerSpec;

use super::{Outcome, output, stats};
use samples::{Samples, Sink};

/// Samples that are kept for one analysis.
const SAMPLES_MAX: usize = 1 << 24;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// A recording (its directory, or an MCAP or SQLite file), or a live topic
    #[arg(value_name = "PATH|TOPIC")]
    source: String,
    /// The field: `/imu/data:angular_velocity.x` of a recording, `angular_velocity.x` of a live topic
    #[arg(long, value_name = "F")]
    field: Option<String>,
    /// An expression over fields; `x` is the field of --field: `x * 180 / pi`, `hypot(/a:x, /a:y)`
    #[arg(long, value_name = "E")]
    expr: Option<String>,
    /// Transforms that follow: `lowpass:order=4,corner_hz=50|derivative`
    #[arg(long, value_name = "SPEC")]
    filter: Option<String>,
    /// How inputs of different rates meet
    #[arg(long, value_name = "HOW", default_value = "hold")]
    align: AlignBy,
    /// The time of a sample
    #[arg(long, value_name = "CLOCK", default_value = "source")]
    clock: Clock,
    /// Only this much, from the first sample on; a live topic is listened to for this long [default: all, 5 live]
    #[arg(long, value_name = "SECS", value_parser = stats::seconds)]
    secs: Option<f64>,
    #[command(flatten)]
    question: question::Question,
    /// One JSON document
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum AlignBy {
    /// An input is what it was at its last sample.
    Hold,
    /// An input lies on the straight line between its samples.
    Linear,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Clock {
    /// When it was published; where that is not known, received
    Source,
    /// When it was received
    Receive,
    /// The stamp in its header
    Header,
}

impl From<Clock> for ClockSource {
    fn from(clock: Clock) -> Self {
        match clock {
            Clock::Source => Self::Source,
            Clock::Receive => Self::Receive,
            Clock::Header => Self::Header,
        }
    }
}

pub(super) fn run(options: &Options, domain: Option<u32>) -> anyhow::Result<Outcome> {
    let trigger = options.question.trigger.as_deref();
    let trigger = trigger.map(str::parse::<TriggerSpec>).transpose()?;
    options.question.check()?;
    let place = samples::Place::of(&options.source)?;
    let recipe = options.recipe(&place)?;
    let align = match options.align {
        AlignBy::Hold => Align::Hold,
        AlignBy::Linear => Align::Linear,
    };
    let mut sink = Sink::new(Computation::new(&recipe, align)?);
    let collected = place.collect(&recipe, options.clock.into(), options.secs, domain, &mut sink)?;
    let (computation, samples) = sink.finish();
    if let Some(fault) = computation.fault() {
        bail!("{fault}");
    }
    if samples.time_ns.is_empty() {
        bail!(
            "{} gave no sample of {recipe}: {} messages were looked at; check the field and the time",
            options.source,
            collected.messages
        );
    }
    if samples.refused > 0 {
        bail!("there are more than {SAMPLES_MAX} samples; take a shorter time with --secs");
    }
    let answer = options.question.answer(&samples, trigger)?;
    if options.json {
        output::json(&answer.document)?;
    } else {
        answer.print()?;
    }
    let unused = computation.unused();
    if unused > 0 {
        output::note(format_args!("{unused} samples came too late to be used"));
    }
    if let Some(problem) = collected.problem {
        output::note(problem);
    }
    Ok(if collected.lost > 0 {
        output::note(format_args!("{} messages were lost on the way", collected.lost));
        Outcome::DoneWithLoss
    } else {
        Outcome::Done
    })
}

impl Options {
    /// What is to be computed, with every field named in full.
    fn recipe(&self, place: &samples::Place) -> anyhow::Result<Recipe> {
        use roswave_engine::signal::expression::{Expression, Names};
        use roswave_engine::signal::recipe::Source;

        let field = self.field.as_deref().map(|field| place.field(field)).transpose()?;
        let source = match (&self.expr, field) {
            (None, None) => bail!("nothing to analyze: name a field with --field, or write an expression with --expr"),
            (None, Some(at)) => Source::Field(at),
            (Some(text), field) => {
                let mut names = Names::new();
                if let Some(at) = &field {
                    let input = roswave_engine::signal::expression::input_of(&at.to_string())?;
                    names = names.bind("x", input.clone()).bind("value", input);
                }
                if let Some(topic) = place.topic() {
                    names = names.within(topic.as_str());
                }
                let parsed = Expression::parse(text, &names);
                Source::Expression(parsed.map_err(|error| anyhow::anyhow!("--expr: {error}"))?)
            }
        };
        let chain = self.filter.as_deref().map(str::parse).transpose();
        Recipe::new(source, chain.context("--filter")?).map_err(Into::into)
    }
}

impl Samples {
    fn take(&mut self, output: Output) {
        if self.time_ns.len() >= SAMPLES_MAX {
            self.refused += 1;
            return;
        }
        if output.gap {
            self.gaps.push(self.time_ns.len());
        }
        self.time_ns.push(output.time_ns);
        self.value.push(output.value);
    }
}
