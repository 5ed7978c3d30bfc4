"""Gaze beside a target, as somebody asks for it in a frame loop."""

from __future__ import annotations

from types import SimpleNamespace

from psychopy_neon.client.aim_watcher import AimWatcher
from psychopy_neon.client.sample_buffer import SampleBuffer


class QuietNetwork:
    """Counts how often it is looked into."""

    looks = 0

    def pump(self):
        self.looks += 1

    def lead(self, timeout_s):
        return False


def test_without_news_the_network_is_looked_into_once():
    buffer, network = SampleBuffer(10), QuietNetwork()
    buffer.source = network
    watcher = AimWatcher(SimpleNamespace(buffer=buffer), None)
    assert watcher.aimed(1200) == []
    assert network.looks == 1
