from __future__ import annotations

import threading

from psychopy_neon.transport.worker import Worker

TIMEOUT_S = 10.0


def test_the_function_runs_in_a_named_daemon_thread_until_stopped():
    seen = []
    running = threading.Event()

    def run(stopping):
        seen.append(threading.current_thread())
        running.set()
        assert stopping.wait(TIMEOUT_S)

    worker = Worker("neon-test", run)
    worker.start()
    assert running.wait(TIMEOUT_S) and worker.is_alive
    assert seen[0].name == "neon-test" and seen[0].daemon
    worker.stop()
    worker.stop()
    assert worker.join(TIMEOUT_S) and not worker.is_alive
    assert worker.error is None


def test_a_thread_that_does_not_end_is_not_waited_for_longer_than_allowed(stopwatch):
    release = threading.Event()
    worker = Worker("neon-deaf", lambda stopping: release.wait(TIMEOUT_S) and None)
    worker.start()
    worker.stop()
    assert worker.join(0.1) is False
    assert stopwatch.own_s < 2.0
    release.set()
    assert worker.join(TIMEOUT_S)


def test_an_error_is_kept_and_logged_and_does_not_reach_the_interpreter(caplog):
    def run(stopping):
        raise ZeroDivisionError("a fault of ours")

    worker = Worker("neon-faulty", run)
    worker.start()
    assert worker.join(TIMEOUT_S)
    assert isinstance(worker.error, ZeroDivisionError)
    assert "neon-faulty ended by an error" in caplog.text


def test_joining_before_the_start_or_from_inside_is_harmless():
    results = []
    worker = Worker("neon-own", lambda stopping: results.append(worker.join(TIMEOUT_S)))
    assert worker.join(TIMEOUT_S) is True
    worker.start()
    assert worker.join(TIMEOUT_S)
    assert results == [True]
