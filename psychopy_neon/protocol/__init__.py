"""Bytes to values and back, for every format that the phone speaks.

Nothing in this package opens a socket, starts a thread, reads a clock or touches a file, so the
client, the simulator and the tests share it. A parser raises `ProtocolError` and nothing else on
bytes that it cannot accept.
"""
