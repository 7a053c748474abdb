//! What a chart shows, on its way to files: a figure for paper, and a table. It is drawn and written on another thread.

use std::path::{Path, PathBuf};

use iced::Size;
use roswave_engine::csv::field;
use roswave_engine::export::{self, Format};
use roswave_widgets::figure::Figure;
use roswave_widgets::figure::export as figures;
use roswave_widgets::theme::Mode;
use roswave_widgets::waterfall::Picture as Fall;

use crate::board::PanelKind;
use crate::scope::analysis::{self, CurveSamples, Question};
use crate::scope::saving::{Part, Picture};

/// The size of a saved figure: a page's width at 96 per inch, in logical pixels.
const FIGURE_SIZE: Size = Size::new(720.0, 440.0);

/// The fineness of a saved PNG.
const FIGURE_DPI: f32 = 300.0;

/// What is saved.
pub(super) enum Page {
    /// Still to be computed.
    Asked(Question),
    /// Drawn already, with its table.
    Made(Figure, String),
    /// A waterfall, and what is to be known of it.
    Fall(Box<Fall>, Vec<String>),
}

impl Page {
    /// Saves a part of it beside other files of this stem; gives back what was saved, as a sentence.
    pub(super) fn save(self, part: Part, title: &str, stem: &Path) -> Result<String, String> {
        let (figures, with_table): (&[Picture], bool) = match part {
            Part::Everything => (&[Picture::Svg, Picture::Png], true),
            Part::Figure(Picture::Svg) => (&[Picture::Svg], false),
            Part::Figure(Picture::Png) => (&[Picture::Png], false),
            Part::Table | Part::Samples(..) => (&[], true),
        };
        if with_table {
            self.write_table(&stem.with_extension("csv"))?;
        }
        if figures.is_empty() {
            return Ok(format!("Table saved: {}.csv", stem.display()));
        }
        let page = self.drawn(title)?;
        for form in figures {
            let (extension, bytes) = page.encoded(title, *form);
            write(&stem.with_extension(extension), &bytes)?;
        }
        Ok(match part {
            Part::Figure(Picture::Svg) => format!("Figure saved: {}.svg", stem.display()),
            Part::Figure(Picture::Png) => format!("Figure saved: {}.png", stem.display()),
            _ => format!("Figure saved: {} as SVG, PNG and CSV", stem.display()),
        })
    }

    /// Writes its picture alone; gives back where.
    pub(super) fn picture(self, title: &str, stem: &Path) -> Result<PathBuf, String> {
        let path = stem.with_extension("png");
        let (_, bytes) = self.drawn(title)?.encoded(title, Picture::Png);
        write(&path, &bytes)?;
        Ok(path)
    }

    fn drawn(self, title: &str) -> Result<Drawn, String> {
        Ok(match self {
            Self::Asked(question) => Drawn::Figure(Box::new(analysis::compute(&question, 0)?.title(title))),
            Self::Made(figure, _) => Drawn::Figure(Box::new(figure.title(title))),
            Self::Fall(fall, notes) => Drawn::Fall(fall, notes),
        })
    }

    fn write_table(&self, path: &Path) -> Result<(), String> {
        let text = match self {
            Self::Made(_, table) => table,
            Self::Fall(fall, _) => &levels(fall),
            Self::Asked(question) if question.kind == PanelKind::Profile => &analysis::profile::csv(&question.arrays),
            Self::Asked(question) => return write_samples(path, &question.curves),
        };
        write(path, text.as_bytes())
    }
}

/// A page that only has to be put into a form.
enum Drawn {
    Figure(Box<Figure>),
    Fall(Box<Fall>, Vec<String>),
}

impl Drawn {
    fn encoded(&self, title: &str, form: Picture) -> (&'static str, Vec<u8>) {
        let scale = figures::scale_of(FIGURE_DPI);
        match (self, form) {
            (Self::Figure(figure), Picture::Svg) => {
                let svg = figures::svg(figure, FIGURE_SIZE, Mode::Light);
                ("svg", svg.into_bytes())
            }
            (Self::Figure(figure), Picture::Png) => ("png", figures::png(figure, FIGURE_SIZE, scale, Mode::Light)),
            (Self::Fall(fall, notes), Picture::Svg) => {
                let svg = fall.svg(title, notes, FIGURE_SIZE, Mode::Light);
                ("svg", svg.into_bytes())
            }
            (Self::Fall(fall, notes), Picture::Png) => ("png", fall.png(title, notes, FIGURE_SIZE, scale, Mode::Light)),
        }
    }
}

/// The columns of a waterfall as comma-separated values: a line per column, a value per frequency.
fn levels(fall: &Fall) -> String {
    use std::fmt::Write as _;

    let mut text = "time_ns".to_owned();
    for hz in fall.frequencies_hz() {
        // Writing to a string cannot fail.
        let _ = write!(text, ",{}", field(&format!("{hz} Hz")));
    }
    text.push('\n');
    for (time_ns, levels) in fall.spectra() {
        let _ = write!(text, "{time_ns}");
        for level in levels {
            let _ = write!(text, ",{level}");
        }
        text.push('\n');
    }
    text
}

fn write_samples(path: &Path, curves: &[CurveSamples]) -> Result<(), String> {
    let curves = curves.iter().map(|curve| export::Curve {
        name: &curve.name,
        unit: &curve.unit,
        time_ns: &curve.samples.0,
        values: &curve.samples.1,
    });
    let curves: Vec<export::Curve<'_>> = curves.collect();
    make_parent(path)?;
    let written = export::write_curves(path, Format::Csv, &curves);
    written.map(|_| ()).map_err(|error| error.to_string())
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    make_parent(path)?;
    std::fs::write(path, bytes).map_err(|error| refused(path, &error))
}

/// Makes the directory that a file goes to.
pub(super) fn make_parent(path: &Path) -> Result<(), String> {
    let parent = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    parent.map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &std::io::Error) -> String {
    format!(
        "cannot save to {}: {error}; choose another `recordings` directory",
        path.display()
    )
}
