//! Figures as files of print quality: the drawing of the screen, on white unless asked otherwise.
//!
//! A picture of print size takes a moment: make it in a task, not while the window waits. A [`Figure`] is cheap to
//! clone for that, and [`Figure::at_view`] takes along what is seen.
//!
//! ```
//! use roswave_widgets::figure::{Axis, Figure, export};
//! use roswave_widgets::theme::Mode;
//!
//! let figure = Figure::new(1, Axis::linear("Time").unit("s"), Axis::linear("Offset").unit("µs"));
//! let svg = export::svg(&figure, iced::Size::new(480.0, 320.0), Mode::Light);
//! assert!(svg.contains("Offset (µs)"));
//! ```

mod raster;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use iced::{Rectangle, Size};
use plotters::backend::SVGBackend;
use plotters::drawing::IntoDrawingArea;
use resvg::tiny_skia::{FilterQuality, Pixmap, PixmapPaint, Transform};
use resvg::usvg::{self, fontdb};

use super::digest::Digest;
use super::layout::Layout;
use super::legend::Corner;
use super::paint::{IN_PRINT, Painting, paint};
use super::shape::{self, FINE, Hand, Shape};
use super::{Figure, label};
use crate::theme::{self, Mode, Palette, space};

pub use raster::{Levels, Raster};

/// Logical pixels of an inch.
const PER_INCH: f32 = 96.0;
/// The longest side of a picture, in pixels.
const LONGEST: f32 = 16_384.0;
/// The largest picture, in pixels: A1 at 300 dots per inch is smaller.
const LARGEST: f32 = 80e6;

/// The scale of a picture with so many dots per inch, for [`png()`].
#[must_use]
pub fn scale_of(dots_per_inch: f32) -> f32 {
    dots_per_inch / PER_INCH
}

/// The figure as an SVG document of a size in logical pixels, 96 to the inch. Text stays text.
///
/// [`Mode::Light`] is for paper.
#[must_use]
pub fn svg(figure: &Figure, size: Size, mode: Mode) -> String {
    let page = Page::new(figure, None, usable(size), mode);
    page.document(&[&page.below(), &page.above()])
}

/// The same over a [`Raster`] that fills the plot: both axes of the figure need a range. The raster is embedded.
#[must_use]
pub fn svg_over(figure: &Figure, raster: &Raster, size: Size, mode: Mode) -> String {
    let page = Page::new(figure, Some(raster), usable(size), mode);
    page.document(&[&page.below(), &page.image(raster), &page.above()])
}

/// The figure as a PNG of a size in logical pixels times `scale`: 1 for a screen, [`scale_of`] 300 for print.
///
/// A picture of more than 16 384 pixels on a side or 80 million in all gets a lower scale.
#[must_use]
pub fn png(figure: &Figure, size: Size, scale: f32, mode: Mode) -> Vec<u8> {
    let page = Page::new(figure, None, usable(size), mode);
    page.picture(scale, |sheet| {
        sheet.draw(&page.document(&[&page.below(), &page.above()]));
    })
}

/// The same over a [`Raster`] that fills the plot: both axes of the figure need a range.
#[must_use]
pub fn png_over(figure: &Figure, raster: &Raster, size: Size, scale: f32, mode: Mode) -> Vec<u8> {
    let page = Page::new(figure, Some(raster), usable(size), mode);
    page.picture(scale, |sheet| {
        sheet.draw(&page.document(&[&page.below()]));
        sheet.blit(raster, page.layout.plot);
        sheet.draw(&page.document(&[&page.above()]));
    })
}

/// A page with everything at its place.
struct Page<'a> {
    figure: &'a Figure,
    size: Size,
    layout: Layout,
    painting: Painting,
    paper: Shape,
    /// The scale of the colours.
    scale: Vec<Shape>,
}

impl<'a> Page<'a> {
    fn new(figure: &'a Figure, raster: Option<&Raster>, size: Size, mode: Mode) -> Self {
        let palette = Palette::new(mode);
        let mut digest = Digest::new(figure);
        let mut room = size;
        if raster.is_some() {
            // The raster is the data.
            (digest.x, digest.y) = (figure.x.range, figure.y.range);
            room.width = (size.width - raster::ROOM).max(1.0);
        }
        let layout = Layout::new(figure, &digest, (None, None), room, space::M);
        let painting = paint(figure, &digest, &layout, &palette, Some(Corner::default()), IN_PRINT);
        let scale = raster.map(|raster| raster.scale(layout.plot, &palette));
        Self {
            figure,
            size,
            layout,
            painting,
            paper: Shape::block(0.0..size.width, 0.0..size.height, palette.surface),
            scale: scale.unwrap_or_default(),
        }
    }

    /// What lies below a raster, as SVG without its frame.
    fn below(&self) -> String {
        self.drawn(&[std::slice::from_ref(&self.paper), &self.painting.ground])
    }

    /// What lies above a raster.
    fn above(&self) -> String {
        self.drawn(&[&self.painting.curves, &self.painting.labels, &self.scale])
    }

    fn image(&self, raster: &Raster) -> String {
        let plot = self.layout.plot;
        let fine = |length: f32| (length * FINE).round();
        format!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" href=\"{}\"/>\n",
            fine(plot.x),
            fine(plot.y),
            fine(plot.width),
            fine(plot.height),
            raster.address()
        )
    }

    fn drawn(&self, layers: &[&[Shape]]) -> String {
        let mut drawn = String::new();
        {
            let root = SVGBackend::with_string(&mut drawn, self.fine()).into_drawing_area();
            // Writing into memory does not fail.
            for shapes in layers {
                let _ = shape::draw(&root, shapes, Hand::Svg);
            }
            let _ = root.present();
        }
        // The backend measures the page in its own units and mitres corners: its first line gives way, and so does the end.
        let body = drawn.split_once('\n').map_or("", |(_, body)| body);
        let body = body.trim_end().strip_suffix("</svg>").unwrap_or(body);
        // It knows no weight between normal and bold either.
        body.replace(" font-weight=\"bold\"", " font-weight=\"500\"")
    }

    fn fine(&self) -> (u32, u32) {
        ((self.size.width * FINE) as u32, (self.size.height * FINE) as u32)
    }

    fn document(&self, parts: &[&str]) -> String {
        let title = self.figure.title.as_deref();
        let title = title.map(|title| format!("<title>{}</title>\n", escaped(title)));
        let (width, height) = self.fine();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {width} {height}\" \
             stroke-linejoin=\"bevel\">\n{}{}</svg>\n",
            self.size.width,
            self.size.height,
            title.unwrap_or_default(),
            parts.concat()
        )
    }

    fn picture(&self, scale: f32, draw: impl FnOnce(&mut Sheet)) -> Vec<u8> {
        let scale = allowed(self.size, scale);
        let (width, height) = pixels(self.size, scale);
        let Some(pixels) = Pixmap::new(width, height) else {
            return Vec::new();
        };
        let stretch = (width as f32 / self.size.width, height as f32 / self.size.height);
        let mut sheet = Sheet { pixels, stretch };
        draw(&mut sheet);
        encoded(&sheet.pixels, scale).unwrap_or_default()
    }
}

/// A page in pixels.
struct Sheet {
    pixels: Pixmap,
    /// Pixels for a logical pixel.
    stretch: (f32, f32),
}

impl Sheet {
    fn draw(&mut self, document: &str) {
        let options = usvg::Options {
            fontdb: fonts(),
            ..usvg::Options::default()
        };
        if let Ok(tree) = usvg::Tree::from_str(document, &options) {
            let (width, height) = (self.pixels.width() as f32, self.pixels.height() as f32);
            let stretch = Transform::from_scale(width / tree.size().width(), height / tree.size().height());
            resvg::render(&tree, stretch, &mut self.pixels.as_mut());
        }
    }

    fn blit(&mut self, raster: &Raster, plot: Rectangle) {
        let Some(source) = raster.pixmap() else {
            return;
        };
        let paint = PixmapPaint {
            quality: FilterQuality::Bilinear,
            ..PixmapPaint::default()
        };
        let (right, down) = self.stretch;
        let transform = Transform::from_row(
            plot.width * right / source.width() as f32,
            0.0,
            0.0,
            plot.height * down / source.height() as f32,
            plot.x * right,
            plot.y * down,
        );
        self.pixels.draw_pixmap(0, 0, source.as_ref(), &paint, transform, None);
    }
}

/// A size that can be drawn, in whole pixels.
fn usable(size: Size) -> Size {
    let side = |length: f32| {
        if length.is_nan() {
            1.0
        } else {
            length.round().clamp(1.0, LONGEST)
        }
    };
    Size::new(side(size.width), side(size.height))
}

fn allowed(size: Size, scale: f32) -> f32 {
    let scale = if scale.is_finite() && scale > 0.0 { scale } else { 1.0 };
    scale
        .min(LONGEST / size.width.max(size.height))
        .min((LARGEST / (size.width * size.height)).sqrt())
}

fn pixels(size: Size, scale: f32) -> (u32, u32) {
    let side = |length: f32| ((length * scale).round() as u32).max(1);
    (side(size.width), side(size.height))
}

/// The paper covers the whole picture, so nothing in it is transparent.
fn encoded(picture: &Pixmap, scale: f32) -> Result<Vec<u8>, png::EncodingError> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let per_metre = (scale * PER_INCH / 0.0254).round() as u32;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    let colors: Vec<u8> = picture
        .pixels()
        .iter()
        .flat_map(|pixel| [pixel.red(), pixel.green(), pixel.blue()])
        .collect();
    writer.write_image_data(&colors)?;
    writer.finish()?;
    Ok(file)
}

/// The bundled fonts and no others.
fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        for font in theme::fonts() {
            let bytes: Arc<Cow<'static, [u8]>> = Arc::new(font);
            let _ = fonts.load_font_source(fontdb::Source::Binary(bytes));
        }
        fonts.set_sans_serif_family("Inter");
        fonts.set_monospace_family("JetBrains Mono");
        Arc::new(fonts)
    });
    Arc::clone(fonts)
}

fn escaped(text: &str) -> String {
    label::clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_out_of_bounds_is_brought_into_them() {
        assert_eq!(usable(Size::new(0.0, f32::NAN)), Size::new(1.0, 1.0));
        assert!(allowed(Size::new(1000.0, 500.0), 100.0) <= LONGEST / 1000.0);
        assert_eq!(allowed(Size::new(1000.0, 500.0), f32::NAN), 1.0);
        assert_eq!(pixels(Size::new(640.0, 400.0), scale_of(300.0)), (2000, 1250));
    }
}
