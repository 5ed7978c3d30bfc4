"""Which times the first packets of a new session get, before its first sender report."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from psychopy_neon.client.sample_decoders import GazeDecoder
from psychopy_neon.client.session_receiver import SessionReceiver
from psychopy_neon.client.stream_progress import StreamProgress
from psychopy_neon.clock.clock_map import ClockMap
from psychopy_neon.protocol.gaze import pack_gaze
from psychopy_neon.protocol.rtcp import SenderReport
from psychopy_neon.protocol.rtp import RtpPacket
from psychopy_neon.protocol.sdp import Media
from psychopy_neon.samples import GazeSample
from psychopy_neon.transport.rtsp import Datagram

MEDIA = Media("application", 99, "com.pupillabs.gaze1", 90_000, "trackID=1")
OUTAGE_NS = 300_000_000_000
DRIFT_NS = 12_000_000  # of the phone's clock meanwhile: 40 ppm, of which nobody knew
TRUE_NS = OUTAGE_NS + DRIFT_NS


def clock_map(rate_bound):
    """Probed last before the outage, with what was known of the clocks' rates by then."""
    corners = ((-1e4, -rate_bound), (1e4, rate_bound))
    return ClockMap(0, 0, 0.0, corners, rate_bound, 0.0, 0)


def first_sample(source):
    progress = StreamProgress("gaze")
    before = SessionReceiver(MEDIA, GazeDecoder(MEDIA), source)
    before.push(Datagram(SenderReport(7, 0, 0, 0, 0).pack(), 0, True))
    progress.begin(before)
    receiver = SessionReceiver(MEDIA, GazeDecoder(MEDIA), source, progress.earlier_clock)
    payload = pack_gaze(GazeSample(0, 0, 800.0, 600.0, True))
    ticks = TRUE_NS * MEDIA.clock_rate // 1_000_000_000
    packet = RtpPacket(MEDIA.payload_type, 1, ticks % 2**32, 7, payload, False)
    (sample,) = receiver.push(Datagram(packet.pack(), OUTAGE_NS, False))
    assert sample.provisional
    return sample


@pytest.mark.parametrize(
    ("rate_bound", "device_ns"),
    [
        pytest.param(1e-4, TRUE_NS, id="the clocks may have drifted that far"),
        pytest.param(1e-6, OUTAGE_NS, id="the phone's media clock began anew"),
    ],
)
def test_the_clock_of_the_session_before_is_used_if_it_can_be_right(rate_bound, device_ns):
    sample = first_sample(SimpleNamespace(clock_map=clock_map(rate_bound)))
    assert sample.device_ns == device_ns
