#!/usr/bin/env python3
"""Writes the recording that `run.py --only bag` opens: a million JointState messages of ten positions at 1 kHz, about 250 MB.

Usage: bag.py FILE. Needs PyPI `mcap`: a foreign writer, so that nothing in the file suits this program.
"""

import math
import struct
import sys

from mcap.writer import CompressionType, Writer

MESSAGES = 1_000_000
JOINTS = 10
STEP_NS = 1_000_000
BEGIN_NS = 1_700_000_000_000_000_000

DEFINITION = """std_msgs/Header header
string[] name
float64[] position
float64[] velocity
float64[] effort
================================================================================
MSG: std_msgs/Header
builtin_interfaces/Time stamp
string frame_id
================================================================================
MSG: builtin_interfaces/Time
int32 sec
uint32 nanosec
"""


def main(path):
    # The frame is named at such length that a message with its record and its index has 251 bytes.
    frame = b"a_robot_with_a_long_name/" * 3 + b"gripper/link" + b"\0"
    head = struct.Struct("<4siIi%ds" % len(frame))
    padding = b"\0" * (-(len(frame)) % 4)
    names = struct.pack("<I", 0)
    count = struct.pack("<I", JOINTS)
    at = 12 + len(frame) + len(padding) + len(names) + len(count)
    positions = struct.Struct("<%dd" % JOINTS)
    tail = struct.pack("<II", 0, 0)
    align = b"\0" * (-at % 8)
    with open(path, "wb") as file:
        writer = Writer(file, chunk_size=1 << 20, compression=CompressionType.NONE)
        writer.start(profile="ros2", library="bench")
        schema = writer.register_schema("sensor_msgs/msg/JointState", "ros2msg", DEFINITION.encode())
        channel = writer.register_channel("/joints", "cdr", schema)
        # One turn of a thousand messages, so that not every sine is computed anew.
        turn = [
            positions.pack(*(math.sin(2 * math.pi * n / 1000 + joint) * (joint + 1) for joint in range(JOINTS)))
            for n in range(1000)
        ]
        for n in range(MESSAGES):
            time_ns = BEGIN_NS + n * STEP_NS
            seconds, nanoseconds = divmod(time_ns, 1_000_000_000)
            data = b"".join(
                [
                    head.pack(b"\0\1\0\0", seconds, nanoseconds, len(frame), frame),
                    padding,
                    names,
                    count,
                    align,
                    turn[n % 1000],
                    tail,
                ]
            )
            writer.add_message(channel, time_ns, data, time_ns, sequence=n)
        writer.finish()


main(sys.argv[1])
