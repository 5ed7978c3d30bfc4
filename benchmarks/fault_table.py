"""The results of ``bench_faults.py`` as a table in Markdown."""

from __future__ import annotations

import time
from typing import Any

from fault_runs import EVENTS, GIVE_UP_S, PICTURES


def fault_table(results: dict[str, dict[str, Any]]) -> str:
    lines = [
        f"`python benchmarks/bench_faults.py`, {time.strftime('%Y-%m-%d')}.",
        "",
        "Gaze at 200 Hz unless said otherwise; on loopback, one run each. Without samples: longest "
        "time, and how long after the fault had ended. Wrong: times off by more than 1 ms.",
        "",
        "| fault | client | what the user sees | without samples | lost | wrong |",
        "|---|---|---|---|---|---|",
    ]
    for name, clients in results.items():
        for client, result in clients.items():
            label = "official 1.9.0" if client == "official" else client
            lines.append(f"| {name} | {label} | {' | '.join(_cells(result))} |")
    return "\n".join(lines) + "\n"


def _cells(result: dict[str, Any]) -> tuple[str, str, str, str]:
    seen = "; ".join(dict.fromkeys(result.get("seen", []))).replace("|", "/") or "nothing"
    if "note" in result:
        return seen, result["note"], "", ""
    if "blocked_ms" in result:
        blocked = f"caller blocked {result['blocked_ms']:.2g} ms"
        return seen, blocked, f"{result['events_lost']} of {EVENTS} events", ""
    if "good" in result:
        counts = f"{result['good']} good, {result['marked']} marked as damaged of {PICTURES}"
        return seen, "", counts, f"{result['damaged_as_good']} damaged given out as good"
    counted = [f"{result[n]} {n}" for n in ("repeated", "reordered", "malformed") if n in result]
    seen = "; ".join([seen, *counted]) if counted else seen
    return seen, _gap(result), str(result.get("lost_samples", "")), _wrong(result)


def _gap(result: dict[str, Any]) -> str:
    if result["gap_s"] is None:
        return f"does not come back in {GIVE_UP_S:g} s"
    after = result["back_after_end_s"]
    return f"{result['gap_s']:.2f} s" + ("" if after is None else f" ({after:.2f} s after)")


def _wrong(result: dict[str, Any]) -> str:
    if "wrong_times" not in result:
        return ""
    wrong = result["wrong_times"]
    return f"{wrong} (by up to {result['worst_error_s']:.3g} s)" if wrong else "0"
