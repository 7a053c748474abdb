#!/usr/bin/env python3
"""Reference figures for engine/src/signal/intervals.rs, from NumPy. Writes intervals.json beside itself."""

import json
import pathlib

import numpy as np

START = 1_700_000_000_000_000_000
PERCENTS = [0.0, 0.1, 1.0, 25.0, 50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 100.0]


def figures(spans):
    spans = np.asarray(spans, dtype=np.int64)
    median = np.median(spans)
    return {
        "count": int(spans.size),
        "min_ns": int(spans.min()),
        "max_ns": int(spans.max()),
        "mean_ns": float(spans.mean()),
        "std_ns": float(spans.std()),
        "jitter_ns": float(np.sqrt(np.mean((spans - median) ** 2))),
        "percentiles_ns": [float(p) for p in np.percentile(spans, PERCENTS)],
    }


def histogram(spans, edges):
    counts, _ = np.histogram(spans, bins=edges)
    return {
        "counts": [int(c) for c in counts],
        "below": int(np.sum(spans < edges[0])),
        "above": int(np.sum(spans > edges[-1])),
    }


def case(name, times, rng, gap_over):
    """Inter-arrival times of one list of receive times, and the latency from source times before them."""
    times = np.asarray(times, dtype=np.int64)
    intervals = np.diff(times)
    backwards = int(np.sum(intervals < 0))
    intervals = intervals[intervals >= 0]
    source = times - np.round(rng.lognormal(np.log(300e3), 0.8, times.size)).astype(np.int64)
    # The clock of the other machine may be ahead.
    source += 150_000
    latency = times - source
    median = np.median(intervals)
    long = intervals[intervals > gap_over * median] if median > 0 else intervals[:0]
    linear = (0, 3_000_000, 60)
    log = (1_000, 1_000_000_000, 48)
    linear_edges = np.linspace(linear[0], linear[1], linear[2] + 1)
    log_edges = np.geomspace(log[0], log[1], log[2] + 1)
    return {
        "name": name,
        "start_ns": START,
        "times_ns": [int(t - START) for t in times],
        "latency_ns": [int(l) for l in latency],
        "backwards": backwards,
        "gap_over": gap_over,
        "gaps": {
            "count": int(long.size),
            "missing": int(np.sum(np.floor(long / median + 0.5) - 1)) if long.size else 0,
            "longest_ns": int(long.max()) if long.size else 0,
        },
        "intervals": figures(intervals),
        "latency": figures(latency),
        "linear": {"from_ns": linear[0], "to_ns": linear[1], "bins": linear[2], **histogram(intervals, linear_edges)},
        "log": {"from_ns": log[0], "to_ns": log[1], "bins": log[2], **histogram(intervals, log_edges)},
    }


def main():
    rng = np.random.default_rng(20240611)
    steady = START + np.arange(300) * 1_000_000
    jittery = START + np.cumsum(np.round(rng.normal(1_000_000, 60_000, 1500)).astype(np.int64))
    lossy = np.delete(jittery, np.flatnonzero(rng.random(jittery.size) < 0.03))
    burst = START + np.sort(np.round(rng.gamma(0.3, 2e6, 800)).cumsum().astype(np.int64))
    swapped = jittery[:400].copy()
    for at in rng.choice(399, 20, replace=False):
        swapped[[at, at + 1]] = swapped[[at + 1, at]]
    repeated = np.repeat(jittery[:200], 2)
    cases = [
        case("steady", steady, rng, 1.5),
        case("jittery", jittery, rng, 1.5),
        case("lossy", lossy, rng, 1.5),
        case("burst", burst, rng, 3.0),
        case("swapped", swapped, rng, 2.5),
        case("repeated", repeated, rng, 1.5),
    ]
    out = {"numpy": np.__version__, "percents": PERCENTS, "cases": cases}
    path = pathlib.Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
