from __future__ import annotations

import itertools
import json

import pytest

from psychopy_neon.exceptions import UsageError
from psychopy_neon.simulator import SimulatedNeon, SimulatorOptions, TruePatch, TruthLog
from psychopy_neon.simulator.patch_screen import PatchScreen

MS = 1_000_000


def screen(**facts):
    truth = TruthLog()
    given = {"display_lag_s": 0.02, "exposure_s": 0.01, **facts}
    return PatchScreen(truth, **given), truth


def light(level):
    return level**2.2


@pytest.mark.parametrize(
    ("stamp_ms", "share"), [(1000, 0.0), (1009, 0.0), (1015, 0.5), (1018, 0.8), (1020, 1.0)]
)
def test_a_picture_holds_the_light_of_its_exposure(stamp_ms, share):
    patch, _ = screen()
    patch.show(True, 1000 * MS)  # its light comes at 1020 ms
    assert light(patch.film(stamp_ms * MS)) == pytest.approx(share)


def test_light_of_several_changes_in_one_exposure_adds_up():
    patch, _ = screen(display_lag_s=0.0)
    for at_ms, on in ((100, True), (102, False), (105, True), (106, False)):
        patch.show(on, at_ms * MS)
    assert light(patch.film(99 * MS)) == pytest.approx(0.3)
    assert light(patch.film(101 * MS)) == pytest.approx(0.2)
    assert patch.film(106 * MS) == 0


def test_changes_are_in_the_truth_with_flip_and_light(tmp_path):
    log = TruthLog(tmp_path / "truth.jsonl")
    PatchScreen(log, display_lag_s=0.02, exposure_s=0.01).show(True, 5 * MS)
    log.close()
    assert log.patch == [TruePatch(True, 5 * MS, 25 * MS)]
    line = json.loads((tmp_path / "truth.jsonl").read_text())
    assert line == {"kind": "patch", "on": True, "device_ns": 5 * MS, "lit_ns": 25 * MS}


def test_changes_that_come_too_late_or_out_of_order_are_refused():
    patch, truth = screen()
    patch.film(1000 * MS)
    with pytest.raises(UsageError, match="10 ms too late"):
        patch.show(True, 980 * MS)
    patch.show(True, 1000 * MS)
    with pytest.raises(UsageError, match="order"):
        patch.show(False, 1000 * MS)
    assert len(truth.patch) == 1


def test_the_script_changes_it_at_irregular_times_and_tells_before():
    patch, truth = screen(period_s=0.4)
    for number in range(300):
        now_ns = 10**18 + number * 33 * MS
        patch.film(now_ns)
        assert truth.patch[-1].device_ns > now_ns
    times = [change.device_ns for change in truth.patch]
    holds = [(b - a) / 1e9 for a, b in itertools.pairwise(times)]
    assert 20 < len(times) < 35
    assert 0.24 <= min(holds) < 0.36 and 0.44 < max(holds) <= 0.56
    assert [change.on for change in truth.patch[:3]] == [True, False, True]


@pytest.mark.parametrize("step_s", [-30, 30])
def test_it_goes_on_after_a_step_of_the_clock(step_s):
    patch, truth = screen(period_s=0.4)
    times = [10**18 + number * 33 * MS for number in range(100)]
    for now_ns in times:
        patch.film(now_ns)
    before = len(truth.patch)
    levels = {patch.film(now_ns + step_s * 1000 * MS) for now_ns in times}
    assert len(truth.patch) > before + 5
    assert {0.0, 1.0} <= levels


def test_the_video_shows_dark_bright_and_what_is_between(simulated_neon, rtsp):
    av = pytest.importorskip("av")
    neon = simulated_neon(display_lag_s=0.0, exposure_s=1 / 30)
    assert neon.scene.wait_until_drawn(60.0)
    client = rtsp(neon, "world", tcp=True)
    client.start()
    turned_ns = neon.clock.now_ns() + 300 * MS
    neon.show_patch(True, turned_ns)
    packets, _ = client.receive(lambda p, r: len({q.timestamp for q in p}) > 25)
    from psychopy_neon.protocol.h264 import AccessUnitAssembler, annex_b

    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = annex_b(neon.scene._maker.ready.parameter_sets)
    assembler = AccessUnitAssembler()
    units = [unit for packet in packets for unit in assembler.push(packet)]
    pictures = [f for u in units for f in decoder.decode(av.Packet(u.data))]
    x, y = (round(place) for place in neon.view.scene_px((-0.5, 0.86), 0))
    seen = [
        int(p.to_ndarray(format="gray")[y - 40 : y + 40, x - 40 : x + 40].max()) for p in pictures
    ]
    assert len(pictures) >= 20 and all(unit.is_key for unit in units)
    assert min(seen) < 140 < 175 < max(seen)


def test_without_a_display_lag_there_is_no_patch():
    simulator = SimulatedNeon(SimulatorOptions(scene=False))
    with simulator, pytest.raises(UsageError, match="display_lag_s"):
        simulator.show_patch(True)


@pytest.mark.parametrize(
    "options",
    [
        {"display_lag_s": -0.1},
        {"exposure_s": 0.0},
        {"exposure_s": 0.05},
        {"patch_period_s": 0.4},
        {"patch_period_s": 0.01, "display_lag_s": 0.0},
    ],
    ids=str,
)
def test_impossible_options_are_refused(options):
    with pytest.raises(UsageError):
        SimulatorOptions(**options)


def test_a_change_is_stamped_with_the_present_if_no_time_is_given():
    with SimulatedNeon(SimulatorOptions(scene=False, display_lag_s=0.02)) as simulator:
        before = simulator.clock.now_ns()
        simulator.show_patch(True)
        (change,) = simulator.truth.patch
        assert before <= change.device_ns <= simulator.clock.now_ns()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--patch", "0.01"], "patch_period_s"),
        (["--patch", "1", "--display-lag", "2"], "display_lag_s"),
    ],
    ids=["period", "lag"],
)
def test_the_command_line_hands_the_patch_on(capsys, arguments, complaint):
    from psychopy_neon.cli.main import main

    assert main(["simulate", *arguments]) == 1
    assert complaint in capsys.readouterr().err
