"""Events of a run that broke off, sent after it: its recording has to be running still."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from psychopy_neon.client.adoption import adopt_events
from psychopy_neon.client.clock_sync import ClockSync
from psychopy_neon.client.connecting import DEFAULT_PORT, Wanted, connect_to
from psychopy_neon.client.event_delivery import EventDelivery
from psychopy_neon.client.events import EventReceipt, EventState
from psychopy_neon.client.journal import Journal
from psychopy_neon.client.outbox import Outbox
from psychopy_neon.client.phone_connection import PhoneConnection
from psychopy_neon.client.phone_status import PhoneStatus
from psychopy_neon.client.recording_control import RecordingControl
from psychopy_neon.exceptions import UsageError
from psychopy_neon.ledger import LedgerEvent, Session, read_sessions, refit_session

CONNECT_TIMEOUT_S = 5.0
JOIN_S = 2.0
UNSETTLED = ("pending", "unconfirmed")


@dataclass(frozen=True, slots=True)
class ResendResult:
    """What became of the events that were sent again.

    Attributes
    ----------
    recording_id : str
        The recording that they belong to.
    receipts : tuple of EventReceipt
        In order; with the numbers that the ledger has for them.
    undated : tuple of LedgerEvent
        Not sent: the ledger does not tell when they were for the phone.
    """

    recording_id: str
    receipts: tuple[EventReceipt, ...]
    undated: tuple[LedgerEvent, ...]

    @property
    def confirmed(self) -> int:
        """How many the phone has confirmed."""
        return sum(receipt.state is EventState.CONFIRMED for receipt in self.receipts)


def resend(ledger: str | Path, address: str | None = None, timeout_s: float = 30.0) -> ResendResult:
    """Send the events of a ledger's last session that the phone has not confirmed.

    They keep their times. Whatever becomes of them is added to the ledger. An event that was
    being sent when the run broke off may be stored already; nothing on the phone tells. It is
    sent with the same name and time as before, and marked as perhaps stored twice. Events that
    wait in a spool beside the ledger, because nobody was left to take them, are added to it first.
    Blocks up to about `timeout_s`.

    Parameters
    ----------
    ledger : path-like
        The journal file that the experiment wrote.
    address : str, optional
        Of the phone, ``"192.0.2.10"`` or with the port; by default the one in the ledger.
    timeout_s : float
        Longest wait for the phone's answers, seconds.

    Returns
    -------
    ResendResult

    Raises
    ------
    UsageError
        If the ledger cannot be read, names no recording, or that one does not run any more.
    NeonConnectionError, NeonTimeoutError, WrongDeviceError
        If the phone does not answer, or another one does.
    """
    adopt_events(ledger)
    session = _last_with_events(Path(ledger))
    recording_id = _recording_of(session)
    wanted = Wanted(None, session.head.phone_id or None, None)
    answered = connect_to(
        address or session.head.address, DEFAULT_PORT, wanted, min(timeout_s, CONNECT_TIMEOUT_S)
    )
    running = answered.status.recording
    if running is None or not running.is_running or running.id != recording_id:
        raise UsageError(
            f"recording {recording_id} does not run any more, so the phone takes no more events "
            "for it; add them to its export with: psychopy-neon ledger repair"
        )
    receipts, undated = _receipts(session)
    journal = Journal(ledger)
    place = answered.place
    outbox = Outbox(PhoneConnection(place))
    recordings = RecordingControl(outbox, journal)
    recordings.ours = recording_id
    clock = ClockSync(lambda: None)  # all of them are dated
    delivery = EventDelivery(outbox, journal, clock, recordings)
    status = PhoneStatus(place, answered.status)
    status.watch(delivery.take_status)
    status.start()
    outbox.start()
    try:
        for receipt in receipts:
            delivery.queue_again(receipt)
    finally:
        outbox.close(timeout_s, interrupt=clock.stop)
        delivery.settle_rest()
        status.close(JOIN_S)
        journal.close()
    return ResendResult(recording_id, tuple(receipts), tuple(undated))


def _last_with_events(ledger: Path) -> Session:
    sessions = [session for session in read_sessions(ledger) if session.events]
    if not sessions:
        raise UsageError(f"{ledger} holds no events, so there is nothing to send")
    return sessions[-1]


def _recording_of(session: Session) -> str:
    ids = [change.id for change in session.recordings if change.id]
    ids += [event.recording_id for event in session.events if event.recording_id]
    if not ids:
        raise UsageError(
            "the ledger names no recording, so it cannot be told where its events belong"
        )
    return ids[-1]


def _receipts(session: Session) -> tuple[list[EventReceipt], list[LedgerEvent]]:
    """Those to be sent again, and those without a time on the phone's clock."""
    history = refit_session(session)
    receipts, undated = [], []
    for event in session.events:
        if event.state not in UNSETTLED:
            continue
        receipt = EventReceipt(
            event.number, event.name, event.host_ns, event.experiment_s, event.data or None
        )
        if event.device_ns is not None:  # it may have gone out
            receipt.device_ns, receipt.bound_ns = event.device_ns, event.bound_ns
            receipt.perhaps_twice = True
        elif history is not None:
            device_ns, bound_ns = history.devices([event.host_ns])
            receipt.device_ns, receipt.bound_ns = int(device_ns[0]), int(bound_ns[0])
        else:
            undated.append(event)
            continue
        receipts.append(receipt)
    return receipts, undated
