"""Reads recordings with foreign readers and prints, per recording and topic: type, count, times, and a checksum of all of it."""

import json
import sqlite3
import sys
import zlib
from pathlib import Path

from mcap.reader import make_reader
from mcap.stream_reader import StreamReader
from mcap.records import Channel, Message, Schema
from rosbags.rosbag2 import Reader


def by_rosbags(directory):
    with Reader(directory) as reader:
        for connection, time, raw in reader.messages():
            yield connection.topic, connection.msgtype, time, bytes(raw)


def by_mcap(paths):
    """Every message that a file holds before it breaks off, in the order of their times."""
    rows = []
    for path in paths:
        schemas, channels = {}, {}
        with open(path, "rb") as file:
            try:
                for record in StreamReader(file).records:
                    if isinstance(record, Schema):
                        schemas[record.id] = record.name
                    elif isinstance(record, Channel):
                        channels[record.id] = record
                    elif isinstance(record, Message):
                        channel = channels[record.channel_id]
                        rows.append((channel.topic, schemas[channel.schema_id], record.log_time, record.data))
            except Exception as error:  # The end of a file that was cut off.
                print(f"{path}: {error!r}", file=sys.stderr)
    return sorted(rows, key=lambda row: row[2])


def by_sqlite(paths):
    rows = []
    for path in paths:
        query = "SELECT name, type, timestamp, data FROM messages JOIN topics ON topic_id = topics.id ORDER BY timestamp"
        rows += sqlite3.connect(path).execute(query).fetchall()
    return sorted(rows, key=lambda row: row[2])


def look(path):
    if path.is_dir() and (path / "metadata.yaml").exists():
        rows = list(by_rosbags(path))
        if not rows:
            # `rosbags` sees nothing where metadata.yaml and the file write policies in different ways.
            files = sorted(path.glob("*.mcap"))
            rows = by_mcap(files) if files else by_sqlite(sorted(path.glob("*.db3")))
    else:
        rows = by_mcap(sorted(path.glob("*.mcap*")) if path.is_dir() else [path])
    topics = {}
    for topic, kind, time, raw in rows:
        seen = topics.setdefault(topic, {"type": kind, "messages": 0, "first": time, "last": time, "sum": 1})
        seen["messages"] += 1
        seen["first"], seen["last"] = min(seen["first"], time), max(seen["last"], time)
        seen["sum"] = zlib.adler32(time.to_bytes(8, "little") + raw, seen["sum"])
    return topics


print(json.dumps({path: look(Path(path)) for path in sys.argv[1:]}))
