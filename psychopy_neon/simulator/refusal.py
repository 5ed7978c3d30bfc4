"""How the simulated phone says no."""

from __future__ import annotations


class RefusalError(Exception):
    """The phone answers a request with an HTTP error.

    Parameters
    ----------
    status : int
        HTTP status code.
    message : str
        Reason for people.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
