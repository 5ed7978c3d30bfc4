"""Sound: a second track of the scene video, if the microphone is on."""

from __future__ import annotations

import itertools

import av
import numpy as np
import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.protocol.aac import parse_access_units, parse_audio_config
from psychopy_neon.protocol.sdp import parse_sdp
from psychopy_neon.simulator import SimulatorOptions
from psychopy_neon.simulator.audio_sensor import LOOP_FRAMES, LOUDNESS, TONE_HZ, coded_loop


def decode(frames):
    decoder = av.CodecContext.create("aac", "r")
    decoder.extradata = bytes.fromhex("1588")
    decoder.open()
    packets = [av.Packet(frame) for frame in frames]
    return [out.to_ndarray()[0] for packet in packets for out in decoder.decode(packet)]


def test_sound_comes_before_video_and_only_if_asked_for(simulated_neon, rtsp):
    neon = simulated_neon(microphone=True)
    assert neon.scene.wait_until_drawn(60)
    client = rtsp(neon, "world")
    sound, video = parse_sdp(client.ask("DESCRIBE", client.url).body.decode())
    assert (sound.kind, sound.encoding, sound.control) == ("audio", "mpeg4-generic", "trackID=0")
    assert (video.kind, video.control) == ("video", "trackID=1")
    config = parse_audio_config(sound.config)
    assert (config.object_type, config.sampling_rate_hz, config.channels) == (2, 8000, 1)
    for url in (client.url.replace("=on", "=off"), client.url.split("&")[0]):
        (only,) = parse_sdp(client.ask("DESCRIBE", url).body.decode())
        assert only.kind == "video"


def test_frames_come_each_128_ms_and_can_be_heard(simulated_neon, rtsp):
    neon = simulated_neon(microphone=True)
    assert neon.scene.wait_until_drawn(60)
    client = rtsp(neon, "world", tcp=True)
    media = client.start()  # the first media, which is sound
    packets, _ = client.receive(lambda p, r: len(p) >= 8 and len(r) >= 1)
    assert media.clock_rate == 8000
    stamps = [packet.timestamp for packet in packets]
    assert {(b - a) % 2**32 for a, b in itertools.pairwise(stamps)} == {1024}
    frames = [unit for packet in packets for unit in parse_access_units(packet.payload)]
    assert len(frames) == len(packets) and {p.payload_type for p in packets} == {97}
    assert {len(piece) for piece in decode(frames)} == {1024}


def test_the_loop_is_a_quiet_tone_without_a_seam():
    sound = np.concatenate(decode(coded_loop() * 3))[LOOP_FRAMES * 1024 :]
    loudest = np.abs(sound).max()
    assert LOUDNESS / 2 < loudest < 2 * LOUDNESS
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * 8000 / len(sound) == pytest.approx(TONE_HZ, abs=2)
    # A seam would be a click: a step between neighbours that the tone itself never makes.
    assert np.abs(np.diff(sound)).max() < 1.3 * loudest * 2 * np.pi * TONE_HZ / 8000


def test_the_microphone_needs_the_scene():
    with pytest.raises(UsageError, match="microphone needs scene"):
        SimulatorOptions(microphone=True, scene=False)
