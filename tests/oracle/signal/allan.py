"""Reference Allan deviations by allantools: writes allan.json beside this file. Needs numpy, scipy and allantools."""

import json
import math
import pathlib
from fractions import Fraction

import allantools
import numpy as np
from scipy import stats

EDF_KINDS = {"white_frequency": 0, "flicker": -1, "random_walk": -2}


def per_decade(samples, count):
    most = (samples - 1) // 2
    return sorted({round(10 ** (k / count)) for k in range(200) if round(10 ** (k / count)) <= most})


def curve(name, data, rate_hz, kind):
    samples = len(data)
    taus = kind if isinstance(kind, str) else np.array(per_decade(samples, kind)) / rate_hz
    tau, deviation, _, pairs = allantools.oadev(data, rate=rate_hz, data_type="freq", taus=taus)
    return {
        "name": name,
        "rate_hz": rate_hz,
        "taus": kind if isinstance(kind, str) else {"per_decade": kind},
        "tau_s": tau.tolist(),
        "deviation": deviation.tolist(),
        "pairs": [int(n) for n in pairs],
    }


def exact(data, factor):
    """The deviation in rational numbers, rounded once."""
    sums = [Fraction(0)]
    for x in data.tolist():
        sums.append(sums[-1] + Fraction(x))
    pairs = len(sums) - 2 * factor
    squares = sum((sums[i + 2 * factor] - 2 * sums[i + factor] + sums[i]) ** 2 for i in range(pairs))
    return math.sqrt(squares / (2 * factor * factor * pairs))


def main():
    rng = np.random.default_rng(20240613)
    n = 3000
    noise = 0.02 * rng.standard_normal(n) + 0.001 * np.cumsum(rng.standard_normal(n)) + 0.3
    # Few enough digits for every reader of JSON to get the same numbers, since only the last ones differ.
    offset = np.round(noise[:800] + 123456.789, 6)
    factors = [1, 2, 5, 20, 100, 398]
    out = {
        "allantools": allantools.__version__,
        "noise": noise.tolist(),
        "curves": [
            curve("octave", noise, 200.0, "octave"),
            curve("decade", noise, 200.0, "decade"),
            curve("per_decade", noise, 0.37, 20),
            curve("dense", noise, 1000.0, 50),
        ],
        "offset": offset.tolist(),
        "exact": {"factors": factors, "deviation": [exact(offset, m) for m in factors]},
        "edf": [
            {"kind": kind, "phases": phases, "factor": m, "edf": float(allantools.edf_simple(phases, m, alpha))}
            for kind, alpha in EDF_KINDS.items()
            for phases in (101, 100_001)
            # At a factor of 1, allantools lacks a square in the formula for flicker.
            for m in (2, 7, 40)
        ],
        "chi_squared": [
            {"edf": edf, "sigmas": s, "value": float(stats.chi2.ppf(stats.norm.cdf(s), edf) / edf)}
            for edf in (3.0, 5.0, 12.5, 100.0, 1e4)
            for s in (-1.0, 1.0)
        ],
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
