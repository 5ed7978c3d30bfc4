"""What a run is called in a BIDS dataset."""

from __future__ import annotations

import re
from dataclasses import dataclass

from psychopy_neon.exceptions import UsageError

_LABEL = re.compile(r"[0-9A-Za-z+]+")


@dataclass(frozen=True, slots=True)
class BidsName:
    """Entities of the file names; labels are letters and digits.

    Attributes
    ----------
    subject, task : str
        Required.
    session : str
        Empty for none.
    run : int
        0 for none.

    Raises
    ------
    UsageError
        If a label holds anything else.
    """

    subject: str
    task: str
    session: str = ""
    run: int = 0

    def __post_init__(self) -> None:
        for name in ("subject", "task", "session"):
            label = getattr(self, name)
            if not _LABEL.fullmatch(label) and (label or name != "session"):
                raise UsageError(
                    f"{name} is {label!r}; BIDS allows letters and digits only, e.g. '01' or "
                    "'visualSearch'"
                )
        if self.run < 0:
            raise UsageError(f"run is {self.run}; expected 1, 2, ... or 0 for none")

    @property
    def folder(self) -> str:
        """Folder of the files, from the root of the dataset."""
        session = f"ses-{self.session}/" if self.session else ""
        return f"sub-{self.subject}/{session}beh"

    @property
    def matches(self) -> str:
        """What the names of all files begin with."""
        parts = [f"sub-{self.subject}"]
        if self.session:
            parts.append(f"ses-{self.session}")
        parts.append(f"task-{self.task}")
        if self.run:
            parts.append(f"run-{self.run}")
        return "_".join(parts)
