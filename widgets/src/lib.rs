//! The theme and the widgets of ROSwave.
//!
//! This crate knows iced; it knows neither ROS nor the engine. A widget asks for its data through a small trait
//! ([`TraceSource`]) that the application implements.
//!
//! | module | what it holds |
//! |---|---|
//! | [`theme`] | colours, text sizes, spacing, fonts, style functions: nothing else names a colour or a length |
//! | [`icon`] | one function per glyph of the icon font |
//! | [`mod@format`] | numbers, durations and byte counts for people |
//! | [`axis`] | ticks in steps of 1-2-5 that do not jump, for values, logarithms and times |
//! | [`trace`] | live curves, on the GPU or on the CPU |
//! | [`mod@chart`] | axes, curves, legend, crosshair, cursors, navigation and drop target in one |
//! | [`mod@waterfall`] | a spectrogram that scrolls |
//! | [`mod@lanes`] | states, booleans and bits over time |
//! | [`mod@figure`] | spectra, histograms, planes: drawn once, shown and exported |
//! | [`mod@number`], [`mod@record_button`] | values and the one red thing |
//! | [`mod@popover`] | what belongs to one chart, over all of them |
//! | [`mod@seek_bar`] | a recording from end to end, to move through it |
//! | [`mod@virtual_list`] | a list that lays out only what is seen |
//! | [`drag`] | carrying a field onto a chart |

#![deny(missing_docs)]

pub mod axis;
pub mod chart;
pub mod drag;
pub mod figure;
pub mod format;
pub mod icon;
mod ink;
pub mod lanes;
mod leaf;
pub mod number;
pub mod popover;
pub mod record_button;
pub mod seek_bar;
pub mod theme;
mod timeline;
pub mod trace;
pub mod virtual_list;
pub mod waterfall;

pub use chart::{ChartState, Overlays, TriggerMark, chart};
pub use figure::{FigureState, figure};
pub use lanes::{LaneInfo, LaneKind, LaneSource, Segment, lanes};
pub use number::number;
pub use popover::popover;
pub use record_button::record_button;
pub use seek_bar::seek_bar;
pub use trace::{
    AxisScale, CurveState, CurveStyle, Freshness, MOST_AXES, Mark, Pen, Shift, TraceLayer, TraceSource, View, YAxis,
};
pub use virtual_list::virtual_list;
pub use waterfall::{WaterfallSource, waterfall};
