"""Copies a SQLite recording and dies in the middle of a transaction, so that its journal stays: FROM TO delete|wal."""

import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

source, target, mode = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]).name
target.mkdir()
file = target / "run_0.db3"
shutil.copy(next(source.glob("*.db3")), file)
if os.fork() == 0:
    base = sqlite3.connect(file, isolation_level=None)
    base.execute(f"PRAGMA journal_mode={mode}")
    base.execute("PRAGMA cache_size=5")
    base.execute("PRAGMA wal_autocheckpoint=0")
    (last,) = base.execute("SELECT max(timestamp) FROM messages").fetchone()
    (topic,) = base.execute("SELECT id FROM topics WHERE name = '/number'").fetchone()
    for count, ends in ((200, True), (5000, False)):
        base.execute("BEGIN")
        for i in range(count):
            last += 1_000_000
            row = (topic, last, b"\x00\x01\x00\x00" + bytes(8))
            base.execute("INSERT INTO messages(topic_id, timestamp, data) VALUES (?, ?, ?)", row)
        if ends:
            base.execute("COMMIT")
    os.kill(os.getpid(), signal.SIGKILL)
os.wait()
