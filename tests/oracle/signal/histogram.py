#!/usr/bin/env python3
"""Writes histogram.json: histograms of NumPy and fits of SciPy, for the tests of engine/src/signal/histogram.

`bins` is null for the rule of Freedman and Diaconis. The distance and the chi-square are computed plainly from the
counts. Needs NumPy and SciPy; the seed is fixed, so the same version writes the same file.

    python3 tests/oracle/signal/histogram.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import special, stats

RNG = np.random.default_rng(20240604)
OUT = Path(__file__).with_suffix('.json')


def chi_square(observed, expected):
    cells = []
    o = e = 0.0
    for a, b in zip(observed, expected):
        o, e = o + a, e + b
        if e >= 5:
            cells.append([o, e])
            o = e = 0.0
    if not cells:
        return None
    cells[-1][0] += o
    cells[-1][1] += e
    if len(cells) < 4:
        return None
    return float(sum((o - e) ** 2 / e for o, e in cells) / (len(cells) - 3))


def case(name, values, bins=None, bounds=None):
    values = np.asarray(values, dtype=np.float64)
    counts, edges = np.histogram(values, bins='fd' if bins is None else bins, range=bounds)
    density, _ = np.histogram(values, bins=edges, density=True)
    under, over = int((values < edges[0]).sum()), int((values > edges[-1]).sum())
    mu, sigma = values.mean(), values.std(ddof=1)
    below = stats.norm.cdf(edges, mu, sigma)
    empirical = np.concatenate([[under], under + np.cumsum(counts)]) / len(values)
    observed = counts.astype(float)
    observed[0] += under
    observed[-1] += over
    outer = below.copy()
    outer[0], outer[-1] = 0, 1
    return {
        'name': name,
        'values': values.tolist(),
        'bins': bins,
        'range': bounds,
        'edges': edges.tolist(),
        'counts': counts.tolist(),
        'under': under,
        'over': over,
        'density': density.tolist(),
        'mu': float(mu),
        'sigma': float(sigma),
        'distance': float(np.abs(empirical - below).max()),
        'chi_square': chi_square(observed, len(values) * np.diff(outer)),
    }


def main():
    normal = np.round(3 + 0.5 * RNG.normal(size=1000), 6)
    tenths = np.round(RNG.integers(0, 31, 800) * 0.1, 10)
    cases = [
        case('normal', normal),
        case('normal in a range', normal, 25, (2.0, 3.5)),
        case('on the edges', tenths, 30, (0.0, 3.0)),
        case('uniform', np.round(RNG.random(600), 6)),
        case('exponential', np.round(RNG.exponential(size=600), 6), 40),
        case('offset', 1e9 + np.round(RNG.normal(size=400), 3), 17),
        case('one bin', np.round(RNG.normal(size=30), 6), 1),
    ]
    x = np.concatenate([np.linspace(-6, 6, 49), [-30.0, 0.0, 2.4999, 2.5, 10.0, 26.0, 30.0]])
    result = {'cases': cases, 'erfc': {'x': x.tolist(), 'y': special.erfc(x).tolist()}}
    OUT.write_text(json.dumps(result, separators=(',', ':')).replace('},{', '},\n{') + '\n')


if __name__ == '__main__':
    main()
