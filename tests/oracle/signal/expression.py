"""Reference values for engine/src/signal/expression, by NumPy and SciPy. Writes expression.json beside this file.

Numbers are written as the hexadecimal digits of their 64 bits, 16 a number, so that nothing is lost on the way.
"""

import json
import pathlib
import struct

import numpy as np
from scipy.spatial.transform import Rotation

ROWS = 96
rng = np.random.default_rng(20240611)
np.seterr(all="ignore")

SPECIAL = [np.nan, np.inf, -np.inf, 0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 1.0, -1.0, 2.0, 1e300, -1e300, 1e-300, 1e-310]


def column(scale):
    values = rng.normal(0.0, scale, ROWS)
    where = rng.choice(ROWS, ROWS // 4, replace=False)
    values[where] = rng.choice(SPECIAL, len(where))
    return values


a, b, c, d = column(1.0), column(3.0), column(100.0), column(1e-3)
# Some rows have equal values, so that comparisons meet them.
b[5::17] = a[5::17]
steps = 1_000_000 + rng.integers(-200_000, 200_000, ROWS)
steps[20] = 0  # A repeated time.
steps[50] = -30_000_000  # A small step back.
time = np.cumsum(steps) + 1_700_000_000_000_000_000
t = (time - time[0]) / 1e9
dt = np.concatenate([[np.nan], np.diff(time) / 1e9])


def prev(x):
    return np.concatenate([[np.nan], x[:-1]])


def flag(x):
    return np.where(x, 1.0, 0.0)


def true(x):
    return (x != 0) & ~np.isnan(x)


def unlike(x, y):
    return (x != y) & ~np.isnan(x) & ~np.isnan(y)


def away(x):
    """Rounds halves away from zero."""
    return np.where(np.isfinite(x), np.trunc(x) + np.sign(x) * (np.abs(x - np.trunc(x)) >= 0.5), x)


one = np.ones(ROWS)
CASES = {
    "a + b - c": a + b - c,
    "a - (b - c)": a - (b - c),
    "a * b / c": a * b / c,
    "a / (b / c)": a / (b / c),
    "a/0": a / 0.0,
    "0 / (a * 0)": 0.0 / (a * 0),
    "c % b": np.fmod(c, b),
    "mod(c, b)": np.mod(c, b),
    "mod(c, -0.7)": np.mod(c, -0.7),
    "mod(c, inf)": np.mod(c, np.inf),
    "a ^ b": np.power(a, b),
    "-a ^ 2": -(a**2),
    "2 ^ -a ^ 2": 2.0 ** (-(a**2)),
    "abs(a) ^ 0.5 ^ 2": np.abs(a) ** 0.25,
    "a < b": flag(a < b),
    "a <= b": flag(a <= b),
    "a > b": flag(a > b),
    "a >= b": flag(a >= b),
    "a == b": flag(a == b),
    "a != b": flag(unlike(a, b)),
    "a != a": flag(unlike(a, a)),
    "a && b": flag(true(a) & true(b)),
    "a || b": flag(true(a) | true(b)),
    "!a": flag(~true(a)),
    "!a && !(b > 0) || c": flag((~true(a) & ~(b > 0)) | true(c)),
    "if(a > b, a, b)": np.where(a > b, a, b),
    "a ? b : c": np.where(true(a), b, c),
    "a > 1 ? 1 : a < -1 ? -1 : a": np.where(a > 1, 1, np.where(a < -1, -1, a)),
    "min(a, b)": np.minimum(a, b),
    "max(a, b, c, d)": np.maximum(np.maximum(np.maximum(a, b), c), d),
    "min(a * 2, b, c + 1, d, a - b)": np.minimum.reduce([a * 2, b, c + 1, d, a - b]),
    "abs(a) + sqrt(b) + cbrt(c)": np.abs(a) + np.sqrt(b) + np.cbrt(c),
    "sqrt(a)": np.sqrt(a),
    "cbrt(a)": np.cbrt(a),
    "exp(a)": np.exp(a),
    "log(a)": np.log(a),
    "log10(a)": np.log10(a),
    "log2(a)": np.log2(a),
    "sin(a)": np.sin(a),
    "cos(b)": np.cos(b),
    "tan(a)": np.tan(a),
    "asin(a)": np.arcsin(a),
    "acos(a)": np.arccos(a),
    "atan(b)": np.arctan(b),
    "atan2(a, b)": np.arctan2(a, b),
    "hypot(a, b)": np.hypot(a, b),
    "floor(c) - ceil(b)": np.floor(c) - np.ceil(b),
    "round(b)": away(b),
    "sign(a)": np.sign(a),
    "clamp(a, -0.5, b)": np.minimum(np.maximum(a, -0.5), b),
    "norm(a, b, d)": np.sqrt(a * a + b * b + d * d),
    "deg(a) - rad(c)": np.degrees(a) - np.radians(c),
    "isnan(a) + 2 * isfinite(b)": flag(np.isnan(a)) + 2 * flag(np.isfinite(b)),
    "celsius_from_kelvin(c)": c - 273.15,
    "kelvin_from_celsius(c)": c + 273.15,
    "g_from_mps2(a)": a / 9.80665,
    "kmh_from_mps(a)": a * 3.6,
    "rpm_from_radps(a)": a * 60 / (2 * np.pi),
    "t": t,
    "dt": dt,
    "(a - prev(a)) / dt": (a - prev(a)) / dt,
    "prev(prev(a) * b) + prev(b)": prev(prev(a) * b) + prev(b),
    "isnan(prev(a)) ? a : 0.5 * (a + prev(a))": np.where(np.isnan(prev(a)), a, 0.5 * (a + prev(a))),
    "sin(tau * 10 * t) * e ^ -t": np.sin(2 * np.pi * 10 * t) * np.exp(-t),
    "1e3 * nan": one * np.nan,
    "-inf + 0 * .5e-3": -one * np.inf,
}
# The squares of the largest overflow in the plain formula.
big = np.isfinite(a) & np.isfinite(b) & np.isfinite(d)
CASES["norm(a, b, d)"] = np.where(big, np.hypot(np.hypot(a, b), d), CASES["norm(a, b, d)"])


def hexadecimal(values):
    return "".join(struct.pack(">d", value).hex() for value in np.asarray(values, dtype=float))


def quaternions():
    angles = [rng.uniform([-np.pi, -np.pi / 2, -np.pi], [np.pi, np.pi / 2, np.pi]) for _ in range(40)]
    # Close to the poles, but not in gimbal lock.
    angles += [[0.3, side * (np.pi / 2 - off), -2.0] for side in (1, -1) for off in (1e-3, 1e-5, 3e-7)]
    free = Rotation.from_euler("ZYX", np.array(angles)[:, ::-1]).as_quat()
    pole = [[yaw, side * np.pi / 2, roll] for side in (1, -1) for yaw in (-3.0, -1.0, 0.5, 2.5) for roll in (-2.0, 0.0, 1.2)]
    locked = Rotation.from_euler("ZYX", pole).as_quat()
    q = np.concatenate([free, locked, np.eye(4)])
    euler = Rotation.from_quat(q).as_euler("ZYX")
    # The length must not matter.
    q = q * rng.uniform(0.1, 5.0, (len(q), 1))
    names = dict(zip("xyzw", q.T))
    names |= {"yaw": euler[:, 0], "pitch": euler[:, 1], "roll": euler[:, 2]}
    return {name: hexadecimal(values) for name, values in names.items()}


document = {
    "inputs": {name: hexadecimal(values) for name, values in {"a": a, "b": b, "c": c, "d": d}.items()},
    "time_ns": time.tolist(),
    "cases": [{"text": text, "expected": hexadecimal(values)} for text, values in CASES.items()],
    "quaternions": quaternions(),
}
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps(document, indent=0) + "\n")
