//! The columns of one waterfall in a texture.

use std::ops::Range;
use std::sync::Weak;

use iced::wgpu;

use crate::waterfall::memory::Acknowledged;

/// How a ring of columns fits into a texture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// The columns that are kept: the newest, where the texture would be too high for all.
    columns: usize,
    bins: usize,
    /// So many bins share a texel, the loudest one being kept.
    fold: usize,
}

impl Shape {
    fn new((columns, bins): (usize, usize), limit: usize) -> Self {
        Self {
            columns: columns.clamp(1, limit),
            bins: bins.max(1),
            fold: bins.max(1).div_ceil(limit),
        }
    }

    fn texels(&self) -> usize {
        self.bins.div_ceil(self.fold)
    }

    /// Where the columns `[from, head)` go: ranges of columns counted from `from`, each with its first slot. Of what
    /// is more than a ring only the newest is kept.
    fn places(&self, from: u64, head: u64) -> [(Range<usize>, usize); 2] {
        let count = (head - from) as usize;
        let skipped = count.saturating_sub(self.columns);
        let start = ((from + skipped as u64) % self.columns as u64) as usize;
        let seam = (skipped + self.columns - start).min(count);
        [(skipped..seam, start), (seam..count, 0)]
    }
}

/// The columns of one waterfall.
pub(super) struct Ring {
    acknowledged: Weak<Acknowledged>,
    texture: wgpu::Texture,
    shape: Shape,
}

impl Ring {
    pub(super) fn new(device: &wgpu::Device, acknowledged: Weak<Acknowledged>, size: (usize, usize)) -> Self {
        let limit = device.limits().max_texture_dimension_2d as usize;
        let shape = Shape::new(size, limit);
        let texture = device.create_texture(&wgpu::TextureDescriptor {
            label: Some("waterfall ring"),
            size: wgpu::Extent3d {
                width: shape.texels() as u32,
                height: shape.columns as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            // Read texel by texel: no device needs to be able to filter it.
            format: wgpu::TextureFormat::R32Float,
            usage: wgpu::TextureUsages::TEXTURE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });

        Self {
            acknowledged,
            texture,
            shape,
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.shape.columns
    }

    /// The values of a column as they lie in the texture.
    pub(super) fn bins(&self) -> usize {
        self.shape.texels()
    }

    pub(super) fn fold(&self) -> usize {
        self.shape.fold
    }

    /// Puts the columns `[from, head)` where they belong.
    pub(super) fn upload(&self, queue: &wgpu::Queue, from: u64, head: u64, values: &[f32]) {
        let folded: Vec<f32>;
        let values = if self.shape.fold == 1 {
            values
        } else {
            folded = values
                .chunks_exact(self.shape.bins)
                .flat_map(|column| column.chunks(self.shape.fold))
                .map(|bins| bins.iter().copied().fold(f32::NEG_INFINITY, f32::max))
                .collect();
            &folded
        };
        let texels = self.shape.texels();
        for (range, slot) in self.shape.places(from, head) {
            if range.is_empty() {
                continue;
            }
            let part = &values[range.start * texels..range.end * texels];
            queue.write_texture(
                wgpu::TexelCopyTextureInfo {
                    texture: &self.texture,
                    mip_level: 0,
                    origin: wgpu::Origin3d {
                        x: 0,
                        y: slot as u32,
                        z: 0,
                    },
                    aspect: wgpu::TextureAspect::All,
                },
                bytemuck::cast_slice(part),
                wgpu::TexelCopyBufferLayout {
                    offset: 0,
                    bytes_per_row: Some((texels * size_of::<f32>()) as u32),
                    rows_per_image: None,
                },
                wgpu::Extent3d {
                    width: texels as u32,
                    height: range.len() as u32,
                    depth_or_array_layers: 1,
                },
            );
        }
    }

    /// For the shader.
    pub(super) fn view(&self) -> wgpu::TextureView {
        self.texture.create_view(&wgpu::TextureViewDescriptor::default())
    }

    /// Whether a widget still draws it.
    pub(super) fn is_wanted(&self) -> bool {
        self.acknowledged.strong_count() > 0
    }

    /// Whether it is the one that was asked for.
    pub(super) fn is_for(&self, acknowledged: &Weak<Acknowledged>) -> bool {
        Weak::ptr_eq(&self.acknowledged, acknowledged)
    }
}

impl Drop for Ring {
    // The columns are gone: whoever drew them must send them again.
    fn drop(&mut self) {
        if let Some(acknowledged) = self.acknowledged.upgrade() {
            acknowledged.void();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(shape: Shape, from: u64, head: u64) -> Vec<(u64, usize)> {
        shape
            .places(from, head)
            .into_iter()
            .flat_map(|(range, slot)| {
                range
                    .enumerate()
                    .map(move |(i, column)| (from + column as u64, slot + i))
            })
            .collect()
    }

    #[test]
    fn every_column_has_the_slot_of_its_index() {
        let shape = Shape::new((16, 4), 8192);
        for from in 0..40 {
            for count in 0..=16 {
                let placed = slots(shape, from, from + count);
                assert_eq!(placed.len() as u64, count);
                for (index, slot) in placed {
                    assert_eq!(slot as u64, index % 16, "{from} {count}");
                }
            }
        }
    }

    #[test]
    fn of_more_than_a_ring_the_newest_is_kept() {
        let placed = slots(Shape::new((16, 4), 8192), 3, 103);
        assert_eq!(placed.len(), 16);
        assert_eq!(placed.first().map(|(index, _)| *index), Some(87));
        assert!(placed.iter().all(|(index, slot)| *slot as u64 == index % 16));
    }

    #[test]
    fn a_ring_never_exceeds_what_the_device_allows() {
        let shape = Shape::new((10_000, 4097), 2048);
        assert_eq!((shape.columns, shape.fold), (2048, 3));
        assert!(shape.texels() <= 2048);
        assert_eq!(Shape::new((0, 0), 2048).texels(), 1);
    }
}
