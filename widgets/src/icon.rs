//! The icons: a subset of Lucide as a font, one function per glyph.
//!
//! ```
//! use roswave_widgets::icon;
//!
//! let play: iced::Element<'_, ()> = icon::play().into();
//! ```

use iced::Font;
use iced::Theme;
use iced::widget::{Text, text};

use crate::theme::size;

/// The icon font; its bytes are among [`fonts`](crate::theme::fonts()).
pub const FONT: Font = Font::with_name("lucide");

/// An icon by its code point, at the size of ordinary text.
fn glyph<'a>(code: char) -> Text<'a, Theme> {
    text(code.to_string())
        .font(FONT)
        .size(size::ICON)
        .line_height(1.0)
        .shaping(text::Shaping::Basic)
}

macro_rules! icons {
    ($($function:ident = $name:literal $code:literal;)+) => {
        $(
            #[doc = concat!("The icon `", $name, "`.")]
            pub fn $function<'a>() -> Text<'a, Theme> {
                glyph($code)
            }
        )+
    };
}

// Name of the function, name in Lucide, code point in the font.
icons! {
    activity = "activity" '\u{e038}';
    arrow_down = "arrow-down" '\u{e042}';
    arrow_right = "arrow-right" '\u{e049}';
    arrow_up = "arrow-up" '\u{e04a}';
    battery = "battery" '\u{e053}';
    bell = "bell" '\u{e059}';
    bell_off = "bell-off" '\u{e05a}';
    bookmark = "bookmark" '\u{e060}';
    bot = "bot" '\u{e1bb}';
    chart_line = "chart-line" '\u{e2a5}';
    check = "check" '\u{e06c}';
    chevron_down = "chevron-down" '\u{e06d}';
    chevron_left = "chevron-left" '\u{e06e}';
    chevron_right = "chevron-right" '\u{e06f}';
    chevron_up = "chevron-up" '\u{e070}';
    record = "circle" '\u{e076}';
    circle_alert = "circle-alert" '\u{e077}';
    circle_check = "circle-check" '\u{e226}';
    circle_dot = "circle-dot" '\u{e345}';
    help = "circle-question-mark" '\u{e082}';
    clock = "clock" '\u{e087}';
    columns_2 = "columns-2" '\u{e098}';
    command = "command" '\u{e09a}';
    copy = "copy" '\u{e09e}';
    cpu = "cpu" '\u{e0a9}';
    crosshair = "crosshair" '\u{e0ac}';
    download = "download" '\u{e0b2}';
    more = "ellipsis" '\u{e0b6}';
    external_link = "external-link" '\u{e0b9}';
    eye = "eye" '\u{e0ba}';
    eye_off = "eye-off" '\u{e0bb}';
    file = "file" '\u{e0c0}';
    folder = "folder" '\u{e0d7}';
    folder_open = "folder-open" '\u{e247}';
    filter = "funnel" '\u{e0dc}';
    gauge = "gauge" '\u{e1bf}';
    grip_vertical = "grip-vertical" '\u{e0eb}';
    hard_drive = "hard-drive" '\u{e0ed}';
    hash = "hash" '\u{e0ef}';
    image = "image" '\u{e0f6}';
    info = "info" '\u{e0f9}';
    keyboard = "keyboard" '\u{e284}';
    layout_dashboard = "layout-dashboard" '\u{e1c1}';
    link = "link" '\u{e102}';
    list = "list" '\u{e106}';
    lock = "lock" '\u{e10b}';
    map = "map" '\u{e110}';
    maximize = "maximize" '\u{e112}';
    maximize_2 = "maximize-2" '\u{e113}';
    minimize = "minimize" '\u{e11a}';
    minus = "minus" '\u{e11c}';
    monitor = "monitor" '\u{e11d}';
    moon = "moon" '\u{e11e}';
    move_vertical = "move-vertical" '\u{e1c7}';
    network = "network" '\u{e125}';
    octagon_alert = "octagon-alert" '\u{e127}';
    panel_left = "panel-left" '\u{e12a}';
    panel_right = "panel-right" '\u{e431}';
    pause = "pause" '\u{e12e}';
    pin = "pin" '\u{e259}';
    play = "play" '\u{e13c}';
    plus = "plus" '\u{e13d}';
    refresh_cw = "refresh-cw" '\u{e145}';
    rotate_ccw = "rotate-ccw" '\u{e148}';
    rows_2 = "rows-2" '\u{e439}';
    save = "save" '\u{e14d}';
    scan = "scan" '\u{e257}';
    search = "search" '\u{e151}';
    settings = "settings" '\u{e154}';
    skip_back = "skip-back" '\u{e15f}';
    skip_forward = "skip-forward" '\u{e160}';
    stop = "square" '\u{e167}';
    step_forward = "step-forward" '\u{e3ea}';
    sun = "sun" '\u{e178}';
    tag = "tag" '\u{e17f}';
    trash_2 = "trash-2" '\u{e18e}';
    triangle_alert = "triangle-alert" '\u{e193}';
    kind = "type" '\u{e198}';
    unlink = "unlink" '\u{e19c}';
    unplug = "unplug" '\u{e45d}';
    upload = "upload" '\u{e19e}';
    wifi_off = "wifi-off" '\u{e1af}';
    close = "x" '\u{e1b2}';
    zoom_in = "zoom-in" '\u{e1b6}';
    zoom_out = "zoom-out" '\u{e1b7}';
}
