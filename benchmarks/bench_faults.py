"""What goes wrong, what the user sees of it, how long it takes, and what is lost.

    python benchmarks/bench_faults.py            # all faults, about ten minutes
    python benchmarks/bench_faults.py reset cut  # those whose names contain one of these
    python benchmarks/bench_faults.py --long     # also those that last minutes

This client and the makers' one meet the same faults, each in a process of its own together with a
simulator. Every sample that a client gives out is compared with the simulator's record of what it
sent. Writes ``benchmarks/results/faults.md`` and ``.json``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from fault_list import FAULTS, Fault
from fault_runs import work
from fault_table import fault_table

CLIENTS = ("ours", "official")
RESULTS = Path(__file__).parent / "results"


def main(wanted: list[str], *, with_long: bool) -> int:
    """Run every fault with both clients, and write the table."""
    names = [name for name in FAULTS if _is_wanted(name, wanted)]
    names = [name for name in names if with_long or not FAULTS[name].is_long]
    results: dict[str, dict[str, Any]] = {}
    for name in names:
        running = {client: _start(client, name) for client in CLIENTS if _applies(client, name)}
        results[name] = {
            client: _finish(process, FAULTS[name]) for client, process in running.items()
        }
        print(json.dumps({name: results[name]}), flush=True)
    RESULTS.mkdir(exist_ok=True)
    results = {**_earlier_results(), **results}
    table = fault_table({name: results[name] for name in FAULTS if name in results})
    print(table)
    (RESULTS / "faults.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    (RESULTS / "faults.md").write_text(table, "utf-8")
    return 0


def _is_wanted(name: str, wanted: list[str]) -> bool:
    return not wanted or any(word.lower() in name.lower() for word in wanted)


def _earlier_results() -> dict[str, dict[str, Any]]:
    """Faults that are not run this time keep their rows."""
    path = RESULTS / "faults.json"
    earlier: dict[str, dict[str, Any]] = {}
    if path.exists():
        earlier = json.loads(path.read_text("utf-8"))
    return earlier


def _applies(client: str, name: str) -> bool:
    # The makers' simple client has no switch for media over the RTSP connection.
    return client == "ours" or not FAULTS[name].over_tcp


def _start(client: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, __file__, "--worker", client, name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def _finish(process: subprocess.Popen[str], fault: Fault) -> dict[str, Any]:
    try:
        output, _ = process.communicate(timeout=90 + fault.lasts_s)
        lines = [line for line in output.splitlines() if line.startswith("{")]
        result: dict[str, Any] = json.loads(lines[-1]) if lines else {"note": "it crashed"}
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        result = {"note": "it hung"}
    return result


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worker", nargs=2, metavar=("CLIENT", "FAULT"))
    parser.add_argument("--long", action="store_true", help="also faults that last minutes")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.worker is None:
        sys.exit(main(args.names, with_long=args.long))
    print(json.dumps(work(*args.worker)), flush=True)
    os._exit(0)  # the makers' client can keep a process alive for ever
