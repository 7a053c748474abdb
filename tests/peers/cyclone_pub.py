"""A publisher on Cyclone DDS (Python) that looks like a ROS 2 node on the wire.

Usage: cyclone_pub.py TOPIC COUNT RATE_HZ [LINGER_S]
"""

import sys
import time
from dataclasses import dataclass

import cyclonedds.idl.annotations as annotate
import cyclonedds.idl.types as t
from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct
from cyclonedds.pub import DataWriter
from cyclonedds.topic import Topic
from cyclonedds.util import duration

HASH = b"typehash=RIHS01_4c0296af86e01e562e9e0405d138a01537247580076c58ea38d7923ac1045897;"


@dataclass
@annotate.final
class Time_(IdlStruct, typename="builtin_interfaces::msg::dds_::Time_"):
    sec: t.int32
    nanosec: t.uint32


@dataclass
@annotate.final
class Header_(IdlStruct, typename="std_msgs::msg::dds_::Header_"):
    stamp: Time_
    frame_id: str


@dataclass
@annotate.final
class Point_(IdlStruct, typename="geometry_msgs::msg::dds_::Point_"):
    x: float
    y: float
    z: float


@dataclass
@annotate.final
class PointStamped_(IdlStruct, typename="geometry_msgs::msg::dds_::PointStamped_"):
    header: Header_
    point: Point_


def main():
    topic, count, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    linger = float(sys.argv[4]) if len(sys.argv) > 4 else 1.5
    qos = Qos(
        Policy.Reliability.Reliable(duration(seconds=1)),
        Policy.History.KeepLast(1000),
        Policy.Userdata(HASH),
    )
    participant = DomainParticipant(0)
    writer = DataWriter(participant, Topic(participant, "rt" + topic, PointStamped_), qos=qos)
    end = time.time() + 8
    while not writer.get_matched_subscriptions() and time.time() < end:
        time.sleep(0.02)
    time.sleep(0.5)
    print('{"event":"ready"}', flush=True)
    start = time.monotonic()
    for n in range(count):
        delay = start + n / rate - time.monotonic()
        if delay > 0:
            time.sleep(delay)
        now = time.time_ns()
        stamp = Time_(now // 10**9, now % 10**9)
        writer.write(PointStamped_(Header_(stamp, "python"), Point_(float(n), n / 2, -1.5)))
    print('{"event":"done","sent":%d}' % count, flush=True)
    time.sleep(linger)


main()
