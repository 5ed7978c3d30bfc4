"""A Builder experiment that checks the glasses twice: once all is well, once much is wrong.

python hub_check.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from builder_script import (
    add_routine,
    add_standalone,
    main,
    new_experiment,
    rows_and_journal,
    run_script,
    write_script,
)

from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions

# A test must not depend on how busy the machine is.
EASY = {"clockBound": 500.0, "roundTrip": 5000.0, "gazeRate": 20.0}


def export(folder: Path) -> Path:
    """Write the script: a check, a recording, a check with faults, and what must not be reached."""
    exp = new_experiment(Units="deg")
    from psychopy_neon.builder_components.neon_check import NeonCheckRoutine

    first = {"byItself": True, "timeLimit": 30.0, "atLimit": "go on"}
    add_standalone(exp, NeonCheckRoutine(exp, name="first", **EASY, **first))
    trial = add_routine(exp, "trial", {"recording": "NeonRecording"})
    trial["recording"].params["stopWithRoutine"].val = False
    trial["recording"].params["stopVal"].val = 0.3
    second = {"serial": "654321", "wearer": "P07", "timeLimit": 40.0, "minutes": 120.0}
    add_standalone(exp, NeonCheckRoutine(exp, name="second", **EASY, **second))
    after = add_routine(exp, "after", {"never": "NeonEvent"})
    after["never"].params["eventName"].val = "never"
    return write_script(exp, folder, "check")


class Experimenter:
    """Spoils the second check, and presses keys in it; notes what is shown."""

    def __init__(self, phone: SimulatedNeon, folder: Path) -> None:
        self.seen: dict[str, Any] = {"paths": [], "pictures": 0, "legends": [], "shown": {}}
        self._phone = phone
        self._folder = folder
        self._pressed = 0

    def spoil(self) -> None:
        """Take the glasses off, empty the battery, and ask questions."""
        self._phone.controls.wear(False)
        self._phone.controls.battery(8)
        template = self._phone.state.template()
        items = [{**item, "required": item is template["items"][0]} for item in template["items"]]
        self._phone.state.set_template({**template, "items": items})

    def looks(self, win: Any, number: int, readiness: Any, legend: list[str]) -> None:
        """Look at what is drawn, and act."""
        self.seen["legends"] += [line for line in legend if line not in self.seen["legends"]]
        states = {item.key: item.state for item in readiness.items}
        if number == 1 and readiness.all_good and "first" not in self.seen["shown"]:
            self._photograph(win, "first", states)
        is_all_wrong = sorted(item.key for item in readiness.bad) == ALL_WRONG
        if number == 2 and is_all_wrong and states["markers"] == "good":
            if self._pressed == 0:
                self._photograph(win, "second", states)
                self.seen["sentences"] = {i.key: i.sentence for i in readiness.items}
            self._press(("space", "r", "escape")[self._pressed])

    def _photograph(self, win: Any, name: str, states: dict[str, str]) -> None:
        self.seen["shown"][name] = states
        win.getMovieFrame(buffer="back")
        win.saveMovieFrames(str(self._folder / f"{name}.png"))

    def _press(self, key: str) -> None:
        from psychopy import event
        from pyglet.window import key as keys

        self._pressed += 1
        event._onPygletKey(getattr(keys, key.upper()), 0)


ALL_WRONG = sorted(["glasses", "worn", "battery", "template"])


def run(script: Path, phone: SimulatedNeon) -> dict[str, Any]:
    """Run it as it is, with an experimenter before it."""
    from psychopy_neon.runtime import check, check_routine, check_source

    experimenter, checks = Experimenter(phone, script.parent), []
    seen = experimenter.seen
    screen, board, checking = check.CheckScreen, check_source.PictureBoard, check.check_glasses

    class Watched(screen):  # type: ignore[misc,valid-type]
        def draw(self, readiness: Any, legend: list[str]) -> None:
            super().draw(readiness, legend)
            experimenter.looks(self._win, len(checks), readiness, legend)

        def show_picture(self, preview: Any) -> None:
            super().show_picture(preview)
            seen["pictures"] += 1
            seen["gaze"] = preview.gaze or seen.get("gaze")
            tags = [tag.good for tag in preview.tags]
            seen["tags"] = max(tags, seen.get("tags", []), key=sum)

    def opening(path: str) -> Any:
        seen["paths"].append(path)
        return board(path)

    def counted(win: Any, tracker: Any, *args: Any, **choices: Any) -> Any:
        checks.append(choices)
        if len(checks) == 2:
            experimenter.spoil()
        seen["before"] = [
            tracker.ask("neon_check_facts", dict),
            tracker.ask("neon_check_again", bool),
        ]
        return checking(win, tracker, *args, **choices)

    check.CheckScreen, check_source.PictureBoard = Watched, opening
    check_routine.check_glasses = counted
    run_script(script, phone)
    return {**seen, "piloting": [choices["piloting"] for choices in checks]}


def results(folder: Path) -> dict[str, Any]:
    """What the experiment left."""
    rows, lines = rows_and_journal(folder)
    return {"rows": rows, "journal": [line for line in lines if line["kind"] == "check"]}


if __name__ == "__main__":
    truth = Path(sys.argv[1]) / "truth.jsonl"
    main(export, run, results, SimulatorOptions(truth_path=truth))
