"""The plugin as other people's test suites meet it: a pytest of its own, in a folder of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

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
    one, other = simulated_neon(scene=False), simulated_neon(scene=False)
    assert one.port != other.port
"""


def run(folder, suite, *arguments):
    (folder / "test_suite.py").write_text(suite)
    command = [sys.executable, "-m", "pytest", "-q", *STRICT, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


def test_fixtures_give_a_simulator_its_truth_and_a_connection(tmp_path):
    code, output = run(tmp_path, SUITE, "-p", NAME)
    assert code == 0 and "3 passed" in output, output


def test_it_is_loaded_once_however_often_it_is_asked_for(tmp_path):
    """By its entry point if it is installed, by a conftest, and on the command line."""
    (tmp_path / "conftest.py").write_text(f"pytest_plugins = ['{NAME}']")
    suite = "def test_it(simulated_neon, neon_options):\n    assert neon_options == {}\n"
    code, output = run(tmp_path, suite, "-p", NAME)
    assert code == 0 and "1 passed" in output, output


def test_a_suite_may_choose_options_for_all_its_tests(tmp_path):
    (tmp_path / "conftest.py").write_text(
        f"import pytest\npytest_plugins = ['{NAME}']\n"
        "@pytest.fixture\ndef neon_options():\n    return {'scene': False, 'phone_name': 'Lab'}\n"
    )
    code, output = run(
        tmp_path,
        "def test_it(neon_simulator):\n    assert neon_simulator.options.phone_name == 'Lab'\n",
    )
    assert code == 0 and "1 passed" in output, output


def test_our_own_suite_does_not_load_it_before_it_has_chosen_what_is_tested(pytestconfig):
    """Loaded by its entry point it would bring the checkout along, not what is installed."""
    assert not pytestconfig.pluginmanager.has_plugin(NAME)
    assert pytestconfig.pluginmanager.is_blocked(NAME)


@pytest.mark.parametrize("neon_options", [{"scene": False}])
def test_our_own_suite_has_the_same_fixtures(neon, neon_simulator):
    assert neon.phone_id == neon_simulator.phone_id
