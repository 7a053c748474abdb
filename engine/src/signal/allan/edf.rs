//! How far a deviation can be trusted.

/// Equivalent degrees of freedom of the overlapping Allan variance. `phases` is one more than the samples, `factor` the
/// averaging factor, and `slope` that of the logarithm of the deviation, which tells the kind of noise.
///
/// Source: NIST Special Publication 1065, table 5, after S. Stein (1985): white frequency noise below a slope of -1/4,
/// flicker to +1/4, random walk above. White phase noise, at -1, would have many more; it is counted as white frequency
/// noise, since at long averaging times a slope is easily found steeper than it is, and the end of the curve would then
/// pass for its best part.
pub(super) fn edf(phases: usize, factor: usize, slope: f64) -> f64 {
    let (n, m) = (phases as f64, factor as f64);
    let edf = if slope < -0.25 {
        let four = 4.0 * m * m;
        (3.0 * (n - 1.0) / (2.0 * m) - 2.0 * (n - 2.0) / n) * four / (four + 5.0)
    } else if slope < 0.25 {
        if factor == 1 {
            2.0 * (n - 2.0) * (n - 2.0) / (2.3 * n - 4.9)
        } else {
            5.0 * n * n / (4.0 * m * (n + 3.0 * m))
        }
    } else {
        let rest = (n - 1.0) * (n - 1.0) - 3.0 * m * (n - 1.0) + 4.0 * m * m;
        (n - 2.0) / m * rest / ((n - 3.0) * (n - 3.0))
    };
    edf.max(1.0)
}

/// The chi-squared value that lies so many standard deviations from the middle, over its degrees of freedom. Source: E.
/// Wilson and M. Hilferty, "The distribution of chi-square", PNAS 17 (1931); within 2 % from 3 degrees on.
pub(super) fn chi_squared_over_edf(edf: f64, sigmas: f64) -> f64 {
    let spread = 2.0 / (9.0 * edf);
    (1.0 - spread + sigmas * spread.sqrt()).powi(3)
}
