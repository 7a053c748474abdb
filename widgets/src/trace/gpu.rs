//! Curves as instanced segments from rings that stay on the GPU.
//!
//! A ring of `CAP` points is a vertex buffer of `CAP + 1`: point 0 is mirrored at the end, and the buffer is bound
//! twice, the second time shifted by one point, so that a segment can cross the seam. What is sent is known by
//! absolute index: a frame that is skipped loses nothing, one that is drawn twice changes nothing.

mod pipeline;

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use iced::wgpu;
use iced::widget::shader::{self, Viewport};
use iced::{Color, Rectangle};

use super::draw::{Drawn, STYLE_DOT};
use super::memory::{Acknowledged, Slot, State};
use super::scale::Scale;
use super::{CurveStyle, Pen, TraceSource};
pub(super) use pipeline::Pipeline;
use pipeline::{Curve, Plot, SLOT, Shape, Stroke, Uniforms};

/// Plots that were not drawn for this long give their memory back.
const FORGET_AFTER: Duration = Duration::from_secs(30);

/// One curve of one frame.
#[derive(Debug)]
struct Packet {
    acknowledged: Arc<Acknowledged>,
    capacity: u64,
    generation: u64,
    settled: u64,
    head: u64,
    /// The first point to draw.
    first: u64,
    /// The first point that is sent.
    from: u64,
    points: Vec<[f32; 2]>,
    scale: Scale,
    color: Color,
    style: CurveStyle,
    pen: Pen,
}

impl Packet {
    /// What is drawn of the curve, one after the other.
    fn shapes(&self) -> &'static [Shape] {
        match self.style {
            CurveStyle::Line => &[Shape::Line],
            CurveStyle::Steps => &[Shape::Stair],
            CurveStyle::Dots => &[Shape::Dots],
            CurveStyle::LineAndDots => &[Shape::Line, Shape::Dots],
        }
    }
}

/// The curves of one plot for one frame. It carries its points: nothing is asked of the source while it is prepared.
#[derive(Debug)]
pub(super) struct Primitive {
    id: u64,
    width: f32,
    packets: Vec<Packet>,
}

impl Primitive {
    pub(super) fn new(source: &dyn TraceSource, state: &State, curves: &[Drawn], width: f32) -> Self {
        let mut slots = state.slots.borrow_mut();
        let packets = curves
            .iter()
            .map(|drawn| {
                let (index, curve) = (drawn.index, &drawn.curve);
                let points = curve.head - curve.tail;
                while slots.len() <= index {
                    slots.push(Slot::new(points));
                }
                if slots[index].capacity < points {
                    slots[index] = Slot::new(points);
                }
                let slot = &slots[index];
                let from = slot.acknowledged.next(curve);
                let mut points = Vec::with_capacity((curve.head - from) as usize);
                source.copy(index, from, curve.head, &mut points);

                Packet {
                    acknowledged: Arc::clone(&slot.acknowledged),
                    capacity: slot.capacity,
                    generation: curve.generation,
                    settled: curve.settled.min(curve.head),
                    head: curve.head,
                    first: drawn.first,
                    from,
                    points,
                    scale: drawn.scale,
                    color: curve.color,
                    style: curve.style,
                    pen: curve.pen,
                }
            })
            .collect();

        Self {
            id: state.id,
            width,
            packets,
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
        let size = [bounds.width * factor, bounds.height * factor];
        let strokes = self.packets.iter().map(|packet| packet.shapes().len()).sum();
        let plot = pipeline.plot(self.id, strokes, device);
        plot.used = Instant::now();
        plot.curves.retain(|curve| curve.acknowledged.strong_count() > 0);
        plot.strokes.clear();

        let mut uniforms = Vec::with_capacity(SLOT as usize * strokes);
        for packet in &self.packets {
            let key = Arc::downgrade(&packet.acknowledged);
            let place = plot
                .curves
                .iter()
                .position(|curve| Weak::ptr_eq(&curve.acknowledged, &key));
            let place = place.unwrap_or_else(|| {
                plot.curves.push(Curve::new(device, key, packet.capacity));
                plot.curves.len() - 1
            });
            plot.curves[place].upload(queue, packet.from, packet.head, &packet.points);
            packet.acknowledged.confirm(packet.generation, packet.settled);

            for shape in packet.shapes() {
                let (half_width, end) = match shape {
                    Shape::Line | Shape::Stair => (self.width * packet.pen.width / 2.0, packet.head),
                    // As many dots as points, where lines are one fewer.
                    Shape::Dots => (STYLE_DOT, packet.head + 1),
                };
                plot.strokes.push(Stroke {
                    curve: place,
                    shape: *shape,
                    ranges: ranges(packet.first, end, packet.capacity),
                });
                let dash = packet.pen.dash.filter(|_| *shape != Shape::Dots);
                let dash = dash.map(|dash| dash.map(|length| length * factor));
                let entry = Uniforms::new(&packet.scale, size, half_width * factor, packet.color, *shape, dash);
                uniforms.extend_from_slice(bytemuck::bytes_of(&entry));
                uniforms.resize(plot.strokes.len() * SLOT as usize, 0);
            }
        }
        if !uniforms.is_empty() {
            queue.write_buffer(&plot.uniforms, 0, &uniforms);
        }
    }

    fn draw(&self, pipeline: &Pipeline, pass: &mut wgpu::RenderPass<'_>) -> bool {
        if let Some(plot) = pipeline.plots.get(&self.id) {
            pipeline.draw(plot, pass);
        }
        true
    }
}

impl shader::Pipeline for Pipeline {
    fn new(device: &wgpu::Device, _queue: &wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        Pipeline::create(device, format)
    }

    // Called after the frame of every window: what this frame did not draw may belong to another one.
    fn trim(&mut self) {
        let now = Instant::now();
        self.plots
            .retain(|_, plot| !plot.is_orphaned() && now.duration_since(plot.used) < FORGET_AFTER);
    }
}

/// The segments from point `first` to the one before `head`, as at most two ranges of instances of a ring.
fn ranges(first: u64, head: u64, capacity: u64) -> [(u32, u32); 2] {
    let segments = (head - first).saturating_sub(1);
    let start = first % capacity;
    let end = start + segments;

    if end <= capacity {
        [(start as u32, end as u32), (0, 0)]
    } else {
        [(start as u32, capacity as u32), (0, (end - capacity) as u32)]
    }
}

impl Plot {
    fn is_orphaned(&self) -> bool {
        !self.curves.is_empty() && self.curves.iter().all(|curve| curve.acknowledged.strong_count() == 0)
    }
}

impl Drop for Curve {
    // The points are gone: whoever drew them must send them again.
    fn drop(&mut self) {
        if let Some(acknowledged) = self.acknowledged.upgrade() {
            acknowledged.void();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_without_the_seam_is_one() {
        assert_eq!(ranges(3, 9, 16), [(3, 8), (0, 0)]);
    }

    #[test]
    fn a_range_over_the_seam_is_two() {
        // Points 14, 15 | 16 (at 0), 17 (at 1): segments 14, 15, 0.
        assert_eq!(ranges(14, 18, 16), [(14, 16), (0, 1)]);
    }

    #[test]
    fn every_segment_is_drawn_once() {
        for first in 0..40 {
            for count in 0..=16 {
                let [a, b] = ranges(first, first + count, 16);
                assert_eq!(
                    u64::from((a.1 - a.0) + (b.1 - b.0)),
                    count.saturating_sub(1),
                    "{first} {count}"
                );
            }
        }
    }

    #[test]
    fn one_point_has_no_segment() {
        assert_eq!(ranges(5, 6, 16), [(5, 5), (0, 0)]);
        assert_eq!(ranges(0, 0, 16), [(0, 0), (0, 0)]);
    }
}
