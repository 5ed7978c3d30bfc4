"""What a `Neon` offers and ioHub cannot: one sentence that says so."""

from __future__ import annotations

from typing import Any, NoReturn

from psychopy_neon.exceptions import UsageError

PICTURES = "pictures and sound do not fit through ioHub's calls"
PHONE = "ioHub has the only connection to the phone, and must not wait for it"
THREADS = "ioHub can be asked by one thread only"
SAVED = "ioHub needs the streams for its data file"
NO_COUNTERPART = "the device in ioHub has nothing like it"
IN_THE_FILES = "the tables of the HDF5 file and the ledger have it"


def refused(name: str, why: str) -> UsageError:
    """The sentence."""
    return UsageError(
        f"'{name}' is not offered through ioHub: {why}. In a script without ioHub, "
        "psychopy_neon.Neon.connect() offers it"
    )


class Refused:
    """In place of an attribute that is not there.

    Parameters
    ----------
    why : str
        Rest of the sentence.
    """

    def __init__(self, why: str) -> None:
        self.why = why
        self._name = ""

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type[Any]) -> NoReturn:
        raise refused(self._name, self.why)
