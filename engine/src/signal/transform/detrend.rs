//! Takes the trend out of a whole stretch of values, as a spectrum wants it.

use crate::signal::statistics::Sum;

/// The mean of the finite ones among `values`, which are counted from the first of them; with it that first one.
fn mean(values: &[f64]) -> Option<(f64, f64)> {
    let mut finite = values.iter().copied().filter(|value| value.is_finite());
    let first = finite.next()?;
    let mut sum = Sum::default();
    let mut count = 1.0;
    for value in finite {
        sum.add(value - first);
        count += 1.0;
    }
    Some((first, sum.get() / count))
}

/// Takes the mean away. Values that are not finite stay and have no part in it; the same as
/// `scipy.signal.detrend(type='constant')`.
pub fn detrend_constant(values: &mut [f64]) {
    if let Some((first, mean)) = mean(values) {
        for value in values.iter_mut().filter(|value| value.is_finite()) {
            *value = (*value - first) - mean;
        }
    }
}

/// Takes the straight line of least squares away, the values being evenly spaced. Values that are not finite stay and
/// have no part in it; the same as `scipy.signal.detrend(type='linear')`. A single value becomes 0.
pub fn detrend_linear(values: &mut [f64]) {
    let Some((first, mean)) = mean(values) else { return };
    let finite = |value: &f64| value.is_finite();
    let mut places = Sum::default();
    let mut count = 0.0;
    for (at, _) in values.iter().enumerate().filter(|(_, value)| finite(value)) {
        places.add(at as f64);
        count += 1.0;
    }
    let middle = places.get() / count;
    let (mut squares, mut products) = (Sum::default(), Sum::default());
    for (at, value) in values.iter().enumerate().filter(|(_, value)| finite(value)) {
        let place = at as f64 - middle;
        squares.add(place * place);
        products.add(place * ((value - first) - mean));
    }
    let slope = if squares.get() > 0.0 {
        products.get() / squares.get()
    } else {
        0.0
    };
    for (at, value) in values.iter_mut().enumerate() {
        if value.is_finite() {
            *value = ((*value - first) - mean) - slope * (at as f64 - middle);
        }
    }
}
