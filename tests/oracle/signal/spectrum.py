"""Reference spectra by SciPy: writes spectrum.json beside this file. Needs numpy and scipy."""

import json
import pathlib

import numpy as np
import scipy
from scipy import signal

RATE_HZ = 250.0
NAMES = ["boxcar", "hann", "hamming", "blackman", "blackmanharris", "flattop"]


def main():
    rng = np.random.default_rng(20240611)
    t = np.arange(900) / RATE_HZ
    # Every bin holds noise well above rounding, so that relative errors mean something everywhere.
    x = (
        4.0
        + 0.8 * t
        + 1.5 * np.sin(2 * np.pi * 31.3 * t)
        + 0.4 * np.sin(2 * np.pi * 77.7 * t + 1)
        + 0.2 * rng.standard_normal(t.size)
    )

    windows = [
        {"window": name, "values": signal.get_window(name, n, fftbins=True).tolist()}
        for name in NAMES
        for n in (8, 9, 64)
    ]

    cases = []
    lengths = [(8, 0.5), (9, 0.5), (64, 0.0), (97, 0.5), (100, 0.57), (128, 0.75), (255, 0.5), (900, 0.5)]
    for k, (nperseg, share) in enumerate(lengths):
        noverlap = int(np.floor(share * nperseg + 1e-9))
        for j, detrend in enumerate((False, "constant", "linear")):
            for average in ("mean", "median"):
                window = NAMES[(k + 2 * j) % len(NAMES)]
                args = dict(window=window, nperseg=nperseg, noverlap=noverlap, detrend=detrend, average=average)
                freq, density = signal.welch(x, RATE_HZ, scaling="density", **args)
                _, power = signal.welch(x, RATE_HZ, scaling="spectrum", **args)
                case = dict(args, overlap=share, density=density.tolist(), detrend=detrend or "none")
                # The other scaling of every case would double the file.
                if nperseg < 128:
                    case["power"] = power.tolist()
                    case["freq"] = freq.tolist()
                cases.append(case)

    _, density = signal.welch(x, RATE_HZ, window="hann", nperseg=256, noverlap=128, detrend="constant")
    level = 10 * np.log10(density)
    at, found = signal.find_peaks(level, prominence=3.0)
    peaks = {"nperseg": 256, "bins": at.tolist(), "prominence_db": found["prominences"].tolist()}

    out = {
        "scipy": scipy.__version__,
        "rate_hz": RATE_HZ,
        "x": x.tolist(),
        "windows": windows,
        "cases": cases,
        "peaks": peaks,
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
