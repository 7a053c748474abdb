"""Reads a recording with foreign readers and prints, as JSON, what each of them saw.

Usage: compare_recording.py DIRECTORY
"""

import json
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader

directory = Path(sys.argv[1])

# What the recorder says about itself is no point.
OWN = ("/roswave/ledger", "/roswave/bookmarks")


def point(message):
    return [message.point.x, message.point.y, message.point.z, message.header.frame_id]


def by_mcap():
    topics, profile = {}, None
    for path in sorted(directory.glob("*.mcap")):
        with path.open("rb") as file:
            reader = make_reader(file, decoder_factories=[DecoderFactory()], validate_crcs=True)
            profile = reader.get_header().profile
            for schema, channel, message, decoded in reader.iter_decoded_messages():
                if channel.topic in OWN:
                    continue
                topic = topics.setdefault(
                    channel.topic,
                    {"type": schema.name, "encoding": schema.encoding, "metadata": dict(channel.metadata), "points": []},
                )
                topic["points"].append([message.log_time, message.publish_time, message.sequence, *point(decoded)])
    return {"profile": profile, "topics": topics}


def by_rosbags():
    topics, own = {}, 0
    with AnyReader([directory]) as reader:
        for connection, time_ns, raw in reader.messages():
            if connection.topic in OWN:
                own += 1
                continue
            decoded = reader.deserialize(raw, connection.msgtype)
            topics.setdefault(connection.topic, []).append([time_ns, *point(decoded)])
        count, start, end = reader.message_count - own, reader.start_time, reader.end_time
    return {"count": count, "start": start, "end": end, "topics": topics}


print(json.dumps({"mcap": by_mcap(), "rosbags": by_rosbags()}))
