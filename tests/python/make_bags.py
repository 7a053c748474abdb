"""Writes recordings with PyPI `rosbags` into a directory: both storages, compressed by message, by file, and not."""

import sys
from pathlib import Path

import numpy
from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
from rosbags.typesys import Stores, get_typestore

T0 = 1_795_446_909_000_000_000

store = get_typestore(Stores.ROS2_JAZZY)
Float = store.types["std_msgs/msg/Float64"]
Text = store.types["std_msgs/msg/String"]
Array = store.types["std_msgs/msg/Float64MultiArray"]
Layout = store.types["std_msgs/msg/MultiArrayLayout"]


def write(path, storage, mode):
    writer = Writer(path, version=9, storage_plugin=storage)
    if mode is not None:
        writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        number = writer.add_connection("/number", Float.__msgtype__, typestore=store)
        text = writer.add_connection("/grün/text", Text.__msgtype__, typestore=store)
        array = writer.add_connection("/array", Array.__msgtype__, typestore=store)
        for i in range(600):
            time = T0 + i * 5_000_000
            writer.write(number, time, store.serialize_cdr(Float(data=i * 0.25), Float.__msgtype__))
            if i % 3 == 0:
                writer.write(text, time, store.serialize_cdr(Text(data=f"nr. {i} é"), Text.__msgtype__))
            if i % 10 == 0:
                data = numpy.arange(i, dtype=numpy.float64)
                message = Array(layout=Layout(dim=[], data_offset=0), data=data)
                writer.write(array, time + 7, store.serialize_cdr(message, Array.__msgtype__))


root = Path(sys.argv[1])
for storage in (StoragePlugin.MCAP, StoragePlugin.SQLITE3):
    for mode in (None, CompressionMode.MESSAGE, CompressionMode.FILE):
        name = f"{storage.name.lower()}_{'none' if mode is None else mode.name.lower()}"
        if storage is StoragePlugin.MCAP and mode is CompressionMode.MESSAGE:
            # The chunks are compressed then.
            mode = CompressionMode.STORAGE
        write(root / name, storage, mode)
