//! Drawing what the user put over the curves.

use iced::{Color, Point, Rectangle};

use super::gesture::Chosen;
use super::handle::{self, Grip, Handle};
use super::paint::{self, CHARACTER, LINE, label, label_width, quad, write};
use super::scene::Scene;
use crate::chart::{Overlays, TriggerMark};
use crate::format;
use crate::theme::{self, Palette, space};

/// Strength of the shade between the cursors, of a span, and of the box that is being chosen.
const SHADES: (f32, f32, f32) = (0.06, 0.07, 0.14);
/// Strength of the tag of a line that lies outside the view.
const OUTSIDE: f32 = 0.5;
/// Strength of the line that a trigger must cross back.
const REARM: f32 = 0.6;
/// Strength of the line at the moment that the view is aligned on.
const ORIGIN: f32 = 0.8;
/// A dash and the gap after it, in logical pixels.
const DASH: (f32, f32) = (5.0, 4.0);
/// The pole of a bookmark and its flag, in logical pixels.
const POLE: f32 = 12.0;
const FLAG: (f32, f32) = (7.0, 6.0);
/// A bookmark is marked when the pointer is this near, in logical pixels.
const NEAR: f32 = 6.0;

impl Overlays {
    fn is_empty(&self) -> bool {
        let lines = self.cursors.iter().flatten().count() + self.levels.iter().flatten().count();
        lines == 0 && self.trigger == [None; 2] && self.bookmarks.is_empty()
    }
}

/// Shades spans of time and the box that is being chosen, below the grid and the curves. The colours are mixed: how
/// translucent ones look depends on the renderer.
pub(super) fn shade(
    scene: &Scene,
    overlays: &Overlays,
    chosen: Option<&Chosen>,
    renderer: &mut iced::Renderer,
    palette: &Palette,
) {
    let tint = |color, amount| theme::mix(palette.surface, color, amount);
    for (from_ns, to_ns) in &overlays.spans {
        band(scene, (*from_ns, *to_ns), tint(palette.text, SHADES.1), renderer);
    }
    if let [Some(a), Some(b)] = overlays.cursors {
        band(scene, (a, b), tint(palette.accent, SHADES.0), renderer);
    }
    if let Some(chosen) = chosen {
        quad(renderer, chosen.bounds, 0.0, tint(palette.accent, SHADES.2));
    }
}

fn band(scene: &Scene, (a, b): (i64, i64), color: Color, renderer: &mut iced::Renderer) {
    let within = |time_ns| scene.x(time_ns).round().clamp(scene.plot.x, scene.right());
    let (from, to) = (within(a.min(b)), within(a.max(b)));
    if to > from {
        let bounds = Rectangle {
            x: from,
            width: to - from,
            ..scene.plot
        };
        quad(renderer, bounds, 0.0, color);
    }
}

/// Draws lines, tags and flags.
pub(super) fn draw(
    scene: &Scene,
    overlays: &Overlays,
    pointer: Option<Point>,
    renderer: &mut iced::Renderer,
    palette: &Palette,
) {
    use iced::advanced::Renderer as _;

    if overlays.is_empty() {
        return;
    }
    renderer.with_layer(scene.plot, |renderer| {
        let near = pointer.and_then(|at| bookmark_at(scene, overlays, at));
        for mark in &overlays.bookmarks {
            bookmark(scene, mark.0, near == Some(mark), renderer, palette);
        }
        for TriggerMark { axis, rearm, .. } in overlays.trigger.iter().flatten() {
            if let Some(rearm) = rearm {
                let y = scene.y(*axis, *rearm).round();
                dashes(scene, y, theme::mix(palette.surface, palette.faint, REARM), renderer);
            }
        }
        for handle in handle::all(scene, overlays) {
            line(scene, overlays, handle, renderer, palette);
        }
    });
    // A layer of their own: text lies above all rectangles of its layer.
    renderer.with_layer(scene.plot, |renderer| {
        if let [Some(a), Some(b)] = overlays.cursors {
            between_cursors(scene, a, b, renderer, palette);
        }
        if let [Some(a), Some(b)] = overlays.levels
            && a.0 == b.0
        {
            between_levels(scene, a.0, (a.1, b.1), renderer, palette);
        }
    });
}

/// Marks the moment that the view is aligned on.
pub(super) fn origin(scene: &Scene, time_ns: i64, renderer: &mut iced::Renderer, palette: &Palette) {
    use iced::advanced::Renderer as _;

    let x = scene.x(time_ns).round();
    if (scene.plot.x..scene.right()).contains(&x) {
        let color = theme::mix(palette.surface, palette.faint, ORIGIN);
        renderer.with_layer(scene.plot, |renderer| paint::vertical(renderer, x, scene.plot, color));
    }
}

fn line(scene: &Scene, overlays: &Overlays, handle: Handle, renderer: &mut iced::Renderer, palette: &Palette) {
    let is_armed = overlays.trigger.iter().flatten().any(|trigger| trigger.armed);
    let (color, ground, text) = match handle.grip {
        Grip::Cursor(_) => (palette.accent, palette.accent, palette.surface),
        Grip::Level(..) => (palette.accent, palette.raised, palette.accent),
        Grip::Trigger(..) if is_armed => (palette.muted, palette.text, palette.surface),
        Grip::Trigger(..) => (palette.faint, palette.muted, palette.surface),
    };
    if handle.is_inside {
        match handle.grip {
            Grip::Cursor(_) => paint::vertical(renderer, handle.line, scene.plot, color),
            Grip::Level(..) => {
                let bounds = Rectangle {
                    y: handle.line,
                    height: 1.0,
                    ..scene.plot
                };
                quad(renderer, bounds, 0.0, color);
            }
            Grip::Trigger(..) => dashes(scene, handle.line, color, renderer),
        }
    }
    let ground = if handle.is_inside {
        ground
    } else {
        theme::mix(palette.surface, ground, OUTSIDE)
    };
    quad(renderer, handle.tag, theme::RADIUS / 2.0, ground);
    let at = Point::new(handle.tag.x + space::XS, handle.tag.y + 1.0);
    write(renderer, handle.text, at, text, handle.tag);
}

fn dashes(scene: &Scene, y: f32, color: Color, renderer: &mut iced::Renderer) {
    if !(scene.plot.y..=scene.bottom()).contains(&y) {
        return;
    }
    let mut x = scene.plot.x;
    while x < scene.right() {
        let dash = Rectangle {
            x,
            y,
            width: DASH.0,
            height: 1.0,
        };
        quad(renderer, dash, 0.0, color);
        x += DASH.0 + DASH.1;
    }
}

/// The bookmark whose flag is at a point.
pub(super) fn bookmark_at<'a>(scene: &Scene, overlays: &'a Overlays, at: Point) -> Option<&'a (i64, String)> {
    if at.y > scene.plot.y + POLE + NEAR {
        return None;
    }
    let beside = |time_ns: i64| (at.x - scene.x(time_ns) - FLAG.0 / 2.0).abs();
    let near = overlays.bookmarks.iter();
    near.filter(|(time_ns, _)| beside(*time_ns) <= FLAG.0 / 2.0 + NEAR)
        .min_by(|a, b| beside(a.0).total_cmp(&beside(b.0)))
}

fn bookmark(scene: &Scene, time_ns: i64, is_near: bool, renderer: &mut iced::Renderer, palette: &Palette) {
    let x = scene.x(time_ns).round();
    if !(scene.plot.x..scene.right()).contains(&x) {
        return;
    }
    let (color, height) = if is_near {
        (palette.text, scene.plot.height)
    } else {
        (palette.muted, POLE)
    };
    let flag = Rectangle {
        x,
        y: scene.plot.y,
        width: FLAG.0,
        height: FLAG.1,
    };
    paint::vertical(renderer, x, Rectangle { height, ..scene.plot }, color);
    quad(renderer, flag, 0.0, color);
}

/// `Δt 12.34 ms · 81.0 Hz` between the cursors, or beside them where they are too near.
fn between_cursors(scene: &Scene, a: i64, b: i64, renderer: &mut iced::Renderer, palette: &Palette) {
    let span_ns = a.abs_diff(b);
    let mut text = format!("Δt {}", duration(span_ns));
    if span_ns > 0 {
        text += &format!(" · {}", format::hertz(Some(1e9 / span_ns as f64)));
    }
    let [from, to] = [a.min(b), a.max(b)].map(|time_ns| scene.x(time_ns));
    let (left, right) = (from.max(scene.plot.x), to.min(scene.right()));
    if left > scene.right() || right < scene.plot.x {
        return;
    }
    let width = label_width(&text);
    // Beside the tag of the later cursor, else beside that of the earlier one.
    let tag = CHARACTER + space::S + space::XS;
    let x = if right - left >= width + space::S {
        (left + right - width) / 2.0
    } else if right + tag + width <= scene.right() {
        right + tag
    } else {
        left - tag - width
    };
    label(renderer, text, Point::new(x.round(), scene.plot.y), scene.plot, palette);
}

fn between_levels(scene: &Scene, axis: u8, (a, b): (f64, f64), renderer: &mut iced::Renderer, palette: &Palette) {
    let (top, bottom) = {
        let (a, b) = (scene.y(axis, a), scene.y(axis, b));
        (a.min(b).max(scene.plot.y), a.max(b).min(scene.bottom()))
    };
    if bottom - top < LINE + 2.0 || !(a - b).is_finite() {
        return;
    }
    let unit = scene.axis(axis).unit.as_deref().unwrap_or_default();
    let text = format!("Δ {} {unit}", format::plain((a - b).abs()));
    let at = Point::new(scene.plot.x + 1.0, ((top + bottom - LINE) / 2.0).round());
    label(renderer, text.trim_end().to_owned(), at, scene.plot, palette);
}

/// Draws the edges of the box that is being chosen, with its size.
pub(super) fn choose(scene: &Scene, chosen: &Chosen, renderer: &mut iced::Renderer, palette: &Palette) {
    use iced::advanced::Renderer as _;

    let Rectangle { x, y, width, height } = chosen.bounds;
    let mut parts = Vec::new();
    if chosen.has_times {
        let span_ns = scene.time_ns(x).abs_diff(scene.time_ns(x + width));
        parts.push(format!("Δt {}", duration(span_ns)));
    }
    if chosen.has_values {
        for (axis, shown) in scene.values.iter().enumerate() {
            let ends = [y, y + height].map(|y| scene.value(axis as u8, y));
            let unit = shown.unit.as_deref().unwrap_or_default();
            parts.push(
                format!("Δ {} {unit}", format::plain(ends[0] - ends[1]))
                    .trim_end()
                    .to_owned(),
            );
        }
    }
    let text = parts.join(" · ");
    renderer.with_layer(scene.plot, |renderer| {
        let edge = |x, y, width, height| Rectangle { x, y, width, height };
        for edge in [
            edge(x, y, width, 1.0),
            edge(x, y + height - 1.0, width, 1.0),
            edge(x, y, 1.0, height),
            edge(x + width - 1.0, y, 1.0, height),
        ] {
            quad(renderer, edge, 0.0, palette.accent);
        }
        // Below the box, or within it where there is no room.
        let below = y + height + space::XS;
        let top = if below + LINE > scene.bottom() {
            y + height - LINE - space::XS
        } else {
            below
        };
        let left = x + (width - label_width(&text)) / 2.0;
        label(
            renderer,
            text,
            Point::new(left.round(), top.round()),
            scene.plot,
            palette,
        );
    });
}

/// A span of time in four digits.
fn duration(span_ns: u64) -> String {
    let (scaled, unit) = match span_ns {
        ns if ns < 1000 => return format!("{ns} ns"),
        ns if ns < 999_950 => (ns as f64 * 1e-3, "µs"),
        ns if ns < 999_950_000 => (ns as f64 * 1e-6, "ms"),
        ns => (ns as f64 * 1e-9, "s"),
    };
    let decimals = match scaled {
        scaled if scaled < 9.9995 => 3,
        scaled if scaled < 99.995 => 2,
        _ => 1,
    };
    format!("{scaled:.decimals$} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_four_digits() {
        for (ns, text) in [
            (0, "0 ns"),
            (999, "999 ns"),
            (12_340, "12.34 µs"),
            (12_340_000, "12.34 ms"),
            (999_949_999, "999.9 ms"),
            (999_950_000, "1.000 s"),
            (83_200_000_000, "83.20 s"),
            (7_200_000_000_000, "7200.0 s"),
        ] {
            assert_eq!(duration(ns), text);
        }
    }
}
