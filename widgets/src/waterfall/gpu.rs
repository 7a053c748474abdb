//! A waterfall from a ring that stays on the GPU.
//!
//! A column of the plot is a row of the texture. What is sent is known by absolute index: a frame that is skipped
//! loses nothing, one that is drawn twice changes nothing. What each vertical line of pixels shows is worked out here
//! for every frame, from times in whole ns; it is a few thousand small numbers.

mod pipeline;
mod ring;

use std::sync::Arc;
use std::time::{Duration, Instant};

use iced::wgpu;
use iced::widget::shader::{self, Viewport};
use iced::{Color, Rectangle};

use super::color_map::ColorMap;
use super::columns::{self, Columns, Line};
use super::frequency::{Frequencies, FrequencyScale};
use super::memory::{Slot, State};
use super::{WaterfallSource, draw};
use crate::ink;
pub(super) use pipeline::Pipeline;
use pipeline::{Instance, Uniforms};
use ring::Ring;

/// A waterfall that was not drawn for this long gives its memory back.
const FORGET_AFTER: Duration = Duration::from_secs(30);
/// What stands for a value that is missing: the shader takes this and less for nothing.
const MISSING: f32 = -1e30;
/// No level is further from zero, so that silence is not taken for a missing value.
const LOUDEST: f32 = 1e9;
/// The count of a line that lies in a gap.
const GAP: u16 = u16::MAX;

/// A waterfall of one frame. It carries its columns: nothing is asked of the source while it is prepared.
#[derive(Debug)]
pub(super) struct Primitive {
    id: u64,
    slot: Slot,
    generation: u64,
    head: u64,
    /// The first column that is sent.
    from: u64,
    values: Vec<f32>,
    columns: Columns,
    frequencies: Frequencies,
    db: (f32, f32),
    map: ColorMap,
    ground: Color,
    hatch: Color,
}

impl Primitive {
    pub(super) fn new(source: &dyn WaterfallSource, state: &State, look: &draw::Look) -> Self {
        let slot = state.slot(source);
        let (generation, head) = (source.generation(), source.head());
        let tail = source.tail().max(head.saturating_sub(slot.columns as u64)).min(head);
        let from = slot.acknowledged.next(generation, tail, head);
        let mut values = Vec::with_capacity((head - from) as usize * slot.bins);
        source.copy(from, head, &mut values);
        for value in &mut values {
            *value = if value.is_nan() {
                MISSING
            } else {
                value.clamp(-LOUDEST, LOUDEST)
            };
        }

        Self {
            id: state.id,
            slot,
            generation,
            head,
            from,
            values,
            columns: Columns::new(source, look.timeline),
            frequencies: look.frequencies,
            db: source.db_range(),
            map: look.map,
            ground: look.ground,
            hatch: look.hatch,
        }
    }

    fn uniforms(&self, ring: &Ring, size: [f32; 2], factor: f32) -> Uniforms {
        let (db_low, db_high) = self.db;
        let color = |color| iced::advanced::graphics::color::pack(color).components();
        Uniforms {
            size,
            db_low,
            db_scale: 1.0 / (db_high - db_low).max(f32::MIN_POSITIVE),
            frequency: self.frequencies.coefficients(),
            is_log: u32::from(self.frequencies.scale == FrequencyScale::Log),
            ground: color(self.ground),
            hatch: color(self.hatch),
            bins: ring.bins() as u32,
            fold: ring.fold() as u32,
            columns: ring.columns() as u32,
            map: pipeline::row(self.map),
            hatch_distance: ink::HATCH * factor,
            hatch_width: factor,
            padding: [0.0; 2],
        }
    }
}

impl shader::Primitive for Primitive {
    type Pipeline = Pipeline;

    fn prepare(
        &self,
        pipeline: &mut Pipeline,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        bounds: &Rectangle,
        viewport: &Viewport,
    ) {
        let factor = viewport.scale_factor();
        let width = (bounds.width * factor).round().clamp(1.0, f32::from(u16::MAX - 1));
        let key = Arc::downgrade(&self.slot.acknowledged);
        let plot = pipeline.plot(self.id, &key, (self.slot.columns, self.slot.bins), device);
        plot.used = Instant::now();
        if self.values.len() == (self.head - self.from) as usize * self.slot.bins {
            plot.ring.upload(queue, self.from, self.head, &self.values);
            self.slot.acknowledged.confirm(self.generation, self.head);
        }

        let kept = self.head.saturating_sub(plot.ring.columns() as u64);
        let columns = self.columns.clone().without_before(kept);
        let instances: Vec<Instance> = columns::lines(&columns, width as u32)
            .into_iter()
            .map(|(x, line)| instance(x, line, plot.ring.columns() as u64))
            .collect();
        plot.show(device, queue, &instances);
        let size = [width, bounds.height * factor];
        let uniforms = self.uniforms(&plot.ring, size, factor);
        queue.write_buffer(&plot.uniforms, 0, bytemuck::bytes_of(&uniforms));
    }

    fn draw(&self, pipeline: &Pipeline, pass: &mut wgpu::RenderPass<'_>) -> bool {
        pipeline.draw(self.id, pass);
        true
    }
}

/// A line of pixels as the shader reads it.
fn instance(x: u32, line: Line, ring: u64) -> Instance {
    let x = x as u16;
    let slot = |column: u64| (column % ring) as u16;
    match line {
        Line::Between { column, fraction } => {
            let fraction = (fraction.clamp(0.0, 1.0) * f32::from(u16::MAX)) as u16;
            [x, slot(column), 0, fraction]
        }
        Line::Peak { column, count } => [x, slot(column), count.clamp(1, u64::from(GAP - 1)) as u16, 0],
        Line::Gap => [x, 0, GAP, 0],
    }
}

impl shader::Pipeline for Pipeline {
    fn new(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        Pipeline::create(device, queue, format)
    }

    // Called after the frame of every window: what this frame did not draw may belong to another one.
    fn trim(&mut self) {
        let now = Instant::now();
        self.plots
            .retain(|_, plot| plot.ring.is_wanted() && now.duration_since(plot.used) < FORGET_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_slot_in_the_ring() {
        let between = Line::Between {
            column: 1030,
            fraction: 0.5,
        };
        assert_eq!(instance(7, between, 1024), [7, 6, 0, 32767]);
        let peak = Line::Peak { column: 5, count: 3 };
        assert_eq!(instance(0, peak, 1024), [0, 5, 3, 0]);
        assert_eq!(instance(9, Line::Gap, 1024), [9, 0, GAP, 0]);
    }
}
