"""What follows the parsers and keeps a state: order of packets, sessions, the sender's clock."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from oracle import Target, check, check_size, repeats, weight

from psychopy_neon.client.packet_order import (
    HOLD_NS,
    MAX_HELD,
    MAX_UNCONFIRMED_JUMP,
    PacketOrder,
)
from psychopy_neon.client.sample_decoders import EyeEventDecoder, GazeDecoder, ImuDecoder
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.clock.offset import OffsetEstimator
from psychopy_neon.clock.sender_clock import NS_PER_S, REPORTS_KEPT, SenderClock
from psychopy_neon.exceptions import NeonConnectionError, ProtocolError
from psychopy_neon.protocol.h264 import AccessUnit, AccessUnitAssembler
from psychopy_neon.protocol.rtcp import SenderReport, pack_bye, parse_rtcp
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import GazeSample
from psychopy_neon.transport.rtsp import Datagram

MAX_PACKETS, MAX_ECHOES = 400, 60
START_NS = 1_700_000_000_000_000_000


# -- order of packets -----------------------------------------------------------------------------


def _numbers(data: bytes) -> Iterator[tuple[int, int]]:
    """Sequence numbers and times; the first byte says how often all that is repeated.

    Steps, not numbers, are in the data, so that a repetition goes on where the last one ended.
    """
    steps = [struct.unpack_from("!hB", data, n) for n in range(1, len(data) - 2, 3)]
    number = now_ns = 0
    count = min(len(steps) * repeats(data[0]), MAX_PACKETS)
    for step, passed in itertools.islice(itertools.cycle(steps), count):
        number += step
        now_ns += passed * 100_000
        yield number % 2**16, now_ns


def _order(data: bytes) -> None:
    order, given_out, pushed, refused, now_ns = PacketOrder(), [], 0, 0, 0
    for number, now_ns in _numbers(data) if data else ():
        pushed += 1
        try:
            ready = order.push(RtpPacket(99, number, pushed, 1, b""), now_ns)
        except ProtocolError:
            refused += 1
            continue
        except NeonConnectionError:
            break
        given_out += ready + order.release(now_ns)
        _check_held(order, now_ns)
    given_out += order.release(now_ns + HOLD_NS)
    check(len(order.held) <= 1 + MAX_UNCONFIRMED_JUMP, "packets wait for ever")
    _check_given_out([arrived.packet for arrived in given_out])
    check(order.received == len(given_out) + len(order.held), "packets were lost or made up")
    if refused:
        raise ProtocolError("refused")


def _check_held(order: PacketOrder, now_ns: int) -> None:
    check(len(order.held) <= MAX_HELD + 1, "too many packets are held")
    check(order.due_host_ns is None or order.due_host_ns > now_ns, "a packet is overdue")


def _check_given_out(packets: list[RtpPacket]) -> None:
    check(len({packet.timestamp for packet in packets}) == len(packets), "a packet came twice")
    for one, other in itertools.pairwise(packets):
        ahead = (other.sequence_number - one.sequence_number) % 2**16
        check(0 < ahead < 2**15, "packets were given out in a wrong order")


def _order_seeds() -> list[bytes]:
    def packed(times: int, numbers: Sequence[int], passed: int = 10) -> bytes:
        steps = [b - a for a, b in itertools.pairwise([0, *numbers])]
        return bytes([times]) + b"".join(struct.pack("!hB", step, passed) for step in steps)

    return [
        packed(0, [1, 2, 3, 5, 4, 6]),
        packed(0, [0, 1, 500, 501, 502, 3_000]),
        packed(0xFF, [0, 2, 4, 6, 1], 200),
        packed(0, [0, 20_000, 20_001, 20_002]),
    ]


# -- sessions -------------------------------------------------------------------------------------


class _PictureDecoder:
    """Video as far as it is ours: without the pictures themselves."""

    def __init__(self, media: Media) -> None:
        del media
        self._assembler = AccessUnitAssembler()

    def push(self, packet: RtpPacket, time_of: Any, arrived_host_ns: int) -> list[Any]:
        units: list[AccessUnit] = self._assembler.push(packet)
        return [
            GazeSample(time_of(u.timestamp)[0], arrived_host_ns, 0.0, 0.0, u.damaged) for u in units
        ]


class _Source:
    def __init__(self, clock_map: ClockMap | None) -> None:
        self.clock_map = clock_map


DECODERS: tuple[Any, ...] = (GazeDecoder, ImuDecoder, EyeEventDecoder, _PictureDecoder)
CLOCK_MAP = ClockMap(0, START_NS, 1e-5, ((0.0, 0.0), (1.0, 1e-6)), 1e-4, 1e-15, 0)
MEDIA = Media("application", 99, "x", 90_000)


def _datagrams(data: bytes) -> Iterator[Datagram]:
    """Flags (1 byte: bit 7 for RTCP, the rest is the time passed), length (1 byte), content."""
    position, now_ns = 0, 0
    while position + 2 <= len(data):
        flags, size = data[position], data[position + 1]
        now_ns += (flags & 0x7F) * 500_000
        content = data[position + 2 : position + 2 + size]
        yield Datagram(content, now_ns, flags >= 0x80)
        position += 2 + size


def _session(data: bytes) -> None:
    """The first byte chooses the stream."""
    kind = data[0] if data else 0
    source = _Source(None if kind & 4 else CLOCK_MAP)
    earlier = SenderClock(90_000)
    earlier.add_report(START_NS, 0)
    receiver: SessionReceiver[Any] = SessionReceiver(
        MEDIA, DECODERS[kind & 3](MEDIA), source, earlier if kind & 8 else None
    )
    samples, datagrams = [], 0
    for datagram in _datagrams(data[1:]):
        datagrams += 1
        samples += receiver.push(datagram)
        if kind & 16:
            samples += receiver.release(datagram.arrived_host_ns)
        receiver.wait_s(0.1)
    _check_session(receiver, samples, datagrams, data)


def _check_session(receiver: Any, samples: list[Any], datagrams: int, data: bytes) -> None:
    counts = receiver.counts
    check_size(samples, 4 * data + bytes(100 * datagrams))
    check(all(isinstance(sample.device_ns, int) for sample in samples), "a sample without a time")
    check(counts.received + counts.repeated + counts.late <= datagrams, "more packets than came")
    check(receiver.decoded <= counts.received, "more was decoded than came")
    check(weight(vars(receiver.order)) <= 8 * len(data) + 4_096, "too much is held")
    if counts.malformed:
        raise ProtocolError("refused")


def _session_seeds() -> list[bytes]:
    from media_targets import TARGETS as MEDIA_TARGETS
    from sample_targets import TARGETS as SAMPLE_TARGETS

    payloads = [SAMPLE_TARGETS[name].seeds() for name in ("gaze", "imu", "eye_events")]
    picture = MEDIA_TARGETS["h264"].seeds()[0]
    payloads.append([b"\x67sps.", b"\x68pps.", b"\x65\x88" + picture[:60]])
    flags = (0, 1 | 8, 2 | 16, 3 | 4)
    return [bytes([f]) + _stream(some) for f, some in zip(flags, payloads, strict=True)]


def _stream(payloads: Sequence[bytes]) -> bytes:
    report = SenderReport(1, START_NS, 900, 3, 400).pack()
    packets = [
        RtpPacket(99, 65_534 + n & 0xFFFF, 900 * n, 1, payload, True).pack()
        for n, payload in enumerate([*payloads, *payloads])
    ]
    records = [(2, p) for p in packets]
    records.insert(2, (0x80, report))
    records.append((0x80, pack_bye(1)))
    return b"".join(bytes([flags, len(content)]) + content for flags, content in records)


# -- the sender's clock ---------------------------------------------------------------------------

_REPORT = struct.Struct("!III")  # NTP seconds and fraction, RTP timestamp
RATES = (1, 8_000, 90_000, 1_000_000_000)


def _sender_clock(data: bytes) -> None:
    """The first byte chooses the clock rate; then reports, each followed by two packets."""
    rate = RATES[data[0] % len(RATES)] if data else 1
    clock = SenderClock(rate)
    for number, at in enumerate(range(1, len(data) - _REPORT.size + 1, _REPORT.size)):
        seconds, fraction, ticks = _REPORT.unpack_from(data, at)
        (report,) = parse_rtcp(_as_rtcp(seconds, fraction, ticks)).sender_reports
        if number or data[0] & 0x80:
            clock.add_report(report.device_ns, report.rtp_timestamp)
        _check_clock(clock, rate, ticks, report.device_ns)
    check(len(clock._kept) <= REPORTS_KEPT, "too many reports are kept")
    check(clock.dropped + clock.steps <= clock.reports, "more strays than reports")


def _as_rtcp(seconds: int, fraction: int, ticks: int) -> bytes:
    return struct.pack("!BBHIIIIII", 0x80, 200, 6, 1, seconds, fraction, ticks, 0, 0)


def _check_clock(clock: SenderClock, rate: int, ticks: int, device_ns: int) -> None:
    now_ns, provisional = clock.device_ns(ticks, device_ns)
    later_ns, _ = clock.device_ns((ticks + rate) % 2**32, device_ns + NS_PER_S)
    check(provisional == (clock.reports == 0), "provisional although a report came, or not")
    check(abs(now_ns) < 2**63, "a time that does not fit in 64 bits")
    if not provisional and rate < 2**31:
        # Only where half a wrap from the newest report lies in between does the time jump.
        step_ns = later_ns - now_ns
        wrap_ns = 2**32 * NS_PER_S // rate
        check(step_ns == NS_PER_S or abs(step_ns + wrap_ns - NS_PER_S) <= 2, "a second too long")


def _sender_clock_seeds() -> list[bytes]:
    seconds = START_NS // NS_PER_S + 2_208_988_800
    reports = [(seconds + 3 * n, 2**31, (2**32 - 500_000 + 270_000 * n) % 2**32) for n in range(6)]
    stepped = [(s + 60 * (n > 3), f, t) for n, (s, f, t) in enumerate(reports)]
    return [bytes([2 | 0x80 * n]) + _packed(some) for n, some in enumerate((reports, stepped))]


def _packed(reports: Sequence[tuple[int, int, int]]) -> bytes:
    return b"".join(_REPORT.pack(*report) for report in reports)


# -- the phone's clock ----------------------------------------------------------------------------

# Pause (ms), round trip (20 us), and the answer's deviation from a steady clock (ms), as a 64-bit
# number so that answers of all sizes occur.
_ECHO = struct.Struct("!HHq")


def _phone_clock(data: bytes) -> None:
    """The first byte says how often the answers are repeated."""
    echoes = [_ECHO.unpack_from(data, at) for at in range(1, len(data) - 11, _ECHO.size)]
    count = min(len(echoes) * repeats(data[0]), MAX_ECHOES) if data else 0
    estimator, now_ns = OffsetEstimator(history=30), 10**12
    for pause, trip, deviation in itertools.islice(itertools.cycle(echoes), count):
        sent_ns = estimator.aim(now_ns + pause * 1_000_000)
        check(0 <= sent_ns - now_ns - pause * 1_000_000 <= 2_000_000, "a probe at a strange time")
        now_ns = sent_ns + trip * 20_000
        device_ms = (START_NS + sent_ns) // 1_000_000 + deviation
        estimator.add(sent_ns, now_ns, device_ms % 2**64)
        _check_map(estimator.snapshot(), now_ns)
    outcomes = estimator.accepted + estimator.dropped + estimator._witnesses
    check(outcomes == count, "exchanges were lost or made up")


def _check_map(clock_map: ClockMap | None, host_ns: int) -> None:
    assert clock_map is not None
    device_ns = clock_map.device_from_host(host_ns)
    check(abs(clock_map.host_from_device(device_ns) - host_ns) <= 1, "no way back")
    check(clock_map.bound_ns(host_ns) >= 0, "a negative bound")
    check(clock_map.bound_ns(host_ns + 10**12) >= clock_map.bound_ns(host_ns), "a sharper future")


def _phone_clock_seeds() -> list[bytes]:
    steady = [(100, 50 + n % 7, 0) for n in range(12)]
    stepped = [(1_000, 40, 60_000 * (n > 5)) for n in range(12)]
    wild = [(5_000, 65_535, (-1) ** n * 2**40 * n) for n in range(12)]
    packed = [b"".join(itertools.starmap(_ECHO.pack, some)) for some in (steady, stepped, wild)]
    return [b"\0" + packed[0], b"\0" + packed[1], b"\0" + packed[2], b"\xff" + packed[0]]


TARGETS = {
    "packet_order": Target(_order, _order_seeds),
    "session": Target(_session, _session_seeds, (ProtocolError, NeonConnectionError)),
    "sender_clock": Target(_sender_clock, _sender_clock_seeds),
    "phone_clock": Target(_phone_clock, _phone_clock_seeds),
}
