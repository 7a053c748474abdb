//! Drawing the spectra, on the GPU or on the CPU.

use iced::{Color, Rectangle};
use iced_renderer::wgpu::primitive::Renderer as _;

use super::color_map::ColorMap;
use super::frequency::Frequencies;
use super::memory::State;
use super::{WaterfallSource, cpu, gpu};
use crate::timeline::Timeline;

/// How the spectra of a frame look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub(super) timeline: Timeline,
    pub(super) frequencies: Frequencies,
    pub(super) map: ColorMap,
    pub(super) ground: Color,
    /// The lines over what is missing.
    pub(super) hatch: Color,
    /// Whether to spare a software renderer.
    pub(super) is_eco: bool,
}

/// Draws the spectra into `bounds`; whatever lies outside is clipped.
pub(super) fn draw(
    source: &dyn WaterfallSource,
    state: &State,
    look: &Look,
    renderer: &mut iced::Renderer,
    bounds: Rectangle,
) {
    use iced::advanced::Renderer as _;

    if bounds.width < 1.0 || bounds.height < 1.0 {
        return;
    }
    renderer.with_layer(bounds, |renderer| match renderer {
        iced::Renderer::Primary(gpu) if !look.is_eco => {
            let primitive = gpu::Primitive::new(source, state, look);
            gpu.draw_primitive(bounds, primitive);
        }
        iced::Renderer::Primary(_) | iced::Renderer::Secondary(_) => {
            let mut memory = state.cells.borrow_mut();
            let mut scratch = state.scratch.borrow_mut();
            cpu::draw(source, &mut memory, &mut scratch, look, renderer, bounds);
        }
    });
}
