#!/usr/bin/env python3
"""Writes statistics.json: statistics as NumPy computes them, for the tests of engine/src/signal/statistics.

Mean, RMS and sigma are computed by NumPy in long double, so that the file is right to the last digits. Needs NumPy; the
seed is fixed, so the same version writes the same file.

    python3 tests/oracle/signal/statistics.py
"""

import json
from pathlib import Path

import numpy as np

RNG = np.random.default_rng(20240603)
OUT = Path(__file__).with_suffix('.json')
PERCENT = [1, 5, 50, 95, 99]


def case(name, values):
    values = np.asarray(values, dtype=np.float64)
    long = values.astype(np.longdouble)
    return {
        'name': name,
        'values': values.tolist(),
        'min': float(values.min()),
        'max': float(values.max()),
        'mean': float(long.mean()),
        'rms': float(np.sqrt(np.mean(long * long))),
        'sigma': float(long.std(ddof=1)) if len(values) > 1 else None,
        'percentiles': np.percentile(values, PERCENT).tolist(),
    }


def main():
    noise = RNG.normal(size=501)
    cases = [
        case('noise', noise),
        case('offset of a billion', 1e9 + np.round(noise * 1e-3, 6)),
        case('steps', RNG.integers(-3, 4, 400) * 0.125),
        case('heavy tails', RNG.standard_cauchy(300)),
        case('large', RNG.normal(size=50) * 1e200),
        case('small', RNG.normal(size=50) * 1e-200),
        case('one', [-2.5]),
        case('two', [1.0, 2.0]),
        case('three', [3.0, 1.0, 2.0]),
        case('equal', [7.25] * 20),
    ]
    OUT.write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')


if __name__ == '__main__':
    main()
