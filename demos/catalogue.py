"""Which demonstrations there are, and what each needs to be seen without glasses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Demo:
    """One demonstration.

    Attributes
    ----------
    name : str
        Of its folder in ``builder``, or of its script in ``coder``, with the ending.
    shows : str
        What is to be seen in it, one line.
    does : str
        What the simulated participant does, one line.
    picture_at : int
        Event at which a picture of the window is taken, counted from 1.
    picture_after_s : float, optional
        How long after it; without, as soon as gaze has moved and rests.
    simulator : tuple of str
        Options of ``psychopy-neon simulate`` beyond the participant.
    glasses : int
        How many.
    """

    name: str
    shows: str
    does: str
    picture_at: int = 2
    picture_after_s: float | None = None
    simulator: tuple[str, ...] = ()
    glasses: int = 1

    @property
    def is_script(self) -> bool:
        """Whether it is a script for Coder, and not an experiment for Builder."""
        return self.name.endswith(".py")

    @property
    def folder(self) -> Path:
        """Where its files are."""
        return HERE / "coder" if self.is_script else HERE / "builder" / self.name

    def participant(self, glasses: int = 0) -> Path:
        """Who wears the glasses of that number, for the simulator."""
        if not self.is_script:
            return self.folder / "participant.json"
        ending = "" if glasses == 0 else f"_{glasses + 1}"
        return HERE / "coder" / "participants" / f"{Path(self.name).stem}{ending}.json"


FIRST = "gaze_contingent"
DEMOS = (
    Demo(
        FIRST,
        "targets turn green when looked at, and half a second of looking ends the trial",
        "looks at each target",
        picture_at=3,
    ),
    Demo(
        "moving_window",
        "stripes are searched for through a window that moves with gaze, or around a scotoma",
        "hesitates, and then finds the stripes",
    ),
    Demo(
        "free_viewing",
        "pictures are looked at freely; regions of interest count looks and dwell times",
        "looks around, at the house longer than at the tree and the sun",
        picture_at=1,
        picture_after_s=0.5,
    ),
    Demo(
        "visual_search",
        "a T among Ls is chosen by looking at it; no keyboard is needed",
        "goes straight to the T",
        picture_at=3,
        picture_after_s=0.75,
    ),
    Demo(
        "reading",
        "pages are read and turned with the eyes; the analysis knows which word was fixated",
        "reads word by word",
        picture_at=1,
        picture_after_s=1.0,
    ),
    Demo(
        "pursuit",
        "a disc swings to and fro; gain, lag and distance of gaze, matched in time",
        "follows it as people do, with smooth pursuit and saccades that catch up",
        picture_at=1,
        picture_after_s=3.0,
        simulator=("--gaze-model", "human", "--noise", "3"),
    ),
    Demo(
        "validation",
        "gaze is validated and corrected, and each trial waits for a fixation",
        "looks beside the targets until that is corrected",
        picture_at=7,
    ),
    Demo(
        "events_only",
        "events with the times of flips and key presses; no markers, and no gaze",
        "watches, and presses no key",
        picture_at=3,
        picture_after_s=0.1,
        simulator=("--no-scene",),
    ),
    Demo(
        "eeg_alignment",
        "triggers of an amplifier and events of the glasses are put on one clock",
        "watches flashes",
        picture_after_s=0.0,
        simulator=("--no-scene",),
    ),
    Demo(
        "gaze_cursor.py",
        "a dot follows gaze, and turns green in a circle; the least that gaze needs",
        "looks at the circle, which is elsewhere each time",
        picture_at=2,
    ),
    Demo(
        "moving_window.py",
        "letters are seen through a window that moves with gaze, or around a scotoma",
        "looks here and there, and then at the number",
        picture_at=1,
        picture_after_s=2.0,
    ),
    Demo(
        "validation.py",
        "accuracy, precision and data loss at nine targets, in degrees",
        "looks at the targets",
        picture_at=1,
        picture_after_s=0.5,
    ),
    Demo(
        "two_glasses.py",
        "two people look at one window; both pairs of glasses get the same events",
        "follows the target, as does the other one",
        picture_at=3,
        picture_after_s=0.7,
        glasses=2,
    ),
)


def find_demo(name: str) -> Demo | None:
    """The demonstration of that name; None if there is none."""
    return next((demo for demo in DEMOS if demo.name == name), None)
