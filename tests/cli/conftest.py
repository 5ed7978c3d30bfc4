"""A simulated phone for the commands that need one."""

from __future__ import annotations

from psychopy_neon.simulator.pytest_fixture import simulated_neon  # noqa: F401
