//! What lives on the GPU across frames.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Instant;

use bytemuck::{Pod, Zeroable};
use iced::{Color, wgpu};

use crate::trace::memory::Acknowledged;
use crate::trace::scale::Scale;

/// Distance of the uniforms of two curves: the least offset that every device allows.
pub(super) const SLOT: u64 = 256;
/// Bytes of a point.
const POINT: u64 = size_of::<[f32; 2]>() as u64;

/// The numbers of one curve that the shader reads.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Uniforms {
    t0: f32,
    pixels_per_second: f32,
    y_max: f32,
    pixels_per_unit: f32,
    size: [f32; 2],
    half_width: f32,
    shape: u32,
    color: [f32; 4],
    /// A dash, a dash with its gap (0 for none), and how far into one the left edge is, in pixels.
    dash: [f32; 4],
}

/// What the points of a curve become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(super) enum Shape {
    Line = 0,
    Stair = 1,
    Dots = 2,
}

impl Shape {
    /// The corners of one instance: two pieces of a stair are joined by two that are flat.
    fn corners(self) -> u32 {
        match self {
            Shape::Line | Shape::Dots => 4,
            Shape::Stair => 10,
        }
    }
}

/// One pass over the points of a curve.
pub(super) struct Stroke {
    /// Index among the curves of the plot.
    pub(super) curve: usize,
    pub(super) shape: Shape,
    /// The instances.
    pub(super) ranges: [(u32, u32); 2],
}

impl Uniforms {
    pub(super) fn new(
        scale: &Scale,
        size: [f32; 2],
        half_width: f32,
        color: Color,
        shape: Shape,
        dash: Option<[f32; 2]>,
    ) -> Self {
        let dash = dash.map_or([0.0; 4], |[on, off]| {
            [on, on + off, scale.dash_phase(size[0], on + off), 0.0]
        });

        Self {
            t0: scale.t0,
            pixels_per_second: size[0] / (scale.t1 - scale.t0),
            y_max: scale.y_max,
            pixels_per_unit: size[1] / (scale.y_max - scale.y_min),
            size,
            half_width,
            shape: shape as u32,
            color: iced::advanced::graphics::color::pack(color).components(),
            dash,
        }
    }
}

/// The ring of one curve.
pub(super) struct Curve {
    pub(super) acknowledged: Weak<Acknowledged>,
    buffer: wgpu::Buffer,
    capacity: u64,
}

impl Curve {
    pub(super) fn new(device: &wgpu::Device, acknowledged: Weak<Acknowledged>, capacity: u64) -> Self {
        let buffer = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("trace ring"),
            size: (capacity + 1) * POINT,
            usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });

        Self {
            acknowledged,
            buffer,
            capacity,
        }
    }

    /// Puts the points `[from, head)` where they belong.
    pub(super) fn upload(&self, queue: &wgpu::Queue, from: u64, head: u64, points: &[[f32; 2]]) {
        if points.is_empty() || points.len() as u64 != head - from {
            return;
        }
        let write = |place: u64, points: &[[f32; 2]]| {
            if !points.is_empty() {
                queue.write_buffer(&self.buffer, place * POINT, bytemuck::cast_slice(points));
            }
        };
        let start = from % self.capacity;
        let until_seam = ((self.capacity - start) as usize).min(points.len());
        let (before, after) = points.split_at(until_seam);

        write(start, before);
        write(0, after);
        let first = if start == 0 { before.first() } else { after.first() };
        if let Some(first) = first {
            write(self.capacity, std::slice::from_ref(first));
        }
    }
}

/// The curves of one plot.
pub(super) struct Plot {
    pub(super) used: Instant,
    pub(super) curves: Vec<Curve>,
    /// The strokes of this frame in the order of drawing.
    pub(super) strokes: Vec<Stroke>,
    pub(super) uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    slots: usize,
}

impl Plot {
    fn new(device: &wgpu::Device, layout: &wgpu::BindGroupLayout, slots: usize) -> Self {
        let slots = slots.next_power_of_two();
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("trace uniforms"),
            size: SLOT * slots as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("trace"),
            layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &uniforms,
                    offset: 0,
                    size: wgpu::BufferSize::new(size_of::<Uniforms>() as u64),
                }),
            }],
        });

        Self {
            used: Instant::now(),
            curves: Vec::new(),
            strokes: Vec::new(),
            uniforms,
            bind_group,
            slots,
        }
    }
}

/// The shader, and every plot of every window.
pub(crate) struct Pipeline {
    pub(super) plots: HashMap<u64, Plot>,
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
}

impl Pipeline {
    pub(super) fn create(device: &wgpu::Device, format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("trace"),
            source: wgpu::ShaderSource::Wgsl(include_str!("trace.wgsl").into()),
        });
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("trace"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: true,
                    min_binding_size: wgpu::BufferSize::new(size_of::<Uniforms>() as u64),
                },
                count: None,
            }],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("trace"),
            bind_group_layouts: &[&layout],
            push_constant_ranges: &[],
        });
        let end_of_segment = |attributes| wgpu::VertexBufferLayout {
            array_stride: POINT,
            step_mode: wgpu::VertexStepMode::Instance,
            attributes,
        };
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("trace"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vertex"),
                buffers: &[
                    end_of_segment(&wgpu::vertex_attr_array![0 => Float32x2]),
                    end_of_segment(&wgpu::vertex_attr_array![1 => Float32x2]),
                ],
                compilation_options: wgpu::PipelineCompilationOptions::default(),
            },
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some("fragment"),
                targets: &[Some(wgpu::ColorTargetState {
                    format,
                    blend: Some(wgpu::BlendState::ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
                compilation_options: wgpu::PipelineCompilationOptions::default(),
            }),
            multiview: None,
            cache: None,
        });

        Self {
            plots: HashMap::new(),
            pipeline,
            layout,
        }
    }

    /// The plot of a widget with room for a count of strokes, made or made larger when needed.
    pub(super) fn plot(&mut self, id: u64, strokes: usize, device: &wgpu::Device) -> &mut Plot {
        let plot = self
            .plots
            .entry(id)
            .or_insert_with(|| Plot::new(device, &self.layout, strokes.max(1)));
        if plot.slots < strokes {
            let rings = std::mem::take(&mut plot.curves);
            *plot = Plot {
                curves: rings,
                ..Plot::new(device, &self.layout, strokes)
            };
        }
        plot
    }

    pub(super) fn draw(&self, plot: &Plot, pass: &mut wgpu::RenderPass<'_>) {
        pass.set_pipeline(&self.pipeline);
        for (slot, stroke) in plot.strokes.iter().enumerate() {
            let curve = &plot.curves[stroke.curve];
            pass.set_bind_group(0, &plot.bind_group, &[(slot as u64 * SLOT) as u32]);
            pass.set_vertex_buffer(0, curve.buffer.slice(..));
            pass.set_vertex_buffer(1, curve.buffer.slice(POINT..));
            for (from, to) in stroke.ranges {
                if to > from {
                    pass.draw(0..stroke.shape.corners(), from..to);
                }
            }
        }
    }
}
