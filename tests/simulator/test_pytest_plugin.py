"""The plugin as other people's test suites meet it: a pytest of its own, in a folder of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from psychopy_neon import pytest_plugin

NAME = "psychopy_neon.pytest_plugin"
STRICT = ("-p", "no:cacheprovider", "-W", "error", "--strict-markers")

SUITE = """
import pytest


def test_nothing_heavy_was_loaded():
    import sys
    assert not {"av", "cv2", "psychopy", "numpy", "websockets"} & set(sys.modules)


@pytest.mark.parametrize("neon_options", [{"scene": False, "offset_s": -3.0}])
def test_an_event_arrives(neon, neon_truth, neon_simulator):
    neon.send_event("hello").wait(5)
    assert [event.name for event in neon_truth.events] == ["hello"]
    assert neon_simulator.options.offset_s == -3.0


def test_several(simulated_neon):
    from psychopy_neon import Neon

    phones = [simulated_neon(scene=False, phone_name=name) for name in ("left", "right")]
    for phone in phones:
        with Neon.connect(phone.address, phone.port) as neon:
            neon.send_event("to " + neon.phone_name).wait(5)
    assert [[event.name for event in phone.truth.events] for phone in phones] == [
        ["to left"],
        ["to right"],
    ]


@pytest.fixture
def neon_options():
    return {"scene": False, "gaze_model": "human", "blinks_per_minute": 0}


def test_gaze_is_that_of_the_truth(neon, neon_truth):
    sample = neon.gaze.read(timeout_s=20)
    while sample.provisional:
        sample = neon.gaze.read(timeout_s=20)
    true = {gaze.device_ns: gaze for gaze in neon_truth.gaze}
    near = min(true, key=lambda ns: abs(ns - sample.device_ns))
    assert abs(near - sample.device_ns) < 20_000
    assert abs(true[near].x - sample.x) < 0.01 and sample.worn
"""

TRIAL = """
def run_a_trial(neon):
    for name in ("trial", "response"):
        neon.send_event(name).wait(20)
"""


CHOICE = f"""
import pytest
pytest_plugins = ["{NAME}"]


@pytest.fixture
def neon_options():
    return {{"scene": False, "phone_name": "Lab"}}
"""
CHOSEN = """
def test_it(neon_simulator):
    assert neon_simulator.options.phone_name == "Lab"
"""


def run(folder, suites, *arguments):
    for name, suite in suites.items():
        (folder / f"{name}.py").write_text(suite)
    command = [sys.executable, "-m", "pytest", "-v", *STRICT, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=200)
    return done.returncode, done.stdout + done.stderr


def shown_in_its_documentation():
    _, _, shown = (pytest_plugin.__doc__ or "").partition("::\n")
    return "\n".join(line[4:] for line in shown.splitlines() if line.startswith("    ") or not line)


def test_somebody_elses_suite_has_simulators_their_truth_and_connections(tmp_path):
    """And what the documentation shows runs as it stands there."""
    documented = f"import pytest\n{TRIAL}\n{shown_in_its_documentation()}"
    suites = {"test_suite": SUITE, "test_the_documentation": documented}
    code, output = run(tmp_path, suites, "-p", NAME)
    assert code == 0 and "7 passed" in output, output
    assert output.count("test_the_documentation.py::") == 3


def test_a_suite_may_choose_options_for_all_its_tests(tmp_path):
    """It is loaded once however often it is asked for: by its entry point if it is installed, by
    a conftest, and on the command line."""
    code, output = run(tmp_path, {"conftest": CHOICE, "test_chosen": CHOSEN}, "-p", NAME)
    assert code == 0 and "1 passed" in output, output


def test_our_own_suite_does_not_load_it_before_it_has_chosen_what_is_tested(pytestconfig):
    """Loaded by its entry point it would bring the checkout along, not what is installed."""
    assert not pytestconfig.pluginmanager.has_plugin(NAME)
    assert pytestconfig.pluginmanager.is_blocked(NAME)


@pytest.mark.parametrize("neon_options", [{"scene": False}])
def test_our_own_suite_has_the_same_fixtures(neon, neon_simulator):
    assert neon.phone_id == neon_simulator.phone_id
