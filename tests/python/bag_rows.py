"""Reads a bag with `rosbags` and prints the values of its messages, and a table as CSV where one is named, as one JSON document.

Usage: bag_rows.py BAG [CSV]

Numbers with a point are printed as the 16 digits of their 64 bits, so that nothing is rounded on the way.
"""

import csv
import dataclasses
import json
import struct
import sys
from pathlib import Path

import numpy
from rosbags.highlevel import AnyReader


def bits(number):
    return "f64:" + struct.pack(">d", float(number)).hex()


def flatten(value, path, out):
    if dataclasses.is_dataclass(value):
        fields = [f.name for f in dataclasses.fields(value) if not f.name.startswith("__")]
        if value.__msgtype__ == "builtin_interfaces/msg/Time":
            out[path + ".ns"] = value.sec * 1_000_000_000 + value.nanosec
            return
        for name in fields:
            flatten(getattr(value, name), f"{path}.{name}" if path else name, out)
    elif isinstance(value, (list, numpy.ndarray)):
        for index, item in enumerate(value):
            flatten(item, f"{path}[{index}]", out)
    elif isinstance(value, (float, numpy.floating)):
        out[path] = bits(value)
    elif isinstance(value, (bool, numpy.bool_)):
        out[path] = bool(value)
    elif isinstance(value, str):
        out[path] = value
    else:
        out[path] = int(value)


def rows(path):
    seen = []
    with AnyReader([path]) as reader:
        # The recorder adds topics about itself, which are no messages of the robot.
        wanted = [c for c in reader.connections if not c.topic.startswith("/roswave/")]
        for c, time, raw in reader.messages(wanted):
            fields = {}
            flatten(reader.deserialize(raw, c.msgtype), "", fields)
            seen.append([c.topic, time, fields])
    return seen


seen = {"rows": rows(Path(sys.argv[1]))}
if len(sys.argv) > 2:
    with open(sys.argv[2], newline="", encoding="utf-8") as file:
        seen["csv"] = list(csv.reader(file))
print(json.dumps(seen))
