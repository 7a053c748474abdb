//! Whatever is written: no panic, the same tree when printed and read again, and the same values however compiled.

use proptest::prelude::*;

use super::super::functions::{Angle, Many, Operation, Scalar};
use super::super::parse::INFIX;
use super::*;

/// An expression as it is written.
#[derive(Clone, Debug)]
enum Tree {
    Leaf(Node),
    Apply(Operation, Vec<Tree>),
    Ternary(Vec<Tree>),
}

fn leaf() -> impl Strategy<Value = Tree> {
    let number = prop_oneof![
        (0_u32..20).prop_map(f64::from),
        any::<f64>().prop_map(|v| if v.is_nan() { f64::NAN } else { v.abs() }),
        Just(std::f64::consts::PI),
        Just(std::f64::consts::E),
        Just(f64::INFINITY),
    ];
    prop_oneof![
        2 => number.prop_map(Node::Number),
        3 => (0_u16..5).prop_map(Node::Input),
        1 => prop_oneof![Just(Node::Elapsed), Just(Node::Step)],
    ]
    .prop_map(Tree::Leaf)
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(8, 60, 5, |inner| {
        let infix = (0..INFIX.len()).prop_map(|i| Operation::Scalar(INFIX[i].1));
        let two = prop::collection::vec(inner.clone(), 2);
        let sign = prop_oneof![Just(Scalar::Negate), Just(Scalar::Not)].prop_map(Operation::Scalar);
        let call = (0..functions().len(), prop::collection::vec(inner.clone(), 5));
        prop_oneof![
            4 => (infix, two).prop_map(|(operation, values)| Tree::Apply(operation, values)),
            2 => (sign, inner.clone()).prop_map(|(operation, value)| Tree::Apply(operation, vec![value])),
            2 => call.prop_map(|(which, mut values)| {
                let function = &functions()[which];
                values.truncate(*function.takes.end());
                Tree::Apply(function.operation, values)
            }),
            1 => prop::collection::vec(inner, 3).prop_map(Tree::Ternary),
        ]
    })
}

fn write(tree: &Tree, nodes: &mut Vec<Node>) {
    let (node, values): (Node, &[Tree]) = match tree {
        Tree::Leaf(node) => (*node, &[]),
        Tree::Apply(operation, values) => (Node::Apply(*operation, values.len() as u16), values),
        Tree::Ternary(values) => (Node::Ternary, values),
    };
    values.iter().for_each(|value| write(value, nodes));
    nodes.push(node);
}

/// The expression of a tree, with its inputs numbered by their first mention as a reader numbers them.
fn expression(tree: &Tree) -> Expression {
    let mut nodes = Vec::new();
    write(tree, &mut nodes);
    let all = [
        "/imu/data:angular_velocity.x",
        "/j:p[3]",
        "\"/odd name:x\"",
        "/a:x.y",
        "\"/it`s:x\"",
    ];
    let mut seen: Vec<u16> = Vec::new();
    for node in &mut nodes {
        if let Node::Input(input) = node {
            let at = seen.iter().position(|known| known == input).unwrap_or(seen.len());
            if at == seen.len() {
                seen.push(*input);
            }
            *node = Node::Input(at as u16);
        }
    }
    let inputs = seen
        .iter()
        .map(|i| input_of(all[usize::from(*i)]).expect("a field"))
        .collect();
    Expression { nodes, inputs }
}

/// Evaluates node by node, on a stack: slow and plain.
fn plainly(expression: &Expression, rows: &[Vec<f64>], times: &[i64]) -> Vec<f64> {
    let mut slots = vec![f64::NAN; expression.nodes.len()];
    let mut values = Vec::new();
    for (row, inputs) in rows.iter().enumerate() {
        let seconds = |from: usize| (times[row] - times[from]) as f64 / 1e9;
        let mut stack: Vec<f64> = Vec::new();
        for (node, slot) in expression.nodes.iter().zip(&mut slots) {
            let value = match *node {
                Node::Number(number) => number,
                Node::Input(input) => inputs[usize::from(input)],
                Node::Elapsed => seconds(0),
                Node::Step => row.checked_sub(1).map_or(f64::NAN, seconds),
                Node::Apply(operation, count) => {
                    let taken = stack.split_off(stack.len() - usize::from(count));
                    let at = |i: usize| taken.get(i).copied().unwrap_or(0.0);
                    match operation {
                        Operation::Scalar(scalar @ (Scalar::Min | Scalar::Max)) => {
                            let pair = |a: f64, b: f64| scalar.of(a, b, 0.0);
                            taken.iter().copied().reduce(pair).expect("one at least")
                        }
                        Operation::Scalar(scalar) => scalar.of(at(0), at(1), at(2)),
                        Operation::Many(many) => many.of(&taken),
                        Operation::Prev => std::mem::replace(slot, at(0)),
                    }
                }
                Node::Ternary => {
                    let taken = stack.split_off(stack.len() - 3);
                    Scalar::If.of(taken[0], taken[1], taken[2])
                }
            };
            stack.push(value);
        }
        values.extend(stack);
    }
    values
}

fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

fn value() -> impl Strategy<Value = f64> {
    prop_oneof![-3.0..3.0_f64, any::<f64>(), Just(f64::NAN), Just(0.0)]
}

/// Pieces of expressions, put together without sense.
fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "+",
            "-",
            "*",
            "/",
            "%",
            "^",
            "<",
            "<=",
            "==",
            "!",
            "!=",
            "&&",
            "||",
            "?",
            ":",
            "(",
            ")",
            ",",
            "[",
            "]",
            ".",
            "\"",
            "`",
            " ",
            "x",
            "a",
            "1",
            "2.5",
            "1e",
            "1e-3",
            "e",
            "pi",
            "t",
            "dt",
            "/a:x",
            "/imu/data:y[3]",
            "if(",
            "min(",
            "norm(",
            "yaw(",
            "prev(",
            "sqrt(",
            "nope(",
            "é",
            "\n",
            "\u{0}",
            "/",
            "//",
            "/a",
            "x[0]",
        ])
        .prop_map(str::to_owned),
        ".{0,3}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn survives(text: &str, names: &Names) {
    match Expression::parse(text, names) {
        Ok(expression) => {
            let printed = expression.to_string();
            let again = Expression::parse(&printed, names).unwrap_or_else(|e| panic!("{}", e.caret(&printed)));
            assert_eq!(again, expression, "{printed}");
            let program = expression.compile();
            let mut state = program.state();
            for time_ns in [0, 1, i64::MIN, i64::MAX] {
                let _ = program.run(&mut state, &[1.5; MAX_INPUTS], time_ns);
            }
        }
        Err(error) => {
            assert!(text.get(error.at.clone()).is_some(), "{:?} in {text:?}", error.at);
            assert_eq!(error.to_string().lines().count(), 1, "{error}");
            assert_eq!(error.caret(text).lines().count(), 2, "{error}");
        }
    }
    let _ = input_of(text).map(|input| input.to_string());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_panics(text in ".*", soup in soup()) {
        let within = names().within("/odd topic");
        let known = names().knowing([("/a".to_owned(), "x".to_owned()), ("/b".to_owned(), "y[]".to_owned())]);
        for names in [names(), within, known] {
            survives(&text, &names);
            survives(&soup, &names);
        }
    }

    #[test]
    fn what_is_printed_reads_the_same(tree in tree()) {
        let expression = expression(&tree);
        let printed = expression.to_string();
        let again = Expression::parse(&printed, &Names::new());
        prop_assert_eq!(again.map_err(|error| error.caret(&printed)), Ok(expression), "{}", printed);
    }

    #[test]
    fn however_compiled_the_values_are_the_same(
        tree in tree(),
        rows in prop::collection::vec(prop::collection::vec(value(), 5), 1..6),
        steps in prop::collection::vec(-100_000_000_i64..1_000_000_000, 6),
    ) {
        let expression = expression(&tree);
        let times: Vec<i64> = steps.iter().scan(0, |now, step| { *now += step; Some(*now) }).collect();
        let expected = plainly(&expression, &rows, &times);
        for fold in [true, false] {
            let program = compile::compile(&expression, fold);
            let mut state = program.state();
            for (row, inputs) in rows.iter().enumerate() {
                let found = program.run(&mut state, inputs, times[row]);
                prop_assert!(same(found, expected[row]), "{expression}: {found} for {}, fold {fold}", expected[row]);
            }
        }
    }

    #[test]
    fn lengths_and_angles_stay_in_range(values in prop::collection::vec(value(), 4)) {
        let norm = Many::Norm.of(&values);
        prop_assert_eq!(norm.is_nan(), values.iter().any(|v| v.is_nan()));
        prop_assert!(norm.is_nan() || values.iter().all(|v| v.abs() <= norm * (1.0 + 1e-15)));
        for (angle, most) in [(Angle::Roll, std::f64::consts::PI), (Angle::Yaw, std::f64::consts::PI),
            (Angle::Pitch, std::f64::consts::FRAC_PI_2)]
        {
            let found = Many::Angle(angle).of(&values);
            prop_assert!(found.abs() <= most || found.is_nan());
            let sound = values.iter().all(|v| v.is_finite()) && values.iter().any(|v| *v != 0.0);
            prop_assert_eq!(found.is_nan(), !sound);
        }
    }
}
