"""Writes what the simulated glasses sense, as the phone would."""
