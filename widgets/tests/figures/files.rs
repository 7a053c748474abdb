//! Exported files: read back as other programs read them.

use iced::{Color, Size};
use roswave_widgets::figure::{Axis, Figure, Kind, Layer, export};
use roswave_widgets::theme::{self, Mode, Palette};

use super::samples;

const SIZE: Size = Size::new(640.0, 400.0);

struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<[u8; 3]>,
    per_metre: Option<u32>,
}

impl Picture {
    fn has(&self, color: Color) -> bool {
        let [r, g, b, _] = color.into_rgba8();
        self.pixels.contains(&[r, g, b])
    }
}

fn decoded(bytes: &[u8]) -> Picture {
    let mut reader = png::Decoder::new(bytes).read_info().expect("a PNG");
    let mut buffer = vec![0; reader.output_buffer_size()];
    let frame = reader.next_frame(&mut buffer).expect("a whole picture");
    let (pixels, rest) = buffer[..frame.buffer_size()].as_chunks();
    assert!(rest.is_empty());
    Picture {
        width: frame.width,
        height: frame.height,
        pixels: pixels.to_vec(),
        per_metre: reader.info().pixel_dims.map(|dimensions| dimensions.xppu),
    }
}

fn all() -> Vec<Figure> {
    vec![
        samples::spectrum(),
        samples::histogram(),
        samples::allan(),
        samples::plane(),
        samples::intervals(),
        samples::profile(),
        samples::no_data(),
        samples::all_nan(),
    ]
}

fn texts(document: &roxmltree::Document<'_>) -> Vec<String> {
    document
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text())
        .map(|text| text.trim().to_owned())
        .collect()
}

#[test]
fn an_svg_is_well_formed_and_says_what_it_shows() {
    for figure in all() {
        let svg = export::svg(&figure, SIZE, Mode::Light);
        let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
        let texts = texts(&document);
        for name in [figure.x.name(), figure.y.name()] {
            assert!(texts.contains(&name), "{name} in {texts:?}");
        }
        for text in figure.title.iter().chain(&figure.notes) {
            assert!(texts.contains(text), "{text} in {texts:?}");
        }
        let root = document.root_element();
        assert_eq!(
            (root.attribute("width"), root.attribute("height")),
            (Some("640"), Some("400"))
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf\""));
    }
}

#[test]
fn a_legend_names_the_layers_when_there_are_several() {
    let spectrum = export::svg(&samples::spectrum(), SIZE, Mode::Light);
    assert!(spectrum.contains("linear_acceleration.x\n") && spectrum.contains("linear_acceleration.y\n"));
    let single = Figure::new(1, Axis::linear("x"), Axis::linear("y")).layer(Layer::new(
        "alone",
        theme::curve(0),
        Kind::Line([[0.0, 0.0], [1.0, 1.0]].into()),
    ));
    assert!(!export::svg(&single, SIZE, Mode::Light).contains("alone"));
}

#[test]
fn special_characters_are_escaped() {
    let figure = Figure::new(1, Axis::linear("a < b & \"c\"\u{0}"), Axis::linear("µ⁻²")).title("<x> & y");
    let svg = export::svg(&figure, SIZE, Mode::Light);
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    assert!(texts(&document).contains(&"<x> & y".to_owned()));
    assert!(texts(&document).contains(&"a < b & \"c\"".to_owned()));
}

#[test]
fn a_png_has_its_size_and_every_curve() {
    for figure in all() {
        let scale = export::scale_of(192.0);
        let picture = decoded(&export::png(&figure, SIZE, scale, Mode::Light));
        assert_eq!((picture.width, picture.height), (1280, 800));
        assert_eq!(picture.per_metre, Some(7559));
        let paper = Palette::LIGHT.surface.into_rgba8();
        assert_eq!(picture.pixels[0][..], paper[..3]);
        assert!(picture.has(Palette::LIGHT.muted) || picture.pixels.iter().any(|pixel| pixel[0] < 120));
        let is_empty = figure.title.is_none() && figure.layers.len() == 1;
        for layer in figure.layers.iter().filter(|_| !is_empty) {
            assert!(picture.has(layer.color), "{} of {:?}", layer.name, figure.title);
        }
    }
}

#[test]
fn the_mode_chooses_the_paper() {
    for mode in Mode::ALL {
        let picture = decoded(&export::png(&samples::plane(), SIZE, 1.0, mode));
        let paper = Palette::new(mode).surface.into_rgba8();
        assert_eq!(picture.pixels[0][..], paper[..3], "{mode}");
    }
}

#[test]
fn every_special_character_shows() {
    let small = Size::new(200.0, 160.0);
    let picture = |label: &str| {
        let figure = Figure::new(1, Axis::linear(label), Axis::linear(""));
        decoded(&export::png(&figure, small, 2.0, Mode::Light)).pixels
    };
    let mut seen = vec![picture("")];
    // The last has no glyph anywhere: a face shows a box or nothing for it.
    seen.push(picture("\u{10FFFD}"));
    for character in "µ²³⁻¹⁴⁹−×·°√στΩ½…–".chars() {
        let pixels = picture(&character.to_string());
        assert!(
            !seen.contains(&pixels),
            "{character} shows as nothing, or as another does"
        );
        seen.push(pixels);
    }
}

#[test]
fn negative_ticks_and_powers_are_written() {
    let svg = export::svg(&samples::profile(), SIZE, Mode::Light);
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    assert!(
        texts(&document).iter().any(|text| text.starts_with('-')),
        "a negative tick"
    );
    let svg = export::svg(&samples::allan(), SIZE, Mode::Light);
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    assert!(texts(&document).contains(&"10⁻³".to_owned()));
}

#[test]
fn a_million_points_make_a_small_file_with_every_extreme() {
    let mut noise = samples::Noise::new(5);
    let mut points: Vec<_> = (0..1_000_000).map(|i| [f64::from(i), noise.normal()]).collect();
    points[400_000][1] = 40.0;
    let line = |points: Vec<[f64; 2]>| {
        Figure::new(1, Axis::linear("x"), Axis::linear("y").range(-20.0, 50.0)).layer(Layer::new(
            "",
            theme::curve(0),
            Kind::Line(points.into()),
        ))
    };
    let svg = export::svg(&line(points), SIZE, Mode::Light);
    assert!(svg.len() < 1_000_000, "{} bytes", svg.len());
    let document = roxmltree::Document::parse(&svg).expect("well-formed XML");
    // Columns of noise are rectangles as high as their extremes.
    let mut heights: Vec<f64> = document
        .descendants()
        .filter(|node| node.has_tag_name("rect") && node.attribute("fill") == Some("#56B4E9"))
        .filter_map(|node| node.attribute("height")?.parse().ok())
        .collect();
    heights.sort_by(f64::total_cmp);
    let (middle, tallest) = (heights[heights.len() / 2], heights[heights.len() - 1]);
    assert!(
        tallest > 3.0 * middle,
        "the spike stands far above the noise: {tallest} {middle}"
    );
}
