//! Figures as the instrument makes them.

use std::f64::consts::{PI, TAU};
use std::rc::Rc;

use iced::widget::container;
use iced::{Element, Length, Settings};
use roswave_widgets::figure::{Axis, Event, Figure, Kind, Layer};
use roswave_widgets::theme;
use roswave_widgets::{FigureState, figure};

/// A repeatable source of numbers that look random, from 0 to 1.
pub struct Noise(u64);

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn uniform(&mut self) -> f64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1u64 << 31) as f64
    }

    /// Normally distributed with a standard deviation of 1.
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

pub fn spectrum() -> Figure {
    let density = |seed: u64, floor: f64, peaks: &[(f64, f64)]| -> Vec<[f64; 2]> {
        let mut noise = Noise::new(seed);
        (0..=2048)
            .map(|bin| f64::from(bin) * 500.0 / 2048.0)
            .map(|hz| {
                let ground = floor * (1.0 + 4.0 / hz.max(0.1)) * (0.35 + 1.3 * noise.uniform());
                let resonances: f64 = peaks
                    .iter()
                    .map(|(at, height)| height / (1.0 + ((hz - at) / (0.008 * at)).powi(2)))
                    .sum();
                [hz, ground + resonances]
            })
            .collect()
    };
    let peaks = [(49.8, 2.1e-2), (120.4, 8e-4), (238.0, 1.5e-4)];
    let across = density(1, 3e-7, &[(23.0, 4e-5), (120.4, 2e-5)]);
    let along = density(2, 8e-7, &peaks);
    let found = peaks
        .iter()
        .map(|(hz, height)| (*hz, *height, format!("{hz:.1} Hz")))
        .collect();
    Figure::new(
        1,
        Axis::log("Frequency").unit("Hz"),
        Axis::log("Power density").unit("(m/s²)²/Hz"),
    )
    .title("Spectrum of /imu linear_acceleration")
    .layer(Layer::new(
        "linear_acceleration.y",
        theme::curve(1),
        Kind::Line(across.into()),
    ))
    .layer(Layer::new(
        "linear_acceleration.x",
        theme::curve(0),
        Kind::Line(along.into()),
    ))
    .layer(Layer::new("", theme::curve(0), Kind::Markers(found)))
    .note("Welch, Hann window, 4096 samples, 50 % overlap, 38 averages")
}

pub fn histogram() -> Figure {
    let (mean, deviation, bins) = (9.806, 0.042, 48);
    let mut noise = Noise::new(7);
    let samples: Vec<f64> = (0..20_000).map(|_| mean + deviation * noise.normal()).collect();
    let (low, high) = (mean - 4.0 * deviation, mean + 4.0 * deviation);
    let width = (high - low) / f64::from(bins);
    let mut counts = vec![0.0; bins as usize];
    for sample in &samples {
        if let Some(count) = counts.get_mut(((sample - low) / width) as usize) {
            *count += 1.0;
        }
    }
    let edges: Vec<f64> = (0..=bins).map(|edge| low + f64::from(edge) * width).collect();
    let fit: Vec<[f64; 2]> = (0..=200)
        .map(|step| low + (high - low) * f64::from(step) / 200.0)
        .map(|x| {
            let density = (-((x - mean) / deviation).powi(2) / 2.0).exp() / (deviation * TAU.sqrt());
            [x, density * width * samples.len() as f64]
        })
        .collect();
    let level = |at: f64, label: &str| {
        let kind = Kind::VLine {
            at,
            label: label.to_owned(),
        };
        Layer::new("", theme::curve(7), kind)
    };
    Figure::new(
        1,
        Axis::linear("linear_acceleration.z").unit("m/s²"),
        Axis::linear("Samples"),
    )
    .title("Histogram")
    .layer(Layer::new(
        "samples",
        theme::curve(0),
        Kind::Bars {
            edges: edges.into(),
            counts: counts.into(),
        },
    ))
    .layer(Layer::new("normal fit", theme::curve(1), Kind::Line(fit.into())))
    .layer(level(mean, "mean"))
    .layer(level(mean - deviation, "−σ"))
    .layer(level(mean + deviation, "+σ"))
    .note("20 000 samples, mean 9.806 m/s², σ 42.0 mm/s², skewness 0.01, kurtosis 2.90")
}

pub fn allan() -> Figure {
    let (white, bias, walk) = (2.1e-3, 4.1e-4, 6.0e-5f64);
    let deviation = |tau: f64| (white * white / tau + 0.44 * bias * bias + walk * walk * tau / 3.0).sqrt();
    let mut noise = Noise::new(3);
    let measured: Vec<[f64; 3]> = (0..46)
        .map(|step| 10f64.powf(-2.0 + 5.0 * f64::from(step) / 45.0))
        .map(|tau| {
            let spread = 0.004 * tau.powf(0.55);
            let value = deviation(tau) * (1.0 + spread * noise.normal() * 0.6);
            [tau, value, spread]
        })
        .collect();
    let line: Vec<_> = measured.iter().map(|[tau, value, _]| [*tau, *value]).collect();
    let band: Vec<_> = measured
        .iter()
        .map(|[tau, value, spread]| [*tau, value * (1.0 - spread), value * (1.0 + spread)])
        .collect();
    let slope: Vec<_> = [0.01, 30.0]
        .iter()
        .map(|tau: &f64| [*tau, white / tau.sqrt()])
        .collect();
    Figure::new(
        1,
        Axis::log("Averaging time τ").unit("s"),
        Axis::log("Allan deviation").unit("m/s²"),
    )
    .title("Allan deviation of linear_acceleration.z")
    .layer(Layer::new("", theme::curve(0), Kind::Band(band.into())))
    .layer(Layer::new("slope −½", theme::curve(7), Kind::Line(slope.into())))
    .layer(Layer::new(
        "linear_acceleration.z",
        theme::curve(0),
        Kind::Line(line.clone().into()),
    ))
    .layer(Layer::new("", theme::curve(0), Kind::Dots(line.into())))
    .layer(Layer::new(
        "",
        theme::curve(1),
        Kind::HLine {
            at: 0.664 * bias,
            label: "bias instability 4.1×10⁻⁴ m/s²".to_owned(),
        },
    ))
    .layer(Layer::new(
        "",
        theme::curve(2),
        Kind::VLine {
            at: 1.0,
            label: "N = 2.1×10⁻³ m/s²/√Hz".to_owned(),
        },
    ))
}

pub fn plane() -> Figure {
    let way: Vec<[f64; 2]> = (0..1500)
        .map(|step| f64::from(step) / 1500.0 * 1.7 * PI)
        .map(|phase| [4.0 * phase.sin() + 0.4 * phase, 1.6 * (2.0 * phase).sin()])
        .collect();
    let planned: Vec<[f64; 2]> = (0..40)
        .map(|step| f64::from(step) / 39.0 * 2.0 * PI)
        .map(|phase| [4.2 * phase.sin() + 0.4 * phase, 1.7 * (2.0 * phase).sin()])
        .collect();
    Figure::new(1, Axis::linear("x").unit("m").equal(), Axis::linear("y").unit("m"))
        .title("/odom position")
        .layer(Layer::new("planned", theme::curve(7), Kind::Dots(planned.into())))
        .layer(Layer::new("driven", theme::curve(0), Kind::Trail(way.into())))
}

/// The time between messages, on a logarithmic count: one late message is seen beside thousands.
pub fn intervals() -> Figure {
    let edges: Vec<f64> = (0..=80).map(|edge| 0.6 + f64::from(edge) * 0.02).collect();
    let counts: Vec<f64> = (0..80)
        .map(|bin| {
            (9000.0 * (-((f64::from(bin) - 20.0) / 4.0f64).powi(2)).exp()).floor() + f64::from(u8::from(bin == 61))
        })
        .collect();
    Figure::new(
        1,
        Axis::linear("Time between messages").unit("ms"),
        Axis::log("Messages").range(0.5, 2e4),
    )
    .title("/imu")
    .layer(Layer::new(
        "",
        theme::curve(2),
        Kind::Bars {
            edges: edges.into(),
            counts: counts.into(),
        },
    ))
}

/// The elements of an array, with a level below zero and one that is missing.
pub fn profile() -> Figure {
    let values: Vec<[f64; 2]> = (0..24)
        .map(|index| [f64::from(index), 3.2 * (f64::from(index) * 0.5).sin() - 1.0])
        .map(|[x, y]| if x == 15.0 { [x, f64::NAN] } else { [x, y] })
        .collect();
    let limit: Vec<[f64; 2]> = [[0.0, 2.0], [8.0, 2.8], [16.0, 1.6], [23.0, 1.6]].into();
    Figure::new(1, Axis::linear("Index"), Axis::linear("Effort").unit("N·m"))
        .layer(Layer::new("limit", theme::curve(1), Kind::Steps(limit.into())))
        .layer(Layer::new("effort", theme::curve(0), Kind::Line(values.clone().into())))
        .layer(Layer::new("", theme::curve(0), Kind::Dots(values.into())))
}

pub fn no_data() -> Figure {
    let bars = Kind::Bars {
        edges: [].into(),
        counts: [].into(),
    };
    Figure::new(1, Axis::linear("Value").unit("V"), Axis::linear("Samples")).layer(Layer::new(
        "",
        theme::curve(0),
        bars,
    ))
}

pub fn all_nan() -> Figure {
    let points = vec![[f64::NAN, f64::NAN]; 100];
    Figure::new(1, Axis::linear("Time").unit("s"), Axis::linear("Torque").unit("N·m")).layer(Layer::new(
        "",
        theme::curve(0),
        Kind::Line(points.into()),
    ))
}

pub fn settings() -> Settings {
    Settings {
        fonts: theme::fonts().collect(),
        default_font: theme::INTER,
        default_text_size: theme::TEXT.into(),
        ..Settings::default()
    }
}

/// A figure as a pane holds it.
pub fn framed(state: &FigureState, shown: Figure) -> Element<'_, Event> {
    container(figure(state, Rc::new(shown), |event| event))
        .padding(theme::space::S)
        .width(Length::Fill)
        .height(Length::Fill)
        .style(theme::surface)
        .into()
}
