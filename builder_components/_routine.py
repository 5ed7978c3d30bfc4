"""What the Routines of our own share: those that a whole step of the Flow belongs to."""

from __future__ import annotations

from typing import Any

from ._base import NeonElement, help_page


class NeonRoutine:
    """Mixed into PsychoPy's class of such Routines, before it.

    A subclass of that class would be a Routine in Builder's panel itself.
    """

    categories = NeonElement.categories
    targets = NeonElement.targets
    plugin = NeonElement.plugin
    version = NeonElement.version

    exp: Any
    params: dict[str, Any]
    order: list[str]
    type: str
    url: str

    def become(self, kind: str, page: str, order: list[str]) -> None:
        """Say what it is, and what its script needs; for the end of PsychoPy's constructor.

        Parameters
        ----------
        kind : str
            Its class without "Routine".
        page : str
            Of ``docs/help``.
        order : list of str
            Names of its parameters, in the order of the dialog.
        """
        self.type, self.url, self.order = kind, help_page(page), order
        NeonElement.require_runtime(self)  # type: ignore[arg-type]
        del self.params["stopVal"], self.params["stopType"]

    def writeRunOnceInitCode(self, buff: Any) -> None:
        """Connect to the glasses, once for all Neon components."""
        NeonElement.writeRunOnceInitCode(self, buff)  # type: ignore[arg-type]

    def write(self, buff: Any, code: str) -> None:
        """Write code with the names of parameters in it, such as ``%(name)s``."""
        buff.writeIndentedLines(code % self.params)
