"""Who takes gaze from the socket: the caller, or the stream's own thread."""

from __future__ import annotations

import statistics
import threading
import time
import weakref
from collections import deque
from types import SimpleNamespace

import pytest

from psychopy_neon.client.intake import Intake
from psychopy_neon.client.packet_order import HOLD_NS
from psychopy_neon.client.sample_decoders import GazeDecoder
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.protocol.gaze import pack_gaze
from psychopy_neon.protocol.rtcp import SenderReport
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import GazeSample
from psychopy_neon.transport.rtsp import Datagram

MEDIA = Media("application", 99, "com.pupillabs.gaze1", 90_000, "trackID=1")


@pytest.fixture
def stuck_thread(monkeypatch):
    """Lets the stream's own thread stop for good as soon as it stands by."""
    is_stuck, go_on = threading.Event(), threading.Event()

    def stand_by(intake):
        is_stuck.set()
        go_on.wait(30.0)
        return intake.run_once(0.0)

    monkeypatch.setattr(Intake, "stand_by", stand_by)
    yield is_stuck
    go_on.set()


@pytest.fixture
def neon(simulated_neon, connect):
    return connect(simulated_neon(scene=False))


def test_who_waits_for_gaze_gets_it_without_the_streams_thread(stuck_thread, neon):
    reader = neon.gaze.reader()
    while not stuck_thread.is_set():
        assert reader.read(5.0) is not None
    times = [reader.read(5.0).device_ns for _ in range(200)]
    assert times == sorted(set(times))
    assert reader.dropped == 0 and neon.gaze.health.lost == 0


def test_a_frame_loop_gets_the_newest_gaze_without_the_streams_thread(
    stuck_thread, neon, eventually
):
    eventually(lambda: neon.gaze.latest() and stuck_thread.is_set())
    before_ns = neon.gaze.latest().device_ns
    eventually(lambda: neon.gaze.latest().device_ns > before_ns + 100_000_000)


class Backlog:
    """A session with much to receive, and its receiver; counts the samples that are alive."""

    held = ()

    def __init__(self, packets):
        self.packets, self.alive, self.most = packets, weakref.WeakSet(), 0

    def receive(self):
        return [Datagram(b"", 0, False)] * self.packets

    def push(self, datagram):
        picture = Picture()
        self.alive.add(picture)
        self.most = max(self.most, len(self.alive))
        return [picture]

    def wait_s(self, longest_s):
        return longest_s

    def wait(self, timeout_s):
        pass


class Picture:
    pass


def test_a_backlog_is_published_piece_by_piece_so_that_its_pictures_are_not_held_at_once():
    backlog, kept = Backlog(100), deque(maxlen=6)
    Intake(backlog, backlog, kept.extend).run_once(0.0)
    assert len(kept) == 6 and backlog.most <= len(kept) + 2


def test_a_packet_that_is_held_back_is_no_news():
    backlog, published = Backlog(0), []
    backlog.held, backlog.release = (object(),), lambda now_host_ns: []
    Intake(backlog, backlog, published.append).run_once(0.0)
    assert published == []  # else a stream that is silent would be called well


class Wire:
    """A session that gives packets of gaze to whoever asks, as a test wants it."""

    def __init__(self):
        self.come = []
        self.next_media = lambda timeout_s: None
        self.numbers = []
        self.receiver = SessionReceiver(MEDIA, GazeDecoder(MEDIA), SimpleNamespace(clock_map=None))
        self.receiver.push(Datagram(SenderReport(7, 0, 0, 0, 0).pack(), 0, True))
        self.intake = Intake(self, self.receiver, self.publish)
        self.come = [gaze_packet(0)]
        self.intake.pump()

    def publish(self, samples):
        self.numbers += [sample.x for sample in samples]

    def receive_media(self, at_most):
        come, self.come = self.come, []
        return come


def gaze_packet(number, *, age_s=0.0):
    payload = pack_gaze(GazeSample(0, 0, float(number), 0.0, True))
    packet = RtpPacket(MEDIA.payload_type, number, number * 450, 7, payload, False)
    return Datagram(packet.pack(), time.perf_counter_ns() - int(age_s * 1e9), False)


def test_a_packet_in_the_hand_of_who_waits_is_not_given_up_because_others_are_quicker():
    wire, in_hand, go_on = Wire(), threading.Event(), threading.Event()

    def next_media(timeout_s):
        in_hand.set()
        assert go_on.wait(10.0)
        return gaze_packet(1)

    wire.next_media = next_media
    waiting = threading.Thread(target=wire.intake.lead, args=(5.0,))
    waiting.start()
    assert in_hand.wait(10.0)
    for number in (2, 3):
        wire.come = [gaze_packet(number, age_s=1.0)]
        wire.intake.pump()
    go_on.set()
    waiting.join(10.0)
    assert wire.numbers == [0, 1, 2, 3]
    assert wire.receiver.counts.lost == 0


def test_nobody_has_a_packet_in_hand_whose_waiting_was_cut_short():
    wire = Wire()

    def next_media(timeout_s):
        raise KeyboardInterrupt

    wire.next_media = next_media
    with pytest.raises(KeyboardInterrupt):
        wire.intake.lead(5.0)
    wire.come = [gaze_packet(2, age_s=1.0)]
    wire.intake.pump()
    assert wire.numbers == [0, 2]


@pytest.mark.parametrize("by", ["pump", "run_once"])
def test_what_came_while_packets_were_taken_is_not_given_up(by):
    wire, halt_s = Wire(), 2 * HOLD_NS / 1e9

    def receive(*_):
        come = [gaze_packet(2)]
        until_s = time.perf_counter() + halt_s
        while time.perf_counter() < until_s:  # somebody else has the processor
            pass
        return come

    wire.wait, wire.receive, wire.receive_media = lambda timeout_s: None, receive, receive
    {"pump": wire.intake.pump, "run_once": lambda: wire.intake.run_once(0.0)}[by]()
    assert wire.numbers == [0]
    wire.receive_media = lambda at_most: [gaze_packet(1)]
    wire.intake.pump()
    assert wire.numbers == [0, 1, 2]
    assert wire.receiver.counts.lost == 0


def test_the_streams_thread_takes_over_when_nobody_asks(neon, eventually):
    reader = neon.gaze.reader()
    for _ in range(100):
        assert reader.read(5.0) is not None
    appended = neon.gaze.buffer.appended
    eventually(lambda: neon.gaze.buffer.appended > appended + 100)


def test_two_readers_each_get_every_sample(neon):
    readers = [neon.gaze.reader() for _ in range(2)]
    got = [[], []]

    def collect(number):
        got[number] = [readers[number].read(5.0).device_ns for _ in range(200)]

    other = threading.Thread(target=collect, args=(1,))
    other.start()
    collect(0)
    other.join(10.0)
    common_ns = max(got[0][0], got[1][0])
    first, second = ([ns for ns in times if ns >= common_ns] for times in got)
    shortest = min(len(first), len(second))
    assert shortest > 100
    assert first[:shortest] == second[:shortest]


def test_closing_ends_who_waits(simulated_neon, connect, eventually):
    simulator = simulated_neon(scene=False)
    neon = connect(simulator)
    assert neon.gaze.read(5.0) is not None
    simulator.faults.silence("gaze")
    ended = threading.Event()
    reader = neon.gaze.reader()

    def wait():
        while reader.read(60.0) is not None:
            pass
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    neon.close()
    assert ended.wait(10.0)
    assert neon.gaze.latest() is not None  # what came before stays readable


def test_a_watcher_is_served_while_others_read(neon, eventually):
    called = []
    unwatch = neon.gaze.buffer.watch(lambda: called.append(threading.current_thread().name))
    reader = neon.gaze.reader()
    for _ in range(50):
        assert reader.read(5.0) is not None
    eventually(lambda: len(called) >= 50)
    unwatch()


def test_who_is_called_for_a_sample_does_not_wait_for_the_thread_that_stands_by(neon, eventually):
    eventually(lambda: (sample := neon.gaze.latest()) and not sample.provisional)
    waits_s = []
    for _ in range(9):
        end_s = time.perf_counter() + 0.02
        while time.perf_counter() < end_s:  # a frame loop: the thread need not look
            neon.gaze.latest()
            time.sleep(0.001)
        called, started_s = threading.Event(), time.perf_counter()
        unwatch = neon.gaze.buffer.watch(called.set)
        assert called.wait(5.0)
        waits_s.append(time.perf_counter() - started_s)
        unwatch()
    assert statistics.median(waits_s) < 0.04  # the thread itself looks after 0.1 s
