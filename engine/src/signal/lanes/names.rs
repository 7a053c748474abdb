//! Which constants of a message name the values of which field.
//!
//! ROS 2 does not say which constants belong to which field; people do, by how they call them: `STATUS_FIX` for `status`,
//! `POWER_SUPPLY_STATUS_FULL` for `power_supply_status`, `COVARIANCE_TYPE_KNOWN` for `position_covariance_type`,
//! `LOG_LEVEL_INFO` for `level`. What is before the name proper and what the field is called have to agree word by
//! word, from the end backwards, up to the beginning of the shorter of the two. The longest agreement counts;
//! fields that agree equally, `front_state` and `rear_state` with `STATE_OPEN`, share the names. A wrong name is worse than
//! a bare number, so nothing is guessed where one value has two names.

/// How well the name of a constant fits that of a field; greater is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Words that agree.
    words: usize,
    /// The words before the name proper are the whole name of the field and nothing else.
    exact: bool,
}

/// The last name of a path, without an index.
fn leaf(field: &str) -> &str {
    let name = field.rsplit('.').next().unwrap_or(field);
    name.split('[').next().unwrap_or(name)
}

fn words(name: &str) -> Vec<&str> {
    name.split('_').filter(|word| !word.is_empty()).collect()
}

/// The best fit of a constant, and how many of its words stand before the name proper.
fn fit(field: &str, constant: &str) -> Option<(Fit, usize)> {
    let (field, constant) = (words(leaf(field)), words(constant));
    let mut best: Option<(Fit, usize)> = None;
    for before in 1..constant.len() {
        let agreeing = before.min(field.len());
        let (ours, theirs) = (&constant[before - agreeing..before], &field[field.len() - agreeing..]);
        if agreeing == 0 || !ours.iter().zip(theirs).all(|(a, b)| a.eq_ignore_ascii_case(b)) {
            continue;
        }
        let found = Fit {
            words: agreeing,
            exact: before == field.len(),
        };
        if best.is_none_or(|(fit, _)| found > fit) {
            best = Some((found, before));
        }
    }
    best
}

/// Picks the constants that name the values of a field, as `(value, name)` in the order given, by the name of the field
/// alone. `constants` are those of the same message and of the type of the field. A field that no constant is called after
/// gets all of them if no two begin with the same word and no two have the same value: `OK WARN ERROR STALE` for `level`.
/// [`match_constants_among`] finds more where the other fields are known.
#[must_use]
pub fn match_constants(field_name: &str, constants: &[(String, i64)]) -> Vec<(i64, String)> {
    pick(field_name, None, constants)
}

/// Picks as [`match_constants`] does, with the names of the other fields of the message known that hold whole numbers: a
/// constant goes to the fields that it fits best, and a field that no constant is called after gets all of them if
/// none is called after another field, and no two have the same value.
#[must_use]
pub fn match_constants_among(field_name: &str, others: &[&str], constants: &[(String, i64)]) -> Vec<(i64, String)> {
    pick(field_name, Some(others), constants)
}

fn pick(field_name: &str, others: Option<&[&str]>, constants: &[(String, i64)]) -> Vec<(i64, String)> {
    let fits = |name: &str| fit(field_name, name).map(|(fit, _)| fit);
    let taken = |name: &str, ours: Option<Fit>| {
        let others = others.unwrap_or(&[]).iter();
        let theirs = others.filter(|other| leaf(other) != leaf(field_name));
        theirs
            .filter_map(|other| fit(other, name))
            .any(|(theirs, _)| Some(theirs) > ours)
    };
    let best = constants.iter().filter_map(|(name, _)| fits(name)).max();
    let list = |chosen: &dyn Fn(&str) -> bool| {
        let chosen = constants.iter().filter(|(name, _)| chosen(name));
        chosen.map(|(name, value)| (*value, name.clone())).collect::<Vec<_>>()
    };
    if best.is_some() {
        return list(&|name| fits(name) == best && !taken(name, best));
    }
    let of_another = match others {
        Some(_) => constants.iter().any(|(name, _)| taken(name, None)),
        // A word that several begin with says that they are called after a field, and not after this one.
        None => repeats(constants.iter().map(|(name, _)| words(name).first().copied())),
    };
    if of_another || repeats(constants.iter().map(|(_, value)| value)) {
        return Vec::new();
    }
    list(&|_| true)
}

fn repeats<T: Ord>(items: impl Iterator<Item = T>) -> bool {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.windows(2).any(|pair| pair[0] == pair[1])
}

/// The name of a constant without the words that say which field it belongs to: `FULL` for `POWER_SUPPLY_STATUS_FULL`.
#[must_use]
pub fn shorten<'a>(field_name: &str, constant: &'a str) -> &'a str {
    let Some((_, before)) = fit(field_name, constant) else {
        return constant;
    };
    let mut rest = constant;
    for _ in 0..before {
        let begun = rest.trim_start_matches('_');
        rest = begun.split_once('_').map_or(begun, |(_, rest)| rest);
    }
    rest.trim_start_matches('_')
}

/// The name of a value: the first one that the table has for it.
#[must_use]
pub fn name_of(names: &[(i64, String)], value: i64) -> Option<&str> {
    names
        .iter()
        .find(|(named, _)| *named == value)
        .map(|(_, name)| name.as_str())
}
