#!/usr/bin/env python3
"""Measures the release binary against foreign publishers and prints one table: what, target, measured.

Run by `make bench`. Everything happens in a network namespace with only `lo`. Options: --secs N (length of the ingest and
record runs, default 60), --only WORD (ingest, record, series, window, scope, topics, bag; `soak` runs ten minutes and is not part of the rest),
--json FILE (the same as one JSON document).
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target"))
ROSWAVE = TARGET / "release/roswave"
PEER = TOP / "target/peers/cyclone_pub"
ROWS = []


def row(what, target, measured):
    ROWS.append({"what": what, "target": target, "measured": measured})
    print(f"{what:<44} {target:<26} {measured}", flush=True)


def publisher(topics, rate, secs, *more):
    args = [PEER, "--prefix", "bench/t", "--topics", topics, "--rate", rate, "--count", int(rate * secs), *more]
    return subprocess.Popen([str(a) for a in args], stdout=subprocess.PIPE, text=True)


def event(process, name):
    for line in process.stdout:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if value.get("event") == name:
            return value
    raise RuntimeError(f"no event {name}")


def loss_text(loss):
    return ", ".join(f"{stage} {'unknown' if n is None else n}" for stage, n in loss.items())


def shutdown_text(report):
    return f"{report['shutdown_ms']:.0f} ms, threads {report['threads_left']}, files {report['files_left']}"


def ingest(topics, rate, secs):
    names = [f"/bench/t{i}" for i in range(topics)]
    peer = publisher(topics, rate, secs + 30, "--wait", 20)
    out = subprocess.run([ROSWAVE, "stats", *names, "--secs", str(secs), "--json"], capture_output=True, text=True, check=True)
    peer.kill()
    report = json.loads(out.stdout)
    counts = [t["loss"][stage] for t in report["topics"] for stage in ("transport", "reader")]
    lost = "an unknown number" if None in counts else sum(counts)
    messages = sum(t["messages"] for t in report["topics"])
    cpu = 100 * report["cpu_s"] / report["elapsed_s"]
    row(f"ingest {topics} x {rate} Hz, {secs} s", "0 lost, <= 10 % of a core", f"{lost} lost of {messages}, {cpu:.1f} %")


# CPU of rosbag2 0.26.3 with Cyclone on two cores of this class, in ms per second: ours is to take half at most.
ROSBAG2_CPU_MS = {(7, 1000): 192, (50, 200): 531}


def record(topics, rate, secs, freeze=False):
    """Records a foreign publisher; `freeze` stops the recorder for 100 ms in every second."""
    with tempfile.TemporaryDirectory() as home:
        peer = publisher(topics, rate, secs + 30, "--wait", 0, "--readers", 0)
        event(peer, "ready")
        names = [f"/bench/t{i}" for i in range(topics)]
        begun = time.monotonic()
        process = subprocess.Popen(
            [ROSWAVE, "record", *names, "--json", "--for", str(secs), "-o", f"{home}/bag"], stdout=subprocess.PIPE, text=True
        )
        event(process, "started")
        started_ms = 1000 * (time.monotonic() - begun)
        stop = time.monotonic() + secs - 2
        while freeze and time.monotonic() < stop:
            time.sleep(0.9)
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.1)
            process.send_signal(signal.SIGCONT)
        end = event(process, "finished")
        _, _, usage = os.wait4(process.pid, 0)
        peer.kill()
        what = f"record {topics} x {rate} Hz, {secs} s" + (", frozen 100 ms each second" if freeze else "")
        row(what, "0 lost", f"{end['messages']} messages, {loss_text(end['loss'])}")
        if freeze:
            return
        cpu = 1000 * (usage.ru_utime + usage.ru_stime) / end["duration_s"]
        rosbag2 = ROSBAG2_CPU_MS.get((topics, rate))
        target = f"<= {rosbag2 / 2:.0f} ms/s (rosbag2 {rosbag2})" if rosbag2 else ""
        row("... CPU", target, f"{cpu:.0f} ms/s")
        row("... longest time not safe", "<= 0.25 s", f"{end['slowest_safe_s']:.3f} s")
        row("... process start to `started`", "200 ms after discovery", f"{started_ms:.0f} ms")
        first = end.get("first_write_ms")
        if first is not None:
            row("... start to first message on disk", "<= 200 ms", f"{first:.0f} ms")


def records(secs):
    record(10, 1000, secs)
    record(7, 1000, secs)
    record(50, 200, secs)
    record(7, 1000, secs, freeze=True)
    recorder(secs)


def dd(place, mib):
    """What the disk takes when every 4 MiB are synced, in MB/s."""
    file = f"{place}/dd"
    command = ["dd", "if=/dev/zero", f"of={file}", "bs=4M", f"count={mib // 4}", "oflag=dsync"]
    begun = time.monotonic()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    secs = time.monotonic() - begun
    os.unlink(file)
    return mib * 1.048576 / secs


def bench_record(part, **env):
    """The figures of a part of the benchmark `record`, by what they are of."""
    command = ["cargo", "bench", "--offline", "--quiet", "--bench", "record", "--", part, "--json"]
    env = {**os.environ, **{name: str(value) for name, value in env.items()}}
    out = subprocess.run(command, capture_output=True, text=True, cwd=TOP, env=env)
    found = {}
    for line in out.stdout.splitlines():
        if line.startswith("{"):
            figures = json.loads(line)
            found[figures.pop("what").removeprefix(f"{part}: ")] = figures
    if not found:
        row(f"recorder: {part}", "", f"not measured: {out.stderr.strip()[-80:]}")
    return found


def recorder(secs):
    """The recorder by itself: no network, and the disk against `dd` in the same run."""
    mib = 64 * max(1, min(secs, 16))
    place = tempfile.mkdtemp(prefix="roswave-bench-", dir=os.environ.get("ROSWAVE_BENCH_DIR"))
    try:
        plain, ours, tables = [], [], []
        for _ in range(3):
            plain.append(dd(place, mib))
            found = bench_record("disk", ROSWAVE_BENCH_MB=mib, ROSWAVE_BENCH_DIR=place)
            if not found:
                return
            ours.append(found["mcap"]["mb_per_s"])
            tables.append(found["sqlite3"]["mb_per_s"])
    finally:
        shutil.rmtree(place)
    middle = [sorted(values)[1] for values in (plain, ours, tables)]
    text = "{:.0f} MB/s of {:.0f} MB/s: {:.0f} %"
    row("recorder to disk against dd dsync 4 MiB, MCAP", ">= 70 %", text.format(middle[1], middle[0], 100 * middle[1] / middle[0]))
    row("... SQLite", "", text.format(middle[2], middle[0], 100 * middle[2] / middle[0]))
    for name, figures in bench_record("cost", ROSWAVE_BENCH_MB=mib).items():
        if name.startswith("ratio"):
            row(f"recorder CPU against plain mcap, {name.split(', ')[1]}", "<= 1.2 x", f"{figures['ratio']:.2f} x")
    for name, figures in bench_record("pace", ROSWAVE_BENCH_SECS=min(secs, 10)).items():
        text = f"{figures['lost']:.0f} lost of {figures['messages']:.0f}, not safe {figures['slowest_safe_s']:.3f} s at most"
        row(f"recorder {name} into tmpfs", "0 lost, <= 0.25 s", text)


def display():
    """A screen of its own, with a window manager; gives its name and what to end."""
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1680x1000x24", "-nolisten", "tcp"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    name = f":{server.stdout.readline().strip()}"
    env = {**os.environ, "DISPLAY": name}
    manager = subprocess.Popen(["openbox"], env=env, stderr=subprocess.DEVNULL)
    # A window that opens while its manager starts may never be shown.
    for _ in range(100 if shutil.which("xdotool") else 0):
        if subprocess.run(["xdotool", "get_desktop"], env=env, capture_output=True).returncode == 0:
            break
        time.sleep(0.05)
    return name, [server, manager]


BOARD = TOP / "benches/board32.toml"


def resident(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


def window(secs, name, title, peer_args=None, args=(), env=None, memory_mib=None, watch=None):
    """Runs the window for `secs`; gives its report and the CPU seconds that the process used.

    `watch`, a list, is filled with (seconds since the start, resident MiB)."""
    with tempfile.TemporaryDirectory() as home:
        report = f"{home}/report.json"
        if memory_mib:
            Path(f"{home}/.config/roswave").mkdir(parents=True)
            Path(f"{home}/.config/roswave/config.toml").write_text(f"memory_mib = {memory_mib}\n")
        peer = publisher(*peer_args) if peer_args else None
        process = subprocess.Popen(
            # A verb, if there is one, comes first.
            [ROSWAVE, *args, "--exit-after", str(secs), "--report", report],
            env={**os.environ, "DISPLAY": name, "HOME": home, "XDG_RUNTIME_DIR": home, **(env or {})},
            stderr=subprocess.DEVNULL,
        )
        begun = time.monotonic()
        while watch is not None and time.monotonic() - begun < secs - 5:
            watch.append((time.monotonic() - begun, resident(process.pid)))
            time.sleep(1)
        _, status, usage = os.wait4(process.pid, 0)
        if peer:
            peer.kill()
        if status != 0:
            row(title, "runs", f"exit status {os.waitstatus_to_exitcode(status)}")
            return None, None
        return json.loads(Path(report).read_text()), usage.ru_utime + usage.ru_stime


def windows(secs):
    name, servers = display()
    try:
        base = ["--board", str(BOARD)]
        report, _ = window(secs, name, "window", (32, 1000, secs + 10, "--noise", "--wait", 5), base)
        if report:
            row("window: renderer", "", report["renderer"])
            row("window 32 x 1 kHz: UI thread per frame", "<= 2.5 ms median", f"{report['ui_cpu_ms_per_frame']}")
            row("window 32 x 1 kHz: receive to drawn", "<= 100 ms median", f"{report['sample_to_frame_ms']}")
            row("window 32 x 1 kHz: loss", "0 plot", loss_text(report["loss"]))
            row("window: process start to first frame", "<= 300 ms", f"{report['start_to_frame_ms']:.0f} ms")
            row("window 32 x 1 kHz: shutdown", "<= 2000 ms, nothing left", shutdown_text(report))
            row("window 32 x 1 kHz: RSS peak", "<= 200 MiB", f"{report['rss_peak_bytes'] / 2**20:.0f} MiB")
        report, _ = window(secs, name, "window, recording", (32, 1000, secs + 10, "--noise", "--wait", 5), [*base, "--record", "/bench/.*"])
        if report:
            row("... while recording all: UI thread per frame", "<= 2.5 ms median", f"{report['ui_cpu_ms_per_frame']}")
            row("... while recording all: loss", "0 plot", loss_text(report["loss"]))
        # Idle: the difference between a long and a short run is what the window costs when nothing happens.
        _, short = window(5, name, "idle, 5 s")
        _, long = window(35, name, "idle, 35 s")
        if short is not None and long is not None:
            row("window idle: CPU", "<= 0.5 % of a core", f"{100 * (long - short) / 30:.2f} %")
    finally:
        for process in servers:
            process.kill()


def board_of(home, charts):
    """A board file of charts, each a list of lines."""
    path = Path(home) / "board.toml"
    path.write_text("\n".join("[[chart]]\n" + "\n".join(lines) for lines in charts) + "\n")
    return ["--board", str(path)]


def curves(*names):
    return "curves = [" + ", ".join(json.dumps(name) for name in names) + "]"


def scope(secs):
    """Derived series and spectra at 4 kHz, and a board of a hundred curves."""
    name, servers = display()
    try:
        with tempfile.TemporaryDirectory() as home:
            charts = []
            for first in range(0, 32, 4):
                four = [f"/bench/t{n}:point.z" for n in range(first, first + 4)]
                derived = f"= sqrt({four[0]}^2 + {four[1]}^2) | lowpass:order=2,corner_hz=100"
                charts.append(["window_s = 10", curves(*four, derived)])
                charts.append(["window_s = 10", 'kind = "spectrum"', "panel = { segment = 8192 }", curves(four[0])])
            report, _ = window(secs, name, "scope", (32, 4000, secs + 10, "--noise", "--wait", 5), board_of(home, charts))
            if report:
                what = "window 32 x 4 kHz, 8 derived, 8 spectra"
                row(f"{what}: UI thread", "<= 4 ms median", f"{report['ui_cpu_ms_per_frame']}")
                row(f"{what}: loss", "0 plot", loss_text(report["loss"]))
            hundred = [[curves(*(f"/bench/t{n}:point.z" for n in range(first, first + 10)))] for first in range(0, 100, 10)]
            report, _ = window(6, name, "hundred", None, board_of(home, hundred))
            if report:
                row("window: start to a board of 100 curves", "<= 300 ms", f"{report['start_to_frame_ms']:.0f} ms")
    finally:
        for process in servers:
            process.kill()


def many_topics(secs):
    """A thousand topics in the tree."""
    name, servers = display()
    try:
        report, used = window(secs, name, "1000 topics", (1000, 1, secs + 10, "--wait", 0, "--readers", 0))
        if report:
            row("window, 1000 topics at 1 Hz: UI thread", "<= 2.5 ms median", f"{report['ui_cpu_ms_per_frame']}")
            row("window, 1000 topics at 1 Hz: process", "", f"{100 * used / secs:.0f} % of a core, {report['frames']} frames")
    finally:
        for process in servers:
            process.kill()


def wheel(name, secs):
    """Turns the wheel over a chart and drags it for a while."""
    env = {**os.environ, "DISPLAY": name}
    tool = lambda *args: subprocess.run(["xdotool", *args], env=env, check=False, stdout=subprocess.DEVNULL)
    end = time.monotonic() + secs
    tool("mousemove", "900", "400")
    while time.monotonic() < end:
        for button in ("4", "4", "4", "5", "5", "5"):
            tool("click", button)
            time.sleep(0.05)
        tool("mousedown", "1")
        for x in range(900, 1100, 20):
            tool("mousemove", str(x), "400")
            time.sleep(0.03)
        tool("mouseup", "1")
        tool("mousemove", "900", "400")


def bag():
    """A recording of ten million samples: how soon it is seen, and what it costs to move through it."""
    python = TOP / ".venv/bin/python"
    name, servers = display()
    try:
        with tempfile.TemporaryDirectory() as home:
            path = f"{home}/joints.mcap"
            subprocess.run([python, TOP / "benches/bag.py", path], check=True)
            # Once, so that the file is read from memory, as that of the peers was.
            Path(path).read_bytes()
            charts = [[curves(*(f"/joints:position[{n}]" for n in range(half, half + 5)))] for half in (0, 5)]
            board = board_of(home, charts)
            size = Path(path).stat().st_size / 1e6
            what = f"a bag of {size:.0f} MB, 10 M samples"
            report, _ = window(12, name, "bag", None, ["open", path, *board])
            if report:
                first, whole = report["start_to_curves_ms"], report["start_to_all_curves_ms"]
                row(f"{what}: start to first curves", "<= 400 ms", "not seen" if first is None else f"{first:.0f} ms")
                row(f"{what}: start to all curves", "<= 1500 ms", "not seen" if whole is None else f"{whole:.0f} ms")
                row(f"{what}: RSS peak", "<= 300 MB", f"{report['rss_peak_bytes'] / 1e6:.0f} MB")
            if shutil.which("xdotool"):
                mover = threading.Timer(5, wheel, (name, 8))
                mover.start()
                report, _ = window(15, name, "bag, moved", None, ["open", path, *board])
                mover.join()
                if report:
                    cpu = report["ui_cpu_ms_per_frame"]
                    row(f"{what}: zoomed and panned: UI thread", "<= 3 ms median", f"{cpu}, {report['frames']} frames")
    finally:
        for process in servers:
            process.kill()


def soak(secs):
    """The smallest budget, so that the history is full early and must stay so."""
    name, servers = display()
    try:
        seen = []
        report, _ = window(
            secs, name, "soak", (32, 1000, secs + 10, "--noise", "--wait", 5), ["--board", str(BOARD)], memory_mib=64, watch=seen
        )
        if report:
            half = [mib for at, mib in seen if at > secs / 2]
            third, last = half[: len(half) // 2], half[len(half) // 2 :]
            text = f"{max(third):.0f} MiB, then {max(last):.0f} MiB at most"
            row(f"soak {secs} s, 32 x 1 kHz, 64 MiB: RSS", "flat in the second half", text)
            row(f"soak {secs} s: loss", "0", loss_text(report["loss"]))
            row(f"soak {secs} s: shutdown", "<= 2000 ms, nothing left", shutdown_text(report))
    finally:
        for process in servers:
            process.kill()


def criterion(bench, name, title, target):
    """The median throughput of a benchmark in this workspace."""
    command = ["cargo", "bench", "--offline", "--quiet", "--bench", bench, "--", name]
    out = subprocess.run(command, capture_output=True, text=True, cwd=TOP)
    found = re.search(r"thrpt:\s+\[\S+ \S+ (\S+ \S+)", out.stdout)
    row(title, target, found.group(1) if found else f"not measured: {out.stderr.strip()[-80:]}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--secs", type=int, default=60)
    parser.add_argument("--only", default="")
    parser.add_argument("--json")
    options = parser.parse_args()
    if os.environ.get("ROSWAVE_BENCH_NETNS") != "1":
        os.environ["ROSWAVE_BENCH_NETNS"] = "1"
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", *user, "--net", "sh", "-c", inside, "sh", sys.executable, *sys.argv])
    if not ROSWAVE.exists():
        sys.exit(f"{ROSWAVE} is missing: run `make bench`")
    signal.signal(signal.SIGINT, signal.default_int_handler)
    parts = {
        "ingest": lambda: (ingest(10, 1000, options.secs), ingest(50, 200, options.secs)),
        "record": lambda: records(min(options.secs, 20)),
        "series": lambda: criterion(
            "ingest", "arrivals to the series store", "decode -> ring -> series, samples", ">= 10 Melem/s"
        ),
        "scope": lambda: scope(min(options.secs, 20)),
        "topics": lambda: many_topics(min(options.secs, 20)),
        "bag": bag,
        "window": lambda: windows(min(options.secs, 30)) if shutil.which("Xvfb") else row("window", "", "Xvfb is missing"),
    }
    # Ten minutes: only when asked for.
    if options.only == "soak":
        soak(max(options.secs, 600))
    for part, measure in parts.items():
        if options.only in part:
            measure()
    if options.json:
        Path(options.json).write_text(json.dumps(ROWS, indent=1))


main()
