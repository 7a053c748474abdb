"""Reads a recording with foreign readers and prints what each of them saw, one JSON document."""

import json
import sys
from pathlib import Path

from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory
from rosbags.highlevel import AnyReader


def number(topic, message):
    return message.data if topic == "/f64" else message.angular_velocity.x


def with_mcap(path):
    seen = {}
    with open(path, "rb") as file:
        reader = make_reader(file, decoder_factories=[DecoderFactory()], validate_crcs=True)
        header = reader.get_header()
        for schema, channel, message, decoded in reader.iter_decoded_messages(log_time_order=False):
            row = [message.log_time, message.publish_time, message.sequence, number(channel.topic, decoded)]
            seen.setdefault(channel.topic, {"type": schema.name, "rows": []})["rows"].append(row)
        ledger = [m.metadata for m in reader.iter_metadata() if m.name == "roswave.ledger"]
    return {"profile": header.profile, "library": header.library, "topics": seen, "ledger": ledger[-1]}


def with_rosbags(directory):
    seen = {}
    with AnyReader([Path(directory)]) as reader:
        for connection, time, raw in reader.messages():
            message = reader.deserialize(raw, connection.msgtype)
            topic = seen.setdefault(connection.topic, {"type": connection.msgtype, "rows": []})
            topic["rows"].append([time, number(connection.topic, message)])
        counts = {c.topic: c.msgcount for c in reader.connections}
        return {"messages": reader.message_count, "duration": reader.duration, "counts": counts, "topics": seen}


directory = Path(sys.argv[1])
chunked = next(directory.glob("*.mcap"), None)
print(json.dumps({"mcap": chunked and with_mcap(chunked), "rosbags": with_rosbags(directory)}))
