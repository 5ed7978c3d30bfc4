"""The phone's status, kept up to date by one thread, and those who are told of its changes."""

from __future__ import annotations

import enum
import logging
import time
from collections.abc import Callable

from psychopy_neon.client.phone_place import PhonePlace
from psychopy_neon.exceptions import NeonError, ProtocolError, WrongDeviceError
from psychopy_neon.protocol.rest import GET_STATUS
from psychopy_neon.protocol.status import Component, Phone, Sensor, Status, parse_status
from psychopy_neon.transport.backoff import Backoff
from psychopy_neon.transport.http import RestConnection
from psychopy_neon.transport.status_feed import StatusFeed

logger = logging.getLogger(__name__)

MAX_SENSORS = 50  # a phone has about ten, and each one that it names is kept
MAX_UNPROVEN = 100  # messages that are kept until it is known who sends them
SETTLE_S = 0.25  # the messages of a new connection come first: they bring new ports at once
REST_TIMEOUT_S = 2.0


class LinkState(enum.Enum):
    """Whether the phone is there."""

    CONNECTED = "connected"
    LOST = "lost"
    """It does not answer; it is looked for until it is back."""
    CLOSED = "closed"
    """By ``neon.close()``."""


class PhoneStatus:
    """Follows the phone's messages, and reads the whole status after each loss of the link.

    What went away while the link was down is in no message: sensors of glasses that were pulled
    out meanwhile, a recording that ended. So the status is then replaced, in one step, by the
    complete one of the REST service; until that has come, everything known stays. And what answers
    then may be another phone: nothing is believed, and the link stays lost, until it has told its
    id.

    Parameters
    ----------
    place : PhonePlace
        Where the phone is; kept up to date.
    status : Status
        To begin with.

    Attributes
    ----------
    status : Status
        The newest snapshot.
    link : tuple of LinkState and str
        Whether the phone is there; why it was lost, empty while it is there.
    """

    def __init__(self, place: PhonePlace, status: Status) -> None:
        self.place = place
        self.status = status
        self.link = (LinkState.CONNECTED, "")
        self._watchers: list[Callable[[Component], None]] = []
        self._rest = RestConnection(place.ip, place.port)
        self._backoff = Backoff()
        self._complete_due_s: float | None = None  # when to read the whole status
        self._unproven: list[Component] | None = None  # messages of who has not told its id yet
        self._feed = StatusFeed(
            place.host, place.port, self._on_component, self._on_link, self._on_tick
        )
        self._feed.known_ip = place.ip

    def start(self) -> None:
        """Start the thread ``neon-status``."""
        self._feed.start()

    def watch(self, callback: Callable[[Component], None]) -> None:
        """Have each changed part told to `callback`, in our thread, from now on."""
        self._watchers.append(callback)

    def time_echo_place(self) -> tuple[str, int] | None:
        """Address and port of the phone's time echo; None while it is unknown."""
        phone = self.status.phone
        if phone is None or phone.time_echo_port is None or self.place.stranger:
            return None
        return self.place.ip, phone.time_echo_port

    def mark_closed(self) -> None:
        """From now on the link is `LinkState.CLOSED`, whatever the phone does."""
        self.link = (LinkState.CLOSED, "")

    def close(self, timeout_s: float) -> bool:
        """End the thread; False if it did not end in time."""
        self._rest.interrupt()
        ended = self._feed.close(timeout_s)
        self._rest.close()
        self._watchers.clear()
        return ended

    def take(self, component: Component) -> None:
        """Take one part of the status over, and tell it."""
        self._note_error(component)
        status = self.status.updated(component)
        if len(status.sensors) <= MAX_SENSORS:
            self.status = status
        self._tell(component)

    def _note_error(self, component: Component) -> None:
        """Log once what the phone itself finds wrong with a sensor."""
        if not isinstance(component, Sensor) or component.conn_type != "DIRECT":
            return
        known = self.status.sensor(component.sensor)
        if component.stream_error and not (known is not None and known.stream_error):
            logger.warning("the phone reports an error of its %s sensor", component.sensor)

    def _tell(self, component: Component) -> None:
        for watcher in list(self._watchers):
            try:
                watcher(component)
            except Exception:  # the feed of the status must not end by what a user wrote
                logger.exception("a status callback failed")

    def _on_link(self, error: str | None) -> None:
        before = self.link
        if before[0] is LinkState.CLOSED:
            return
        if error is not None:
            self.place.is_in_doubt = True
            self._complete_due_s = None
            self.link = (LinkState.LOST, error)
            if before != self.link:
                logger.warning("the phone is lost: %s", error)
        elif before[0] is LinkState.LOST:
            self._unproven = []
            self._backoff.reset()
            self._complete_due_s = time.perf_counter() + SETTLE_S

    def _on_component(self, component: Component) -> None:
        if self._unproven is None:
            self.take(component)
            return
        if len(self._unproven) < MAX_UNPROVEN:
            self._unproven.append(component)
        if isinstance(component, Phone):
            self._recognise(component)

    def _recognise(self, phone: Phone | None) -> None:
        """Go on if this is the phone that was connected to; else leave it, and try again."""
        place = self.place
        try:
            place.check(phone)
        except WrongDeviceError as error:
            place.stranger = str(error)
            raise
        place.ip = self._feed.known_ip = self._feed.peer
        place.is_in_doubt, place.stranger = False, ""
        if self.link[0] is LinkState.LOST:
            logger.warning("the phone is back")
            self.link = (LinkState.CONNECTED, "")
        unproven, self._unproven = self._unproven or [], None
        for component in unproven:
            self.take(component)

    def _on_tick(self) -> None:
        due_s = self._complete_due_s
        if due_s is None or time.perf_counter() < due_s:
            return
        try:
            status = self._read_complete()
            if self._unproven is not None:
                self._recognise(status.phone)
            self._replace(status)
        except WrongDeviceError:
            raise
        except NeonError as error:
            logger.info("the whole status could not be read and is asked for again: %s", error)
            self._complete_due_s = time.perf_counter() + self._backoff.next_delay_s()
        else:
            self._complete_due_s = None

    def _read_complete(self) -> Status:
        self._rest.move_to(self._feed.peer)
        status = parse_status(self._rest.call(GET_STATUS, REST_TIMEOUT_S))
        if status.phone is None or len(status.sensors) > MAX_SENSORS:
            raise ProtocolError("the phone's status is not complete")
        return status

    def _replace(self, status: Status) -> None:
        before, self.status = self.status, status
        for component in status.changes_since(before):
            self._tell(component)
