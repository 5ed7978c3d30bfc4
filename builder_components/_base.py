"""What all Neon components share."""

from __future__ import annotations

from typing import Any

from psychopy.alerts import alert
from psychopy.constants import FOREVER

from ._alerts import warn
from ._element_checks import problems_of
from ._help import help_page as help_page

BLANK = ("", "None", "-1")

Timing = tuple[float | None, float | None, bool]


class NeonElement:
    """Mixed into PsychoPy's component classes, before them.

    Without a stop time these components last until their Routine ends, but do not hold it:
    PsychoPy would otherwise wait for ever for something that never finishes.
    """

    categories = ["Eyetracking"]  # noqa: RUF012 - PsychoPy's way to say it
    targets = ["PsychoPy"]  # noqa: RUF012
    plugin = "psychopy-neon"
    version = "2025.1.0"
    beta = False

    exp: Any
    params: dict[str, Any]
    parentName: str
    order: list[str]

    def require_runtime(self) -> None:
        """Have the script import what the components need."""
        self.exp.requirePsychopyLibs(["iohub", "hardware"])
        self.exp.requireImport(
            importName="runtime", importFrom="psychopy_neon", importAs="neon_runtime"
        )

    @property
    def lasts_with_routine(self) -> bool:
        """Whether there is no stop time."""
        return str(self.params["stopVal"].val).strip() in BLANK

    def getStartAndDuration(self, params: dict[str, Any] | None = None) -> Timing:
        """Start and duration in seconds, and whether they are fixed (see PsychoPy).

        Something that lasts as long as the Routine takes its duration from the others; as an
        endless component it would cost the whole Routine its non-slip timing.
        """
        timing: Timing = super().getStartAndDuration(params)  # type: ignore[misc]
        start = timing[0]
        end = self._end_of_others() if self.lasts_with_routine else None
        if start is None or end is None:
            return timing
        return start, max(0.0, end - start), bool(super().getStart()[1])  # type: ignore[misc]

    def writeRunOnceInitCode(self, buff: Any) -> None:
        """Connect to the glasses, once for all Neon components."""
        if self.exp.eyetracking == "None":
            alert(code=4505)
        for problem in problems_of(self):
            warn(problem, self)
        buff.writeOnceIndentedLines(
            "\n"
            "# wait for the glasses, and tidy up when the experiment ends\n"
            "neon_runtime.connect(eyetracker, at_exit=runAtExit)\n"
        )

    def writeFrameCode(self, buff: Any) -> None:
        """Start, be active, stop: as all components, except that nothing is held up."""
        self._write(buff, "\n# *%(name)s* updates\n")
        self._write_start(buff)
        self.write_each_frame(buff)
        indent = super().writeStopTestCode(buff)  # type: ignore[misc]
        if indent:
            self.write_updates(buff)
            self._write(buff, self.stop_code())
            buff.setIndentLevel(-indent, relative=True)

    def start_code(self) -> str:
        """Statements for the frame in which the component starts."""
        raise NotImplementedError

    def stop_code(self) -> str:
        """Statements for the frame in which the component stops."""
        raise NotImplementedError

    def write_each_frame(self, buff: Any) -> None:
        """Write what has to happen on every frame; nothing unless overridden."""

    def write_updates(self, buff: Any) -> None:
        """Write what works out all that is set in every frame, if anything is, for this moment."""
        if super().checkNeedToUpdate("set every frame"):  # type: ignore[misc]
            super().writeParamUpdates(buff, "set every frame")  # type: ignore[misc]

    def ends_at_once(self) -> bool:
        """Whether PsychoPy may take the component for finished as soon as it has started."""
        return self.lasts_with_routine

    def _write_start(self, buff: Any) -> None:
        indent = super().writeStartTestCode(buff)  # type: ignore[misc]
        if not indent:
            self._write(buff, "%(name)s.status = FINISHED  # it has no start time\n")
            return
        self.write_updates(buff)
        self._write(buff, self.start_code())
        if self.ends_at_once():
            self._write(buff, "%(name)s.status = FINISHED  # must not hold the Routine open\n")
        buff.setIndentLevel(-indent, relative=True)

    def _write(self, buff: Any, code: str) -> None:
        if code:  # PsychoPy would write an empty line
            buff.writeIndentedLines(code % self.params)

    def _end_of_others(self) -> float | None:
        ends = [_end(other) for other in self._others()]
        return None if not ends or None in ends else max(end for end in ends if end is not None)

    def _others(self) -> list[Any]:
        routine = self.exp.routines.get(self.parentName)
        return [
            other
            for other in (routine if isinstance(routine, list) else [])
            if "startType" in other.params and _counts(other)
        ]


def _counts(other: Any) -> bool:
    if other.params["disabled"] or other.type == "RoutineSettings":
        return False
    return not (isinstance(other, NeonElement) and other.lasts_with_routine)


def _end(component: Any) -> float | None:
    start, duration, _ = component.getStartAndDuration()
    if start is None or duration is None or duration == FOREVER:
        return None
    return float(start) + float(duration)
