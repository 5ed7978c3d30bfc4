"""The list of demos; running them is tested in tests/demos and tests/demo_gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from psychopy_neon.cli.main import main


def test_the_list_names_every_demo_and_where_to_copy_from(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from psychopy_neon.demos.catalogue import DEMOS

    assert main(["demo", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for demo in DEMOS:
        [line] = [line for line in lines if line.split()[:1] == [demo.name]]
        assert demo.shows in line
    assert Path(lines[-1].removeprefix("To copy from: ")).is_dir()


def test_a_demo_that_does_not_exist_is_one_clear_sentence(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["demo", "juggling", "--output", str(tmp_path / "out")]) == 2
    assert "no demo 'juggling'" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_number_of_trials_below_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ending:
        main(["demo", "reading", "--trials", "0"])
    assert ending.value.code == 2
    assert "1 or more" in capsys.readouterr().err


def test_the_first_demo_has_not_more_trials_than_were_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The option had no effect without a name."""
    from psychopy_neon.demos import gaze_contingent

    monkeypatch.setattr(gaze_contingent, "export_experiment", lambda psyexp, *_: psyexp)
    monkeypatch.setattr(gaze_contingent, "_run", lambda *_: None)
    for trials, conditions in ((2, 2), (100, 8)):
        folder = tmp_path / str(trials)
        assert main(["demo", "--trials", str(trials), "--output", str(folder)]) == 1
        [table] = folder.glob("*/conditions.csv")
        lines = table.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("event_name,") and len(lines) == 1 + conditions
