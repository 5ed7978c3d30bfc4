"""What a script needs of the glasses to check them before a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psychopy.iohub.errors import print2err

if TYPE_CHECKING:  # neither sockets nor OpenCV in the experiment's process
    from psychopy_neon.iohub.glasses import Glasses
    from psychopy_neon.iohub.glasses_check import GlassesCheck


class CheckFunctions:
    """The part of the device that tells whether everything is ready; `check_glasses` uses it."""

    _glasses: Glasses
    _settings_error: str
    _check: GlassesCheck | None = None

    def neon_check_begin(self) -> dict[str, Any]:
        """Begin to gather facts and pictures, or go on with it; returns at once.

        Nothing is gathered while nobody asks for facts.

        Returns
        -------
        dict
            ``path`` of a memory-mapped file with the newest scene picture, see
            `psychopy_neon.transport.picture_board`; empty, with an ``error``, if there is no room
            for one.
        """
        if self._check is None:
            from psychopy_neon.iohub.glasses_check import GlassesCheck

            try:
                self._check = GlassesCheck(self._glasses)
            except OSError as error:
                return {"path": "", "error": f"no temporary file can be made: {error}"}
        return {"path": self._check.path, "error": ""}

    def neon_check_facts(self) -> dict[str, Any]:
        """What is known of glasses, phone and network: fields of `psychopy_neon.readiness.Facts`.

        Returns
        -------
        dict
            Empty before `neon_check_begin`.
        """
        if self._check is None:
            return {}
        facts = self._check.facts().to_message()
        if self._settings_error:
            facts.update(link="failed", link_error=self._settings_error)
        return facts

    def neon_check_again(self) -> bool:
        """Forget what was found and ask the phone anew; False before `neon_check_begin`."""
        if self._check is not None:
            self._check.again()
        return self._check is not None

    def neon_check_end(self) -> bool:
        """Gather nothing any more, and remove the picture."""
        self._end_check()
        return True

    def _end_check(self) -> GlassesCheck | None:
        check, self._check = self._check, None
        if check is not None:
            check.end()
        return check

    def neon_note_check(self, outcome: dict[str, Any]) -> bool:
        """Keep the outcome of a check in the journal.

        Parameters
        ----------
        outcome : dict
            Plain values.

        Returns
        -------
        bool
            False if the phone has not answered yet, or it makes no sense.
        """
        neon = self._glasses.neon
        if neon is None:
            return False
        try:
            neon.note_check(outcome)
        except (TypeError, ValueError) as error:
            print2err(f"psychopy_neon: the outcome of a check cannot be kept: {error}")
            return False
        return True
