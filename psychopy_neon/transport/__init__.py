"""Sockets and threads, without meaning: what carries the bytes that `protocol` understands."""
