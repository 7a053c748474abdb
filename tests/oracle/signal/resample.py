"""Reference grids by NumPy: writes resample.json beside this file. Needs numpy."""

import json
import pathlib

import numpy as np

START_NS = 1_700_000_000_000_000_000


def case(name, offsets_ns, values, rate_hz):
    offsets = np.asarray(offsets_ns, dtype=np.int64)
    step = 1e9 / rate_hz
    grid = np.arange(int((offsets[-1] + 1.0) / step) + 1) * step
    intervals = np.diff(offsets)
    at = np.searchsorted(offsets, grid, side="right") - 1
    return {
        "name": name,
        "times_ns": (START_NS + offsets).tolist(),
        "values": values.tolist(),
        "rate_hz": rate_hz,
        "linear": np.interp(grid, offsets, values).tolist(),
        "hold": values[at].tolist(),
        "median_ns": float(np.median(intervals)),
        "intervals_mean_ns": float(np.mean(intervals)),
        "intervals_rms": float(np.std(intervals) / np.mean(intervals)),
    }


def main():
    rng = np.random.default_rng(20240612)
    n = 400
    nominal = np.arange(n) * 1_000_000
    jitter = np.concatenate([[0], rng.integers(-150_000, 150_000, n - 1)])
    random = np.concatenate([[0], np.cumsum(rng.exponential(2_000_000, n - 1).astype(np.int64) + 1)])
    values = np.sin(np.arange(n) * 0.3) + 0.1 * rng.standard_normal(n)
    large = 1e6 + values
    out = {
        "numpy": np.__version__,
        "cases": [
            case("regular", nominal, values, 1000.0),
            case("jittered", nominal + jitter, values, 1000.0),
            case("finer", nominal + jitter, large, 3333.3),
            case("coarser", nominal + jitter, values, 70.0),
            case("random", random, values, 450.0),
        ],
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
