"""What an eye tracker costs a frame loop: in-process, through ioHub, and with the makers' plugin.

    python dev.py bench frame_loop
    python benchmarks/bench_frame_loop.py --plugin PYTHON    # beside the makers' plugin 0.8.2

PYTHON has psychopy-eyetracker-pupil-labs, and this package without its requirements; without it,
those columns are left out. `frame_loop.py` is the loop; each run has a process and a simulator of
its own, and the ways take turns. Writes ``benchmarks/results/frame_loop.md``.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

Array = npt.NDArray[np.float64]

RESULTS = HERE / "results" / "frame_loop.md"
PERIOD_MS = 1e3 / 60
LIMIT_S = 90.0
TITLES = {
    "none": "no eye tracker",
    "in-process": "ours, in-process",
    "ioHub": "ours, ioHub",
    "plugin": "makers' plugin, ioHub",
}
ABOUT = """\
A window of 1280 x 720 under Xvfb, drawn in software: a grating, the frame of 8 markers, and a dot
that follows gaze. Frames begin 60 times a second by the clock, as flips there wait for no refresh;
a frame's time is that of drawing, reading gaze and flipping. The simulator sends gaze (200 Hz) and
scene video (30 Hz, 1600 x 1200) on the same cores. Without an eye tracker the video is sent, too,
to a program that throws it away: what differs is the client. There is no eye state, since the
plugin stops for good at the first one that comes before it has estimated the phone's clock.

Spread is the standard deviation of the intervals between flips; a late flip comes more than half a
period late. "Added" compares with no eye tracker in the same round; median of the rounds, and the
smallest and the greatest."""

MEASURES: dict[str, tuple[str, Callable[[Array, Array], float]]] = {
    "time of a frame (ms), median": ("{:.2f}", lambda work, _: float(np.median(work))),
    "time of a frame (ms), 99 %": ("{:.2f}", lambda work, _: float(np.percentile(work, 99))),
    "spread of flip intervals (ms)": ("{:.3f}", lambda _, gaps: float(np.std(gaps))),
    "flip interval (ms), 99 %": ("{:.2f}", lambda _, gaps: float(np.percentile(gaps, 99))),
    "late flips (%)": ("{:.2f}", lambda _, gaps: float(100 * np.mean(gaps > 1.5 * PERIOD_MS))),
}


@contextmanager
def throwing_away(address: str, log: Path) -> Iterator[None]:
    """Have the scene video sent without a client: to a process that only takes packets."""
    host = address.split("//")[-1].split(":")[0]
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, __file__, "--drain", f"{host}:{address.rsplit(':', 1)[1]}"],
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def drain(address: str) -> None:
    """Take the packets of all streams that this package opens by default, decoding no picture."""
    import av

    host, port = address.rsplit(":", 1)
    with urllib.request.urlopen(f"http://{host}:{port}/api/status", timeout=10) as reply:
        status = json.load(reply)["result"]
    sensors = [part["data"] for part in status if part["model"] == "Sensor"]
    urls = [
        f"{each['protocol']}://{host}:{each['port']}/?{each['params']}"
        for each in sensors
        if each["sensor"] in ("world", "gaze") and each["conn_type"] == "DIRECT"
    ]
    for url in urls:
        threading.Thread(target=_take, args=(av, url)).start()


def _take(av: Any, url: str) -> None:
    with av.open(url, options={"rtsp_transport": "udp"}) as stream:
        for _ in stream.demux():
            pass


def run(way: str, python: str, seconds: float) -> dict[str, Any]:
    """One loop with a simulator of its own."""
    from psychopy_neon.transport.simulator_process import SimulatorProcess

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        results, log = folder / "results.json", folder / "loop.log"
        options = ["--screen", "1280x720", "--gaze-model", "exact", "--gaze-bytes", "9"]
        with SimulatorProcess(options, folder / "simulator.log") as simulator:
            host, port = simulator.address.split("//")[-1].rsplit(":", 1)
            command = [python, str(HERE / "frame_loop.py"), way, host, port, str(seconds)]
            with log.open("w") as output:
                if way == "none":
                    with throwing_away(simulator.address, folder / "drain.log"):
                        _call([*command, str(results)], folder, output)
                else:
                    _call([*command, str(results)], folder, output)
        if not results.exists():
            raise RuntimeError(f"{way} did not end:\n{log.read_text('utf-8', 'replace')[-3000:]}")
        found: dict[str, Any] = json.loads(results.read_text("utf-8"))
        return found


def _call(command: list[str], folder: Path, output: Any) -> None:
    # The checkout must not hide what is installed for the plugin's Python.
    variables = {**os.environ, "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    process = subprocess.Popen(
        command, cwd=folder, env=variables, stdout=output, stderr=output, start_new_session=True
    )
    try:
        process.wait(LIMIT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait()


def measured(found: dict[str, Any]) -> dict[str, float]:
    """All figures of one run."""
    work, gaps = np.array(found["work_ns"]) / 1e6, np.array(found["intervals_ns"]) / 1e6
    figures = {name: measure(work, gaps) for name, (_, measure) in MEASURES.items()}
    figures["frames with gaze (%)"] = 100 * found["with_gaze"]
    figures["CPU of the experiment's process (s per s)"] = found["cpu"]
    return figures


def table(rounds: dict[str, list[dict[str, float]]]) -> list[str]:
    """Rows of figures, with what each way adds to no eye tracker."""
    ways = list(rounds)
    lines = [
        "| | " + " | ".join(TITLES[way] for way in ways) + " |",
        "|---" * (len(ways) + 1) + "|",
    ]
    for name in rounds["none"][0]:
        digits = MEASURES.get(name, ("{:.2f}", None))[0]
        cells = [digits.format(np.median([each[name] for each in rounds[way]])) for way in ways]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
        if name in MEASURES:
            lines.append(f"| … added | {' | '.join(_added(rounds, way, name) for way in ways)} |")
    return lines


def _added(rounds: dict[str, list[dict[str, float]]], way: str, name: str) -> str:
    if way == "none":
        return ""
    pairs = zip(rounds[way], rounds["none"], strict=True)
    added = [ours[name] - without[name] for ours, without in pairs]
    digits = MEASURES[name][0].replace(":", ":+")
    lowest, middle, highest = min(added), float(np.median(added)), max(added)
    return f"{digits.format(middle)} ({digits.format(lowest)} to {digits.format(highest)})"


def main() -> int:
    """See the top of this file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--plugin", metavar="PYTHON", help="that has the makers' plugin")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each run (default: 8)")
    parser.add_argument("--rounds", type=int, default=3, help="(default: 3)")
    parser.add_argument("--drain", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.drain:
        drain(args.drain)
        return 0
    ways = [way for way in TITLES if way != "plugin" or args.plugin]
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for number in range(args.rounds):
        for way in list(rounds):
            python = args.plugin if way == "plugin" else sys.executable
            try:
                rounds[way].append(measured(run(way, python, args.seconds)))
            except RuntimeError as error:
                if way != "plugin":
                    raise
                print(f"the plugin is left out: {error}", flush=True)
                del rounds[way]
                continue
            print(f"round {number + 1}, {TITLES[way]}: {rounds[way][-1]}", flush=True)
    about = (
        f"{datetime.date.today()}, {platform.system()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; {args.rounds} rounds of {args.seconds:g} s."
    )
    text = "\n".join(["# What an eye tracker costs a frame loop", "", *table(rounds), "", ABOUT])
    RESULTS.write_text(f"{text}\n\n{about}\n", "utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
