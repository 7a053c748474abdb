use super::*;
use proptest::prelude::*;

fn noise(count: usize) -> Vec<[f64; 2]> {
    let mut seed = 1u64;
    (0..count)
        .map(|index| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            [index as f64 * 800.0 / count as f64, (seed >> 40) as f64 / 1e5]
        })
        .collect()
}

#[test]
fn a_million_points_become_a_few_per_column_and_no_extreme_is_hidden() {
    let mut points = noise(1_000_000);
    points[654_321][1] = -900.0;
    points[123_456][1] = 4000.0;
    let lines = in_columns(points.iter().copied(), 1.0, f64::INFINITY);
    assert_eq!((lines.runs.len(), lines.bars.len()), (1, 0));
    assert!(lines.runs[0].len() <= 4 * 801, "{}", lines.runs[0].len());
    for index in [654_321, 123_456, 0, 999_999] {
        assert!(lines.runs[0].contains(&points[index]), "point {index}");
    }
    let bars = in_columns(points.iter().copied(), 1.0, TALL);
    assert_eq!((bars.runs.len(), bars.bars.len()), (0, 800));

    let mut columns = vec![(f64::MAX, f64::MIN); 800];
    for [x, y] in &points {
        let column = &mut columns[*x as usize];
        *column = (column.0.min(*y), column.1.max(*y));
    }
    let mut kept = vec![(f64::MAX, f64::MIN); 800];
    for [x, y] in &lines.runs[0] {
        let column = &mut kept[*x as usize];
        *column = (column.0.min(*y), column.1.max(*y));
    }
    assert_eq!(columns, kept);
    for ((x, low, high), column) in bars.bars.into_iter().zip(columns) {
        assert!(low <= column.0 && high >= column.1, "column {x}");
    }
}

#[test]
fn a_gap_stays_a_gap() {
    let mut points = noise(10_000);
    points[5000][1] = f64::NAN;
    points[5002][0] = f64::NAN;
    let runs = in_columns(points.iter().copied(), 1.0, f64::INFINITY).runs;
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[1], [points[5001]], "a point between two gaps");
    assert_eq!(in_pieces(points.iter().copied()).len(), 3);
    assert_eq!(
        in_columns([[f64::NAN; 2]; 3].into_iter(), 1.0, TALL),
        Reduced::default()
    );
}

#[test]
fn a_line_and_a_bar_beside_it_are_joined() {
    let smooth = |x: usize| (0..8).map(move |i| [x as f64 + f64::from(i) / 8.0, 10.0]);
    let tall = |x: usize| (0..8).map(move |i| [x as f64 + f64::from(i) / 8.0, f64::from(i) * 20.0]);
    let reduced = in_columns(smooth(0).chain(tall(1)).chain(smooth(2)), 1.0, TALL);
    assert_eq!(reduced.bars, [(1.5, 0.0, 140.0)]);
    assert_eq!(reduced.runs.len(), 2);
    assert_eq!(
        reduced.runs[0].last(),
        Some(&[1.0, 0.0]),
        "the line ends where the bar begins"
    );
    assert_eq!(
        reduced.runs[1].first(),
        Some(&[1.875, 140.0]),
        "and goes on from its last point"
    );
    let apart = in_columns(tall(1).chain(tall(2).map(|[x, y]| [x, y + 500.0])), 1.0, TALL);
    assert_eq!(
        apart.bars,
        [(1.5, 0.0, 140.0), (2.5, 140.0, 640.0)],
        "bars leave no room between"
    );
}

#[test]
fn a_line_out_of_order_keeps_its_outermost_points() {
    let points: Vec<_> = noise(1_000_000)
        .into_iter()
        .map(|[x, y]| [(x * 3.0).sin() * y, (x * 2.0).cos() * y])
        .collect();
    let runs = in_pieces(points.iter().copied());
    assert!(runs[0].len() <= PIECES * KEPT);
    for axis in 0..2 {
        let all = points.iter().map(|point| point[axis]);
        let kept = || runs[0].iter().map(|point| point[axis]);
        assert_eq!(all.clone().fold(f64::MAX, f64::min), kept().fold(f64::MAX, f64::min));
        assert_eq!(all.fold(f64::MIN, f64::max), kept().fold(f64::MIN, f64::max));
    }
}

#[test]
fn a_line_that_rests_has_few_points_and_ends_where_it_ended() {
    let points = (0..1_000_000)
        .map(|i| f64::from(i) * 1e-4)
        .map(|t| [t, (t * 0.2).sin() * 20.0]);
    let runs = in_pieces(points.clone());
    assert_eq!(runs.len(), 1);
    assert!(runs[0].len() < 2000, "{}", runs[0].len());
    assert_eq!(runs[0].last().copied(), points.clone().next_back());
    assert_eq!(in_pieces([[1.0, 1.0]; 1000].into_iter()), [vec![[1.0, 1.0]; 2]]);
}

#[test]
fn only_what_is_seen_is_taken() {
    let points = noise(1000);
    let range = seen(&points, 100.0, 200.0, |point| point[0]);
    assert!(points[range.start][0] < 100.0 && points[range.start + 1][0] >= 100.0);
    assert!(points[range.end - 1][0] > 200.0 && points[range.end - 2][0] <= 200.0);
    assert_eq!(seen(&points, -5.0, -1.0, |point| point[0]), 0..1);
    assert_eq!(seen(&points[..0], 0.0, 1.0, |point| point[0]), 0..0);
}

#[test]
fn dots_in_one_cell_become_one_and_a_crowd_becomes_rows() {
    let points = [
        [0.1, 0.1],
        [0.9, 0.2],
        [1.5, 0.4],
        [5.0, 0.0],
        [f64::NAN, 1.0],
        [100.0, 50.0],
        [100.1, 0.0],
    ];
    let rows = in_cells(points.into_iter(), (100.0, 50.0), 1.0);
    assert_eq!(rows, [(0, 0, 2), (0, 5, 6), (50, 100, 101)]);
}

proptest! {
    #[test]
    fn few_points_are_all_kept(values in prop::collection::vec(-1e3f64..1e3, 1..5)) {
        let points: Vec<_> = values.iter().enumerate().map(|(x, y)| [x as f64, *y]).collect();
        prop_assert_eq!(in_columns(points.iter().copied(), 1.0, TALL).runs, vec![points.clone()]);
        prop_assert_eq!(in_pieces(points.iter().copied()), vec![points.clone()]);
        prop_assert_eq!(whole(points.iter().copied()), vec![points]);
    }
}
