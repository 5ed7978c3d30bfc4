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
