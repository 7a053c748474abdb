//! What a board file may say, and what is said of a wrong one.

use super::*;

fn parse(text: &str) -> Result<Board, String> {
    Board::parse(text, Path::new("bench.toml")).map_err(|e| e.to_string())
}

#[test]
fn the_demo_board_is_sound() {
    let board = Board::demo();
    assert!(board.charts.len() >= 4);
    assert!(board.charts.iter().all(|chart| !chart.curves.is_empty()));
    let topics: Vec<&str> = board
        .charts
        .iter()
        .flat_map(|c| &c.curves)
        .flat_map(|curve| curve.recipe.inputs())
        .map(|at| at.topic.as_str())
        .collect();
    for topic in [
        "/imu/data",
        "/joint_states",
        "/motor/current",
        "/odom",
        "/battery_state",
    ] {
        assert!(topics.contains(&topic), "{topic}");
    }
}

#[test]
fn a_board_survives_saving() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("boards/bench.toml");
    let mut board = Board::demo();
    board.charts[0].y = Some([-1.5, 2.0]);
    board.save(&path).expect("saved");
    assert_eq!(Board::load(&path).expect("loaded"), board);
    assert!(!path.with_extension("toml.new").exists());
}

#[test]
fn errors_name_the_file_the_line_and_the_way_out() {
    for (text, line, part) in [
        ("name = 3\n", 1, "string"),
        ("\n\n[[chart]]\ncurves = [\"/imu\"]\n", 4, "names no field"),
        ("[[chart]]\n[[chart]]\nwindow_s = 0\n", 2, "window_s"),
        ("[[chart]]\ny = [1.0, 1.0]\n", 1, "lower"),
        ("[[chart]]\n\n[layout]\nchart = 7\n", 3, "chart 7"),
        ("[[chart]]\n[[chart]]\n[layout]\nchart = 0\n", 3, "no place for chart 1"),
        ("colour = 1\n", 1, "colour"),
        ("[[chart]]\n[[chart]]\npanel = { x = [0] }\n", 2, "x names curve 0"),
        ("[[chart]]\npanel = { segment = 100 }\n", 1, "segment = 100"),
        ("[[chart]]\npanel = { overlap = 2 }\n", 1, "overlap = 2"),
        ("[[chart]]\npanel = { levels_db = [0.0, -1.0] }\n", 1, "levels_db"),
        ("[[chart]]\nkind = \"xyz\"\n", 2, "xyz"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains(&format!("bench.toml, line {line}:")), "{error}");
        assert!(error.contains(part), "{error}");
        assert!(error.ends_with("or start without --board"), "{error}");
        assert!(!error.contains('\n'), "{error}");
    }
    let missing = Board::load(Path::new("/nowhere/board.toml"))
        .expect_err("no file")
        .to_string();
    assert!(missing.contains("/nowhere/board.toml"), "{missing}");
}

#[test]
fn looks_axes_and_triggers_survive_saving() {
    let text = r#"
clock = "header"

[[chart]]
log = true
axis = [{ y = [-1.0, 1.0] }, { log = true }]
curves = [
    "/a:x",
    { curve = "/a:y", axis = "right", style = "dots", width = "bold", gain = 10, offset = -1.5, color = 9, hidden = true },
    { curve = "= abs(/a:x)", axis = "left2" },
]

[chart.trigger]
curve = "/a:x"
when = "falling:level=1,mode=single"
keep = 8
record = true
black_box = true
"#;
    let board = parse(text).expect("a board");
    let [chart] = &board.charts[..] else {
        panic!("{board:?}");
    };
    assert_eq!(chart.curves[0], CurveSpec::plain("/a:x".parse().expect("a recipe")));
    let second = &chart.curves[1];
    assert_eq!(
        (second.look.axis, second.color, second.visible),
        (Side::Right, Some(9), false)
    );
    assert_eq!(
        second.look.scale,
        Scaling {
            gain: 10.0,
            offset: -1.5
        }
    );
    assert_eq!(
        chart
            .trigger
            .as_ref()
            .map(|trigger| (trigger.keep, trigger.record, trigger.black_box)),
        Some((8, true, true))
    );
    let written = toml::to_string(&board).expect("written");
    assert!(written.contains("\"/a:x\""), "the short form stays short: {written}");
    assert_eq!(parse(&written).expect("read again"), board);
}

#[test]
fn curves_and_triggers_that_cannot_be_say_why() {
    for (text, part) in [
        ("[[chart]]\ncurves = [{ curve = \"/a:x\", gain = 0 }]\n", "gain"),
        ("[[chart]]\ncurves = [{ curve = \"/a:x\", color = 32 }]\n", "color"),
        ("[[chart]]\ncurves = [{ axis = \"right\" }]\n", "curve"),
        ("[[chart]]\ncurves = [{ curve = \"/a:x\", axis = \"top\" }]\n", "top"),
        ("[[chart]]\ncurves = [3]\n", "a curve"),
        (
            "[[chart]]\n[chart.trigger]\ncurve = \"/a:x\"\nwhen = \"rising\"\nkeep = 65\n",
            "65",
        ),
        (
            "[[chart]]\n[chart.trigger]\ncurve = \"/a:x\"\nwhen = \"sideways\"\n",
            "sideways",
        ),
        ("[[chart]]\naxis = [{}, {}, {}, {}]\n", "axes"),
    ] {
        let error = parse(text).expect_err(text);
        assert!(error.contains(part), "{error}");
        assert!(error.contains("bench.toml, line "), "{error}");
    }
}

#[test]
fn a_grid_holds_every_chart_once() {
    assert_eq!(Layout::grid(0), None);
    for count in 1..12 {
        let mut seen = vec![0; count];
        Layout::grid(count).expect("a layout").visit(&mut seen).expect("sound");
        assert!(seen.iter().all(|n| *n == 1), "{count}: {seen:?}");
    }
}

#[test]
fn a_board_of_a_newer_version_is_told_by_its_version() {
    let error = parse("version = 7\nwhatever = { is = \"in it\" }\n").expect_err("newer");
    assert!(error.contains("bench.toml") && error.contains("version 7"), "{error}");
    assert!(
        error.contains(&format!("up to {VERSION}")) && error.contains("update ROSwave"),
        "{error}"
    );
    assert!(parse(&format!("version = {VERSION}\n")).is_ok());
    let text = Board::demo().text().expect("written");
    assert!(text.starts_with(&format!("version = {VERSION}\n")), "{text}");
}

#[test]
fn tabs_survive_saving_and_their_errors_point_at_them() {
    let text = "[[chart]]\n\n[[tab]]\nname = \"Arm\"\n\n[[tab.chart]]\n\n[[tab]]\n\n[[tab.chart]]\nwindow_s = 3\n";
    let board = parse(text).expect("a board");
    assert_eq!(board.tabs.len(), 2);
    assert_eq!(board.tabs[0].name.as_deref(), Some("Arm"));
    let written = board.text().expect("written");
    assert_eq!(parse(&written).expect("read again").tabs, board.tabs);
    let error = parse(&text.replace("window_s = 3", "window_s = 0")).expect_err("no window");
    assert!(error.contains("line 10"), "{error}");
    let many = "[[chart]]\n".repeat(CHARTS_MAX + 1);
    let error = parse(&many).expect_err("too many");
    assert!(error.contains("257") && error.contains("line 257"), "{error}");
}
