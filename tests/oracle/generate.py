#!/usr/bin/env python3
"""Writes cdr.jsonl: messages with random values as PyPI `rosbags` writes them, for tests/cdr_oracle.rs.

One line per message: type, RIHS01 hash, little- and big-endian bytes (base64), and the value. In the value, floats are
their bits in hexadecimal (8 or 16 digits), so that nothing is rounded, and arrays and sequences of bytes are
hexadecimal text. Needs `rosbags` (pip install rosbags); the seed is fixed, so the same version writes the same file.

    python3 tests/oracle/generate.py
"""

import base64
import json
import random
import struct
from pathlib import Path

import numpy
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_typestore, store as rosbags_store
from rosbags.typesys.base import normalize_fieldname

# rosidl turns the `char` of a .msg into uint8 before it describes a type, which rosbags 0.11 leaves out: with its own
# number the hash of std_msgs/msg/Char is not the one in the header that rosidl generates (3ad2d04d...).
rosbags_store.TIDMAP['char'] = rosbags_store.TIDMAP['uint8']

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = 'structure_needs_at_least_one_member'
BYTES = {'uint8', 'byte', 'char'}
TEXT = 'abcXYZ 019_äß漢🦀'
STRUCT = {'float32': '>f', 'float64': '>d'}
DTYPE = {'bool': 'bool', 'byte': 'uint8', 'char': 'uint8'}
STORE = get_typestore(Stores.ROS2_JAZZY)
RANDOM = random.Random(20240523)


def text(bound: int) -> str:
    out = ''
    for _ in range(RANDOM.choice([0, 1, 3, 4, 7, 12])):
        c = RANDOM.choice(TEXT)
        if not bound or len((out + c).encode()) <= bound:
            out += c
    return out


def scalar(kind: str):
    """A value for rosbags, and how the file shows it."""
    if kind == 'bool':
        v = RANDOM.random() < 0.5
        return v, v
    if kind in STRUCT:
        v = RANDOM.choice([
            RANDOM.uniform(-1e3, 1e3), RANDOM.gauss(0, 1), 0.0, -0.0, float('inf'), float('-inf'), float('nan'), 1e-40,
        ])  # fmt: skip
        bits = struct.pack(STRUCT[kind], v)
        return struct.unpack(STRUCT[kind], bits)[0], bits.hex()
    info = numpy.iinfo(DTYPE.get(kind, kind))
    v = RANDOM.choice([info.min, info.max, RANDOM.randint(int(info.min), int(info.max)), 1])
    return int(v), int(v)


def value(desc, depth: int):
    kind, detail = desc
    if kind == Nodetype.BASE:
        name, bound = detail
        if name == 'string':
            v = text(bound)
            return v, v
        if name == 'byte':
            # A bare one is signed in rosbags; the byte is the same.
            v, _ = scalar(name)
            return v - 256 * (v > 127), v
        return scalar(name)
    if kind == Nodetype.NAME:
        return message(detail, depth + 1)
    element, count = detail
    if kind == Nodetype.SEQUENCE:
        most = (6, 3, 2, 1)[min(depth, 3)]
        count = RANDOM.randint(0, min(most, count or most))
    pairs = [value(element, depth) for _ in range(count)]
    values, shown = [v for v, _ in pairs], [s for _, s in pairs]
    if element[0] == Nodetype.BASE and element[1][0] != 'string':
        name = element[1][0]
        values = numpy.array(shown if name in BYTES else values, dtype=DTYPE.get(name, name))
        if name in BYTES:
            shown = bytes(shown).hex()
    return values, shown


def message(name: str, depth: int = 0):
    fields = STORE.fielddefs[name][1]
    if [f for f, _ in fields] == [PLACEHOLDER]:
        return STORE.types[name](**{PLACEHOLDER: 0}), {}
    made = [(field, *value(desc, depth)) for field, desc in fields]
    return (
        STORE.types[name](**{normalize_fieldname(f): v for f, v, _ in made}),
        {f: s for f, _, s in made},
    )


def main() -> None:
    bundled = (ROOT / 'assets/definitions/jazzy.msgs').read_text().splitlines()
    names = [line[5:].replace('/', '/msg/') for line in bundled if line.startswith('MSG: ')]
    lines = []
    for name in names:
        for _ in range(2):
            made, shown = message(name)
            lines.append(json.dumps({
                'type': name,
                'hash': STORE.hash_rihs01(name),
                'le': base64.b64encode(STORE.serialize_cdr(made, name, little_endian=True)).decode(),
                'be': base64.b64encode(STORE.serialize_cdr(made, name, little_endian=False)).decode(),
                'value': shown,
            }, ensure_ascii=False, separators=(',', ':')))  # fmt: skip
    (Path(__file__).parent / 'cdr.jsonl').write_text('\n'.join(lines) + '\n')


if __name__ == '__main__':
    main()
