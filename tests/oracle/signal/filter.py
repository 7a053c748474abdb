#!/usr/bin/env python3
"""Writes filter.json: what SciPy's Butterworth filters and notches do, for the tests of engine/src/signal/filter.

Per case: the filter, the sample rate, the complex gain at some frequencies (`sosfreqz`), the step response from rest
(`sosfilt`), and the response to a short signal when started settled (`sosfilt_zi`). Needs NumPy and SciPy; the seed is
fixed, so the same version writes the same file.

    python3 tests/oracle/signal/filter.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import signal

RNG = np.random.default_rng(20240601)
STEP = 96
OUT = Path(__file__).with_suffix('.json')


def case(kind, rate_hz, order, *corners):
    if kind == 'notch':
        sos = signal.tf2sos(*signal.iirnotch(corners[0], corners[1], fs=rate_hz))
    else:
        corner = corners[0] if len(corners) == 1 else corners
        name = {'lowpass': 'low', 'highpass': 'high', 'bandpass': 'band'}[kind]
        sos = signal.butter(order, corner, name, fs=rate_hz, output='sos')
    freqs = np.unique(
        np.concatenate([
            np.linspace(0, rate_hz / 2, 13)[:-1],
            [rate_hz * 0.4999],
            [c * f for c in corners[: 1 if kind == 'notch' else 2] for f in (0.5, 0.9, 1, 1.1) if c * f < rate_hz / 2],
        ])
    )
    _, gain = signal.sosfreqz(sos, worN=freqs, fs=rate_hz)
    noise = 9.81 + np.round(RNG.normal(size=STEP // 2), 3)
    settled, _ = signal.sosfilt(sos, noise, zi=signal.sosfilt_zi(sos) * noise[0])
    return {
        'kind': kind,
        'rate_hz': rate_hz,
        'order': order,
        'corners': corners,
        'freq_hz': freqs.tolist(),
        're': gain.real.tolist(),
        'im': gain.imag.tolist(),
        'step': signal.sosfilt(sos, np.ones(STEP)).tolist(),
        'noise': noise.tolist(),
        'settled': settled.tolist(),
    }


def main():
    cases = []
    for order in range(1, 9):
        cases.append(case('lowpass', 1000.0, order, 50.0))
        cases.append(case('highpass', 200.0, order, 7.5))
        cases.append(case('bandpass', 1000.0, order, 40.0, 120.0))
    cases += [
        case('lowpass', 5000.0, 2, 2450.0),
        case('lowpass', 48000.0, 3, 100.0),
        case('highpass', 100.0, 3, 48.0),
        case('bandpass', 100.0, 3, 0.5, 45.0),
        case('bandpass', 1000.0, 2, 49.0, 51.0),
        case('notch', 1000.0, 2, 50.0, 30.0),
        case('notch', 200.0, 2, 60.0, 5.0),
        case('notch', 5000.0, 2, 2000.0, 1.0),
    ]
    OUT.write_text('[\n' + ',\n'.join(json.dumps(c, separators=(',', ':')) for c in cases) + '\n]\n')


if __name__ == '__main__':
    main()
