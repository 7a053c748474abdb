"""Reference rows for engine/src/signal/align, by NumPy. Writes align.json beside this file.

Three inputs with jitter: 1000 Hz, 97.3 Hz, 31 Hz. Each sample arrives up to 30 ms after its time, in order within its
input; `arrivals` lists the samples in the order in which they come. Values are hexadecimal digits of their 64 bits.
"""

import json
import pathlib
import struct

import numpy as np

rng = np.random.default_rng(97300)
BEGIN = 1_700_000_000_123_456_789
SPAN_NS = 600_000_000


def hexadecimal(values):
    return "".join(struct.pack(">d", value).hex() for value in values)


def stream(rate, first):
    period = 1e9 / rate
    n = int((SPAN_NS - first) / period)
    times = first + np.arange(n) * period + rng.uniform(-0.3, 0.3, n) * period
    return np.sort(times.astype(np.int64))


times = [stream(1000.0, 1_000_000), stream(97.3, 25_000_000), stream(31.0, 12_000_000)]
# Some times are shared.
times[1][5], times[2][3] = times[0][80], times[0][140]
times = [np.sort(t) for t in times]
seconds = [t / 1e9 for t in times]
values = [2 + np.sin(2 * np.pi * 7 * s) + 0.1 * rng.normal(size=len(s)) for s in seconds]

arrivals = []
for i, t in enumerate(times):
    at = np.maximum.accumulate(t + rng.integers(0, 30_000_000, len(t)))
    arrivals += [(int(a), i, k) for k, a in enumerate(at)]
arrivals.sort()

start = max(t[0] for t in times)


def hold(at):
    return [v[np.searchsorted(t, at, side="right") - 1] for t, v in zip(times, values)]


def linear(at):
    return [np.interp(at, t, v, right=np.nan) for t, v in zip(times, values)]


cases = []
clocks = {"any": np.unique(np.concatenate(times)), "0": times[0], "1": times[1]}
for clock, at in clocks.items():
    at = at[at >= start]
    for name, rule in {"hold": hold, "linear": linear}.items():
        columns = [hexadecimal(column) for column in rule(at)]
        cases.append({"clock": clock, "align": name, "times": at.tolist(), "columns": columns})

document = {
    "begin_ns": BEGIN,
    "times": [t.tolist() for t in times],
    "values": [hexadecimal(v) for v in values],
    "arrivals": [[i, k] for _, i, k in arrivals],
    "cases": cases,
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, separators=(",", ":")) + "\n")
