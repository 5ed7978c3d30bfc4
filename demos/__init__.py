"""Demonstrations that run against the simulator: `coder` scripts and `builder` experiments."""
