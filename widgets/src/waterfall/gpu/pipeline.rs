//! What lives on the GPU across frames.

use std::collections::HashMap;
use std::sync::Weak;
use std::time::Instant;

use bytemuck::{Pod, Zeroable};
use iced::wgpu;

use super::ring::Ring;
use crate::waterfall::color_map::{self, ColorMap};
use crate::waterfall::memory::Acknowledged;

/// Line of pixels, slot of the ring, number of columns, fraction.
pub(super) type Instance = [u16; 4];

/// The numbers of one waterfall that the shader reads.
#[repr(C)]
#[derive(Clone, Copy, Pod, Zeroable)]
pub(super) struct Uniforms {
    pub(super) size: [f32; 2],
    pub(super) db_low: f32,
    pub(super) db_scale: f32,
    pub(super) frequency: [f32; 3],
    pub(super) is_log: u32,
    pub(super) ground: [f32; 4],
    pub(super) hatch: [f32; 4],
    pub(super) bins: u32,
    pub(super) fold: u32,
    pub(super) columns: u32,
    pub(super) map: u32,
    pub(super) hatch_distance: f32,
    pub(super) hatch_width: f32,
    pub(super) padding: [f32; 2],
}

/// The row of the table that holds the colours of a map.
pub(super) fn row(map: ColorMap) -> u32 {
    ColorMap::ALL.iter().position(|other| *other == map).unwrap_or(0) as u32
}

/// One waterfall.
pub(super) struct Plot {
    pub(super) used: Instant,
    pub(super) ring: Ring,
    pub(super) uniforms: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
    lines: wgpu::Buffer,
    count: u32,
}

impl Plot {
    /// Sets the lines of pixels that are drawn.
    pub(super) fn show(&mut self, device: &wgpu::Device, queue: &wgpu::Queue, lines: &[Instance]) {
        let bytes: &[u8] = bytemuck::cast_slice(lines);
        if self.lines.size() < bytes.len() as u64 {
            self.lines = line_buffer(device, lines.len());
        }
        if !bytes.is_empty() {
            queue.write_buffer(&self.lines, 0, bytes);
        }
        self.count = lines.len() as u32;
    }
}

fn line_buffer(device: &wgpu::Device, lines: usize) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor {
        label: Some("waterfall lines"),
        size: (lines.max(1024).next_power_of_two() * size_of::<Instance>()) as u64,
        usage: wgpu::BufferUsages::VERTEX | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    })
}

/// The shader, the colours, and every waterfall of every window.
pub(in crate::waterfall) struct Pipeline {
    pub(super) plots: HashMap<u64, Plot>,
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    table: wgpu::TextureView,
}

impl Pipeline {
    pub(super) fn create(device: &wgpu::Device, queue: &wgpu::Queue, format: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("waterfall"),
            source: wgpu::ShaderSource::Wgsl(include_str!("waterfall.wgsl").into()),
        });
        let texture = |binding| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::FRAGMENT,
            ty: wgpu::BindingType::Texture {
                sample_type: wgpu::TextureSampleType::Float { filterable: false },
                view_dimension: wgpu::TextureViewDimension::D2,
                multisampled: false,
            },
            count: None,
        };
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("waterfall"),
            entries: &[
                wgpu::BindGroupLayoutEntry {
                    binding: 0,
                    visibility: wgpu::ShaderStages::VERTEX_FRAGMENT,
                    ty: wgpu::BindingType::Buffer {
                        ty: wgpu::BufferBindingType::Uniform,
                        has_dynamic_offset: false,
                        min_binding_size: wgpu::BufferSize::new(size_of::<Uniforms>() as u64),
                    },
                    count: None,
                },
                texture(1),
                texture(2),
            ],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("waterfall"),
            bind_group_layouts: &[&layout],
            push_constant_ranges: &[],
        });
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("waterfall"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vertex"),
                buffers: &[wgpu::VertexBufferLayout {
                    array_stride: size_of::<Instance>() as u64,
                    step_mode: wgpu::VertexStepMode::Instance,
                    attributes: &wgpu::vertex_attr_array![0 => Uint16x4],
                }],
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
                targets: &[Some(format.into())],
                compilation_options: wgpu::PipelineCompilationOptions::default(),
            }),
            multiview: None,
            cache: None,
        });

        Self {
            plots: HashMap::new(),
            pipeline,
            layout,
            table: table(device, queue),
        }
    }

    /// The waterfall of a widget, made when needed.
    pub(super) fn plot(
        &mut self,
        id: u64,
        key: &Weak<Acknowledged>,
        size: (usize, usize),
        device: &wgpu::Device,
    ) -> &mut Plot {
        if self.plots.get(&id).is_none_or(|plot| !plot.ring.is_for(key)) {
            let plot = self.new_plot(Ring::new(device, key.clone(), size), device);
            let _ = self.plots.insert(id, plot);
        }
        self.plots.get_mut(&id).expect("it was made above")
    }

    fn new_plot(&self, ring: Ring, device: &wgpu::Device) -> Plot {
        let uniforms = device.create_buffer(&wgpu::BufferDescriptor {
            label: Some("waterfall uniforms"),
            size: size_of::<Uniforms>() as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        let view = ring.view();
        let entry = |binding, resource| wgpu::BindGroupEntry { binding, resource };
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("waterfall"),
            layout: &self.layout,
            entries: &[
                entry(0, uniforms.as_entire_binding()),
                entry(1, wgpu::BindingResource::TextureView(&view)),
                entry(2, wgpu::BindingResource::TextureView(&self.table)),
            ],
        });
        Plot {
            used: Instant::now(),
            ring,
            uniforms,
            bind_group,
            lines: line_buffer(device, 0),
            count: 0,
        }
    }

    pub(super) fn draw(&self, id: u64, pass: &mut wgpu::RenderPass<'_>) {
        if let Some(plot) = self.plots.get(&id).filter(|plot| plot.count > 0) {
            pass.set_pipeline(&self.pipeline);
            pass.set_bind_group(0, &plot.bind_group, &[]);
            pass.set_vertex_buffer(0, plot.lines.slice(..));
            pass.draw(0..4, 0..plot.count);
        }
    }
}

/// The colours of every map, a row for each.
fn table(device: &wgpu::Device, queue: &wgpu::Queue) -> wgpu::TextureView {
    let colors: Vec<[f32; 4]> = ColorMap::ALL
        .into_iter()
        .flat_map(ColorMap::table)
        .map(|color| iced::advanced::graphics::color::pack(color).components())
        .collect();
    let size = wgpu::Extent3d {
        width: color_map::ENTRIES as u32,
        height: ColorMap::ALL.len() as u32,
        depth_or_array_layers: 1,
    };
    let texture = device.create_texture(&wgpu::TextureDescriptor {
        label: Some("waterfall colours"),
        size,
        mip_level_count: 1,
        sample_count: 1,
        dimension: wgpu::TextureDimension::D2,
        format: wgpu::TextureFormat::Rgba32Float,
        usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
        view_formats: &[],
    });
    queue.write_texture(
        texture.as_image_copy(),
        bytemuck::cast_slice(&colors),
        wgpu::TexelCopyBufferLayout {
            offset: 0,
            bytes_per_row: Some((color_map::ENTRIES * size_of::<[f32; 4]>()) as u32),
            rows_per_image: None,
        },
        size,
    );
    texture.create_view(&wgpu::TextureViewDescriptor::default())
}
