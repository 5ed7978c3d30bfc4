"""One named thread that can be stopped and that hands its error out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from psychopy_neon.transport.deadline import clipped_s

logger = logging.getLogger(__name__)


class Worker:
    """A thread around one function.

    The thread is a daemon, so that a program which forgets `close()` still exits.

    Parameters
    ----------
    name : str
        Thread name, as a profiler or a leak check shows it.
    run : callable
        Called in the thread with an event; it returns soon after the event is set.
    """

    def __init__(self, name: str, run: Callable[[threading.Event], None]) -> None:
        self.error: BaseException | None = None
        self._name = name
        # Until it runs or is stopped: as a rule a method of the owner, which would keep its owner,
        # and all samples that it holds, in memory until the garbage collector came round.
        self._run: Callable[[threading.Event], None] | None = run
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, the first time; not after `stop`."""
        run, self._run = self._run, None
        if run is not None:
            self._thread = threading.Thread(
                target=self._guard, args=(run,), name=self._name, daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """Ask the thread to end; returns at once, may be called from any thread."""
        self._stopping.set()
        self._run = None

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False if it did not come in time. Harmless before `start`.

        Also True, at once, in the thread itself: it ends by itself when what it calls returns.
        """
        thread = self._thread
        if thread is None or thread.ident is None or self.is_current:
            return True
        thread.join(clipped_s(timeout_s))
        return not thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Whether this is called in the thread."""
        return self._thread is threading.current_thread()

    @property
    def is_alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def _guard(self, run: Callable[[threading.Event], None]) -> None:
        try:
            run(self._stopping)
        except BaseException as error:  # outermost frame: keep it for the owner, and say so
            self.error = error
            logger.exception("%s ended by an error; please report it", self._name)
