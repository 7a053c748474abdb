#!/usr/bin/env python3
"""Writes transform.json: what NumPy and SciPy make of a stretch of samples, for the tests of engine/src/signal/transform.

The times jitter, and the values have an offset of a million and some outliers. Windows are computed plainly, each one
anew from its samples. Needs NumPy and SciPy; the seed is fixed, so the same version writes the same file.

    python3 tests/oracle/signal/transform.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import integrate, signal

RNG = np.random.default_rng(20240602)
N = 300
OUT = Path(__file__).with_suffix('.json')


def trailing(time_ns, values, samples, window_ns, what):
    out = []
    for i in range(len(values)):
        if samples:
            part = slice(max(0, i + 1 - samples), i + 1)
        else:
            part = np.flatnonzero((time_ns > time_ns[i] - window_ns) & (np.arange(len(values)) <= i))
        out.append(float(what(time_ns[part], values[part])))
    return out


def line(time_ns, values):
    if len(values) < 2:
        return 0.0
    t = (time_ns - time_ns[-1]) * 1e-9
    x = values - values[-1]
    slope, offset = np.polyfit(t, x, 1)
    return -offset


def hampel(values, samples, sigmas):
    half = samples // 2
    out = []
    for i, value in enumerate(values):
        part = values[max(0, i - half) : i + half + 1]
        median = np.median(part)
        spread = 1.482602218505602 * np.median(np.abs(part - median))
        out.append(float(median if abs(value - median) > sigmas * spread else value))
    return out


def main():
    time_ns = 1_700_000_000_000_000_000 + np.arange(N) * 1_000_000 + RNG.integers(-300_000, 300_000, N)
    values = 1e6 + np.round(RNG.normal(size=N) + 20 * (RNG.random(N) < 0.03), 4)
    values[100:120] = values[100]
    seconds = (time_ns - time_ns[0]) * 1e-9
    mean = lambda t, x: np.mean(x - x[0]) + x[0]
    rms = lambda t, x: np.sqrt(np.mean(x * x))
    variance = lambda t, x: np.var(x - x[0], ddof=1) if len(x) > 1 else -1.0
    median = lambda t, x: np.median(x)
    angle = np.round(np.cumsum(RNG.normal(scale=1.5, size=N)), 6)
    wrapped = np.round((angle + np.pi) % (2 * np.pi) - np.pi, 6)
    degrees = np.round(np.cumsum(RNG.normal(scale=100, size=N))) % 360
    late = 7_500_000
    result = {
        'time_ns': time_ns.tolist(),
        'values': values.tolist(),
        'wrapped': wrapped.tolist(),
        'degrees': degrees.tolist(),
        'out': {
            'derivative': (np.diff(values) / (np.diff(time_ns) * 1e-9)).tolist(),
            'integral': integrate.cumulative_trapezoid(values, seconds, initial=0).tolist(),
            'interval': (np.diff(time_ns) * 1e-9).tolist(),
            'average:samples=10': trailing(time_ns, values, 10, 0, mean),
            'average:window_s=0.0075': trailing(time_ns, values, 0, late, mean),
            'rms:samples=25': trailing(time_ns, values, 25, 0, rms),
            'rms:window_s=0.0075': trailing(time_ns, values, 0, late, rms),
            'variance:samples=9': trailing(time_ns, values, 9, 0, variance)[1:],
            'variance:window_s=0.0075': trailing(time_ns, values, 0, late, variance)[1:],
            'median:samples=11': trailing(time_ns, values, 11, 0, median),
            'median:samples=4': trailing(time_ns, values, 4, 0, median),
            'median:window_s=0.0075': trailing(time_ns, values, 0, late, median),
            'detrend:samples=20': trailing(time_ns, values, 20, 0, lambda t, x: x[-1] - mean(t, x)),
            'detrend:samples=20,trend=linear': trailing(time_ns, values, 20, 0, line),
            'detrend:window_s=0.0075,trend=linear': trailing(time_ns, values, 0, late, line),
            'hampel:samples=11': hampel(values, 11, 3.0),
            'hampel:samples=5,sigmas=1.5': hampel(values, 5, 1.5),
        },
        'unwrap': np.unwrap(wrapped).tolist(),
        'unwrap:period=360': np.unwrap(degrees, period=360).tolist(),
        'detrend_constant': signal.detrend(values, type='constant').tolist(),
        'detrend_linear': signal.detrend(values, type='linear').tolist(),
    }
    OUT.write_text(json.dumps(result, separators=(',', ':')).replace('],"', '],\n"') + '\n')


if __name__ == '__main__':
    main()
